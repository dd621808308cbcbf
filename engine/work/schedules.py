"""Schedules: scripts and processes that the clock starts. Each has one job, which comes back at its next time (spec 1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from dsl import script
from engine.errors import StepFailed
from engine.model.crontab import next_time
from engine.model.model import Model
from engine.process.effects import ScriptEffects
from engine.process.names import Names
from engine.records import auditing
from engine.work import jobs
from engine.work.jobs import Job

if TYPE_CHECKING:
    from engine.workspace import Step

KIND = "schedule"
SEALING, SEALED = "seal", "17 2 * * *"  # once a night
BOUNDS = ("statements", "records", "seconds")


def crons(model: Model) -> dict[str, str]:
    """The cron expressions by the key of their job: `schedule:NAME`, `start:PROCESS`, and the sealing of the history."""
    found = {f"schedule:{schedule.name}": schedule.cron for schedule in model.schedules.values()}
    starts = ((process.name, process.start) for process in model.processes.values())
    found |= {f"start:{name}": start.cron for name, start in starts if start is not None and start.on == "schedule"}
    return {**found, SEALING: SEALED}


def plan(step: Step) -> None:
    """Give each schedule its job, drop those of schedules that are gone, and begin anew what has another time now. Part of publishing."""
    table, wanted = step.schema.job, crons(step.model)
    kept: Mapping[str, str] = {
        row.key: row.payload.get("cron", "")
        for row in step.connection.execute(select(table.c.key, table.c.payload).where(table.c.kind == KIND))
    }
    gone = [key for key, cron in kept.items() if wanted.get(key) != cron]
    if gone:
        step.connection.execute(delete(table).where(table.c.kind == KIND, table.c.key.in_(gone)))
    rows = [
        {"kind": KIND, "key": key, "due": due_after(step, cron, step.now), "payload": {"cron": cron}, "created_at": step.now}
        for key, cron in wanted.items()
        if kept.get(key) != cron
    ]
    if rows:
        step.connection.execute(insert(table), rows)


def due_after(step: Step, cron: str, when: datetime) -> datetime:
    return next_time(cron, when, step.model.settings.zone)


def run_schedule(step: Step, job: Job) -> None:
    """Do what is scheduled, as the system. What was missed several times is done once, and comes back at its next time."""
    table = step.schema.job
    kind, _, name = job.key.partition(":")
    if not jobs.still_ours(step.connection, table, job):
        return
    cron = crons(step.model).get(job.key)
    if cron is None:
        jobs.done(step.connection, table, job)
        return
    jobs.again_at(step.connection, table, job, due_after(step, cron, step.now))
    if kind == SEALING:
        auditing.seal(step)
        return
    if kind == "start":
        start(step, name)
        return
    schedule = step.model.schedules[name]
    if schedule.do is not None:
        run_script(step, schedule.do, {})
    else:
        start(step, schedule.process)


def start(step: Step, process: str) -> None:
    """Start a process by the clock, if the condition of its start holds."""
    found = step.model.processes[process]
    when = found.start.when if found.start is not None else None
    names = Names(None, step.names(), {})
    if when is None or step.processes.runner.evaluate(when, names) is True:
        step.processes.begin(found, None, {})


def run_script(step: Step, found: script.Script, special: Mapping[str, object]) -> None:
    """Run a script that belongs to no record, with the engine's authority."""
    variables: dict[str, object] = {}
    limits = {name: value for name, value in step.model.settings.limits.items() if name in BOUNDS}
    names = Names(None, {**step.names(), **special}, variables)
    try:
        with step.as_engine():
            found.run(names, ScriptEffects(step, None, variables), limits=script.Limits(**limits))
            step.flush()
    except script.ScriptFailed as failure:
        raise StepFailed("{reason}", code=failure.code, reason=str(failure)) from failure
    step.processes.runner.deliver()
