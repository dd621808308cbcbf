"""The embedded worker: does what is due, each job in a step of its own, and sleeps until the next is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.work import jobs
from engine.work.jobs import Job
from engine.work.timers import fire_timer

if TYPE_CHECKING:
    from engine.clock import MovableClock
    from engine.workspace import Step, Workspace

log = logging.getLogger(__name__)

LONGEST_SLEEP = timedelta(seconds=2)  # other processes may queue jobs that this one does not hear of
KINDS: Mapping[str, Callable[[Step, Job], None]] = {"timer": fire_timer}


class Worker:
    """Does the jobs of a workspace. `run_once` is all there is to it; `start` calls it in a thread whenever
    something is due.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def run_once(self, now: datetime | None = None) -> int:
        """Do the jobs that are due, oldest first; returns how many were tried. Their failures are kept with them,
        not raised.
        """
        when = now or self.workspace.now()
        claimed = self.workspace.run(
            None, lambda step: jobs.claim(step.connection, step.schema.job, when), origin="clock"
        )
        for job in claimed:
            try:
                perform(self.workspace, job)
            except Exception as error:  # any failure is the job's: it is tried again, and then an incident
                log.warning("job %s (%s) failed: %s", job.id, job.key, error)
                message = str(error) or type(error).__name__
                self._failed(job, when, message)
        return len(claimed)

    def _failed(self, job: Job, when: datetime, message: str) -> None:
        def work(step: Step) -> None:
            jobs.failed(step.connection, step.schema.job, job, when, message)

        self.workspace.run(None, work, origin="clock")

    def start(self) -> None:
        """Work in a thread until `stop`; what became due while nothing ran is done first."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="tradewind-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the job that it is at."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
            self._thread = None

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                pause = self._until_next()
                if not pause:
                    self.run_once()
            except Exception:  # the database may be away for a while
                log.exception("the worker could not look for jobs")
                pause = LONGEST_SLEEP
            self._stopping.wait(pause.total_seconds())

    def _until_next(self) -> timedelta:
        def look(step: Step) -> datetime | None:
            return jobs.next_due(step.connection, step.schema.job)

        due = self.workspace.run(None, look, readonly=True, origin="clock")
        if due is None:
            return LONGEST_SLEEP
        return max(timedelta(0), min(LONGEST_SLEEP, due - self.workspace.now()))


def perform(workspace: Workspace, job: Job) -> None:
    """Do one claimed job in a step of its own."""
    workspace.run(None, lambda step: KINDS[job.kind](step, job), origin="clock")


def fire_due(workspace: Workspace, until: datetime, clock: MovableClock) -> int:
    """Do what falls due up to and at `until`, in order, each with the clock at its own time, which stands at `until`
    in the end.

    For scenario tests and simulation: failures are raised. Returns how many jobs were done.
    """
    count = 0
    while True:
        taken = workspace.run(
            None,
            lambda step: jobs.claim(step.connection, step.schema.job, clock(), limit=1, until=until),
            origin="clock",
        )
        if not taken:
            break
        clock.move_to(taken[0].due)
        perform(workspace, taken[0])
        count += 1
    clock.move_to(until)
    return count
