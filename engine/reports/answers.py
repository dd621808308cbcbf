"""Answers a question by one statement: filter, row rules and field grants applied, sums exact, currencies apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select

from engine.errors import AccessDenied, TradewindError
from engine.model.build_reports import ADDED, COMPARED, GROUPED, SYSTEM
from engine.model.model import Entity, Field
from engine.records import queries
from engine.reports.periods import period
from engine.reports.question import MOST_GROUPS, Group, Measure, Question

if TYPE_CHECKING:
    from engine.records.service import Records

USUAL_SCALE = 6


@dataclass(frozen=True, slots=True)
class Key:
    """A column of the answer: a group (`step` says of what period its dates are the first days) or a measure (`kind`)."""

    name: str
    path: str
    type: str
    field: Field | None = None
    target: str | None = None  # the entity that the ids of a group name
    step: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of the groups' values, then the measures'. `more`: there are further groups than were asked for."""

    groups: tuple[Key, ...]
    measures: tuple[Key, ...]
    rows: list[tuple[Any, ...]]
    more: bool


@dataclass(frozen=True, slots=True)
class Column:
    column: ColumnElement[Any]
    type: str
    field: Field | None
    owner: Entity


def answer(records: Records, question: Question) -> Answer:
    """Count and add up the records that the user may read, by group, in order of the groups.

    Amounts of money in entities with a field `currency` are grouped by it too: what is in two currencies is never added up.
    Raises AccessDenied for a field that is hidden in some of the records that the user may read.
    """
    if not question.measures:
        raise TradewindError("Nothing is measured", code="aggregate")
    records.flush()
    entity = queries.entity_of(records, question.entity)
    table = records.schema.table(entity.name)
    ways = Ways(records, entity, table)
    measured = [ways.measured(each) for each in question.measures]
    groups = (*question.groups, *currencies(question, measured))
    grouped = [ways.grouped(each) for each in groups]
    names = [*(each.name for each in groups), *(each.name for each in question.measures)]
    for name in names:
        if names.count(name) > 1:
            raise TradewindError("'{name}' is asked for twice", code="aggregate", name=name)

    wanted = queries.Wanted(entity.name, question.filter, question.view, search=question.search)
    inner = select(
        table.c.id,
        *(column.label(f"g{i}") for i, (_, column) in enumerate(grouped)),
        *(found.column.label(f"m{i}") for i, found in enumerate(measured) if found is not None),
    )
    rows = inner.select_from(ways.source).where(queries.where(records, wanted, table)).subquery()
    by = [rows.c[f"g{i}"] for i in range(len(grouped))]
    figures = [figure(each, rows, i) for i, each in enumerate(question.measures)]
    query: Select[Any] = select(*by, *(column for columns in figures for column in columns)).group_by(*by)
    for column in by:
        query = query.order_by(column.is_(None), column)
    limit = min(question.limit, MOST_GROUPS)
    found = records.connection.execute(query.limit(limit + 1)).all()
    keys = [key for key, _ in grouped]
    measures = tuple(
        Key(m.name, m.of, c.type if c is not None else "integer", c.field if c is not None else None, kind=m.kind)
        for m, c in zip(question.measures, measured, strict=True)
    )
    return Answer(tuple(keys), measures, [read(row, len(keys), measures) for row in found[:limit]], len(found) > limit)


def figure(measure: Measure, rows: FromClause, place: int) -> tuple[ColumnElement[Any], ...]:
    """What is selected for a measure; an average is divided afterwards, since SQLite would divide inexactly."""
    if measure.kind == "count":
        return (func.count(rows.c.id),)
    column = rows.c[f"m{place}"]
    if measure.kind == "average":
        return func.sum(column), func.count(column)
    return (getattr(func, measure.kind)(column),)


def read(row: Any, groups: int, measures: Iterable[Key]) -> tuple[Any, ...]:
    values, place = list(row[:groups]), groups
    for measure in measures:
        value = row[place]
        place += 1
        if measure.kind == "average":
            value = mean(value, row[place], measure.field)
            place += 1
        values.append(Decimal(value) if measure.kind == "count" else value)
    return tuple(values)


