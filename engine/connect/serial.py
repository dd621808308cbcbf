"""FEEL values as JSON and back; numbers stay exact on both ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import simplejson

from dsl import feel
from engine.records import Record

ELSEWHERE = frozenset({"related", "file", "files", "image"})


def to_json(value: object) -> str:
    """A value as JSON text: dates and durations as in ISO 8601, a record as its fields, linked ones by their id."""
    return simplejson.dumps(_plain(value), use_decimal=True, ensure_ascii=False)


def from_json(text: str | bytes) -> Any:
    """JSON text as FEEL values. Raises ValueError for what is no JSON."""
    return simplejson.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no value of JSON")


def _plain(value: object) -> object:
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else value
        case datetime() | time():
            return value.isoformat()  # with an offset: ISO 8601 knows no zone ids
        case Record():
            return _fields(value)
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
    return feel.to_text(value)


def _fields(record: Record) -> dict[str, object]:
    found: dict[str, object] = {"id": record.id}
    for name, field in record.entity.fields.items():
        if field.type == "lines":
            found[name] = [_fields(line) for line in record[name]]
        elif field.type in ("link", "user", "links"):
            found[name] = _ids(record[name])
        elif field.type not in ELSEWHERE:
            found[name] = _plain(record[name])
    return found


def _ids(value: object) -> object:
    if isinstance(value, list):
        return [_ids(each) for each in value]
    return value.id if isinstance(value, Record) else None
