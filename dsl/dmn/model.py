"""A decision model as it is written: requirements graph, item definitions and boxed expressions (OMG DMN 1.5, chapters 6, 7 and 10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dsl.decisions import Table, Text
from dsl.feel.ast import TypeName
from dsl.source import Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A name and the type of its values: a parameter, a column, what goes through a list."""

    name: str
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class ItemType:
    """An item definition (7.3.2): of a `base` type, of `members`, or of functions with `parameters` that give `result`; with `many`, a
    list of such. `values` are unary tests that each value passes, `constraint` those that the whole passes."""

    name: str
    base: TypeName | None = None
    many: bool = False
    values: Text = ""
    constraint: Text = ""
    members: tuple[ItemType, ...] = ()
    parameters: tuple[Variable, ...] | None = None
    result: TypeName | None = None
    at: Span | None = None


# ---- boxed expressions (10.2.1) ----


@dataclass(frozen=True, slots=True)
class Literal:
    text: Text


@dataclass(frozen=True, slots=True)
class Tabled:
    """A decision table. `bound` are the inputs whose tested value cells may call by the input's name; `checked` says that its gaps and
    overlaps have been told already."""

    table: Table
    bound: frozenset[str] = frozenset()
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    type: TypeName | None
    logic: Boxed


@dataclass(frozen=True, slots=True)
class Context:
    """Entries that see those before them. With a `result`, that is the value."""

    entries: tuple[Entry, ...]
    result: Boxed | None = None
    result_type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    function: Text
    bindings: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[Variable, ...]
    body: Boxed | None
    result: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True)
class Iteration:
    """`kind` is for, some or every."""

    kind: str
    item: Variable
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True)
class Filtered:
    source: Boxed
    condition: Boxed


@dataclass(frozen=True, slots=True)
class Refused:
    """Logic that is there and can't run, such as another language's; the problem is told where the model is read."""

    reason: str


Boxed = Literal | Tabled | Context | Invocation | Listed | Relation | Function | Conditional | Iteration | Filtered | Refused


# ---- the requirements graph (6.2) ----


@dataclass(frozen=True, slots=True)
class Reference:
    """An element by its id, of another model by that one's namespace too."""

    id: str
    namespace: str = ""
    at: Span | None = None


class Named:
    """What an element of any kind is called."""

    __slots__ = ()
    id: str
    name: str
    variable: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names that expressions have for it: that of its variable; of one without, as Camunda's, its name or its id."""
        return (self.variable,) if self.variable else tuple(dict.fromkeys(each for each in (self.name, self.id) if each))


@dataclass(frozen=True, slots=True)
class InputData(Named):
    id: str
    name: str
    type: TypeName | None = None
    at: Span | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Decision(Named):
    id: str
    name: str
    type: TypeName | None = None
    logic: Boxed | None = None
    requires: tuple[Reference, ...] = ()
    at: Span | None = None
    variable: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge(Named):
    """A business knowledge model: a function."""

    id: str
    name: str
    logic: Boxed | None = None
    requires: tuple[Reference, ...] = ()
    type: TypeName | None = None
    at: Span | None = None
    variable: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Service(Named):
    """A decision service: a function of input data and input decisions, in this order, that gives its output decisions."""

    id: str
    name: str
    outputs: tuple[Reference, ...]
    encapsulated: tuple[Reference, ...] = ()
    decisions: tuple[Reference, ...] = ()
    data: tuple[Reference, ...] = ()
    type: TypeName | None = None
    at: Span | None = None
    variable: str = ""
    note: str = ""

    @property
    def requires(self) -> tuple[Reference, ...]:
        return (*self.outputs, *self.encapsulated, *self.decisions, *self.data)


Element = InputData | Decision | Knowledge | Service


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements and types this one names `name.…`, or bare if it has no name."""

    name: str
    namespace: str
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """One model. Elements are by id; `type_places` tell where each type is named first."""

    name: str
    namespace: str
    elements: tuple[Element, ...]
    types: tuple[ItemType, ...] = ()
    imports: tuple[Import, ...] = ()
    at: Span | None = None
    type_places: Mapping[str, Span] = field(default_factory=dict)


WORKSPACE = "urn:tradewind:decisions"
"""The namespace of decisions that belong to no model."""


def identity(name: str) -> str:
    """A name as an id of XML: each name gets another one."""
    found = "".join(each if in_ids(each) else "-" if each == " " else f".{ord(each):x}" for each in name)
    return found if found[:1].isalpha() or found[:1] == "_" else f"_{found}"


def in_ids(character: str) -> bool:
    """Whether ids of XML may have a letter or digit (XML 1.0, production 4); not all of Unicode's are."""
    return character == "_" or (character.isalpha() and character not in "ªµº") or character.isdecimal()


def input_id(name: str) -> str:
    """The id of input data that is known by its name only."""
    return identity(f"input_{name}")
