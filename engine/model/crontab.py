"""Cron expressions, as Debian's cron reads them: five fields, in the workspace's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from cronsim import CronSim, CronSimError

from engine.model.checker import Checker
from engine.model.part import Part

ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def cron(checker: Checker, part: Part | None) -> str:
    """The cron expression of a part: minute, hour, day of month, month, day of week; "" where there is none."""
    if part is None:
        return ""
    text = part.written.strip()
    try:
        if len(text.split()) != 5:
            raise CronSimError("Wrong number of fields")
        next(CronSim(text, ANY_DAY))
    except (CronSimError, StopIteration) as error:
        hint = "minute, hour, day of month, month, day of week: 0 8 * * 1-5 is at eight from Monday to Friday"
        reason = "there is no such day" if isinstance(error, StopIteration) else str(error).lower()
        checker.report("TW1906", f"'{text}' is no cron expression: {reason}", part.at, hint)
    return text


def next_time(text: str, after: datetime, zone: tzinfo) -> datetime:
    """When a cron expression is next due after a time. Clock changes are treated as by Debian's cron: what falls into a skipped hour
    is due right after it, and what falls into a doubled hour is due once, save where the hour is `*`.
    """
    return next(CronSim(text, after.astimezone(zone))).astimezone(UTC)
