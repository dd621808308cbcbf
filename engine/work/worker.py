"""The embedded worker: does what is due, and sleeps until the next is. What goes outside never keeps the clock's work waiting."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.connect import OUTSIDE
from engine.work import jobs
from engine.work.bells import LocalBell
from engine.work.jobs import Job
from engine.work.performing import INSIDE, KINDS, attempt, most, perform

if TYPE_CHECKING:
    from engine.clock import MovableClock
    from engine.workspace import Step, Workspace

log = logging.getLogger(__name__)

LONGEST_SLEEP = timedelta(seconds=2)  # other processes may queue jobs that this one does not hear of
AT_ONCE = 4  # calls, events and mails under way in this process


class Worker:
    """Does the jobs of a workspace. `run_once` is all there is to it; `start` calls it in threads whenever something is due."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._bell = LocalBell()

    def run_once(self, now: datetime | None = None, kinds: Collection[str] = KINDS) -> int:
        """Do the jobs that are due, oldest first, several of those that go outside at once; returns how many were tried.

        Their failures are kept with them, not raised.
        """
        inside = self._claim(now, INSIDE.keys() & set(kinds), 20)
        for job in inside:
            attempt(self.workspace, job)
        outside = self._claim(now, set(OUTSIDE) & set(kinds), AT_ONCE)
        if outside:
            with ThreadPoolExecutor(AT_ONCE, "tradewind-outside") as pool:
                list(pool.map(lambda job: attempt(self.workspace, job), outside))
        return len(inside) + len(outside)

    def _claim(self, now: datetime | None, kinds: Collection[str], limit: int) -> list[Job]:
        if not kinds:
            return []

        def work(step: Step) -> list[Job]:
            bounds = most(step.model)
            return jobs.claim(step.connection, step.schema.job, now or step.now, kinds=kinds, limit=limit, most=bounds)

        return self.workspace.run(None, work, origin="clock")

    def start(self) -> None:
        """Work in threads until `stop`; what became due while nothing ran is done first."""
        self._stopping.clear()
        self.workspace.bell = self._bell
        for name, kinds in (("clock", tuple(INSIDE)), ("outside", OUTSIDE)):
            thread = threading.Thread(target=self._work, args=(kinds,), name=f"tradewind-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the threads after the jobs that they are at."""
        self._stopping.set()
        self._bell.ring()
        for thread in self._threads:
            thread.join(timeout=30)
        self._threads = []

    def _work(self, kinds: Collection[str]) -> None:
        while not self._stopping.is_set():
            try:
                pause = self._until_next(kinds)
                if not pause and not self.run_once(kinds=kinds):
                    pause = LONGEST_SLEEP  # others are at it, or its receiver has as many as it takes
            except Exception:  # the database may be away for a while
                log.exception("the worker could not look for jobs")
                pause = LONGEST_SLEEP
            if pause:
                (self._bell.wait if kinds == OUTSIDE else self._stopping.wait)(pause.total_seconds())

    def _until_next(self, kinds: Collection[str]) -> timedelta:
        def look(step: Step) -> datetime | None:
            return jobs.next_due(step.connection, step.schema.job, kinds)

        due = self.workspace.run(None, look, readonly=True, origin="clock")
        if due is None:
            return LONGEST_SLEEP
        return max(timedelta(0), min(LONGEST_SLEEP, due - self.workspace.now()))


def fire_due(workspace: Workspace, until: datetime, clock: MovableClock) -> int:
    """Do what falls due by the clock up to and at `until`, in order, each with the clock at its own time, which stands at
    `until` in the end. Nothing goes outside.

    For scenario tests and simulation: failures are raised. Returns how many jobs were done.
    """
    count = 0
    while True:
        taken = workspace.run(
            None,
            lambda step: jobs.claim(step.connection, step.schema.job, clock(), kinds=tuple(INSIDE), limit=1, until=until),
            origin="clock",
        )
        if not taken:
            break
        clock.move_to(taken[0].due)
        perform(workspace, taken[0])
        count += 1
    clock.move_to(until)
    return count
