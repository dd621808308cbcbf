"""Schedules: what the clock starts, in the workspace's time zone, once however long it was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dsl.problems import render
from engine.clock import MovableClock
from engine.model import build
from engine.model.crontab import next_time
from engine.work import Worker, fire_due, incidents
from engine.workspace import Workspace

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
BASE = {
    "workspace.yaml": "workspace: office\ntime_zone: Europe/Berlin\n",
    "entities/entry.yaml": "entity: entry\nfields:\n  at: {type: datetime}\n  text: {type: text, max_length: 20}\n",
}
EARLY = 'schedule: early\ncron: "0 8 * * 1-5"\ndo: create entry with at = now(), text = "early"\n'


class Office:
    def __init__(self, url: str, clock: MovableClock) -> None:
        self.clock = clock
        self.workspace = Workspace.open(None, url, clock=clock)

    def publish(self, **documents: str) -> None:
        files = {**BASE, **{f"all/{name}.yaml": text for name, text in documents.items()}}
        problems = [render(problem) for problem in build(files).problems if problem.severity == "error"]
        assert not problems, "\n".join(problems)
        self.workspace.publish(files)

    def until(self, *when: int) -> None:
        fire_due(self.workspace, datetime(*when, tzinfo=UTC), self.clock)

    def entries(self) -> list[str]:
        with self.workspace.step(None, readonly=True) as step:
            found = step.records.find("entry", None)
            return [f"{each['text']} {each['at'].astimezone(BERLIN):%d %H:%M}" for each in found]


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    found = Office(sqlite_url, MovableClock(FRIDAY))
    yield found
    found.workspace.close()


def test_a_script_runs_at_its_times_in_the_workspaces_time_zone(office: Office) -> None:
    office.publish(early=EARLY)
    office.until(2026, 12, 1, 12)
    assert office.entries() == ["early 30 08:00", "early 01 08:00"]


def test_a_process_is_started_by_its_own_start_or_by_a_schedule(office: Office) -> None:
    process = """process: noting
start: {on: schedule, cron: 0 9 * * *, when: 'day of week(today()) != "Sunday"'}
nodes:
  note: {type: script_task, do: 'create entry with at = now(), text = "noted"', to: done}
  done: {type: end_event}
"""
    office.publish(noting=process, noon='schedule: noon\ncron: "0 12 * * 6,0"\nprocess: noting\n')
    office.until(2026, 11, 30, 12)
    assert office.entries() == ["noted 28 09:00", "noted 28 12:00", "noted 30 09:00"]


def test_what_was_missed_several_times_is_done_once_and_keeps_its_times(office: Office) -> None:
    office.publish(early=EARLY)
    office.clock.move_to(datetime(2026, 12, 3, 15, 0, tzinfo=UTC))
    Worker(office.workspace).run_once()
    Worker(office.workspace).run_once()
    office.until(2026, 12, 4, 12)
    assert office.entries() == ["early 03 16:00", "early 04 08:00"]


def test_publishing_again_leaves_times_alone_and_follows_changed_and_removed_schedules(office: Office) -> None:
    office.publish(early=EARLY)
    office.until(2026, 11, 29, 12)
    office.publish(early=EARLY, late=EARLY.replace("early", "late").replace("0 8", "30 8"))
    office.until(2026, 11, 30, 12)
    office.publish(early=EARLY.replace("0 8", "15 9"))
    office.until(2026, 12, 1, 12)
    office.publish()
    office.until(2026, 12, 2, 12)
    assert office.entries() == ["early 30 08:00", "late 30 08:30", "early 01 09:15"]


def test_a_schedule_that_fails_is_tried_again_and_then_an_incident_that_an_operator_skips(office: Office) -> None:
    office.publish(early=EARLY.replace('text = "early"', 'text = "much longer than it may be"'))
    worker = Worker(office.workspace)
    office.clock.move_to(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    for minute in range(0, 59, 1):
        worker.run_once(datetime(2026, 11, 30, 7, minute, tzinfo=UTC))
    with office.workspace.step(None) as step:
        (incident,) = incidents.listed(step)
        assert (incident.what, incident.attempts) == ("schedule:early", 8)
        incidents.skip(step, incident.id)
        job = step.connection.execute(step.schema.job.select().where(step.schema.job.c.id == incident.id)).one()
        assert (job.status, job.due.astimezone(BERLIN).isoformat()) == ("queued", "2026-12-01T08:00:00+01:00")


@pytest.mark.parametrize(
    ("cron", "after", "due"),
    [
        ("30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00"),  # the clock goes from 2:00 to 3:00
        ("30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00"),  # from 3:00 back to 2:00: the first of the two
        ("30 2 * * *", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),  # and only once
        ("*/30 * * * *", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00"),  # every half hour all the same
        ("0 0 29 2 *", "2026-03-01T00:00:00+01:00", "2028-02-29T00:00:00+01:00"),
        ("0 8 1 * 1", "2026-11-24T00:00:00+01:00", "2026-11-30T08:00:00+01:00"),  # the first of a month, and Mondays
    ],
)
def test_clock_changes_neither_skip_nor_repeat_a_time(cron: str, after: str, due: str) -> None:
    assert next_time(cron, datetime.fromisoformat(after), BERLIN) == datetime.fromisoformat(due)
