"""The job table: what is due, claimed under a lease, tried again with growing pauses, and at last an incident.

A job is queued (waiting, or leased to a worker) or an incident; done ones are deleted by the step that did them. Jobs of one lane are done
in the order in which they were written: while one is tried again, or is an incident, those behind it wait.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, delete, exists, func, or_, select, text, update

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
JITTER = 0.1  # so that what failed together does not come back together
RETRIES = 7
CLAIMING = 0x7478  # PostgreSQL's advisory lock while jobs of bounded receivers are claimed
UNBOUNDED: Mapping[str, int] = {}


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
    connection: Connection, jobs: Table, now: datetime, *, kinds: Collection[str] = (), limit: int = 20,
    until: datetime | None = None, most: Mapping[str, int] = UNBOUNDED, lease: timedelta = LEASE,
) -> list[Job]:  # fmt: skip
    """Take jobs that are due and nobody else works on, oldest first; they are ours until the lease ends.

    `kinds`: only these; `most`: how many of a receiver may be under way at once.
    """
    wanted = select(jobs.c.id, jobs.c.receiver).where(_free(jobs, kinds), jobs.c.due <= (until or now))
    wanted = wanted.where(or_(jobs.c.lease_until.is_(None), jobs.c.lease_until < now))
    left = _left(connection, jobs, now, most)
    full = [name for name, count in left.items() if count <= 0]
    if full:
        wanted = wanted.where(or_(jobs.c.receiver.is_(None), jobs.c.receiver.not_in(full)))
    wanted = wanted.order_by(jobs.c.due, jobs.c.id).limit(limit).with_for_update(skip_locked=True)
    taken: list[int] = []
    for number, receiver in connection.execute(wanted):
        if receiver in left:
            left[receiver] -= 1
        if left.get(receiver, 0) >= 0:
            taken.append(number)
    query = update(jobs).where(jobs.c.id.in_(taken)).values(lease_until=now + lease, attempts=jobs.c.attempts + 1)
    rows = connection.execute(query.returning(jobs)).mappings().all() if taken else []
    return sorted((_job(row) for row in rows), key=lambda job: (job.due, job.id))


def _free(jobs: Table, kinds: Collection[str]) -> ColumnElement[bool]:
    """What may be done at all: queued, of these kinds, and the first of its lane."""
    earlier = jobs.alias("earlier")
    ahead = exists().where(earlier.c.lane == jobs.c.lane, earlier.c.id < jobs.c.id)
    free = and_(jobs.c.status == "queued", or_(jobs.c.lane.is_(None), ~ahead))
    return and_(free, jobs.c.kind.in_(kinds)) if kinds else free


def _left(connection: Connection, jobs: Table, now: datetime, most: Mapping[str, int]) -> Counter[str]:
    """How many more of each bounded receiver may be begun; nobody else begins any until this transaction has ended."""
    left = Counter(most)
    if not most:
        return left
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({CLAIMING})"))
    query = select(jobs.c.receiver, func.count()).where(jobs.c.receiver.in_(most), jobs.c.lease_until >= now)
    for receiver, count in connection.execute(query.group_by(jobs.c.receiver)):
        left[receiver] -= count
    return left


def take(connection: Connection, jobs: Table, claimed: Collection[tuple[int, int]], now: datetime) -> list[Job]:
    """Jobs that were claimed for somebody, by id and attempts, under the whole lease from now on, oldest first.

    Those that are done, cancelled, or claimed anew meanwhile are left out.
    """
    ours = or_(*(and_(jobs.c.id == number, jobs.c.attempts == attempts) for number, attempts in claimed))
    query = update(jobs).where(ours, jobs.c.status == "queued").values(lease_until=now + LEASE)
    rows = connection.execute(query.returning(jobs)).mappings().all()
    return sorted((_job(row) for row in rows), key=lambda job: (job.due, job.id))


def still_ours(connection: Connection, jobs: Table, job: Job) -> bool:
    """Whether the job was neither done nor cancelled, nor claimed by somebody else meanwhile. Others wait until the step ends."""
    query = select(jobs.c.id).where(jobs.c.id == job.id, jobs.c.attempts == job.attempts).with_for_update()
    return connection.execute(query).first() is not None


def done(connection: Connection, jobs: Table, job: Job) -> None:
    """The job is done for good; called in the step that did it."""
    connection.execute(delete(jobs).where(jobs.c.id == job.id))


def again_at(connection: Connection, jobs: Table, job: Job, due: datetime) -> None:
    """The job is done for now and comes back: a cycle."""
    values = {"status": "queued", "due": due, "lease_until": None, "attempts": 0, "error": None}
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(**values))


def is_last(job: Job) -> bool:
    """Whether the job is tried for the last time."""
    retries = job.payload.get("retries")
    return job.attempts > (RETRIES if retries is None else retries)


def failed(
    connection: Connection, jobs: Table, job: Job, now: datetime, error: str, *, final: bool = False, wait: timedelta | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """The job failed: try again after a pause, or, after the last attempt, leave it as an incident for an operator.

    `final`: trying again would not help; `wait`: the least pause, as the other side asked; `payload`: what is known now.
    """
    values: dict[str, object] = {"error": error, "lease_until": None}
    if payload is not None:
        values["payload"] = payload
    if final or is_last(job):
        values["status"] = "incident"
    else:
        values["due"] = now + max(pause(job), wait or timedelta(0))
    connection.execute(update(jobs).where(jobs.c.id == job.id, jobs.c.attempts == job.attempts).values(**values))


def pause(job: Job) -> timedelta:
    """How long to wait after so many attempts: doubling from ten seconds, or from the job's own `backoff`, to an hour."""
    first = job.payload.get("backoff")
    usual = (FIRST_PAUSE if first is None else timedelta(seconds=float(first))) * (1 << min(job.attempts - 1, 20))
    return min(LONGEST_PAUSE, usual) * random.uniform(1 - JITTER, 1 + JITTER)


def next_due(connection: Connection, jobs: Table, kinds: Collection[str] = ()) -> datetime | None:
    """When the next job is due, leased ones at the end of their lease; None if there is none."""
    free = _free(jobs, kinds)
    waiting = select(func.min(jobs.c.due)).where(free, jobs.c.lease_until.is_(None))
    leased = select(func.min(jobs.c.lease_until)).where(free)
    found = [connection.execute(query).scalar() for query in (waiting, leased)]
    return min((when for when in found if when is not None), default=None)


def waited_for(connection: Connection, jobs: Table) -> list[Job]:
    """The calls whose answer an instance waits for."""
    query = select(jobs).where(jobs.c.kind == "call", jobs.c.instance.is_not(None)).order_by(jobs.c.id)
    return [_job(row) for row in connection.execute(query).mappings()]


# ---- incidents ----


def incidents(connection: Connection, jobs: Table) -> list[RowMapping]:
    """The jobs that failed for good, newest first, with their error."""
    return list(
        connection.execute(select(jobs).where(jobs.c.status == "incident").order_by(jobs.c.id.desc())).mappings()
    )


def incident(connection: Connection, jobs: Table, number: int) -> Job | None:
    """An incident by the id of its job; nobody else does anything with it until the step has ended."""
    query = select(jobs).where(jobs.c.id == number, jobs.c.status == "incident").with_for_update()
    row = connection.execute(query).mappings().first()
    return _job(row) if row is not None else None


def retry(connection: Connection, jobs: Table, job: Job, now: datetime) -> None:
    """Try an incident again, from the first attempt on."""
    again_at(connection, jobs, job, now)


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
