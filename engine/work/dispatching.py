"""Jobs on several machines: each worker claims what is due in the job table and hands it to RQ, whose workers do it.

The table is the truth, Redis spreads the work. A job that Redis loses is claimed again when its short lease has ended; one that Redis gives
to two workers is done by the one whose claim still stands.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from redis import Redis, RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from engine.work import jobs
from engine.work.bells import RedisBell
from engine.work.jobs import Job
from engine.work.performing import INSIDE, KINDS, attempt, most

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # from the claim to the work's beginning
LONGEST_SLEEP = timedelta(seconds=2)
MOST_QUEUED = 200  # entries in Redis at once
SPREAD, LARGEST_BATCH = 20, 10
WORK = "engine.work.dispatching.work"
LONGEST_WORK = jobs.LEASE
_workspaces: dict[str, Workspace] = {}  # of this process, by queue


def queue_of(redis: Redis, name: str) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=int(LONGEST_WORK.total_seconds()))


class Dispatcher:
    """Claims and hands over; any number of them may."""

    def __init__(self, workspace: Workspace, queue: Queue, lease: timedelta = LEASE) -> None:
        self.workspace = workspace
        self.queue = queue
        self.lease = lease

    def run_once(self) -> int:
        """Hand over what is due, as much as Redis should hold; returns how many jobs that were."""
        room = MOST_QUEUED - self.queue.count
        if room <= 0:
            return 0
        claimed = self.workspace.run(None, lambda step: self._claim(step, room), origin="clock")
        if claimed:
            self.queue.enqueue_many(
                [Queue.prepare_data(WORK, (self.queue.name, batch), result_ttl=0, failure_ttl=0) for batch in batches(claimed)]
            )
        return len(claimed)

    def _claim(self, step: Step, limit: int) -> list[Job]:
        table, bounds = step.schema.job, most(step.model)
        return jobs.claim(step.connection, table, step.now, kinds=KINDS, limit=limit, most=bounds, lease=self.lease)

    def pause(self) -> timedelta:
        """How long nothing will be due."""

        def look(step: Step) -> datetime | None:
            return jobs.next_due(step.connection, step.schema.job)

        due = self.workspace.run(None, look, readonly=True, origin="clock")
        return LONGEST_SLEEP if due is None else max(timedelta(0), min(LONGEST_SLEEP, due - self.workspace.now()))

    def run(self, bell: RedisBell, stopping: threading.Event) -> None:
        """Hand over until `stopping` is set."""
        while not stopping.is_set():
            try:
                pause = timedelta(0) if self.run_once() else self.pause() or LONGEST_SLEEP
            except (RedisError, SQLAlchemyError) as error:  # either may be away for a while
                log.warning("could not hand over jobs: %s", error)
                pause = LONGEST_SLEEP
            if pause:
                bell.wait(pause.total_seconds())


def batches(claimed: Sequence[Job]) -> list[list[tuple[int, int]]]:
    """Ids and attempts of the jobs that one worker is given at once: several where many are due, one alone where it goes outside."""
    inside = [(job.id, job.attempts) for job in claimed if job.kind in INSIDE]
    size = min(LARGEST_BATCH, max(1, len(inside) // SPREAD))
    alone = [[(job.id, job.attempts)] for job in claimed if job.kind not in INSIDE]
    return alone + [inside[first : first + size] for first in range(0, len(inside), size)]


def work(queue: str, batch: Sequence[tuple[int, int]]) -> None:
    """What RQ's workers call: do jobs, each if the claim by which it was handed over still stands."""
    workspace = _workspaces[queue]

    def take(step: Step) -> list[Job]:
        return jobs.take(step.connection, step.schema.job, batch, step.now)

    for job in workspace.run(None, take, origin="clock"):
        attempt(workspace, job)


def serve(workspace: Workspace, url: str, name: str, *, burst: bool = False) -> None:
    """Hand over and do jobs in this process until it is told to end (SIGINT, SIGTERM); with `burst`, until nothing is left to do."""
    redis = Redis.from_url(url)
    queue = queue_of(redis, name)
    _workspaces[name] = workspace
    dispatcher, stopping = Dispatcher(workspace, queue), threading.Event()
    if burst:
        while dispatcher.run_once():
            worker_of(queue).work(burst=True, logging_level="WARNING")
        return
    thread = threading.Thread(target=dispatcher.run, args=(RedisBell(url, name), stopping), name="tradewind-dispatcher", daemon=True)
    thread.start()
    try:
        worker_of(queue).work(logging_level="WARNING")
    finally:
        stopping.set()
        thread.join(timeout=5)


def worker_of(queue: Queue) -> SimpleWorker:
    """A worker that does jobs in its own process: the model stays compiled, the database connected."""
    options: dict[str, Any] = {"connection": queue.connection, "serializer": JSONSerializer}
    return SimpleWorker([queue], **options)

