"""Built-in functions on dates, times and durations (DMN 1.5, 10.3.4.1, 10.3.4.8 and 10.3.4.7). `now` and `today` are
the compiler's."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from dsl.feel.builtin import feel
from dsl.feel.calendar import (
    SECOND,
    Date,
    DateTime,
    Duration,
    FarDate,
    FarDateTime,
    Time,
    civil,
    date_at,
    date_of,
    datetime_at,
    datetime_parts,
    day_of,
    fixed_zone,
    nanos_of,
    ordinal,
    time_at,
    time_parts,
)
from dsl.feel.equality import identical
from dsl.feel.temporal import months_between, parse_date, parse_datetime, parse_duration, parse_time, parse_zone
from dsl.feel.trouble import Trouble
from dsl.feel.values import Months, whole

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: Any) -> int:
    """The day number of a date or of the day of a date and time."""
    return datetime_parts(value)[0] if type(value) is datetime or type(value) is FarDateTime else day_of(value)


def _read(name: str, text: str, value: object) -> Any:
    if value is None:
        raise Trouble("value", f"{name}: '{text[:40]}' is no {name}")
    return value


@feel("date(from: string|date|date and time)")
def date_from(source: str | Date | DateTime) -> Date:
    if type(source) is not str:
        return date_at(_day(source))
    try:
        return _read("date", source, parse_date(source))  # type: ignore[no-any-return]
    except ValueError as error:
        raise Trouble("value", f"date: {error}") from error


@feel("date(year: number, month: number, day: number)")
def date_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    try:
        return date_of(*(_whole("date", part) for part in (year, month, day)))
    except ValueError as error:
        raise Trouble("value", f"date: {error}") from error


def _whole(name: str, value: Decimal) -> int:
    part = whole(value)
    if part is None:
        raise Trouble("value", f"{name}: {value} is out of range")
    return part


@feel("time(from: string|time|date and time|date)")
def time_from(source: str | Time | DateTime | Date) -> Time:
    if type(source) is str:
        try:
            return _read("time", source, parse_time(source))  # type: ignore[no-any-return]
        except ValueError as error:
            raise Trouble("value", f"time: {error}") from error
    if type(source) is date or type(source) is FarDate:
        return time_at(0, UTC)
    if type(source) is datetime or type(source) is FarDateTime:
        _, nanos, zone = datetime_parts(source)
        return time_at(nanos, zone)
    return source  # type: ignore[return-value]


@feel("time(hour: number, minute: number, second: number, offset?: days and time duration?)")
def time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Duration | None = None) -> Time:
    return time_at(_clock("time", hour, minute, second), _zone("time", offset))


def _clock(name: str, hour: Decimal, minute: Decimal, second: Decimal) -> int:
    hours, minutes = _whole(name, hour), _whole(name, minute)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= second < 60):
        raise Trouble("value", f"{name}: there is no time {hour}:{minute}:{second}")
    return (hours * 3600 + minutes * 60) * SECOND + int(second * SECOND)


def _zone(name: str, offset: Duration | str | None) -> tzinfo | None:
    try:
        if type(offset) is str:
            return parse_zone(f"@{offset}")
        return None if offset is None else fixed_zone(nanos_of(offset) // SECOND)  # type: ignore[arg-type]
    except ValueError as error:
        raise Trouble("value", f"{name}: {error}") from error


@feel("date and time(from: string|date and time)")
def datetime_from(source: str | DateTime) -> DateTime:
    if not isinstance(source, str):
        return source
    try:
        if (day := parse_date(source)) is not None:
            return datetime_at(day_of(day), 0, None)
        return _read("date and time", source, parse_datetime(source))  # type: ignore[no-any-return]
    except ValueError as error:
        raise Trouble("value", f"date and time: {error}") from error


@feel("date and time(from: date)")
def datetime_of_date(day: Date) -> DateTime:
    return datetime_at(day_of(day), 0, UTC)


@feel("date and time(date: date|date and time, time: time)")
def datetime_of(day: Date | DateTime, clock: Time) -> DateTime:
    return datetime_at(_day(day), *time_parts(clock))


@feel(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "offset?: days and time duration|string?)"
)
def datetime_of_parts(*parts: Any) -> DateTime:
    year, month, day, hour, minute, second = parts[:6]
    zone = _zone("date and time", parts[6]) if len(parts) > 6 else None
    on: Any = date_parts(year, month, day)
    return datetime_at(day_of(on), _clock("date and time", hour, minute, second), zone)


@feel("duration(from: string|days and time duration|years and months duration)")
def duration_from(source: str | Duration | Months) -> Duration | Months:
    if not isinstance(source, str):
        return source
    try:
        return _read("duration", source, parse_duration(source))  # type: ignore[no-any-return]
    except ValueError as error:
        raise Trouble("value", f"duration: {error}") from error


@feel("years and months duration(from: date|date and time, to: date|date and time)")
def months_from(start: Date | DateTime, end: Date | DateTime) -> Months:
    return months_between(start, end)


@feel("is(value1, value2)")
def is_identical(left: object, right: object) -> bool:
    return identical(left, right)


@feel("day of year(date: date|date and time)")
def day_of_year(value: Date | DateTime) -> Decimal:
    day = _day(value)
    return Decimal(day - ordinal(civil(day)[0], 1, 1) + 1)


@feel("day of week(date: date|date and time)")
def day_of_week(value: Date | DateTime) -> str:
    return _DAYS[(_day(value) - 1) % 7]


@feel("month of year(date: date|date and time)")
def month_of_year(value: Date | DateTime) -> str:
    return _MONTHS[civil(_day(value))[1] - 1]


@feel("week of year(date: date|date and time)")
def week_of_year(value: Date | DateTime) -> Decimal:
    """The ISO 8601 week: the one that holds the year's first Thursday is 1."""
    thursday = _day(value) + 3 - (_day(value) - 1) % 7
    return Decimal((thursday - ordinal(civil(thursday)[0], 1, 1)) // 7 + 1)
