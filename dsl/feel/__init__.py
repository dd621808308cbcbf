"""FEEL, the expression language (OMG DMN 1.5, chapter 10): checked against types, compiled once, the same in Python and SQL."""

from dsl.feel.ast import Node
from dsl.feel.compiler import Expression, build_row_condition
from dsl.feel.limits import LimitExceeded
from dsl.feel.runtime import Host, Names
from dsl.feel.surface import (
    Checked,
    check,
    check_condition,
    check_tests,
    compile,
    compile_open,
    compile_open_tests,
    evaluate,
    names_within,
    parse,
)
from dsl.feel.template import parts, template
from dsl.feel.text import to_text
from dsl.feel.trouble import Warning
from dsl.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DAYS,
    MONTHS,
    NULL,
    NUMBER,
    STRING,
    TIME,
    Choice,
    ContextOf,
    DecisionType,
    FunctionOf,
    HostFunction,
    ListOf,
    RangeOf,
    RecordOf,
    Scope,
    Type,
)
from dsl.feel.values import Months, Range

__all__ = [
    "ANY", "BOOLEAN", "DATE", "DATETIME", "DAYS", "MONTHS", "NULL", "NUMBER", "STRING", "TIME", "Checked", "Choice", "ContextOf",
    "DecisionType", "Expression", "FunctionOf", "Host", "HostFunction", "LimitExceeded", "ListOf", "Months", "Names", "Node", "Range",
    "RangeOf", "RecordOf", "Scope", "Type", "Warning", "build_row_condition", "check", "check_condition", "check_tests", "compile",
    "compile_open", "compile_open_tests", "evaluate", "names_within", "parse", "parts", "template", "to_text",
]  # fmt: skip