def mean(total: Decimal | None, number: int, field: Field | None) -> Decimal | None:
    """The exact mean, rounded half away from zero to the scale of money, else to 6 digits."""
    if total is None or not number:
        return None
    scale = field.scale if field is not None and field.type == "money" and field.scale is not None else USUAL_SCALE
    return (total / number).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def currencies(question: Question, measured: Iterable[Column | None]) -> list[Group]:
    """The groups by currency that the measured money needs and the question does not name."""
    found: dict[str, Group] = {}
    asked = {group.by for group in question.groups}
    for measure, column in zip(question.measures, measured, strict=True):
        by = ".".join([*measure.of.split(".")[:-1], "currency"])
        if column is not None and column.type == "money" and "currency" in column.owner.fields and by not in asked:
            found[by] = Group(by, by)
    return list(found.values())


class Ways:
    """The columns that paths lead to; links are joined once, and only to records that the user may read."""

    def __init__(self, records: Records, entity: Entity, table: FromClause) -> None:
        self.records = records
        self.source: FromClause = table
        self._joined: dict[tuple[str, ...], tuple[Entity, FromClause]] = {(): (entity, table)}

    def column(self, path: str) -> Column:
        *way, last = path.split(".")
        entity, alias = self.joined(tuple(way), path)
        self.require(entity, last, path)
        field = entity.fields.get(last)
        if field is not None and not field.stored:
            raise TradewindError(
                "'{path}' is of type {type}, which has no single value",
                code="aggregate",
                path=path,
                type=field.type,
            )
        return Column(alias.c[last], field.type if field is not None else SYSTEM[last], field, entity)

    def joined(self, way: tuple[str, ...], path: str) -> tuple[Entity, FromClause]:
        if way in self._joined:
            return self._joined[way]
        entity, alias = self.joined(way[:-1], path)
        self.require(entity, way[-1], path)
        field = entity.fields.get(way[-1])
        target = field.to if field is not None and field.stored else "user" if SYSTEM.get(way[-1]) == "user" else None
        if target is None:
            raise TradewindError("'{path}': '{name}' is no link to one record", code="aggregate", path=path, name=way[-1])
        other = queries.readable_rows(self.records, target)
        self.source = self.source.outerjoin(other, alias.c[way[-1]] == other.c.id)
        self._joined[way] = self.records.model.entities[target], other
        return self._joined[way]

    def require(self, entity: Entity, name: str, path: str) -> None:
        """Refuse what is no field, and what this person may not see in every record that they may read."""
        if name not in entity.fields and name not in SYSTEM:
            raise TradewindError("{entity} has no field '{name}'", code="aggregate", entity=entity.name, name=path)
        if name in entity.fields and name not in self.records.access.always_visible(entity):
            raise AccessDenied("You may not see '{field}'", field=name)

    def measured(self, measure: Measure) -> Column | None:
        if not measure.of:
            return None
        found = self.column(measure.of)
        known = ADDED if measure.kind in ("sum", "average") else COMPARED
        if found.field is None or found.type not in known:
            raise TradewindError(
                "'{path}' is of type {type}, which has no {kind}",
                code="aggregate",
                path=measure.of,
                type=found.type,
                kind=measure.kind,
            )
        return found

    def grouped(self, group: Group) -> tuple[Key, ColumnElement[Any]]:
        found = self.column(group.by)
        if found.type not in GROUPED:
            raise TradewindError(
                "Records cannot be grouped by '{path}', which is of type {type}",
                code="aggregate",
                path=group.by,
                type=found.type,
            )
        if group.step and found.type not in ("date", "datetime"):
            raise TradewindError("'{path}' is no date, so it has no {step}", code="aggregate", path=group.by, step=group.step)
        if found.type in ("date", "datetime"):
            step = group.step or "day"
            dialect = self.records.connection.dialect.name
            column = period(dialect, found.column, step, self.records.zone if found.type == "datetime" else None)
            return Key(group.name, group.by, "date", found.field, step=step), column
        target = "user" if found.type == "user" else found.field.to if found.field is not None else None
        return Key(group.name, group.by, found.type, found.field, target), found.column


def titles(records: Records, entity: str, numbers: Iterable[int]) -> dict[int, str]:
    """The titles of those of these records that the user may read."""
    wanted = sorted(set(numbers))
    table = queries.readable_rows(records, entity)
    query = select(table.c.id).where(table.c.id.in_(wanted))
    seen = records.connection.execute(query).scalars().all() if wanted else []
    return {record.id: record.title() for record in records.get_many(entity, seen) if record.id is not None}
