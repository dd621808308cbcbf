"""What kinds of job there are, and how one is done: inside a step, or outside between two."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.connect import OUTSIDE
from engine.work import jobs, outside
from engine.work.jobs import Job
from engine.work.schedules import KIND as SCHEDULE
from engine.work.schedules import run_schedule
from engine.work.timers import fire_timer

if TYPE_CHECKING:
    from engine.model.model import Model
    from engine.workspace import Step, Workspace

log = logging.getLogger(__name__)

INSIDE: Mapping[str, Callable[[Step, Job], None]] = {"timer": fire_timer, SCHEDULE: run_schedule}
KINDS = (*INSIDE, *OUTSIDE)


def most(model: Model) -> dict[str, int]:
    """How many calls of each bounded connector may be under way at once."""
    return {name: each.concurrency for name, each in model.connectors.items() if each.concurrency is not None}


def attempt(workspace: Workspace, job: Job) -> None:
    """Do a claimed job. Its failure is kept with it, not raised: it is tried again, and is an incident in the end."""
    try:
        perform(workspace, job)
    except Exception as error:  # any failure is the job's
        log.warning("job %s (%s) failed: %s", job.id, job.key, error)
        reason = str(error) or type(error).__name__

        def keep(step: Step) -> None:
            jobs.failed(step.connection, step.schema.job, job, step.now, reason)

        workspace.run(None, keep, origin="clock")


def perform(workspace: Workspace, job: Job) -> None:
    """Do one claimed job: inside a step of its own, or outside."""
    if job.kind in INSIDE:
        workspace.run(None, lambda step: INSIDE[job.kind](step, job), origin="clock")
    else:
        outside.attempt(workspace, job)
