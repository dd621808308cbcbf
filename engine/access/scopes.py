"""Which records a scope takes in, asked of one record in Python or of a table in SQL."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, false, select, true

from dsl import feel
from dsl.feel import Expression
from dsl.feel.compiler import Condition
from engine.errors import TradewindError
from engine.model.model import Scope

if TYPE_CHECKING:
    from engine.records import Record
    from engine.workspace import Step


@lru_cache(maxsize=1024)
def test_of(rule: Expression) -> Condition:
    """A row rule as a function of the row, compiled once."""
    return feel.build_row_condition(rule.ast)


class Person:
    """A user, as scopes and row rules see them."""

    def __init__(self, step: Step, user: Record) -> None:
        self.step = step
        self.user = user

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles; somebody who left has none."""
        row = self.user.row()
        return frozenset(self.user["roles"]) if row["active"] and not row["archived"] else frozenset()

    def get(self, name: str, default: object = None) -> Any:
        """The names around a row rule: `user` and `workspace`."""
        if name == "user":
            return self.user
        return self.step.workspace_context() if name == "workspace" else default

    @cached_property
    def department(self) -> int | None:
        found: int | None = self.user.row()["department"]
        return found

    @cached_property
    def departments(self) -> frozenset[int]:
        """The user's department and all below it. The tree is read once a step."""
        if self.department is None:
            return frozenset()
        table = self.step.schema.table("department")
        below: dict[int | None, list[int]] = {}
        for number, parent in self.step.connection.execute(select(table.c.id, table.c.parent)):
            below.setdefault(parent, []).append(number)
        found, waiting = {self.department}, [self.department]
        while waiting:
            fresh = [number for number in below.get(waiting.pop(), ()) if number not in found]
            found.update(fresh)
            waiting.extend(fresh)
        return frozenset(found)

    def holds(self, scope: Scope | Expression, record: Record) -> bool:
        """Whether the scope takes the record in."""
        if isinstance(scope, Expression):
            return test_of(scope)(record, self, (), self.step.host) is True
        if scope in ("all", "none"):
            return scope == "all"
        owner = record.row()["owner"]
        if owner is None:
            return False
        if owner == self.user.id:
            return True
        if scope == "own":
            return False
        among = {self.department} if scope == "department" else self.departments
        held = record["owner"].row()["department"]
        return held is not None and held in among

    def clause(self, scope: Scope | Expression, entity: str, table: FromClause) -> ColumnElement[bool]:
        """The same as SQL, over rows of `table`."""
        if isinstance(scope, Expression):
            return self._rule(scope, entity, table)
        if scope in ("all", "none"):
            return true() if scope == "all" else false()
        own = table.c.owner == self.user.id
        among = self.departments if scope == "department_tree" else {self.department} - {None}
        if scope == "own" or not among:
            return own
        people = self.step.schema.table("user").alias()
        return own | table.c.owner.in_(select(people.c.id).where(people.c.department.in_(sorted(among))))

    def _rule(self, rule: Expression, entity: str, table: FromClause) -> ColumnElement[bool]:
        from dsl.feel.sql import NotSql
        from engine.records import queries

        try:
            return queries.sql_of(self.step.records, rule.ast, table, entity, self)
        except NotSql as error:
            template = "The permission rule '{text}' on {entity} cannot filter a list: {reason}"
            raise TradewindError(template, code="not_sql", text=rule.text, entity=entity, reason=error.reason) from None
