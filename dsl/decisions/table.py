"""A decision table as it is written: its parts and their FEEL texts (OMG DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.feel import to_text
from dsl.feel.ast import TypeName
from dsl.source import Located, Span

Text = str | Located
"""FEEL as written; located where it comes from a file, so that problems can point at it."""

POLICIES: Mapping[str, str] = {
    "U": "unique", "A": "any", "P": "priority", "F": "first", "R": "rule order", "O": "output order",
    "C": "collect", "C+": "collect sum", "C<": "collect min", "C>": "collect max", "C#": "collect count",
}  # fmt: skip
LISTS = frozenset({"R", "O", "C"})
AGGREGATES = frozenset({"C+", "C<", "C>", "C#"})
"""The hit policies that collect into one value; they are defined for one output only (DMN 1.5, 8.2.10)."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column of tests. `expression` is what they test, by default the value of `name`; `values` are unary tests that it must pass.

    `whole` says that the numbers of this column are whole ones, which matters to gaps: none is between 5 and 6.
    """

    name: str
    expression: Text = ""
    type: TypeName | None = None
    values: Text = ""
    label: str = ""
    whole: bool = False

    @property
    def tested(self) -> Text:
        return self.expression or self.name


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. `values` are unary tests that results pass, the first of them having the highest priority (P and O);
    `default` is the result where no rule matches."""

    name: str | None = None
    type: TypeName | None = None
    values: Text = ""
    default: Text = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell for each input (a unary test; `-` or nothing matches all) and for each output (an expression), in order."""

    inputs: tuple[Text, ...]
    outputs: tuple[Text, ...]
    note: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table. `hit` is one of `POLICIES`. A single output gives its value, several give a context, and so does
    a single one that is not `bare`."""

    hit: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    name: str = ""
    bare: bool = True

    @property
    def texts(self) -> tuple[object, ...]:
        """What the table says, wherever it stands: two tables with the same texts decide the same."""
        inputs = tuple((each.name, written(each.tested), each.type, written(each.values)) for each in self.inputs)
        outputs = tuple((each.name, each.type, written(each.values), written(each.default)) for each in self.outputs)
        return self.hit, inputs, outputs, tuple((*map(written, rule.inputs), *map(written, rule.outputs)) for rule in self.rules)

    @property
    def single(self) -> bool:
        """Whether a rule gives one value, not a context."""
        return len(self.outputs) == 1 and self.bare


def written(text: Text) -> str:
    """The FEEL of a text, without the spaces around it."""
    return (text.text if isinstance(text, Located) else text).strip()


def shown(value: object) -> str:
    """A value as FEEL writes it inside a list: texts in quotes, null as `null`."""
    return to_text([value])[1:-1]
