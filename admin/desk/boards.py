"""Other views of an entity than lists: a board by a field's values, a calendar by a date; and what all views have around them."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext

from admin.api.problems import say
from admin.desk import reader_of
from admin.desk.present import Reader
from admin.desk.shell import icon_of
from dsl.problems import InvalidText
from engine.errors import AccessDenied, TradewindError
from engine.model.model import Entity, Field, View
from engine.records import Record
from engine.reports import Group, Measure, Question, answer
from engine.reports.answers import titles
from engine.workspace import Step

COUNTED = 10_000  # further records are not counted for a page
MOST_CARDS, MOST_COLUMNS, MOST_A_DAY, MOST_A_MONTH = 50, 20, 4, 1_000


def around(step: Step, entity: Entity, view: View, text: str, search: str, problem: str) -> dict[str, Any]:
    """What every view's page shows: tabs with their numbers, the filter, what may be made."""
    reader = reader_of(step)
    lists = [each.name for each in entity.views.values() if each.type == "list"]
    numbers = {name: step.records.count(entity.name, view=name, most=COUNTED) for name in lists}
    return {
        "entity": entity, "label": entity.label.in_(reader.language), "icon": icon_of(entity), "view": view, "filter": text,
        "search": search, "problem": problem, "link": list_link(entity.name), "may_create": step.access.can("create", entity.name),
        "tabs": [
            {
                "label": each.label.in_(reader.language), "url": url_for("desk.records", name=entity.name, view=each.name),
                "active": each.name == view.name,
                "number": counted(reader, numbers[each.name]) if each.name in numbers else None,
            }
            for each in entity.views.values()
        ],
    }  # fmt: skip


def counted(reader: Any, number: int) -> str:
    """The number of records as text; 10,000+ for more than are counted."""
    return str(reader.plain(COUNTED)) + "+" if number > COUNTED else str(reader.plain(number))


def list_link(name: str) -> Any:
    """A function for the template: this view's address with some parameters changed (None drops one)."""

    def link(**changes: str | None) -> str:
        kept = {key: value for key, value in request.args.items() if key not in ("cursor", "trail")} | changes
        given = {key: value for key, value in kept.items() if value}
        return url_for("desk.records", name=name) + ("?" + urlencode(given) if given else "")

    return link


def asked(step: Step, entity: Entity, view: View) -> tuple[str, str, str]:
    """The typed filter (empty if it is wrong), the searched text, and what is wrong with the filter."""
    text, search = request.args.get("filter", "").strip(), request.args.get("q", "").strip()
    try:
        step.records.list(entity.name, view=view.name, filter=text or None, limit=1)
    except InvalidText as error:
        first = error.problems[0]
        return "", search, f"{first.message} {first.hint}".strip()
    except TradewindError as error:
        return "", search, say(error.template, error.values)
    return text, search, ""


def both(text: str, condition: str) -> str:
    return f"({text}) and ({condition})" if text else condition


# ---- boards ----


def board(step: Step, entity: Entity, view: View) -> dict[str, Any]:
    """A column for each value of the view's `group_by`, with its number, the sum of `total`, and its first cards."""
    text, search, problem = asked(step, entity, view)
    reader, name = reader_of(step), view.group_by or ""
    field = step.records.field_at(entity.name, name)
    if field is None:
        raise AccessDenied("You may not see '{field}'", field=name)
    sums = figures(step, entity, view, field, text, search)
    columns = []
    for value, label, color in values_of(step, field, sums)[:MOST_COLUMNS]:
        number, total = sums.get(value, (0, None))
        cards = step.records.list(
            entity.name, view=view.name, filter=both(text, equals(field, value)), search=search, sort=view.sort, limit=MOST_CARDS
        ).records if number else []  # fmt: skip
        columns.append({
            "label": label, "color": color, "number": counted(reader, int(number)), "total": total,
            "cards": [card(step, entity, view, each) for each in cards], "more": max(0, int(number) - len(cards)),
        })  # fmt: skip
    return {**around(step, entity, view, text, search, problem), "columns": columns}


def figures(step: Step, entity: Entity, view: View, field: Field, text: str, search: str) -> Mapping[Any, tuple[Any, str | None]]:
    """Number and sum of each column, by one statement; sums only where they are of one currency."""
    reader, total = reader_of(step), step.records.field_at(entity.name, view.total) if view.total else None
    measures = (Measure("count", "count"), *((Measure("total", "sum", view.total),) if total is not None and view.total else ()))
    question = Question(entity.name, (Group("by", field.name),), measures, text or None, search, view=view.name)
    found: dict[Any, tuple[Any, str | None]] = {}
    for row in answer(step.records, question).rows:
        value, *others, number, amount = row if total is not None else (*row, None)
        if value in found:  # several currencies
            found[value] = found[value][0] + number, None
        else:
            found[value] = number, summed(reader, total, amount, str(others[0]) if others and others[0] else reader.currency)
    return found


