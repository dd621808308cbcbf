"""Decision tables (OMG DMN 1.5, chapter 8): compiled once, with all hit policies, gaps and overlaps found before they run."""

from dsl.decisions.compiling import compile
from dsl.decisions.running import CompiledTable, Decided
from dsl.decisions.table import POLICIES, Input, Output, Rule, Table, Text

__all__ = ["POLICIES", "CompiledTable", "Decided", "Input", "Output", "Rule", "Table", "Text", "compile"]
