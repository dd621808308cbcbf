"""The statements of a script (spec 2.3), as immutable values; expressions are texts that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.source import Located, Span


@dataclass(frozen=True, slots=True)
class Word:
    """A name as written: of an entity, a field, a variable, a template."""

    name: str
    at: Span


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target = value`; a target of several words is a path (`l.picked`)."""

    target: tuple[Word, ...]
    value: Located

    @property
    def at(self) -> Span:
        first, last = self.target[0].at, self.target[-1].at
        return Span(first.source, first.start, last.end)


@dataclass(frozen=True, slots=True)
class Statement:
    """Any statement; `at` is its first word."""

    at: Span


@dataclass(frozen=True, slots=True)
class Set(Statement):
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Let(Statement):
    name: Word
    value: Located


@dataclass(frozen=True, slots=True)
class Create(Statement):
    entity: Word
    alias: Word | None
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Update(Statement):
    """`target` is an entity's name if there is a `where`, else an expression that gives one record."""

    target: Located
    where: Located | None
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Delete(Statement):
    """`target` as in `Update`."""

    target: Located
    where: Located | None


@dataclass(frozen=True, slots=True)
class Require(Statement):
    condition: Located
    message: Located


@dataclass(frozen=True, slots=True)
class Fail(Statement):
    message: Located


@dataclass(frozen=True, slots=True)
class Branch:
    condition: Located
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class ForEach(Statement):
    name: Word
    source: Located
    where: Located | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Notify(Statement):
    users: Located
    template: Word


@dataclass(frozen=True, slots=True)
class Send(Statement):
    template: Word
    address: Located


@dataclass(frozen=True, slots=True)
class Start(Statement):
    process: Word
    record: Located | None
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Call(Statement):
    connector: Word
    operation: Word
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Emit(Statement):
    event: Located
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Log(Statement):
    message: Located
