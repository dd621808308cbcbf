"""A timer that is due: the step in which it fires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.process import events, instance
from engine.process.catching import START
from engine.process.names import peek
from engine.process.timing import duration, next_cycle
from engine.work import jobs
from engine.work.jobs import Job

if TYPE_CHECKING:
    from engine.workspace import Step


def fire_timer(step: Step, job: Job) -> None:
    """Let a process's timer fire, on behalf of who started the instance; nothing happens if its node was left.

    A cycle comes back at its next time on the schedule after now, however many times it missed.
    """
    table = step.schema.job
    assert job.instance is not None
    assert job.token is not None
    cases = instance.load(step, [job.instance], lock=True)
    if not jobs.still_ours(step.connection, table, job):
        return
    if not cases or cases[0].status != "running":
        jobs.done(step.connection, table, job)
        return
    case, name, period = cases[0], str(job.payload["timer"]), job.payload["period"]
    token = case.state.token(job.token)
    if token is None and not name.startswith(START):
        jobs.done(step.connection, table, job)
        return
    if period is None:
        jobs.done(step.connection, table, job)
    else:
        wait = duration(period)
        assert wait is not None
        jobs.again_at(step.connection, table, job, next_cycle(job.due, wait, step.model.settings.zone, step.now))
    step.on_behalf = peek(step, "user", case.initiator_id)
    node = name.removeprefix(START) if token is None or name.startswith(START) else token.node
    step.processes.runner.note(case, "timer", node, timer=name, by="clock")
    step.processes.runner.fire(case, events.TimerFired(job.token, name))
