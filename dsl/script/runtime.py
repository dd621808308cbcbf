"""What a checked script does: statements as closures over compiled expressions, with bounds on their cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dsl.feel import Expression, Host, Warning
from dsl.feel import ast as feel_ast
from dsl.feel.limits import LimitExceeded
from dsl.feel.text import to_text
from dsl.source import Located, Span


class ScriptFailed(Exception):
    """A script stopped, and the step is to be undone. `message` is for the person who set it off.

    `code` says why: `require`, `fail`, `null` (a value is missing or an expression went wrong), `type`, `limit`.
    """

    def __init__(self, code: str, message: str, at: Span) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at


class Names(Protocol):
    """What a script's expressions read: values by name, None where there is none."""

    def get(self, name: str, /) -> Any: ...


class Effects(Host, Protocol):
    """What a script does to the world; the engine implements it for a step."""

    def set_field(self, record: Any, field: str, value: object) -> None:
        """Assign to a field of the process's record or of one of its lines."""

    def set_variable(self, name: str, value: object) -> None:
        """Assign to a process variable."""

    def create(self, entity: str, values: dict[str, object]) -> object:
        """A new record. Lines are given as lists of contexts."""

    def update_where(
        self, entity: str, condition: feel_ast.Node | None, values: Mapping[str, feel_ast.Node], scope: Names
    ) -> int:
        """Change the records for which the condition holds, and say how many; `Item(0)` is the row."""

    def update_record(self, record: Any, values: Mapping[str, object]) -> None:
        """Change one record that is not the process's own."""

    def delete_where(self, entity: str, condition: feel_ast.Node, scope: Names) -> int:
        """Archive the records for which the condition holds. Returns how many."""

    def delete_record(self, record: Any) -> None:
        """Archive one record, or remove one line."""

    def notify(self, users: Sequence[object], template: str, scope: Names) -> None:
        """Message users, by their settings; the template sees what the script sees."""

    def send(self, template: str, addresses: Sequence[str], scope: Names) -> None:
        """Message addresses of anyone."""

    def start_process(self, name: str, record: object, variables: dict[str, object]) -> None: ...

    def call(self, name: str, args: Sequence[object]) -> object:
        """A host function of an expression (see `dsl.feel.Host`)."""

    def call_connector(self, connector: str, operation: str, values: dict[str, object]) -> None:
        """Queue a call, to be made after the commit."""

    def emit(self, name: str, values: dict[str, object]) -> None: ...

    def log(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run."""

    statements: int = 100_000
    records: int = 10_000
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Script:
    """A script that passed its check. Immutable; it may run in many threads at once.

    `paths` is what it reads, from names in scope; `writes` the fields of the record that it sets.
    """

    source: Located = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False, compare=False)
    paths: frozenset[tuple[str, ...]] = frozenset()
    writes: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return self.source.text

    def run(
        self,
        scope: Names,
        effects: Effects,
        *,
        limits: Limits = Limits(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Do what the script says, in order.

        Raises ScriptFailed for `require`, `fail`, a missing value, an exceeded bound; errors of effects pass through.
        """
        frame = Frame(Local(scope), effects, limits, clock, clock() + limits.seconds)
        for step in self.steps:
            step(frame)


class Local:
    """Names of `let`, loops and `as` over those from outside."""

    __slots__ = ("_outer", "own")

    def __init__(self, outer: Names) -> None:
        self._outer = outer
        self.own: dict[str, object] = {}

    def get(self, name: str, default: object = None) -> object:
        """The value of a name."""
        found = self.own.get(name, _ABSENT)
        return self._outer.get(name) if found is _ABSENT else found


_ABSENT = object()


class _Over:
    """A record's fields over the other names, as an `update` sees them."""

    __slots__ = ("_fields", "_outer", "_record")

    def __init__(self, record: Any, fields: frozenset[str], outer: Names) -> None:
        self._record = record
        self._fields = fields
        self._outer = outer

    def get(self, name: str, default: object = None) -> object:
        return self._record.feel_member(name) if name in self._fields else self._outer.get(name)


@dataclass(slots=True)
class Frame:
    """One run: its names, what it acts on, and what it has used up."""

    names: Local
    effects: Effects
    limits: Limits
    clock: Callable[[], float]
    deadline: float
    statements: int = 0
    records: int = 0

    def count(self, at: Span) -> None:
        self.statements += 1
        if self.statements > self.limits.statements:
            raise ScriptFailed("limit", f"the script ran more than {self.limits.statements} statements", at)
        if self.clock() > self.deadline:
            raise ScriptFailed("limit", f"the script ran longer than {self.limits.seconds:g} seconds", at)

    def touch(self, records: int, at: Span) -> None:
        self.records += records
        if self.records > self.limits.records:
            raise ScriptFailed("limit", f"the script changed more than {self.limits.records} records", at)


Step = Callable[[Frame], None]


# ---- values ----


@dataclass(frozen=True, slots=True)
class Value:
    """An expression of a script. `code` is its text as compiled, for positions."""

    expression: Expression
    code: Located

    @property
    def at(self) -> Span:
        return self.code.part(0, len(self.code.text))

    def read(self, frame: Frame, names: Names | None = None) -> tuple[Any, list[Warning]]:
        """The value, and why it may be null."""
        warnings: list[Warning] = []
        try:
            value = self.expression(frame.names if names is None else names, frame.effects, warnings)
        except LimitExceeded as error:
            raise ScriptFailed("limit", str(error), self.at) from error
        return value, warnings

    def value(self, frame: Frame, names: Names | None = None) -> Any:
        """The value for an assignment.

        A null that is stored, or reached through an empty link, is a value; one that an error made fails with its text.
        """
        value, warnings = self.read(frame, names)
        if value is None:
            self.fail_for([warning for warning in warnings if not self._empty_link(warning)])
        return value

    def holds(self, frame: Frame) -> bool:
        """The value as a condition of `if` or `where`; what depends on an empty value does not hold, as in FEEL."""
        value, warnings = self.read(frame)
        if value is None:
            self.fail_for([warning for warning in warnings if warning.kind != "null"])
        elif type(value) is not bool:
            raise ScriptFailed("type", "the condition is neither true nor false", self.at)
        return value is True

    def fail_for(self, warnings: Sequence[Warning]) -> None:
        """Fail with the first warning's text, if there is one."""
        if warnings:
            first = warnings[0]
            raise ScriptFailed("null", first.message, self.code.part(first.start, max(first.end, first.start + 1)))

    def _empty_link(self, warning: Warning) -> bool:
        """Whether the warning is about a member of null: `owner.manager` where there is no owner."""
        return warning.kind == "null" and any(
            isinstance(node, feel_ast.Path) and (node.start, node.end) == (warning.start, warning.end)
            for node in nodes_of(self.expression.ast)
        )


def nodes_of(node: object) -> Iterable[feel_ast.Node]:
    """A node and all that it is made of."""
    if isinstance(node, feel_ast.Node):
        yield node
        for name in _slots(type(node)):
            yield from nodes_of(getattr(node, name))
    elif isinstance(node, tuple):
        for part in node:
            yield from nodes_of(part)


def _slots(cls: type) -> tuple[str, ...]:
    return tuple(cls.__dataclass_fields__) if hasattr(cls, "__dataclass_fields__") else ()


def _text(value: Value, frame: Frame) -> str:
    """A message: whatever the expression gives, as text."""
    result, _ = value.read(frame)
    return to_text(result)


def _assigned(values: Mapping[str, Value], frame: Frame, names: Names | None = None) -> dict[str, object]:
    return {name: value.value(frame, names) for name, value in values.items()}


# ---- statements ----


def assign_field(owner: str, name: str, value: Value, at: Span) -> Step:
    """`set field = …` (owner `record`) or `set l.picked = …` (owner a loop variable)."""

    def run(frame: Frame) -> None:
        result = value.value(frame)
        record = frame.names.get(owner)
        if record is None:
            raise ScriptFailed("null", f"'{owner}' is null and has no field to set", at)
        frame.touch(1, at)
        frame.effects.set_field(record, name, result)

    return run


def assign_variable(name: str, value: Value) -> Step:
    """`set` of a process variable."""
    return lambda frame: frame.effects.set_variable(name, value.value(frame))


def assign_local(name: str, value: Value) -> Step:
    """`let`, and `set` of such a name."""

    def run(frame: Frame) -> None:
        frame.names.own[name] = value.value(frame)

    return run


def create(entity: str, alias: str | None, values: Mapping[str, Value], at: Span) -> Step:
    def run(frame: Frame) -> None:
        assigned = _assigned(values, frame)
        lines = sum(len(v) for v in assigned.values() if type(v) is list and v and type(v[0]) is dict)
        frame.touch(1 + lines, at)
        record = frame.effects.create(entity, assigned)
        if alias is not None:
            frame.names.own[alias] = record

    return run


def update_where(entity: str, condition: Value, values: Mapping[str, Value], at: Span) -> Step:
    where = condition.expression.ast
    nodes = {name: value.expression.ast for name, value in values.items()}

    def run(frame: Frame) -> None:
        frame.touch(frame.effects.update_where(entity, where, nodes, frame.names), at)

    return run


def update_record(target: Value, fields: frozenset[str], values: Mapping[str, Value], at: Span) -> Step:
    def run(frame: Frame) -> None:
        record = target.value(frame)
        if record is None:
            raise ScriptFailed("null", f"there is no record to update: '{target.code.text}' is null", target.at)
        frame.touch(1, at)
        frame.effects.update_record(record, _assigned(values, frame, _Over(record, fields, frame.names)))

    return run


def delete_where(entity: str, condition: Value, at: Span) -> Step:
    where = condition.expression.ast
    return lambda frame: frame.touch(frame.effects.delete_where(entity, where, frame.names), at)


def delete_record(target: Value, at: Span) -> Step:
    def run(frame: Frame) -> None:
        record = target.value(frame)
        if record is None:
            raise ScriptFailed("null", f"there is no record to delete: '{target.code.text}' is null", target.at)
        frame.touch(1, at)
        frame.effects.delete_record(record)

    return run


def require(condition: Value, message: Value) -> Step:
    def run(frame: Frame) -> None:
        value, warnings = condition.read(frame)
        if value is True:
            return
        if value is None:
            condition.fail_for(warnings)
        raise ScriptFailed("require", _text(message, frame), condition.at)

    return run


def fail(message: Value, at: Span) -> Step:
    def run(frame: Frame) -> None:
        raise ScriptFailed("fail", _text(message, frame), at)

    return run


def log(message: Value) -> Step:
    return lambda frame: frame.effects.log(_text(message, frame))


def choose(branches: Sequence[tuple[Value, Sequence[Step]]], otherwise: Sequence[Step]) -> Step:
    """`if`, `else if`, `else`."""

    def run(frame: Frame) -> None:
        for step in next((body for condition, body in branches if condition.holds(frame)), otherwise):
            step(frame)

    return run


def for_each(name: str, source: Value, where: Value | None, body: Sequence[Step], at: Span) -> Step:
    def run(frame: Frame) -> None:
        items = source.value(frame)
        if items is None:
            raise ScriptFailed("null", f"'for each' needs a list, and '{source.code.text}' is null", source.at)
        own = frame.names.own
        for item in list(items) if type(items) in (list, tuple) else [items]:
            frame.count(at)
            own[name] = item
            if where is None or where.holds(frame):
                for step in body:
                    step(frame)
        own.pop(name, None)

    return run


def notify(users: Value, template: str) -> Step:
    """Nobody to notify is no error: people without a manager work too."""

    def run(frame: Frame) -> None:
        found = list(dict.fromkeys(_flat(users.value(frame))))
        if found:
            frame.effects.notify(found, template, frame.names)

    return run


def send(template: str, address: Value) -> Step:
    def run(frame: Frame) -> None:
        found = [to_text(one) for one in _flat(address.value(frame))]
        if not found:
            raise ScriptFailed("null", f"there is no address to send to: '{address.code.text}' is null", address.at)
        frame.effects.send(template, found, frame.names)

    return run


def _flat(value: object) -> Iterable[Any]:
    """The values in nested lists, nulls left out."""
    if type(value) in (list, tuple):
        for item in value:  # type: ignore[attr-defined]
            yield from _flat(item)
    elif value is not None:
        yield value


def start_process(name: str, record: Value | None, values: Mapping[str, Value]) -> Step:
    def run(frame: Frame) -> None:
        subject = None if record is None else record.value(frame)
        if record is not None and subject is None:
            raise ScriptFailed(
                "null", f"there is no record to start '{name}' for: '{record.code.text}' is null", record.at
            )
        frame.effects.start_process(name, subject, _assigned(values, frame))

    return run


def call_connector(connector: str, operation: str, values: Mapping[str, Value]) -> Step:
    return lambda frame: frame.effects.call_connector(connector, operation, _assigned(values, frame))


def emit(event: Value, values: Mapping[str, Value]) -> Step:
    return lambda frame: frame.effects.emit(_text(event, frame), _assigned(values, frame))


def counted(step: Step, at: Span) -> Step:
    """A statement that is counted against the script's bounds before it is done."""

    def run(frame: Frame) -> None:
        frame.count(at)
        step(frame)

    return run
