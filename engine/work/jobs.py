"""The job table: what is due, claimed under a lease, tried again with growing pauses, and at last an incident.

A job is queued (waiting, or leased to a worker) or an incident; done ones are deleted by the step that did them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, and_, delete, func, or_, select, update

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `attempts` counts this one; `due` is when it was to be done."""

    id: int
    kind: str
    key: str
    due: datetime
    attempts: int
    payload: Mapping[str, Any]
    instance: int | None
    token: int | None


def claim(
    connection: Connection, jobs: Table, now: datetime, *, limit: int = 20, until: datetime | None = None
) -> list[Job]:
    """Take jobs that are due and nobody else works on, oldest first; they are ours until the lease ends."""
    free = and_(
        jobs.c.status == "queued",
        jobs.c.due <= (until or now),
        or_(jobs.c.lease_until.is_(None), jobs.c.lease_until < now),
    )
    wanted = (
        select(jobs.c.id).where(free).order_by(jobs.c.due, jobs.c.id).limit(limit).with_for_update(skip_locked=True)
    )
    query = (
        update(jobs)
        .where(jobs.c.id.in_(list(connection.execute(wanted).scalars())))
        .values(lease_until=now + LEASE, attempts=jobs.c.attempts + 1)
        .returning(jobs)
    )
    rows = connection.execute(query).mappings().all()
    return sorted((_job(row) for row in rows), key=lambda job: (job.due, job.id))


def still_there(connection: Connection, jobs: Table, job: Job) -> bool:
    """Whether the job was neither done nor cancelled meanwhile."""
    return connection.execute(select(jobs.c.id).where(jobs.c.id == job.id)).first() is not None


def done(connection: Connection, jobs: Table, job: Job) -> None:
    """The job is done for good; called in the step that did it."""
    connection.execute(delete(jobs).where(jobs.c.id == job.id))


def again_at(connection: Connection, jobs: Table, job: Job, due: datetime) -> None:
    """The job is done for now and comes back: a cycle."""
    connection.execute(
        update(jobs).where(jobs.c.id == job.id).values(due=due, lease_until=None, attempts=0, error=None)
    )


def failed(connection: Connection, jobs: Table, job: Job, now: datetime, error: str) -> None:
    """The job failed: try again after a pause, or, after the last attempt, leave it as an incident for an operator."""
    values: dict[str, object] = {"error": error, "lease_until": None}
    if job.attempts >= MOST_ATTEMPTS:
        values["status"] = "incident"
    else:
        values["due"] = now + pause(job.attempts)
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(**values))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from ten seconds to an hour."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << (attempts - 1)))


def next_due(connection: Connection, jobs: Table) -> datetime | None:
    """When the next job is due, leased ones at the end of their lease; None if there is none."""
    query = select(func.min(jobs.c.due)).where(jobs.c.status == "queued", jobs.c.lease_until.is_(None))
    leased = select(func.min(jobs.c.lease_until)).where(jobs.c.status == "queued")
    found = [connection.execute(q).scalar() for q in (query, leased)]
    return min((when for when in found if when is not None), default=None)


def incidents(connection: Connection, jobs: Table) -> list[RowMapping]:
    """The jobs that failed for good, newest first, with their error."""
    return list(
        connection.execute(select(jobs).where(jobs.c.status == "incident").order_by(jobs.c.id.desc())).mappings()
    )


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        key=row["key"],
        due=row["due"],
        attempts=row["attempts"],
        payload=row["payload"] or {},
        instance=row["instance"],
        token=row["token"],
    )
