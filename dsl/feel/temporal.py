"""Dates, times and durations: reading them from text and calculating with them (DMN 1.5, 10.3.2.3 and 10.3.4.1)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from dsl.feel.calendar import (
    DAY,
    MAX_YEAR,
    SECOND,
    Date,
    DateTime,
    Duration,
    FarDate,
    Time,
    at_instant,
    civil,
    date_at,
    date_of,
    datetime_at,
    datetime_parts,
    day_of,
    duration_of,
    fixed_zone,
    instant,
    month_length,
    nanos_of,
    standard_offset,
    time_at,
    time_parts,
)
from dsl.feel.values import Months

_DATE = r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})"
_TIME = (
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][A-Za-z0-9_+/-]*)?"
)
_date = re.compile(_DATE)
_time = re.compile(_TIME)
_datetime = re.compile(f"{_DATE}T{_TIME}")
_months = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_days = re.compile(r"(-)?P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?")
_MAX_DIGITS = 40


def parse_date(text: str) -> Date | None:
    """A date from `2026-01-31`; None if the text is none. Raises ValueError for a day that does not exist."""
    match = _date.fullmatch(text)
    return date_of(*map(int, match.groups())) if match else None


def parse_time(text: str) -> Time | None:
    """A time from `13:20:00`, `13:20:00.5+02:00` or `13:20:00@Europe/Paris`; None if the text is none. Raises
    ValueError for impossible ones."""
    match = _time.fullmatch(text)
    return time_at(*_clock(match.groups())) if match else None


def parse_datetime(text: str) -> DateTime | None:
    """A date and time; `T24:00:00` is the next day's midnight. None if the text is none. Raises ValueError for
    impossible ones."""
    match = _datetime.fullmatch(text)
    if match is None:
        return None
    year, month, day, *clock = match.groups()
    return datetime_at(day_of(date_of(int(year), int(month), int(day))), *_clock(tuple(clock)))


def _clock(parts: tuple[str | None, ...]) -> tuple[int, tzinfo | None]:
    hour, minute, second = (int(part or 0) for part in parts[:3])
    fraction, zone = parts[3], parts[4]
    nanos = (hour * 3600 + minute * 60 + second) * SECOND + (int(fraction[:9].ljust(9, "0")) if fraction else 0)
    if minute > 59 or second > 59 or nanos > DAY:
        raise ValueError("there is no such time")
    return nanos, parse_zone(zone) if zone else None


@lru_cache(maxsize=256)
def parse_zone(text: str) -> tzinfo:
    """A zone from `Z`, `+02:00` or `@Europe/Paris`. Raises ValueError if there is none of that name."""
    if text == "Z":
        return UTC
    if text[0] != "@":
        hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
        if minutes > 59 or (seconds and seconds[0] > 59):
            raise ValueError(f"there is no offset {text}")
        offset = hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
        return fixed_zone(-offset if text[0] == "-" else offset)
    try:
        return ZoneInfo(text[1:])
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {text[1:]}") from error


def parse_duration(text: str) -> Duration | Months | None:
    """A duration of either kind (`P1Y2M`, `-P1DT2H`); None if the text is none. Raises ValueError for one of more
    than 40 digits."""
    if len(text) > 4 * _MAX_DIGITS:
        raise ValueError("the duration is too long")
    match = _months.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-months if match[1] else months)
    match = _days.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:5])
    nanos = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND + int((match[6] or "")[:9].ljust(9, "0"))
    return duration_of(-nanos if match[1] else nanos)


def parse_literal(text: str) -> object:
    """What `@"text"` stands for, or None if the text is no temporal value."""
    try:
        return parse_date(text) or parse_datetime(text) or _or_none(parse_time(text), parse_duration(text))
    except (ValueError, OverflowError):
        return None


def _or_none(first: object, second: object) -> object:
    return second if first is None else first


def add_months(value: Date | DateTime, months: int) -> Date | DateTime:
    """A date or date and time some months later, clipped to the month's end. Raises ValueError beyond the years
    ±999,999,999."""
    if type(value) is date or type(value) is FarDate:
        return _month_later(value.year, value.month, value.day, months)
    day, nanos, zone = datetime_parts(value)  # type: ignore[arg-type]
    return datetime_at(day_of(_month_later(*civil(day), months)), nanos, zone)


def _month_later(year: int, month: int, day: int, months: int) -> Date:
    years, month0 = divmod(month - 1 + months, 12)
    year += years
    if abs(year) > MAX_YEAR:
        raise ValueError("the date is beyond the year 999999999")
    return date_of(year, month0 + 1, min(day, month_length(year, month0 + 1)))


def add_duration(value: DateTime, nanos: int) -> DateTime:
    """A date and time some nanoseconds later; on the time line where the value has a zone, so that daylight
    saving is respected."""
    day, time_of_day, zone = datetime_parts(value)
    if zone is None or type(zone) is timezone:
        return datetime_at(day, time_of_day + nanos, zone)
    return at_instant(instant(value) + nanos, zone)


def add_to_date(value: Date, nanos: int) -> Date:
    """A date some nanoseconds after its midnight, whatever remains of a day dropped."""
    return date_at(day_of(value) + nanos // DAY)


def add_to_time(value: Time, nanos: int) -> Time:
    """A time of day later, going round the clock."""
    start, zone = time_parts(value)
    return time_at(start + nanos, zone)


def difference(left: Date | DateTime, right: Date | DateTime) -> Duration | None:
    """`left - right`; None if only one of them has a zone. A date counts as midnight UTC beside a value with a zone."""
    if type(left) is date and type(right) is date:
        return left - right
    zoned = [_zone(side) is not None for side in (left, right) if not _is_date(side)]
    if zoned and len(set(zoned) | ({True} if len(zoned) == 1 else set())) > 1:
        return None
    return duration_of(_instant(left) - _instant(right))


def _is_date(value: object) -> bool:
    return type(value) is date or type(value) is FarDate


def _zone(value: Date | DateTime) -> tzinfo | None:
    return value.tzinfo if type(value) is datetime else value.zone  # type: ignore[union-attr]


def _instant(value: Date | DateTime) -> int:
    return day_of(value) * DAY if _is_date(value) else instant(value)  # type: ignore[arg-type]


def time_order(value: Time) -> tuple[bool, int]:
    """Whether a time of day has a zone, and what to compare it by: nanoseconds, in UTC where there is one."""
    nanos, zone = time_parts(value)
    offset = standard_offset(zone) if zone is not None else None
    return zone is not None, nanos - (offset or 0) * SECOND


def time_difference(left: Time, right: Time) -> Duration | None:
    """`left - right` on the same day; None if only one of them has a zone."""
    left_zoned, left_nanos = time_order(left)
    right_zoned, right_nanos = time_order(right)
    return duration_of(left_nanos - right_nanos) if left_zoned == right_zoned else None


def months_between(start: Date | DateTime, end: Date | DateTime) -> Months:
    """Whole months from the day of `start` to that of `end`, negative if `end` is earlier; times of day do not count."""
    first, last = _local(start), _local(end)
    if first > last:
        return Months(-months_between(end, start).months)
    return Months((last[0] - first[0]) * 12 + last[1] - first[1] - (last[2] < first[2]))


def _local(value: Date | DateTime) -> tuple[int, int, int]:
    return civil(day_of(value) if _is_date(value) else datetime_parts(value)[0])  # type: ignore[arg-type]


def length(value: Duration | Months) -> Decimal:
    """A duration in its smallest unit: months or nanoseconds."""
    return Decimal(value.months) if type(value) is Months else Decimal(nanos_of(value))  # type: ignore[arg-type]


def measured(value: Duration | Months, units: Decimal) -> Duration | Months:
    """A duration of the same kind as `value`, that many months or nanoseconds long, fractions dropped. Raises
    ValueError if beyond measure."""
    if units.adjusted() > _MAX_DIGITS:
        raise ValueError("the duration is too long")
    return Months(int(units)) if type(value) is Months else duration_of(int(units))
