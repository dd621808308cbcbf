"""What a script may write to and name: given by whoever knows the model, so that the language needs no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dsl.feel.types import ANY, NULL, STRING, Choice, ContextOf, ListOf, RecordOf, Type

STATEMENTS = frozenset(
    {
        "set", "let", "create", "update", "delete", "require", "fail", "if", "for each",
        "notify", "send", "call", "start", "emit", "log",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A field as an assignment sees it. `kept` says why it cannot be assigned (`is computed`); empty if it can. A `needed`
    one may not be emptied.
    """

    type: Type
    kept: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Startable:
    """A process as `start process` sees it: whose records it is for (None: it has none), and its variables."""

    entity: str | None = None
    variables: Mapping[str, Type] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Writable:
    """What a script may write to and name, beside what its expressions read (`dsl.feel.types.Scope`).

    `entity` is that of `record`, None where there is none. `fields(entity)` gives the fields of an entity or of lines
    (`sales_order.lines`), None if there is no such entity. `variables` are the process's. `connectors` have the names
    of their operations.
    """

    entity: str | None = None
    fields: Callable[[str], Mapping[str, Slot] | None] = lambda entity: None
    variables: Mapping[str, Type] = field(default_factory=dict, hash=False)
    templates: frozenset[str] = frozenset()
    processes: Mapping[str, Startable] = field(default_factory=dict, hash=False)
    connectors: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    @property
    def own(self) -> Mapping[str, Slot]:
        """The fields of the record."""
        return (self.fields(self.entity) if self.entity is not None else None) or {}


def fits(target: Type, value: Type) -> bool:
    """Whether values of one type may be assigned to another, as far as types tell. Null fits everywhere: it empties."""
    if ANY in (target, value) or value == NULL or target == value:
        return True
    match target, value:
        case Choice(), Choice():
            return not set(target.options).isdisjoint(value.options)
        case Choice(), _:
            return value == STRING
        case _, Choice():
            return target == STRING
        case ListOf(RecordOf()), ListOf(ContextOf()):
            return True
        case ListOf(), ListOf():
            return fits(target.item, value.item)
        case ContextOf(), ContextOf():
            return True
        case RecordOf(), ContextOf():
            return False
    return False


def is_users(type_: Type) -> bool:
    """Whether a value may be one user or a list of users."""
    if isinstance(type_, ListOf):
        return is_users(type_.item)
    return type_ in (ANY, NULL) or type_ == RecordOf("user")


def described(type_: Type) -> str:
    """A type as a message names it: `a number`, `a list of sales_order`."""
    match type_:
        case ListOf():
            return f"a list of {type_.item}"
        case RecordOf():
            return f"a record of {type_.entity}"
        case Choice():
            return "a choice"
    return "any value" if type_ == ANY else "null" if type_ == NULL else f"a {type_}"
