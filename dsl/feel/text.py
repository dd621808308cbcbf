"""Values as text: FEEL's `string()` (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

from dsl.feel.calendar import (
    SECOND,
    FarDate,
    FarDateTime,
    FineTime,
    LongDuration,
    civil,
    datetime_parts,
    nanos_of,
    time_parts,
    zone_id,
)
from dsl.feel.limits import check_text
from dsl.feel.values import FeelFunction, Months, Range

_BARE_KEY = re.compile(r"[^\W\d][\w]*")


def to_text(value: object) -> str:
    """A value as FEEL's `string()` shows it; null is the empty string. Raises LimitExceeded if the text would be
    too long."""
    if type(value) is str:
        return value
    return "" if value is None else _write(value, 0)


def _write(value: object, depth: int) -> str:
    if depth > 50:
        return "…"
    match value:
        case None:
            return "null"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if depth else value
        case bool():
            return "true" if value else "false"
        case Decimal() | int() | float():
            return number_text(value if type(value) is Decimal else Decimal(repr(value)))
        case datetime() | FarDateTime():
            return datetime_text(value)
        case date() | FarDate():
            return date_text(value.year, value.month, value.day)
        case time() | FineTime():
            nanos, zone = time_parts(value)
            return _clock_text(nanos) + zone_text(zone)
        case timedelta() | LongDuration():
            return duration_text(nanos_of(value))
        case Months():
            return str(value)
        case list() | tuple():
            return _joined("[", [_write(item, depth + 1) for item in value], "]")
        case dict():
            return _joined("{", [f"{_key(key)}: {_write(item, depth + 1)}" for key, item in value.items()], "}")
        case Range():
            return range_text(value)
        case FeelFunction():
            return f"function({', '.join(value.names)})"
    return str(value)


def _joined(opening: str, parts: list[str], closing: str) -> str:
    check_text(sum(map(len, parts)) + 2 * len(parts))
    return opening + ", ".join(parts) + closing


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def number_text(value: Decimal) -> str:
    """A number in plain notation, without zeros at its end: 10.000 of a column is 10."""
    check_text(abs(value.adjusted()))
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text[1:] if text[0] == "-" and not value else text


def range_text(value: Range) -> str:
    if value.op:
        return f"{value.op} {_write(value.start if value.op in ('>', '>=', '=', '!=') else value.end, 1)}"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{_write(value.start, 1)}..{_write(value.end, 1)}{closing}"


def date_text(year: int, month: int, day: int) -> str:
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}"


def datetime_text(value: datetime | FarDateTime) -> str:
    day, nanos, zone = datetime_parts(value)
    return f"{date_text(*civil(day))}T{_clock_text(nanos)}{zone_text(zone)}"


def _clock_text(nanos: int) -> str:
    seconds, rest = divmod(nanos, SECOND)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{_fraction(rest)}"


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def zone_text(zone: tzinfo | None) -> str:
    """`Z`, `+02:00`, `@Europe/Paris`, or nothing."""
    if zone is None or zone is UTC:
        return "" if zone is None else "Z"
    name = zone_id(zone)
    if name is not None:
        return f"@{name}"
    offset = zone.utcoffset(None) if type(zone) is timezone else None
    seconds = 0 if offset is None else offset.days * 86_400 + offset.seconds
    if seconds == 0:
        return "Z"
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")


def duration_text(nanos: int) -> str:
    """`P1DT2H3M4.5S`, parts that are zero left out; `PT0S` if all are."""
    seconds, rest = divmod(abs(nanos), SECOND)
    days, seconds = divmod(seconds, 86_400)
    clock = "".join(f"{amount}{unit}" for amount, unit in ((seconds // 3600, "H"), (seconds // 60 % 60, "M")) if amount)
    if seconds % 60 or rest:
        clock += f"{seconds % 60}{_fraction(rest)}S"
    if not days and not clock:
        return "PT0S"
    return ("-" if nanos < 0 else "") + "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
