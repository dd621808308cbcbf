"""`value.member`: of contexts, lists, records, temporal values and ranges (DMN 1.5, 10.3.2.5, tables 64 and 65)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any

from dsl.feel.calendar import (
    SECOND,
    civil,
    datetime_parts,
    day_of,
    nanos_of,
    offset_at,
    standard_offset,
    time_parts,
    zone_id,
)
from dsl.feel.limits import Walk
from dsl.feel.trouble import Warnings, warn
from dsl.feel.values import KINDS, MISSING, Months, Range


def member(value: Any, name: str, warnings: Warnings, start: int, end: int, walk: Walk | None = None) -> object:
    """The member of a value; of a list, the list of its items' members. Null and a warning where there is none."""
    found = find(value, name, warnings, start, end, walk)
    if found is not MISSING:
        return found
    kind = KINDS.get(type(value), "record")
    if kind == "context":
        return warn(warnings, "name", f"the context has no entry '{name}'", start, end)
    if kind == "null":
        return warn(warnings, "null", f"'{name}' of null is asked for", start, end)
    return warn(warnings, "name", f"a {kind} has no member '{name}'", start, end)


def find(
    value: Any, name: str, warnings: Warnings = None, start: int = 0, end: int = 0, walk: Walk | None = None
) -> object:
    """The member of a value, or MISSING."""
    kind = KINDS.get(type(value), "record")
    if kind == "context":
        return value.get(name, MISSING)
    if kind == "list":
        return _each(value, name, warnings, start, end, walk or Walk())
    if kind == "record":
        try:
            return value.feel_member(name)
        except (KeyError, AttributeError):
            return MISSING
    read = _READERS.get(kind, _NOTHING).get(name)
    return MISSING if read is None else read(value)


def _each(items: Any, name: str, warnings: Warnings, start: int, end: int, walk: Walk) -> list[object]:
    """The member of every item."""
    walk.into(len(items))
    return [member(item, name, warnings, start, end, walk) for item in items]


def own(value: Any, name: str) -> object:
    """A context's or record's member by a bare name inside a filter; MISSING if the item has none (a list's items
    are not looked into)."""
    return find(value, name) if KINDS.get(type(value), "record") in ("context", "record") else MISSING


def _date_part(index: int) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(civil(day_of(value))[index])


def _datetime_part(index: int) -> Callable[[Any], Decimal]:
    return lambda value: Decimal(civil(datetime_parts(value)[0])[index])


def _clock_part(index: int, parts: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        seconds, rest = divmod(parts(value)[-2], SECOND)
        whole = (seconds // 3600, seconds // 60 % 60, seconds % 60)[index]
        return Decimal(whole) + Decimal(rest).scaleb(-9).normalize() if index == 2 and rest else Decimal(whole)

    return read


def _time_offset(value: Any) -> object:
    zone = time_parts(value)[1]
    seconds = None if zone is None else standard_offset(zone)
    return None if seconds is None else timedelta(seconds=seconds)


def _datetime_offset(value: Any) -> object:
    day, nanos, zone = datetime_parts(value)
    return None if zone is None else timedelta(seconds=offset_at(zone, day, nanos))


def _clock(parts: Callable[[Any], tuple[Any, ...]]) -> dict[str, Callable[[Any], object]]:
    def timezone(value: Any) -> object:
        zone: tzinfo | None = parts(value)[-1]
        return zone_id(zone)

    return {
        "hour": _clock_part(0, parts),
        "minute": _clock_part(1, parts),
        "second": _clock_part(2, parts),
        "timezone": timezone,
    }


def _days_part(divisor: int, modulus: int) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        nanos = nanos_of(value)
        part = abs(nanos) // (divisor * SECOND) % modulus
        return Decimal(-part if nanos < 0 else part)

    return read


def _seconds_part(value: Any) -> Decimal:
    nanos = nanos_of(value)
    part = Decimal(abs(nanos) % (60 * SECOND)).scaleb(-9)
    part = part.normalize() if part != part.to_integral_value() else part.quantize(Decimal(1))
    return -part if nanos < 0 else part


def _months_part(value: Months, unit: int) -> Decimal:
    years, months = divmod(abs(value.months), 12)
    part = years if unit == 12 else months
    return Decimal(-part if value.months < 0 else part)


_NOTHING: Mapping[str, Callable[[Any], object]] = {}
_READERS: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    "date": {
        "year": _date_part(0),
        "month": _date_part(1),
        "day": _date_part(2),
        "weekday": lambda value: Decimal((day_of(value) - 1) % 7 + 1),
    },
    "date and time": {
        "year": _datetime_part(0),
        "month": _datetime_part(1),
        "day": _datetime_part(2),
        "weekday": lambda value: Decimal((datetime_parts(value)[0] - 1) % 7 + 1),
        **_clock(datetime_parts),
        "time offset": _datetime_offset,
    },
    "time": {**_clock(time_parts), "time offset": _time_offset},
    "days and time duration": {
        "days": _days_part(86_400, 10**30),
        "hours": _days_part(3600, 24),
        "minutes": _days_part(60, 60),
        "seconds": _seconds_part,
    },
    "years and months duration": {
        "years": lambda value: _months_part(value, 12),
        "months": lambda value: _months_part(value, 1),
    },
    "range": {
        "start": lambda value: _end(value, value.start, ("<", "<=")),
        "start included": lambda value: value.start_included,
        "end": lambda value: _end(value, value.end, (">", ">=")),
        "end included": lambda value: value.end_included,
    },
}


def _end(range_: Range, value: object, absent: tuple[str, ...]) -> object:
    return None if range_.op in absent else value
