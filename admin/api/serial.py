"""Records, tasks and history as JSON: exact numbers as strings, times in ISO 8601, links as ids or, expanded, as objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dsl import feel
from engine.model.model import SYSTEM_FIELDS, Field
from engine.records import Record

Json = dict[str, Any]


def plain(value: object) -> object:
    """Any value of the engine as JSON."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | feel.Months):
        return feel.to_text(value)
    if isinstance(value, Record):
        return value.id
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def record_json(record: Record, *, fields: Collection[str] = (), expand: Collection[str] = ()) -> Json:
    """A record as its reader may see it: system fields, `title`, then the fields not hidden from the reader.

    `fields` narrows the answer; `id` and `version` are always in it. `expand` names links to show as objects.
    """
    shown = record.visible_fields()
    wanted = set(fields) if fields else None
    answer: Json = {}
    for name in SYSTEM_FIELDS:
        if wanted is None or name in wanted or name in ("id", "version"):
            answer[name] = plain(record[name])
    if "title" not in shown and (wanted is None or "title" in wanted):
        answer["title"] = record.title()
    for name, field in shown.items():
        if wanted is None or name in wanted:
            answer[name] = field_json(record, field, name in expand)
    return answer


def field_json(record: Record, field: Field, expanded: bool) -> object:
    value = record[field.name]
    if field.type == "lines":
        return [line_json(line) for line in value]
    if field.type == "integer" and value is not None:
        return int(value)
    if expanded and isinstance(value, Record):
        return link_json(value)
    if expanded and isinstance(value, list):
        return [link_json(each) if isinstance(each, Record) else plain(each) for each in value]
    return plain(value)


def line_json(line: Record) -> Json:
    shown = line.visible_fields()
    return {"id": line.id} | {name: field_json(line, field, False) for name, field in shown.items()}


def link_json(record: Record) -> Json:
    """An expanded link; of a record that the reader may not read, only the id is told."""
    if not record.readable():
        return {"id": record.id}
    return record_json(record)


def records_json(records: Iterable[Record], **options: Any) -> list[Json]:
    return [record_json(record, **options) for record in records]
