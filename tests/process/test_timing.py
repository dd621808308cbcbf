"""When timers are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dsl import feel
from engine.process.timing import END_OF_DAY, duration, later, later_working, moment, next_cycle

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


def local(when: datetime | None) -> str:
    assert when is not None
    return when.astimezone(SHANGHAI).strftime("%a %Y-%m-%d %H:%M:%S")


def test_a_date_is_its_midnight_in_the_workspace_zone() -> None:
    assert local(moment(date(2026, 12, 1), SHANGHAI)) == "Tue 2026-12-01 00:00:00"


def test_a_task_that_is_due_on_a_date_has_the_whole_day() -> None:
    assert local(moment(date(2026, 12, 1), SHANGHAI, at=END_OF_DAY)) == "Tue 2026-12-01 23:59:59"


def test_a_time_without_zone_is_local_and_one_with_zone_is_itself() -> None:
    assert moment(datetime(2026, 12, 1, 8, 0), SHANGHAI) == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    assert moment("2026-12-01T08:00:00Z", SHANGHAI) == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def test_what_is_no_time_is_none() -> None:
    assert moment(None, SHANGHAI) is None
    assert moment(time(8), SHANGHAI) is None
    assert moment("soon", SHANGHAI) is None


def test_durations_may_be_texts() -> None:
    assert duration("P1DT4H") == timedelta(days=1, hours=4)
    assert duration("P2M") == feel.Months(2)
    assert duration("a while") is None


def test_a_month_ends_with_the_month() -> None:
    january = datetime(2026, 1, 31, 9, tzinfo=SHANGHAI)
    assert local(later(january, feel.Months(1), SHANGHAI)) == "Sat 2026-02-28 09:00:00"


def test_working_time_leaves_the_weekend_out() -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=SHANGHAI)
    assert local(later_working(friday, timedelta(days=1), SHANGHAI)) == "Mon 2026-11-30 15:00:00"


def test_a_missed_cycle_keeps_its_schedule() -> None:
    due = MONDAY
    late = MONDAY + timedelta(hours=9)
    assert local(next_cycle(due, timedelta(hours=4), SHANGHAI, late)) == "Mon 2026-11-23 21:00:00"
    assert local(next_cycle(due, timedelta(hours=4), SHANGHAI, due)) == "Mon 2026-11-23 13:00:00"
    assert local(next_cycle(due, feel.Months(1), SHANGHAI, late)) == "Wed 2026-12-23 09:00:00"
