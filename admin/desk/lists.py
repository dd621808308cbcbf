"""Lists of records: saved views as tabs, filter, search, sort, pages. The address carries all of it."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.api.problems import say
from admin.desk import boards, desk, entity_named, page, reader_of
from admin.desk.boards import COUNTED, counted, list_link
from admin.desk.controls import is_numeric
from admin.desk.shell import icon_of
from admin.web import perform
from dsl.problems import InvalidText
from engine.errors import TradewindError
from engine.model.model import Entity, View
from engine.records import Record
from engine.records.paging import UNSORTED
from engine.records.service import Page
from engine.workspace import Step

PAGE = 25
SYSTEM = ("title", "owner", "created_at", "updated_at", "id")


@desk.get("/r/<name>")
def records(name: str) -> str:
    def work(step: Step) -> str:
        entity = entity_named(step, name)
        view = view_of(entity)
        match view.type:
            case "kanban":
                return page("desk/board.html", step, **boards.board(step, entity, view))
            case "calendar":
                return page("desk/calendar.html", step, **boards.calendar(step, entity, view))
        return page("desk/list.html", step, **listed(step, entity, view))

    return perform(work, readonly=True)


def listed(step: Step, entity: Entity, view: View) -> dict[str, Any]:
    """What the list's template needs."""
    reader = reader_of(step)
    sort = tuple(part for part in request.args.get("sort", "").split(",") if part) or view.sort
    text, search = request.args.get("filter", "").strip(), request.args.get("q", "").strip()
    cursor = request.args.get("cursor") or None
    found, problem = found_or_told(step, entity, view, text, search, sort, cursor)
    columns = columns_of(step, entity, view, sort)
    total = found.total_up_to(COUNTED)
    sums = {} if problem or total > COUNTED else summed(step, entity, view, columns, text, search)
    trail = [each for each in request.args.get("trail", "").split("~") if each]
    first = len(trail) * PAGE + 1
    return {
        **boards.around(step, entity, view, text, search, problem), "columns": columns, "found": found,
        "sums": sums, "total": counted(reader, total), "first": first if found.records else 0, "last": first + len(found.records) - 1,
        "next_url": following(entity.name, found.next, trail, cursor) if found.next else "",
        "previous_url": preceding(entity.name, trail) if cursor else "",
        "cell": lambda record, column: cell(reader, record, column),
    }  # fmt: skip


def found_or_told(
    step: Step, entity: Entity, view: View, text: str, search: str, sort: tuple[str, ...], cursor: str | None
) -> tuple[Page, str]:
    """The page, or the page without the filter and what is wrong with it."""
    try:
        found = step.records.list(
            entity.name, view=view.name, filter=text or None, sort=sort, search=search, limit=PAGE, cursor=cursor
        )
        return found, ""
    except InvalidText as error:
        first = error.problems[0]
        problem = f"{first.message} {first.hint}".strip()
    except TradewindError as error:
        problem = say(error.template, error.values)
    return step.records.list(entity.name, view=view.name, limit=PAGE), problem


def view_of(entity: Entity) -> View:
    """The view that is asked for, else the first list."""
    first = next(view for view in entity.views.values() if view.type == "list")
    return entity.views.get(request.args.get("view", ""), first)


def columns_of(step: Step, entity: Entity, view: View, sort: tuple[str, ...]) -> list[dict[str, Any]]:
    """The view's columns that this person may see, and the custom fields that no view names yet."""
    language = reader_of(step).language
    link = list_link(entity.name)
    custom = [f.name for f in entity.fields.values() if f.custom and f.lines is None and f.name not in view.columns]
    made = []
    for path in (*view.columns, *custom):
        field = step.records.field_at(entity.name, path)
        if field is None and path not in SYSTEM:
            continue
        sortable = (field is None and path != "title") or (field is not None and field.type not in UNSORTED)
        direction = "ascending" if path in sort else "descending" if f"-{path}" in sort else None
        made.append(
            {
                "path": path,
                "name": path.replace(".", "-"),
                "label": field.label.in_(language) if field is not None else system_label(path),
                "field": field,
                "num": field is not None and is_numeric(field),
                "sorted": direction,
                "sort_url": link(sort=f"-{path}" if direction == "ascending" else path) if sortable else "",
            }
        )
    return made


