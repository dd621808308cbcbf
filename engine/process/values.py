"""Values of process variables as JSON: exact numbers, times and records keep their type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from dsl import feel
from engine.records import Record

TAG = "$"


def encode(value: object) -> object:
    """A FEEL value as JSON; what JSON lacks is `{"$": type, "v": text}`."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return {TAG: "number", "v": str(value)}
        case datetime():
            return {TAG: "datetime", "v": feel.to_text(value)}
        case date() | time() | timedelta() | feel.Months():
            return {TAG: type(value).__name__.lower(), "v": feel.to_text(value)}
        case Record():
            return {TAG: "record", "entity": value.entity.name, "id": value.id}
        case list() | tuple():
            return [encode(item) for item in value]
        case Mapping():
            return {TAG: "context", "v": {str(key): encode(item) for key, item in value.items()}}
    raise TypeError(f"a process variable cannot hold a {type(value).__name__}")


def decode(value: object, record: Callable[[str, int], object]) -> object:
    """The value that `encode` wrote; `record` finds a record by entity and id, or None if it is gone."""
    if isinstance(value, list):
        return [decode(item, record) for item in value]
    if not isinstance(value, dict):
        return value
    kind, held = value[TAG], value.get("v")
    match kind:
        case "number":
            return Decimal(str(held))
        case "record":
            return record(str(value["entity"]), int(value["id"]))
        case "context":
            assert isinstance(held, dict)
            return {key: decode(item, record) for key, item in held.items()}
        case "datetime":
            return feel.evaluate("date and time(text)", {"text": held})
        case "months" | "timedelta":
            return feel.evaluate("duration(text)", {"text": held})
    return feel.evaluate(f"{kind}(text)", {"text": held})
