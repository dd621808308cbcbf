"""Reports that a workspace declares: asked of the database, figures of figures worked out, sorted, and laid out as rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import AccessDenied, NotFound
from engine.model.reports import Dashboard, Report, ReportMeasure
from engine.reports.answers import Answer, Key, answer
from engine.reports.question import MOST_GROUPS, Group, Measure, Question

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class Pivot:
    """An answer as a table: `left` are the keys of its rows, `top` those of its columns; a cell has the measures of both."""

    rows: tuple[Key, ...]
    columns: tuple[Key, ...]
    measures: tuple[Key, ...]
    left: tuple[tuple[Any, ...], ...]
    top: tuple[tuple[Any, ...], ...]
    cells: Mapping[tuple[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]]


def may_see(step: Step, wanted: Report | Dashboard) -> bool:
    """By its roles; without any, those who may read its entity. What a report tells of is what its reader may read, anyway."""
    if step.user is None or step.engine or "admin" in step.access.roles:
        return True
    if wanted.roles:
        return bool(set(wanted.roles) & set(step.access.roles))
    return isinstance(wanted, Dashboard) or step.access.can("read", wanted.entity)


def report_of(step: Step, name: str) -> Report:
    """Raises NotFound and AccessDenied."""
    found = step.model.reports.get(name)
    if found is None:
        raise NotFound("There is no report '{name}'", name=name)
    if not may_see(step, found):
        raise AccessDenied("You may not see the report '{name}'", name=name)
    return found


def dashboard_of(step: Step, name: str) -> Dashboard:
    """Raises NotFound and AccessDenied."""
    found = step.model.dashboards.get(name)
    if found is None:
        raise NotFound("There is no dashboard '{name}'", name=name)
    if not may_see(step, found):
        raise AccessDenied("You may not see the dashboard '{name}'", name=name)
    return found


def run(step: Step, report: Report) -> Answer:
    """What a report tells this reader. Money in several currencies is grouped by them too. Raises AccessDenied for hidden fields."""
    asked = [each for each in report.measures if each.expression is None]
    groups = tuple(Group(each.name, each.by, each.step) for each in (*report.rows, *report.columns))
    measures = tuple(Measure(each.name, each.kind, each.of) for each in asked)
    limit = MOST_GROUPS if report.sort or report.limit is None else report.limit
    question = Question(report.entity, groups, measures or (Measure("count", "count"),), report.filter, limit=limit)
    found = worked_out(step, report, answer(step.records, question))
    rows = sorted_rows(found, report.sort)
    most = report.limit or MOST_GROUPS
    return replace(found, rows=rows[:most], more=found.more or len(rows) > most)


def worked_out(step: Step, report: Report, found: Answer) -> Answer:
    """The answer with the measures that are expressions over others, in the order in which the report declares them."""
    width = len(found.groups)
    place = {key.name: width + index for index, key in enumerate(found.measures)}
    keys = tuple(
        replace(found.measures[place[each.name] - width], name=each.name) if each.expression is None
        else Key(each.name, "", "decimal", kind="expression")
        for each in report.measures
    )  # fmt: skip

    def value(each: ReportMeasure, row: tuple[Any, ...]) -> Any:
        if each.expression is None:
            return row[place[each.name]]
        names = {name: row[index] for name, index in place.items()}
        return each.expression(names, step.host)

    rows = [(*row[:width], *(value(each, row) for each in report.measures)) for row in found.rows]
    return replace(found, measures=keys, rows=rows)


def sorted_rows(found: Answer, sort: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The rows in the wanted order, nulls last."""
    names = [key.name for key in (*found.groups, *found.measures)]
    rows = list(found.rows)
    for path in reversed(sort):
        place, down = names.index(path.lstrip("-")), path.startswith("-")
        there = [row for row in rows if row[place] is not None]
        there.sort(key=lambda row: row[place], reverse=down)
        rows = there + [row for row in rows if row[place] is None]
    return rows


def pivot(report: Report, found: Answer) -> Pivot:
    """The answer with the report's `columns` across; currencies that money brings along stand at the left."""
    across = {each.name for each in report.columns}
    down = [index for index, key in enumerate(found.groups) if key.name not in across]
    over = [index for index, key in enumerate(found.groups) if key.name in across]
    cells = {}
    for row in found.rows:
        cells[tuple(row[i] for i in down), tuple(row[i] for i in over)] = row[len(found.groups) :]
    top = sorted({column for _, column in cells}, key=lambda values: [(value is None, value) for value in values])
    left = tuple(dict.fromkeys(row for row, _ in cells))
    groups = found.groups
    return Pivot(tuple(groups[i] for i in down), tuple(groups[i] for i in over), found.measures, left, tuple(top), cells)