def system_label(name: str) -> str:
    labels = {
        "title": gettext("Title"), "owner": gettext("Owner"), "created_at": gettext("Created"),
        "updated_at": gettext("Changed"), "id": gettext("Id"),
    }  # fmt: skip
    return labels[name]


def cell(reader: Any, record: Record, column: dict[str, Any]) -> dict[str, Any]:
    """One cell: its text, and what it shows it as (an option's colour, a record, a plain text)."""
    holder: Any = record
    *way, last = column["path"].split(".")
    for name in way:
        holder = holder[name] if holder is not None else None
    value = holder[last] if holder is not None else None
    field = column["field"]
    text = reader.value(value, field, holder) if field is not None else reader.plain(value)
    option = field.options.get(value) if field is not None and field.type == "choice" and isinstance(value, str) else None
    person = text if isinstance(value, Record) and (value.entity.name == "user") else ""
    return {"text": text, "color": option.color or "grey" if option is not None else "", "person": person}


def summed(
    step: Step, entity: Entity, view: View, columns: list[dict[str, Any]], text: str, search: str
) -> dict[str, tuple[str, str]]:
    """Sums of the amounts of money over all matches: column → (label, text). Percents and prices are not added up."""
    fields = [
        c["field"] for c in columns
        if c["field"] is not None and c["field"].type == "money" and "." not in c["path"] and c["field"].compute is not None
    ]  # fmt: skip
    found = step.records.sums(entity.name, [f.name for f in fields], text or None, view=view.name, search=search)
    reader = reader_of(step)
    return {f.name: (f.label.in_(reader.language), reader.value(found[f.name], f)) for f in fields if found[f.name] is not None}


def following(name: str, cursor: str, trail: list[str], here: str | None) -> str:
    return str(list_link(name)(cursor=cursor, trail="~".join([*trail, here or "first"])))


def preceding(name: str, trail: list[str]) -> str:
    before = trail[-1] if trail else "first"
    return str(list_link(name)(cursor=None if before == "first" else before, trail="~".join(trail[:-1])))


@desk.get("/r/<name>/search")
def search(name: str) -> Response:
    """Records for a picker: id, title and a few facts; only what this person may read, and the field's filter lets pass."""

    def work(step: Step) -> list[dict[str, Any]]:
        entity = entity_named(step, name)
        reader = reader_of(step)
        found = step.records.list(name, search=request.args.get("q", ""), filter=picker_filter(step), limit=12).records
        facts = [f for f in entity.fields.values() if f.type in ("text", "choice", "email", "phone") and not f.sensitive]
        return [
            {
                "id": record.id,
                "title": record.title(),
                "facts": [t for f in facts if f.name in record.visible_fields() and (t := reader.value(record[f.name], f, record))
                          and t != record.title()][:2],
            }
            for record in found
        ]  # fmt: skip

    return jsonify(perform(work, readonly=True))


def picker_filter(step: Step) -> Any:
    """The filter of the link field that is picked for, where it does not depend on the linking record."""
    owner, _, name = request.args.get("for", "").rpartition(".")
    entity = step.model.entities.get(owner)
    field = entity.fields.get(name) if entity is not None else None
    if field is None or field.filter is None or any(path[0] in ("record", "parent") for path in field.filter.paths):
        return None
    return field.filter


@desk.get("/search")
def search_all() -> str:
    """Everything that this person may read and that matches."""
    wanted = request.args.get("q", "").strip()

    def work(step: Step) -> str:
        language = reader_of(step).language
        groups = []
        for entity in step.model.entities.values():
            if not wanted or entity.parent is not None or not step.access.can("read", entity.name):
                continue
            found = step.records.list(entity.name, search=wanted, limit=6)
            if found.records:
                groups.append({
                    "label": entity.label.in_(language), "records": found.records[:5], "icon": icon_of(entity),
                    "more": url_for("desk.records", name=entity.name, q=wanted) if len(found.records) > 5 else "",
                })  # fmt: skip
        return page("desk/search.html", step, wanted=wanted, groups=groups)

    return perform(work, readonly=True)


