"""Days, instants and zones as integers, and the classes for values that the standard library cannot hold.

Dates, times and durations are standard library values wherever those suffice: years 1 to 9999, microseconds. Beyond
(DMN 1.5, 10.3.2.3.4
to .8 ask for more), `FarDate`, `FineTime`, `FarDateTime` and `LongDuration` take over; every result is brought back
to the standard
class as soon as it fits. Days are counted as `date.toordinal` does (1 is 0001-01-01), times and durations in
nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
MAX_YEAR = 999_999_999
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
_CYCLE = 146_097  # days in 400 years, after which the calendar repeats


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date outside the years 1 to 9999, in the proleptic Gregorian calendar with a year 0."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class FineTime:
    """A time of day finer than a microsecond."""

    nanos: int
    zone: tzinfo | None


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A date and time outside the years 1 to 9999 or finer than a microsecond; `day` and `nanos` are local to
    `zone`."""

    day: int
    nanos: int
    zone: tzinfo | None


@dataclass(frozen=True, slots=True)
class LongDuration:
    """A days and time duration that `timedelta` cannot hold."""

    nanos: int


Date = date | FarDate
Time = time | FineTime
DateTime = datetime | FarDateTime
Duration = timedelta | LongDuration


def ordinal(year: int, month: int, day: int) -> int:
    """The day number of a date in any year."""
    if month <= 2:
        year -= 1
        month += 12
    era, of_era = divmod(year, 400)
    return era * _CYCLE + of_era * 365 + of_era // 4 - of_era // 100 + (153 * (month - 3) + 2) // 5 + day - 306


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number."""
    era, of_era = divmod(number + 305, _CYCLE)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    rest = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * rest + 2) // 153
    day = rest - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year + (month <= 2), month, day


def month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def date_of(year: int, month: int, day: int) -> Date:
    """A date from its parts. Raises ValueError if there is no such day."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        raise ValueError(f"there is no date {year}-{month}-{day}")
    return date(year, month, day) if MINYEAR <= year <= MAXYEAR else FarDate(year, month, day)


def date_at(number: int) -> Date:
    """The date with a day number. Raises ValueError beyond the years ±999,999,999."""
    return date.fromordinal(number) if _FIRST <= number <= _LAST else date_of(*civil(number))


def day_of(value: Date) -> int:
    """The day number of a date."""
    return value.toordinal() if type(value) is date else ordinal(value.year, value.month, value.day)


def time_at(nanos: int, zone: tzinfo | None) -> Time:
    """The time of day at `nanos` after midnight (taken modulo a day)."""
    nanos %= DAY
    if nanos % 1000:
        return FineTime(nanos, zone)
    seconds, rest = divmod(nanos, SECOND)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 1000, zone)


def time_parts(value: Time) -> tuple[int, tzinfo | None]:
    """Nanoseconds after midnight, and the zone."""
    if type(value) is FineTime:
        return value.nanos, value.zone
    assert type(value) is time
    return (value.hour * 3600 + value.minute * 60 + value.second) * SECOND + value.microsecond * 1000, value.tzinfo


def datetime_at(day: int, nanos: int, zone: tzinfo | None) -> DateTime:
    """The date and time `nanos` after (or before) midnight of a day, on the zone's clocks. Raises ValueError
    beyond the years ±999,999,999."""
    extra, nanos = divmod(nanos, DAY)
    day += extra
    if _FIRST <= day <= _LAST and nanos % 1000 == 0:
        return datetime.combine(date.fromordinal(day), time_at(nanos, None), zone)  # type: ignore[arg-type]
    date_at(day)
    return FarDateTime(day, nanos, zone)


def datetime_parts(value: DateTime) -> tuple[int, int, tzinfo | None]:
    """Day number, nanoseconds after midnight, and the zone."""
    if type(value) is FarDateTime:
        return value.day, value.nanos, value.zone
    assert type(value) is datetime
    nanos = (value.hour * 3600 + value.minute * 60 + value.second) * SECOND + value.microsecond * 1000
    return value.toordinal(), nanos, value.tzinfo


def fixed_zone(seconds: int) -> timezone:
    """The zone at a fixed offset from UTC. Raises ValueError beyond 18 hours."""
    if abs(seconds) > 18 * 3600:
        raise ValueError("an offset from UTC is at most 18 hours")
    return UTC if seconds == 0 else timezone(timedelta(seconds=seconds))


def offset_at(zone: tzinfo, day: int, nanos: int, *, utc: bool = False) -> int:
    """Seconds that a zone is ahead of UTC at a local time, or (`utc`) at a time in UTC."""
    if type(zone) is timezone:
        return _seconds(zone.utcoffset(None))
    if day <= _FIRST + 1:
        day = _FIRST + 2
    elif day >= _LAST - 1:
        day = (day - _LAST) % _CYCLE + _LAST - 2 * _CYCLE
    seconds = nanos // SECOND
    moment = datetime.combine(date.fromordinal(day), time(seconds // 3600, seconds // 60 % 60, seconds % 60))
    if utc:
        return _seconds(moment.replace(tzinfo=UTC).astimezone(zone).utcoffset())
    return _seconds(moment.replace(tzinfo=zone).utcoffset())


def standard_offset(zone: tzinfo) -> int | None:
    """Seconds that a zone is ahead of UTC outside daylight saving time: what a time of day without a date goes by."""
    if type(zone) is timezone:
        return _seconds(zone.utcoffset(None))
    winter = datetime(2000, 1, 1, tzinfo=zone)
    offset, saving = winter.utcoffset(), winter.dst()
    return None if offset is None else _seconds(offset - (saving or timedelta()))


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * 86_400 + offset.seconds


def instant(value: DateTime) -> int:
    """Nanoseconds on the time line; local values count as if they were UTC."""
    day, nanos, zone = datetime_parts(value)
    return day * DAY + nanos - (offset_at(zone, day, nanos) * SECOND if zone is not None else 0)


def at_instant(nanos: int, zone: tzinfo | None) -> DateTime:
    """The date and time at a point of the time line, on the zone's clocks."""
    if zone is not None:
        day, rest = divmod(nanos, DAY)
        nanos += offset_at(zone, day, rest, utc=True) * SECOND
    return datetime_at(0, nanos, zone)


def nanos_of(value: Duration) -> int:
    """A days and time duration in nanoseconds."""
    if type(value) is LongDuration:
        return value.nanos
    assert type(value) is timedelta
    return (value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000


def duration_of(nanos: int) -> Duration:
    """A days and time duration from nanoseconds."""
    if nanos % 1000 == 0 and abs(nanos) < MAX_YEAR * DAY:
        return timedelta(microseconds=nanos // 1000)
    return LongDuration(nanos)


def zone_id(zone: tzinfo | None) -> str | None:
    """The name of a zone such as Europe/Paris; None for an offset."""
    return zone.key if type(zone) is ZoneInfo else None
