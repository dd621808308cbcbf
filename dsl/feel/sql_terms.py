"""What the SQL compiler works with: where rows and columns come from, and what it knows of every expression."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import BigInteger, Boolean, ColumnElement, FromClause, Numeric, String, cast, literal, null, type_coerce
from sqlalchemy.types import TypeEngine

from dsl.feel import ast
from dsl.feel.types import BOOLEAN, DATE, DATETIME, DAYS, NUMBER, STRING, TIME, Choice, RecordOf, Type

Expr = ColumnElement[Any]


class NotSql(Exception):
    """An expression, or a part of it, has no exact counterpart in SQL: it is to be evaluated in Python."""

    def __init__(self, node: ast.Node, reason: str) -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


class Tables(Protocol):
    """Where an entity's data is; the engine implements it over its schema.

    Number columns have a type with `scale` (digits after the point) and hold scaled integers on SQLite, NUMERIC on PostgreSQL; whole
    numbers may be any integer type. Dates and times compare as their column types bind them. Texts hold no NUL character.
    """

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def functions(self) -> Collection[str]:
        """Names of `SQLITE_FUNCTIONS` that the connection knows."""

    def column(self, entity: str, alias: FromClause, field: str) -> Expr:
        """A stored field, `id`, or the `parent` of a line. Raises NotSql or KeyError if it has no column."""

    def type(self, entity: str, field: str) -> Type:
        """The type of a field, `id` and `parent` included."""

    def alias(self, entity: str) -> FromClause:
        """The entity's table under a fresh name."""

    def rows(self, entity: str) -> tuple[FromClause, ColumnElement[bool]]:
        """What `lookup all` and its kin see of an entity: its table under a fresh name, and the condition that a row is there."""

    def related(self, entity: str, alias: FromClause, field: str) -> tuple[str, FromClause, ColumnElement[bool]]:
        """The rows behind a field of lines, links or related records: their entity, a fresh alias, and the condition that joins them.

        Of choices: no entity, an alias with the column `value`, and the condition.
        """


SQLITE_FUNCTIONS = {"feel_lower": str.lower, "feel_upper": str.upper}
"""Functions of one text that an SQLite connection may be given (null stays null), to have what SQLite does for ASCII only."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that does not depend on any row, evaluated in Python."""

    value: object


@dataclass(frozen=True, slots=True)
class Row:
    """A record that is there: the filter's row, or the element of a list of records."""

    entity: str
    alias: FromClause


@dataclass(frozen=True, slots=True)
class Link:
    """A record reached by a link, null if the link is empty; `id` is the link's column."""

    entity: str
    id: Expr


@dataclass(frozen=True, slots=True)
class Term:
    """A value in SQL. `kind` is FEEL's name of it.

    Numbers on SQLite are integers, `scale` digits of which stand after the point; `digits` bounds their length on either
    database, `simple` ones are columns, of which no overflow is to be feared. `source` is the column type by which constants
    are bound. Dates in `days` form are day numbers.
    """

    expr: Expr
    kind: str
    source: TypeEngine[Any] | None = None
    entity: str = ""
    scale: int = 0
    digits: int = 0
    simple: bool = True
    whole: bool = False
    days: bool = False
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Many:
    """A list of records or of values of theirs: `element` for each combination of rows of `froms` that meets the `conditions`.

    `owner` is the link through which it was reached: where that is null, there is no list at all.
    """

    froms: tuple[FromClause, ...]
    conditions: tuple[ColumnElement[bool], ...]
    element: Row | Link | Term | Constant
    owner: Expr | None = None

    def where(self, condition: ColumnElement[bool]) -> Many:
        return replace(self, conditions=(*self.conditions, condition))


Subject = Constant | Row | Link | Term | Many

_KINDS: dict[Type, str] = {
    NUMBER: "number", STRING: "string", BOOLEAN: "boolean", DATE: "date", TIME: "time", DATETIME: DATETIME.name, DAYS: DAYS.name,
}  # fmt: skip
MAX_DIGITS = 34
COLUMN_DIGITS = 19
"""What a number column holds at most: the length of a 64-bit integer."""


def column_term(expr: Expr, type_: Type, node: ast.Node, dialect: str) -> Term:
    """A stored value. Numbers come as they are stored."""
    if isinstance(type_, Choice):
        type_ = STRING
    if isinstance(type_, RecordOf):
        return Term(expr, "record", entity=type_.entity)
    kind = _KINDS.get(type_)
    if kind is None:
        raise NotSql(node, f"values of type {type_} are not compared in SQL")
    if kind != "number":
        return Term(expr, kind, expr.type)
    scale = getattr(expr.type, "scale", None)
    digits = getattr(expr.type, "precision", None) or COLUMN_DIGITS
    if scale is None:
        return Term(type_coerce(expr, BigInteger()), kind, digits=COLUMN_DIGITS, whole=True)
    raw: TypeEngine[Any] = BigInteger() if dialect == "sqlite" else Numeric()
    return Term(type_coerce(expr, raw), kind, scale=scale, digits=digits)


def unknown() -> ColumnElement[bool]:
    """Null as a truth value."""
    return cast(null(), Boolean())


def text(value: str) -> Expr:
    return literal(value, String())
