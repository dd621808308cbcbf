"""Reports and dashboards as pages: tables with rows and columns, charts, counters and short lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext

from admin.desk import desk, page, reader_of
from admin.desk.boards import COUNTED, counted
from admin.desk.charts import Drawing, Series, drawn
from admin.desk.lists import cell, columns_of
from admin.desk.present import DASH, Reader
from admin.web import perform
from engine.errors import AccessDenied
from engine.model.model import Text
from engine.model.reports import Card, Report
from engine.reports import Pivot, dashboard_of, may_see, pivot, report_of, run
from engine.reports.answers import Answer, Key, titles
from engine.workspace import Step

MOST_POINTS = 60
MOST_COLUMNS = 4
NONE = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A report as its template shows it."""

    report: Report
    label: str
    heads: tuple[str, ...]
    top: tuple[tuple[str, str], ...]  # column and measure, in the order of the cells
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    drawing: Drawing | None
    more: bool


@desk.get("/reports/<name>")
def report(name: str) -> str:
    def work(step: Step) -> str:
        return page("desk/report.html", step, shown=shown(step, report_of(step, name)))

    return perform(work, readonly=True)


@desk.get("/dashboards/<name>")
def dashboard(name: str) -> str:
    def work(step: Step) -> str:
        found, reader = dashboard_of(step, name), reader_of(step)
        cards = [(card, content) for card in found.cards.values() if (content := card_content(step, reader, card)) is not None]
        return page("desk/dashboard.html", step, label=found.label.in_(reader.language), cards=cards)

    return perform(work, readonly=True)


def card_content(step: Step, reader: Reader, card: Card) -> dict[str, Any] | None:
    """What a card shows; None where this person may not see it."""
    label = card.label.in_(reader.language)
    if card.type == "report":
        wanted = step.model.reports[card.report]
        if not may_see(step, wanted):
            return None
        try:
            return {"label": label, "shown": shown(step, wanted), "url": url_for("desk.report", name=wanted.name)}
        except AccessDenied:  # a field is hidden from this person
            return None
    if not step.access.can("read", card.entity):
        return None
    entity, view = step.model.entities[card.entity], card.view or None
    listed = url_for("desk.records", name=card.entity, view=view, filter=card.filter.text if card.filter is not None else None)
    if card.type == "counter":
        number = step.records.count(card.entity, filter=card.filter, view=view, most=COUNTED)
        return {"label": label, "number": counted(reader, number), "url": listed}
    own = entity.views[view] if view is not None else next(each for each in entity.views.values() if each.type == "list")
    found = step.records.list(card.entity, filter=card.filter, view=own.name, sort=own.sort, limit=card.limit)
    columns = columns_of(step, entity, own, own.sort)[:MOST_COLUMNS]
    rows = [
        (url_for("desk.record", name=card.entity, record_id=each.id), [cell(reader, each, column) for column in columns])
        for each in found.records
    ]
    return {"label": label, "columns": columns, "rows": rows, "url": listed}


# ---- a report in words ----


def shown(step: Step, wanted: Report) -> Shown:
    reader, found = reader_of(step), run(step, wanted)
    labels = {each.name: each.label for each in (*wanted.rows, *wanted.columns, *wanted.measures)}
    words = Words(step, reader, found, labels)
    table = pivot(wanted, found)
    top = tuple((words.keys(table.columns, column), words.label(key)) for column in table.top for key in table.measures)
    rows = tuple((words.each(table.rows, row), cells(words, table, row)) for row in table.left)
    drawing = chart_of(wanted, found, words) if wanted.chart is not None else None
    return Shown(wanted, wanted.label.in_(reader.language), tuple(words.label(key) for key in table.rows), top, rows, drawing, found.more)


def cells(words: Words, table: Pivot, row: tuple[Any, ...]) -> tuple[str, ...]:
    """A row's figures, those of each column in turn."""
    currency = words.currency_of((*table.rows, *table.columns))
    texts = []
    for column in table.top:
        values = table.cells.get((row, column), (None,) * len(table.measures))
        code = currency((*row, *column))
        texts += [words.figure(key, value, code) for key, value in zip(table.measures, values, strict=True)]
    return tuple(texts)


