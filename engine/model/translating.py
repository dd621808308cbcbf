"""Whether a condition on rows can be asked of the databases: it is translated once for each, over tables that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, DateTime, FromClause, Numeric, Text, Time, column, table

from dsl.feel import Expression, ast
from dsl.feel.compiler import fold
from dsl.feel.sql import NotSql, compile_sql
from dsl.feel.types import ANY, Type
from dsl.feel.values import MISSING

if TYPE_CHECKING:
    from engine.model.names import Names

DIALECTS = ("sqlite", "postgresql")
SYSTEM_COLUMNS = {"id": BigInteger(), "version": BigInteger(), "created_at": DateTime(timezone=True), "updated_at": DateTime(timezone=True),
                  "created_by": BigInteger(), "updated_by": BigInteger(), "owner": BigInteger(), "archived": Boolean()}  # fmt: skip
TYPES = {"integer": BigInteger(), "boolean": Boolean(), "date": Date(), "time": Time(), "datetime": DateTime(timezone=True),
         "decimal": Numeric(34, 6), "money": Numeric(34, 2), "percent": Numeric(34, 6), "link": BigInteger(), "user": BigInteger(),
         "duration": BigInteger(), "file": BigInteger(), "image": BigInteger()}  # fmt: skip
ELSEWHERE = ("lines", "links", "choices", "files", "related")


def untranslatable(names: Names, expression: Expression, entity: str) -> NotSql | None:
    """Why a condition on the entity's rows has no exact counterpart in SQL; None if it has one.

    What does not depend on the row is known at run time only, and stands as null here.
    """
    for dialect in DIALECTS:
        trial = Trial(names, dialect)
        try:
            compile_sql(expression.ast, trial, known, entity=entity, alias=trial.alias(entity))
        except NotSql as error:
            return error
        except KeyError:
            return None  # a field whose declaration is wrong: that is told there
    return None


def known(node: ast.Node) -> object:
    """The value of a part that depends on nothing; null for what only the run knows."""
    value = fold(node)
    return None if value is MISSING else value


class Trial:
    """Tables of declared entities (see `dsl.feel.sql.Tables`)."""

    functions: frozenset[str] = frozenset()

    def __init__(self, names: Names, dialect: str) -> None:
        self.names = names
        self.dialect = dialect

    def alias(self, entity: str) -> FromClause:
        fields = self.names.entities[entity]
        columns: dict[str, Any] = {"parent_id": BigInteger()} | SYSTEM_COLUMNS
        columns |= {name: TYPES.get(field.type, Text()) for name, field in fields.items() if field.type not in ELSEWHERE}
        return table(entity.replace(".", "_"), *(column(name, type_) for name, type_ in columns.items())).alias()

    def column(self, entity: str, alias: FromClause, field: str) -> ColumnElement[Any]:
        return alias.c["parent_id" if field == "parent" else field]

    def type(self, entity: str, field: str) -> Type:
        return (self.names.members(entity) or {}).get(field, ANY)

    def rows(self, entity: str) -> tuple[FromClause, ColumnElement[bool]]:
        alias = self.alias(entity)
        return alias, alias.c.archived.is_(False)

    def related(self, entity: str, alias: FromClause, field: str) -> tuple[str, FromClause, ColumnElement[bool]]:
        described = self.names.entities[entity][field]
        if described.lines:
            lines = self.alias(described.lines)
            return described.lines, lines, lines.c.parent_id == alias.c.id
        if described.source is not None:
            other, link = described.source
            target = self.alias(other)
            return other, target, target.c[link] == alias.c.id
        if described.type == "choices":
            join = table("held", column("owner_id", BigInteger()), column("value", Text())).alias()
            return "", join, join.c.owner_id == alias.c.id
        target = self.alias(described.to)
        return described.to, target, target.c.id == alias.c.id
