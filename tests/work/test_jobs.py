"""The job table: claimed once, oldest first, tried again, and at last an incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from engine.store import connect
from engine.store.database import Database
from engine.store.system import job as jobs_table
from engine.store.system import metadata
from engine.work import jobs
from engine.work.jobs import Job

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = connect(database_url)
    metadata.create_all(found.engine)
    yield found
    found.close()


def queue(database: Database, *minutes: int) -> None:
    """Jobs that are due so many minutes after noon."""
    with database.transaction(readonly=False) as connection:
        for minute in minutes:
            row = {"kind": "timer", "key": f"at {minute}", "due": NOON + minute * MINUTE, "payload": {}, "created_at": NOON}
            connection.execute(insert(jobs_table).values(row))


def claim(database: Database, now: datetime, **options: int) -> list[Job]:
    with database.transaction(readonly=False) as connection:
        return jobs.claim(connection, jobs_table, now, **options)


def test_due_jobs_are_claimed_oldest_first(database: Database) -> None:
    queue(database, 3, 1, 2, 9)
    assert [job.key for job in claim(database, NOON + 5 * MINUTE)] == ["at 1", "at 2", "at 3"]


def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    queue(database, 0)
    assert len(claim(database, NOON)) == 1
    assert claim(database, NOON + MINUTE) == []
    again = claim(database, NOON + jobs.LEASE + MINUTE)
    assert [job.attempts for job in again] == [2]


@pytest.mark.needs("postgresql")
def test_two_workers_on_postgresql_take_different_jobs(postgresql_url: str) -> None:
    database = connect(postgresql_url)
    metadata.create_all(database.engine)
    queue(database, 0, 1)
    with database.transaction(readonly=False) as first, database.transaction(readonly=False) as second:
        mine = jobs.claim(first, jobs_table, NOON + MINUTE, limit=1)
        yours = jobs.claim(second, jobs_table, NOON + MINUTE, limit=1)
    assert [job.key for job in mine + yours] == ["at 0", "at 1"]
    database.close()


def test_a_failing_job_comes_back_after_growing_pauses_and_ends_as_an_incident(database: Database) -> None:
    queue(database, 0)
    now, pauses = NOON, []
    while claimed := claim(database, now):
        with database.transaction(readonly=False) as connection:
            jobs.failed(connection, jobs_table, claimed[0], now, "no stock")
            due = jobs.next_due(connection, jobs_table)
        if due is None:
            break
        pauses.append(due - now)
        now = due
    assert pauses == sorted(pauses)
    assert len(pauses) == jobs.RETRIES
    with database.transaction(readonly=True) as connection:
        assert [row["error"] for row in jobs.incidents(connection, jobs_table)] == ["no stock"]


def test_a_cycle_comes_back_at_its_next_time(database: Database) -> None:
    queue(database, 0)
    (job,) = claim(database, NOON)
    with database.transaction(readonly=False) as connection:
        jobs.again_at(connection, jobs_table, job, NOON + 5 * MINUTE)
        assert jobs.next_due(connection, jobs_table) == NOON + 5 * MINUTE
    assert claim(database, NOON + 4 * MINUTE) == []
    assert [job.attempts for job in claim(database, NOON + 5 * MINUTE)] == [1]


def test_pauses_double_up_to_an_hour_and_a_tenth_is_left_to_chance() -> None:
    for attempts, seconds in ((1, 10), (2, 20), (3, 40), (20, 3600)):
        found = [jobs.pause(job_at(attempts)).total_seconds() for _ in range(50)]
        assert seconds * 0.9 <= min(found) < max(found) <= seconds * 1.1


def test_a_job_may_say_how_often_and_how_soon_it_is_tried_again() -> None:
    assert jobs.pause(job_at(1, backoff=60)).total_seconds() == pytest.approx(60, rel=0.1)
    assert [jobs.is_last(job_at(attempts, retries=2)) for attempts in (1, 2, 3)] == [False, False, True]


def job_at(attempts: int, **payload: int) -> Job:
    return Job(1, "call", "key", NOON, attempts, payload, None, None)
