"""The types of FEEL expressions: FEEL's own (DMN 1.5, 10.3.2), and records and choices of a business model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Type:
    """Base of all types. `str()` is what a person reads in a message."""


@dataclass(frozen=True, slots=True)
class Simple(Type):
    name: str

    def __str__(self) -> str:
        return self.name


ANY = Simple("Any")
NULL = Simple("null")
NUMBER = Simple("number")
STRING = Simple("string")
BOOLEAN = Simple("boolean")
DATE = Simple("date")
TIME = Simple("time")
DATETIME = Simple("date and time")
DAYS = Simple("days and time duration")
MONTHS = Simple("years and months duration")


@dataclass(frozen=True, slots=True)
class Choice(Type):
    """A string that is one of `options`; `name` is the field's, for messages."""

    name: str
    options: tuple[str, ...]

    def __str__(self) -> str:
        return "choice"


@dataclass(frozen=True, slots=True)
class ListOf(Type):
    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


@dataclass(frozen=True, slots=True)
class RangeOf(Type):
    item: Type

    def __str__(self) -> str:
        return f"range<{self.item}>"


@dataclass(frozen=True, slots=True)
class ContextOf(Type):
    """A context whose members are known."""

    members: Mapping[str, Type] = field(hash=False)

    def __str__(self) -> str:
        return "context<" + ", ".join(f"{name}: {type_}" for name, type_ in self.members.items()) + ">"


@dataclass(frozen=True, slots=True)
class RecordOf(Type):
    """A record of an entity (`sales_order`) or of its lines (`sales_order.lines`); members come from `Scope.members`."""

    entity: str

    def __str__(self) -> str:
        return self.entity


@dataclass(frozen=True, slots=True)
class FunctionOf(Type):
    params: tuple[Type, ...] | None
    result: Type
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        params = "…" if self.params is None else ", ".join(map(str, self.params))
        return f"function<{params}> -> {self.result}"


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that the engine offers beyond FEEL's own: `manager of(u, level)`.

    `result` may depend on the argument types. `optional` counts trailing parameters that may be left out.
    """

    name: str
    params: tuple[tuple[str, Type], ...]
    result: Type
    optional: int = 0


@dataclass(frozen=True, slots=True)
class DecisionType:
    """What `decide` asks a decision with, and what it gets; `inputs` is None where they are not known."""

    name: str
    inputs: Mapping[str, Type] | None = field(hash=False)
    result: Type
    outputs: Mapping[str, Type] = field(default_factory=dict, hash=False)  # by name; of a table that collects, each a list
    moving: bool = False  # reads the clock, or records


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name, and what the names mean.

    `members(entity)` gives the members of a record type, or None where there is no such entity; it resolves lazily, since entities refer to
    one another. `entities` are the names that queries may use, `decisions` those that `decide` may. `open` scopes accept unknown names as
    Any (a context typed at a prompt).
    """

    names: Mapping[str, Type] = field(default_factory=dict)
    members: Callable[[str], Mapping[str, Type] | None] = lambda entity: None
    entities: frozenset[str] = frozenset()
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    open: bool = False
    decisions: Mapping[str, DecisionType] = field(default_factory=dict)

    def with_names(self, names: Mapping[str, Type]) -> Scope:
        """The same scope with further names, which win over those it has."""
        return replace(self, names={**self.names, **names})