def summed(reader: Reader, total: Field | None, amount: Any, currency: str) -> str | None:
    if total is None or amount is None:
        return None
    return reader.money(amount, currency) if total.type == "money" else reader.value(amount, total)


def values_of(step: Step, field: Field, sums: Mapping[Any, Any]) -> list[tuple[Any, str, str]]:
    """The columns: all options of a choice in their order, else the values that there are; records without one last."""
    reader = reader_of(step)
    there = [value for value in sums if value is not None]
    if field.type == "choice":
        found = [(name, option.label.in_(reader.language), option.color or "grey") for name, option in field.options.items()]
    elif field.type == "boolean":
        found = [(value, reader.plain(value), "grey") for value in (True, False)]
    else:
        named = titles(step.records, field.to or "user", there)
        found = sorted(((number, named[number], "grey") for number in there if number in named), key=lambda each: each[1])
    return found + ([(None, gettext("Without"), "grey")] if None in sums else [])


def equals(field: Field, value: Any) -> str:
    """The condition for one column, in FEEL."""
    if value is None:
        return f"{field.name} = null"
    if field.type == "choice":
        return f'{field.name} = "{value}"'
    return f"{field.name} = {str(value).lower()}" if field.type == "boolean" else f"{field.name}.id = {value}"


def card(step: Step, entity: Entity, view: View, record: Record) -> dict[str, Any]:
    """A card: the record's title, and the values that the view names, as far as the reader may see them."""
    reader = reader_of(step)
    texts = []
    for path in view.card:
        field = step.records.field_at(entity.name, path) if path != "title" else None
        if field is None or field.name not in record.visible_fields():
            continue
        holder: Any = record
        for part in path.split(".")[:-1]:
            holder = holder[part] if holder is not None else None
        value = holder[path.rpartition(".")[2]] if holder is not None else None
        if (text := reader.value(value, field, holder)) != "":
            texts.append(text)
    return {"url": url_for("desk.record", name=entity.name, record_id=record.id), "title": record.title(), "texts": texts}


# ---- calendars ----


def calendar(step: Step, entity: Entity, view: View) -> dict[str, Any]:
    """A month: its weeks from Monday, each day with what begins on it or lasts over it."""
    text, search, problem = asked(step, entity, view)
    first = month_of(step)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    opening, closing = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    found = step.records.list(
        entity.name, view=view.name, filter=both(text, spans(step, entity, view, opening, closing)), search=search, limit=MOST_A_MONTH
    )
    days: dict[date, list[dict[str, Any]]] = {}
    for record in found.records:
        begin, end = day_at(step, record, view.start), day_at(step, record, view.end)
        assert begin is not None
        shown = {"url": url_for("desk.record", name=entity.name, record_id=record.id), "title": record.title()}
        day = max(begin, opening)
        while day <= min(max(end or begin, begin), closing):
            days.setdefault(day, []).append(shown)
            day += timedelta(days=1)
    every = [opening + timedelta(days=index) for index in range((closing - opening).days + 1)]
    cells = [
        {"day": day, "inside": day.month == first.month, "today": day == step.today, "entries": days.get(day, [])[:MOST_A_DAY],
         "more": max(0, len(days.get(day, [])) - MOST_A_DAY)}
        for day in every
    ]  # fmt: skip
    return {
        **around(step, entity, view, text, search, problem), "weeks": [cells[index : index + 7] for index in range(0, len(cells), 7)],
        "month": first, "earlier": f"{first - timedelta(days=1):%Y-%m}", "later": f"{last + timedelta(days=1):%Y-%m}",
        "cut": found.next is not None,
    }  # fmt: skip


def month_of(step: Step) -> date:
    """The first day of the month that is asked for, else of this one."""
    try:
        return datetime.strptime(request.args.get("month", ""), "%Y-%m").date().replace(day=1)
    except ValueError:
        return step.today.replace(day=1)


def spans(step: Step, entity: Entity, view: View, first: date, last: date) -> str:
    """The condition for what touches these days, in FEEL."""
    start, end = view.start or "", view.end
    until = literal(step, entity, start, last + timedelta(days=1))
    begins = f"{start} < {until}"
    if end is None:
        return f"{begins} and {start} >= {literal(step, entity, start, first)}"
    ended = f"({end} != null and {end} >= {literal(step, entity, end, first)})"
    return f"{begins} and ({ended} or {start} >= {literal(step, entity, start, first)})"


def literal(step: Step, entity: Entity, name: str, day: date) -> str:
    """A day, or for times its beginning in the workspace's time zone, as FEEL writes it."""
    field = entity.fields.get(name)
    if field is not None and field.type == "date":
        return f'date("{day.isoformat()}")'
    return f'date and time("{datetime.combine(day, time(), step.model.settings.zone).isoformat()}")'


def day_at(step: Step, record: Record, name: str | None) -> date | None:
    value = record[name] if name else None
    if isinstance(value, datetime):
        return value.astimezone(step.model.settings.zone).date()
    return value if isinstance(value, date) else None
