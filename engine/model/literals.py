"""Literal values of documents as the model holds them, checked against the field that they are for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dsl.feel.values import Months
from dsl.problems import did_you_mean
from engine.model.checker import Checker
from engine.model.model import Field
from engine.model.part import Part

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?")
DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)((?P<years>\d+)Y)?((?P<months>\d+)M)?((?P<weeks>\d+)W)?((?P<days>\d+)D)?"
    r"(T(?=.)((?P<hours>\d+)H)?((?P<minutes>\d+)M)?((?P<seconds>\d+(\.\d{1,6})?)S)?)?"
)
TEXTS = frozenset({"text", "long_text", "rich_text", "email", "phone", "url"})
NUMBERS = frozenset({"decimal", "money", "percent"})
EXAMPLES = {
    "date": "a date such as 2026-01-31",
    "time": "a time such as 09:30:00",
    "datetime": "a date and time such as 2026-01-31T09:30:00",
    "duration": "a duration of days and time such as P2D or PT4H",
    "integer": "a whole number",
    "boolean": "true or false",
}


def literal(checker: Checker, part: Part, field: Field, zone: ZoneInfo) -> object:
    """The value of a literal for a field (a number as `Decimal`, …); None, and a problem, where it does not fit."""
    value = part.value
    if field.type in TEXTS:
        return text_literal(checker, part, field)
    if field.type in ("choice", "choices"):
        return choice_literal(checker, part, field)
    if field.type == "json":
        return value
    if field.type in ("link", "links", "user", "lines", "related", "file", "files", "image"):
        hint = "write an expression: '=lookup(unit, code = \"pc\")'" if field.type in ("link", "links", "user") else ""
        checker.report("TW1311", f"a field of type {field.type} has no literal value", part.at, hint)
        return None
    found = scalar(field.type, part, zone)
    if found is None:
        wanted = EXAMPLES.get(field.type, "a number")
        checker.report(
            "TW1311", f"'{part.name}' of {field.type} '{field.name}' must be {wanted}, not '{part.written}'", part.at
        )
    elif isinstance(found, Decimal) and field.scale is not None and digits(found) > field.scale:
        message = f"{part.written} has more digits after the point than the field's {field.scale}"
        checker.report("TW1311", message, part.at, "round it, or give the field a `scale`")
    return found


def text_literal(checker: Checker, part: Part, field: Field) -> str | None:
    if not isinstance(part.value, str | int | Decimal):
        checker.report("TW1311", f"'{part.name}' of {field.type} '{field.name}' must be a text", part.at)
        return None
    text = part.written
    if field.max_length is not None and len(text) > field.max_length:
        checker.report(
            "TW1311", f"the text is longer than the {field.max_length} characters of '{field.name}'", part.at
        )
    if field.pattern is not None and not re.fullmatch(field.pattern, text):
        checker.report("TW1311", f"the text does not match the pattern of '{field.name}'", part.at)
    return text


def choice_literal(checker: Checker, part: Part, field: Field) -> object:
    found = []
    for each in [part] if field.type == "choice" else part.each():
        name = each.written if not isinstance(each.value, Mapping | list) else ""
        if name not in field.options:
            message = f"'{field.name}' has no option '{name}'"
            hint = did_you_mean(name, field.options) or f"one of: {', '.join(field.options)}"
            checker.report("TW1312", message, each.at, hint)
        found.append(name)
    return found[0] if field.type == "choice" else tuple(found)


def scalar(type_: str, part: Part, zone: ZoneInfo) -> object:
    """The value that a scalar stands for in a type; None if it can't."""
    value = part.value
    if type_ == "boolean":
        return value if isinstance(value, bool) else None
    if type_ == "integer":
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    if type_ in NUMBERS:
        return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    try:
        match type_:
            case "date":
                return date.fromisoformat(value) if DATE.fullmatch(value) else None
            case "time":
                return time.fromisoformat(value) if TIME.fullmatch(value) else None
            case "datetime":
                return moment(value, zone)
            case "duration":
                span = duration(value)
                return span if isinstance(span, timedelta) else None
    except (ValueError, OverflowError):
        return None
    return None


def moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A date and time; without an offset, in the workspace's zone. Raises ValueError for one off the calendar."""
    day, _, clock = text.partition("T")
    if not DATE.fullmatch(day) or (clock and not TIME.fullmatch(clock)):
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def duration(text: str) -> timedelta | Months | None:
    """An ISO 8601 duration: of days and time, or of years and months; None for anything else."""
    match = DURATION.fullmatch(text)
    if match is None:
        return None
    parts = {name: part for name, part in match.groupdict().items() if part is not None and name != "sign"}
    sign = -1 if match["sign"] else 1
    if "years" in parts or "months" in parts:
        if parts.keys() - {"years", "months"}:
            return None
        return Months(sign * (int(parts.get("years", 0)) * 12 + int(parts.get("months", 0))))
    whole, _, fraction = parts.get("seconds", "0").partition(".")
    return sign * timedelta(
        weeks=int(parts.get("weeks", 0)),
        days=int(parts.get("days", 0)),
        hours=int(parts.get("hours", 0)),
        minutes=int(parts.get("minutes", 0)),
        seconds=int(whole),
        microseconds=int(fraction.ljust(6, "0") or 0),
    )


def digits(value: Decimal) -> int:
    """Digits after the point that count: 1.50 has one."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def size_in_bytes(part: Part | None) -> int | None:
    """`10 MB` or a number of bytes."""
    if part is None:
        return None
    if isinstance(part.value, int):
        return part.value
    match = re.fullmatch(r"(\d+) ?([kKMG]?)i?B", str(part.value))
    return int(match[1]) * 1024 ** " KMG".index(match[2].upper() or " ") if match else None
