"""What the engine offers to expressions: the clock, look-ups, and the functions on people and days (spec 2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dsl.feel import ast
from dsl.feel.trouble import Trouble
from dsl.feel.values import FeelFunction
from engine.clock import Clock
from engine.errors import StepFailed
from engine.records.numbering import next_number
from engine.records.rates import convert_currency
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.workspace import Step

MOST_LEVELS = 50
WEEKEND = 5  # Saturday, counted from Monday as 0


class StepHost:
    """`dsl.feel.Host` for one step."""

    def __init__(self, step: Step) -> None:
        self.step = step

    def now(self) -> datetime:
        return self.step.now.astimezone(self.step.model.settings.zone)

    def call(self, name: str, args: Sequence[object]) -> object:
        return FUNCTIONS[name](self.step, *args)

    def query(self, query: ast.Query, scope: Any, items: Sequence[object]) -> object:
        return self.step.records.query(query, scope, items)


class ReaderHost(StepHost):
    """For conditions that a person types: look-ups find only what they may read, and asking gives no number away."""

    def call(self, name: str, args: Sequence[object]) -> object:
        if name == "next number":
            raise Trouble("name", "a filter takes no number of a series")
        return super().call(name, args)

    def query(self, query: ast.Query, scope: Any, items: Sequence[object]) -> object:
        return self.step.records.query(query, scope, items, guarded=True)


class ClockHost:
    """A host without records, for decisions asked outside a step: the clock, and functions that need nothing else."""

    def __init__(self, clock: Clock, zone: tzinfo) -> None:
        self.clock = clock
        self.zone = zone

    def now(self) -> datetime:
        return self.clock().astimezone(self.zone)

    def call(self, name: str, args: Sequence[object]) -> object:
        return FUNCTIONS[name](None, *args)

    def query(self, query: ast.Query, scope: Any, items: Sequence[object]) -> object:
        raise Trouble("name", f"there are no records of '{query.entity}' here")


def users_with_role(step: Step, role: object) -> list[Record]:
    """The active people who have a role, in order of their id."""
    schema = step.schema
    join, table = schema.join_table("user", "roles"), schema.table("user")
    query = select(join.c.owner_id).join(table, table.c.id == join.c.owner_id).where(join.c.value == role)
    query = query.where(table.c.active.is_(True), table.c.archived.is_(False))
    return step.records.get_many("user", step.connection.execute(query).scalars())


def manager_of(step: Step, user: object, level: object = Decimal(1)) -> Record | None:
    """The manager `level` steps above a person; null where there is none."""
    found = user if isinstance(user, Record) else None
    for _ in range(int(level) if isinstance(level, Decimal | int) else 1):
        if found is None:
            return None
        found = found["manager"]
    return found


def managers_of(step: Step, user: object, levels: object) -> list[Record]:
    """The chain of managers above a person, up to a level, or up to the first for whom a function holds."""
    chain: list[Record] = []
    person = user["manager"] if isinstance(user, Record) else None
    while person is not None and person not in chain and len(chain) < MOST_LEVELS:
        if isinstance(levels, Decimal | int) and len(chain) >= int(levels):
            break
        chain.append(person)
        if isinstance(levels, FeelFunction) and levels.code(person) is True:
            break
        person = person["manager"]
    return chain


def department_head(step: Step, department: object) -> Record | None:
    return department["head"] if isinstance(department, Record) else None


def series_number(step: Step, series: object) -> str:
    """The next number of a named series, from 1, without gaps."""
    return next_number(step.connection, f"series:{series}", "{0}", step.today)


def decide(step: Step, decision: str, context: object) -> object:
    """What a decision table of the model says (spec 2.2). Raises Trouble, with the reason, where it says nothing."""
    asked = step.model.decisions[decision]
    given = {name: context[name] for name in asked.type.inputs or ()} if isinstance(context, Record) else context
    if not isinstance(given, Mapping):
        raise Trouble("null", f"the decision '{decision}' was asked without a context")
    decided = asked.table.decide(given, step.host)
    if decided.value is None and decided.warnings:
        raise Trouble("value", f"decision '{decision}': {decided.warnings[-1].message}")
    return decided.value


def working_days(step: Step | None, start: object, end: object) -> Decimal | None:
    """Working days after `start` up to and with `end`, Monday to Friday; negative where the end comes first."""
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    if end < start:
        return -working_days(step, end, start)  # type: ignore[operator]
    weeks, rest = divmod((end - start).days, 7)
    days = (start + timedelta(days=i + 1) for i in range(rest))
    return Decimal(weeks * 5 + sum(day.weekday() < WEEKEND for day in days))


def add_working_days(step: Step | None, start: object, count: object) -> date | None:
    """The date so many working days after (negative: before) a date."""
    if not isinstance(start, date) or not isinstance(count, Decimal | int):
        return None
    number = int(count)
    if abs(number) > 100_000:
        raise StepFailed("add working days: {count} days are too many", count=number)
    left, way, day = abs(number), 1 if number >= 0 else -1, start
    while left:
        day += timedelta(days=way)
        left -= day.weekday() < WEEKEND
    return day


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "users with role": users_with_role, "manager of": manager_of, "managers of": managers_of,
    "decide": decide, "department head": department_head, "next number": series_number, "working days": working_days,
    "add working days": add_working_days, "convert currency": convert_currency,
}  # fmt: skip
