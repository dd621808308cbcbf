"""One value of one field: from what people, JSON, files and scripts give to what is stored, or a clear refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from dsl import feel
from engine.errors import FieldError
from engine.model.model import Field
from engine.records.record import Record
from engine.store.types import PRECISION, trimmed

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
PHONE = re.compile(r"[-+()./\d\s]*\d[-+()./\d\s]*(?:(?:ext|x|转)\.?\s*\d+)?", re.IGNORECASE)
URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
INTEGER = re.compile(r"[+-]?\d+")
LARGEST_INTEGER = 2**63 - 1


class Refused(Exception):
    """The value cannot be taken; `code` and the message's template and values are a FieldError's."""

    def __init__(self, code: str, template: str, **values: object) -> None:
        super().__init__(template)
        self.code = code
        self.template = template
        self.values = values

    def at(self, path: str) -> FieldError:
        return FieldError(path, self.code, self.template, self.values)


def wrong_type(wanted: str) -> Refused:
    return Refused("type", "This must be {wanted}", wanted=wanted)


class Reading:
    """How values are read: `exact` refuses digits that the field cannot hold (people), else they are rounded (scripts)."""

    def __init__(self, zone: ZoneInfo, exact: bool) -> None:
        self.zone = zone
        self.exact = exact

    def read(self, field: Field, value: Any) -> Any:
        """The value as it is stored; None for an empty one. Raises Refused."""
        if value is None or value == "":
            return None
        reader: Callable[[Reading, Field, Any], Any] = READERS.get(field.type, text)
        return reader(self, field, value)

    def number(self, field: Field, value: Any) -> Decimal:
        if type(value) is str:
            try:
                value = Decimal(value.strip())
            except InvalidOperation:
                raise wrong_type("a number") from None
        elif type(value) is int:
            value = Decimal(value)
        if type(value) is not Decimal or not value.is_finite():
            raise wrong_type("a number")
        return self.rounded(field, value)

    def rounded(self, field: Field, value: Decimal) -> Decimal:
        """The number with the field's digits after the point (half away from zero, spec 1.3)."""
        assert field.scale is not None
        unit = Decimal(1).scaleb(-field.scale)
        try:
            exact = value.quantize(unit, rounding=ROUND_HALF_UP)
        except InvalidOperation:
            raise Refused("max", "This number is too large") from None
        if len(exact.as_tuple().digits) > PRECISION or abs(exact.scaleb(field.scale)) > LARGEST_INTEGER:
            raise Refused("max", "This number is too large")
        if self.exact and exact != value:
            raise Refused("scale", "At most {scale} digits after the point", scale=field.scale)
        return exact if field.type == "money" else trimmed(exact)


def text(reading: Reading, field: Field, value: Any) -> str:
    if type(value) is not str:
        raise wrong_type("a text")
    if "\x00" in value:
        raise Refused("type", "This holds a character that cannot be stored")
    return value


def number(reading: Reading, field: Field, value: Any) -> Decimal:
    return reading.number(field, value)


def integer(reading: Reading, field: Field, value: Any) -> Decimal:
    if type(value) is str and INTEGER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if type(value) is int:
        value = Decimal(value)
    if type(value) is not Decimal or not value.is_finite():
        raise wrong_type("a whole number")
    whole = value.to_integral_value(rounding=ROUND_HALF_UP)
    if reading.exact and whole != value:
        raise wrong_type("a whole number")
    if abs(whole) > LARGEST_INTEGER:
        raise Refused("max", "This number is too large")
    return whole


def boolean(reading: Reading, field: Field, value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if type(value) is not bool:
        raise wrong_type("true or false")
    return value


def day(reading: Reading, field: Field, value: Any) -> date:
    if type(value) is str:
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise Refused("type", "This must be a date such as 2026-11-23") from None
    if type(value) is not date:
        raise Refused("type", "This must be a date such as 2026-11-23")
    return value


def clock(reading: Reading, field: Field, value: Any) -> time:
    if type(value) is str:
        try:
            return time.fromisoformat(value.strip())
        except ValueError:
            raise Refused("type", "This must be a time such as 14:30") from None
    if type(value) is not time:
        raise Refused("type", "This must be a time such as 14:30")
    return value


def moment(reading: Reading, field: Field, value: Any) -> datetime:
    if type(value) is str:
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Refused("type", "This must be a date and time such as 2026-11-23T14:30:00+08:00") from None
    if type(value) is date:
        value = datetime.combine(value, time())
    if type(value) is not datetime:
        raise Refused("type", "This must be a date and time such as 2026-11-23T14:30:00+08:00")
    return (value if value.tzinfo is not None else value.replace(tzinfo=reading.zone)).astimezone(UTC)


def span(reading: Reading, field: Field, value: Any) -> timedelta:
    if type(value) is str:
        value = feel.evaluate("duration(text)", {"text": value.strip()})
    if type(value) is not timedelta:
        raise Refused("type", "This must be a duration of days and time such as P1DT4H")
    return value


def option(reading: Reading, field: Field, value: Any) -> str:
    if type(value) is not str or value not in field.options:
        known = ", ".join(field.options)
        raise Refused("option", "'{value}' is none of the options: {options}", value=str(value)[:80], options=known)
    return value


def identity(reading: Reading, field: Field, value: Any) -> int:
    """The id of a linked record: a record, an id, or `{id: …}`."""
    if isinstance(value, Record):
        if value.entity.name != field.to:
            raise Refused("link", "This must be a {wanted}, not a {given}", wanted=field.to or "file", given=value.entity.name)
        value = value.id
    if isinstance(value, Mapping):
        value = value.get("id")
    if type(value) is str and INTEGER.fullmatch(value):
        value = int(value)
    if type(value) is Decimal and value == value.to_integral_value():
        value = int(value)
    if type(value) is not int or not 0 < value <= LARGEST_INTEGER:
        raise Refused("link", "This must be the id of a {wanted}", wanted=field.to or "file")
    return value


def matching(pattern: re.Pattern[str], wanted: str) -> Callable[[Reading, Field, Any], str]:
    def read(reading: Reading, field: Field, value: Any) -> str:
        found = text(reading, field, value).strip()
        if reading.exact and not pattern.fullmatch(found):
            raise Refused("pattern", "This must be {wanted}", wanted=wanted)
        return found

    return read


def several(one: Callable[[Reading, Field, Any], Any]) -> Callable[[Reading, Field, Any], list[Any]]:
    def read(reading: Reading, field: Field, value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise wrong_type("a list")
        return list(dict.fromkeys(one(reading, field, each) for each in value))

    return read


def anything(reading: Reading, field: Field, value: Any) -> Any:
    return plain_json(value)


def plain_json(value: Any) -> Any:
    """A value that JSON can hold; exact numbers become texts where they would lose digits."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    if type(value) is Decimal:
        return int(value) if abs(value) <= LARGEST_INTEGER and value == value.to_integral_value() else str(value)
    if value is None or type(value) in (str, bool, int):
        return value
    return feel.to_text(value)


READERS: Mapping[str, Callable[[Reading, Field, Any], Any]] = {
    "integer": integer, "decimal": number, "money": number, "percent": number, "boolean": boolean, "date": day, "time": clock,
    "datetime": moment, "duration": span, "choice": option, "choices": several(option), "link": identity, "user": identity,
    "links": several(identity), "file": identity, "image": identity, "files": several(identity), "json": anything,
    "email": matching(EMAIL, "an e-mail address"), "phone": matching(PHONE, "a phone number"),
    "url": matching(URL, "an address that begins with http:// or https://"),
}  # fmt: skip
