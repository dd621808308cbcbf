"""When timers are due: dates, durations and cycles as points in time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dsl import feel

END_OF_DAY = time(23, 59, 59)


def moment(value: object, zone: ZoneInfo, *, at: time = time(0)) -> datetime | None:
    """A date (at that time of day in the workspace's zone) or a date and time as UTC; texts in ISO 8601. None for
    anything else.
    """
    if isinstance(value, str):
        value = feel.evaluate('if contains(text, "T") then date and time(text) else date(text)', {"text": value})
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, at, tzinfo=zone).astimezone(UTC)
    return None


def duration(value: object) -> timedelta | feel.Months | None:
    """A duration, or its text in ISO 8601 (`P1DT4H`, `P1M`). None for anything else."""
    if isinstance(value, str):
        value = feel.evaluate("duration(text)", {"text": value})
    return value if isinstance(value, timedelta | feel.Months) else None


def later(start: datetime, value: timedelta | feel.Months, zone: ZoneInfo, times: int = 1) -> datetime:
    """`start` plus the duration that many times. Days are 24 hours; months keep the time of day in the workspace's
    zone.
    """
    if isinstance(value, timedelta):
        return start + value * times
    local = start.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + value.months * times, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, _days(year, month + 1))).astimezone(UTC)


def later_working(start: datetime, value: timedelta, zone: ZoneInfo) -> datetime:
    """`start` plus the duration, in which Saturdays and Sundays (of the workspace's zone) do not count."""
    left, now = value, start.astimezone(zone)
    while True:
        midnight = datetime.combine(now.date() + timedelta(days=1), time(0), tzinfo=zone)
        working = now.weekday() < 5
        until_midnight = midnight.astimezone(UTC) - now.astimezone(UTC)
        if working and left <= until_midnight:
            return now.astimezone(UTC) + left
        left -= until_midnight if working else timedelta(0)
        now = midnight


def next_cycle(due: datetime, period: timedelta | feel.Months, zone: ZoneInfo, now: datetime) -> datetime:
    """The first time after `now` on the schedule that `due` is on: a cycle that was missed several times fires once."""
    if isinstance(period, timedelta):
        return due + period * max(1, (now - due) // period + 1)
    times = 1
    while (found := later(due, period, zone, times)) <= now:
        times += 1
    return found


def _days(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day