class Words:
    """The values of an answer as its reader reads them."""

    def __init__(self, step: Step, reader: Reader, found: Answer, labels: dict[str, Text]) -> None:
        self.reader = reader
        self.labels = labels
        self.titles = {
            key.name: titles(step.records, key.target, (row[i] for row in found.rows if row[i] is not None))
            for i, key in enumerate(found.groups)
            if key.target is not None
        }

    def label(self, key: Key) -> str:
        text = self.labels.get(key.name) or (key.field.label if key.field is not None else None)
        return text.in_(self.reader.language) if text else key.name

    def each(self, keys: tuple[Key, ...], values: tuple[Any, ...]) -> tuple[str, ...]:
        return tuple(self.key(key, value) for key, value in zip(keys, values, strict=True))

    def keys(self, keys: tuple[Key, ...], values: tuple[Any, ...]) -> str:
        return " · ".join(self.each(keys, values))

    def key(self, key: Key, value: Any) -> str:
        """A group's value: a record's title, a month, an option."""
        if value is None:
            return DASH
        if key.name in self.titles:
            return self.titles[key.name].get(value) or gettext("(hidden)")
        if isinstance(value, date):
            return period_text(value, key.step)
        if key.field is not None and key.type == "choice":
            return self.reader.option(str(value), key.field)
        return self.reader.plain(value)

    def currency_of(self, keys: tuple[Key, ...]) -> Any:
        """How to find the currency of a row among its groups' values."""
        place = next((i for i, key in enumerate(keys) if key.path.rpartition(".")[2] == "currency"), None)
        return lambda values: str(values[place]) if place is not None and values[place] is not None else self.reader.currency

    def figure(self, key: Key, value: Any, currency: str) -> str:
        if value is None:
            return NONE
        if key.type == "money":
            return self.reader.money(value, currency)
        if key.type == "percent" and key.field is not None:
            return self.reader.value(value, key.field)
        return self.reader.plain(round(value, 6) if isinstance(value, Decimal) else value)


def period_text(first: date, step: str) -> str:
    """The period that begins on a day."""
    match step:
        case "year":
            return f"{first:%Y}"
        case "quarter":
            return f"{first:%Y} Q{(first.month + 2) // 3}"
        case "month":
            return f"{first:%Y-%m}"
        case "week":
            return f"{first:%G-W%V}"
    return first.isoformat()


def chart_of(wanted: Report, found: Answer, words: Words) -> Drawing:
    """The report's chart. Groups besides `x`, currencies among them, are series of their own."""
    chart = wanted.chart
    assert chart is not None
    place = {key.name: i for i, key in enumerate((*found.groups, *found.measures))}
    keys = found.groups
    others = [i for i, key in enumerate(keys) if key.name != chart.x and (key.name == chart.series or key.name not in words.labels)]
    key = keys[place[chart.x]]
    xs = list(dict.fromkeys(row[place[chart.x]] for row in found.rows))
    if key.type == "choice" and key.field is not None and not wanted.sort:
        options = list(key.field.options)
        xs.sort(key=lambda name: options.index(name) if name in options else len(options))
    xs = xs[:MOST_POINTS]
    values: dict[str, dict[Any, float]] = {}
    for measure in chart.y:
        for row in found.rows:
            figure = row[place[measure]]
            name = " · ".join(words.key(keys[i], row[i]) for i in others)
            if len(chart.y) > 1 or not name:
                label = words.label(next(key for key in found.measures if key.name == measure))
                name = f"{name} · {label}" if name else label
            if isinstance(figure, int | Decimal):
                at = values.setdefault(name, {})
                at[row[place[chart.x]]] = at.get(row[place[chart.x]], 0.0) + float(figure)
    series = [Series(name, tuple(at.get(x) for x in xs)) for name, at in values.items()]
    return drawn(chart.type, [words.key(key, x) for x in xs], series, stacked=chart.stacked)
