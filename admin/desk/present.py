"""Values as people read them, by locale and the workspace's time zone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit
from flask_babel import gettext

from dsl import feel
from engine.errors import FieldError, ValidationFailed
from engine.model.model import Field
from engine.records import Record

COUNTRY = re.compile(r"[A-Z]{1,2}(?=[^\w\s.,-])")
NUMERIC = frozenset({"integer", "decimal", "money", "percent"})
DASH = "—"


class Reader:
    """Who reads: a locale, a time zone, and now."""

    def __init__(self, locale: str, zone: ZoneInfo, currency: str, now: datetime) -> None:
        self.locale = "zh_Hans" if locale.startswith("zh") else locale
        self.language = locale
        self.zone = zone
        self.currency = currency
        self.now = now

    def value(self, value: object, field: Field, record: Record | None = None) -> str:
        """A field's value as text; an empty one is the empty text."""
        if value is None or value == []:
            return ""
        if field.type == "money":
            return self.money(value, self.currency_of(record))
        if field.type == "percent":
            return str(format_percent(value, format="#,##0.######\xa0%", locale=self.locale))
        if field.type in ("decimal", "integer"):
            return str(format_decimal(value, format="#,##0.######", locale=self.locale))
        if field.type == "json":
            return json.dumps(value, ensure_ascii=False)
        if field.type in ("choice", "choices"):
            return self.choices(value if isinstance(value, list) else [value], field)
        return self.plain(value)

    def money(self, value: object, currency: str) -> str:
        text = str(format_currency(value, currency, locale=self.locale))
        return COUNTRY.sub("", text) if currency == self.currency else text  # at home, CN¥ is ¥

    def currency_of(self, record: Record | None) -> str:
        """The currency of a record's money: its own `currency` field, its parent's for lines, else the workspace's."""
        return (record.currency() if record is not None else None) or self.currency

    def choices(self, names: Iterable[object], field: Field) -> str:
        separator = "、" if self.language == "zh" else ", "
        return separator.join(self.option(str(name), field) for name in names)

    def option(self, name: str, field: Field) -> str:
        option = field.options.get(name)
        return option.label.in_(self.language) if option is not None else name

    def plain(self, value: object) -> str:
        """Any value, by its own type."""
        if isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if isinstance(value, Decimal):
            return str(format_decimal(value, format="#,##0.######", locale=self.locale))
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return str(format_date(value, "medium", locale=self.locale))
        if isinstance(value, time):
            return str(format_time(value, "short", locale=self.locale))
        if isinstance(value, timedelta):
            return self.span(value)
        if isinstance(value, Record):
            return value.title() if value.readable() else gettext("Hidden")
        if isinstance(value, list | tuple):
            return (", " if self.language != "zh" else "、").join(self.plain(each) for each in value)
        return "" if value is None else str(value)

    def span(self, value: timedelta) -> str:
        """A duration in days, hours, minutes and seconds, without those that are none."""
        seconds = abs(int(value.total_seconds()))
        sign = "−" if value < timedelta() else ""
        parts = [(seconds // 86400, "day"), (seconds // 3600 % 24, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")]
        words = [format_unit(number, f"duration-{unit}", "short", locale=self.locale) for number, unit in parts if number]
        return sign + " ".join(words or [format_unit(0, "duration-minute", "short", locale=self.locale)])

    def month(self, value: date) -> str:
        return str(format_skeleton("yMMMM", value, locale=self.locale))

    def weekday(self, value: date) -> str:
        return str(format_date(value, "EEE", locale=self.locale))

    def moment(self, value: datetime) -> str:
        return str(format_datetime(value.astimezone(self.zone), "medium", locale=self.locale))

    def when(self, value: datetime) -> str:
        """A moment as a timeline says it: the time for today, else day and time; the year only where it is another."""
        local, today = value.astimezone(self.zone), self.now.astimezone(self.zone).date()
        clock = str(format_time(local.time(), "HH:mm", locale=self.locale))
        if local.date() == today:
            return gettext("Today %(time)s", time=clock)
        skeleton = "MMMEd" if local.year == today.year else "yMMMd"
        return f"{format_skeleton(skeleton, local, locale=self.locale)} {clock}"

    def due(self, value: datetime | None) -> tuple[str, str]:
        """When something is due, in words, and the colour of its urgency."""
        if value is None:
            return "", ""
        local, today = value.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if value < self.now:
            span = format_timedelta(self.now - value, format="short", threshold=1.5, locale=self.locale)
            return gettext("%(time)s late", time=span), "red"
        if local.date() == today:
            return str(format_time(local.time(), "HH:mm", locale=self.locale)), "amber"
        if (local.date() - today).days < 7:
            return str(format_date(local.date(), "EEE", locale=self.locale)), ""
        return str(format_skeleton("MMMd", local, locale=self.locale)), ""

    def long_day(self) -> str:
        """Today in full: Monday 23 November."""
        pattern = "M月d日 EEEE" if self.language == "zh" else "EEEE d MMMM"
        return str(format_date(self.now.astimezone(self.zone), pattern, locale=self.locale))

    def inside(self, label: str) -> str:
        """A label inside a sentence: `Sales order` in `New sales order`; abbreviations stay."""
        return label[:1].lower() + label[1:] if label[1:2].islower() else label


def as_input(value: object, field: Field, zone: ZoneInfo) -> str:
    """A value as a form's input holds it: numbers plain, percents as percent, dates in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, Record):
        return str(value.id)
    if field.type == "percent" and isinstance(value, Decimal):
        return format((value * 100).normalize(), "f")
    if isinstance(value, Decimal):
        return format(value if field.type == "money" else value.normalize(), "f")
    if field.type == "json":
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return feel.to_text(value)
    return str(value)


def from_input(text: str, field: Field, zone: ZoneInfo) -> object:
    """What a person typed, as the records service takes it; what cannot be read is handed on, and refused there by name."""
    text = text.strip()
    if text == "":
        return None
    if field.type in NUMERIC:
        number = text.replace(",", "").replace("，", "").replace(" ", "").removesuffix("%").removesuffix("％")
        if field.type == "percent" and is_number(number):
            return format(Decimal(number) / 100, "f")
        return number
    if field.type == "boolean":
        return text == "true"
    if field.type == "json":
        try:
            return json.loads(text, parse_float=Decimal)
        except ValueError:
            told = FieldError(field.name, "type", "This must be JSON, such as {example}", {"example": '{"a": 1}'})
            raise ValidationFailed([told]) from None
    if field.type in ("link", "user", "file", "image") and text.isdigit():
        return int(text)
    if field.type == "datetime":
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC).isoformat()
        except ValueError:
            return text
    return text


def is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False
