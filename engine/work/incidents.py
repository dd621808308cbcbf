"""Incidents: jobs that failed for good, which an operator sees, and lets be done again or skips (spec 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.errors import AccessDenied, NotFound
from engine.process.state import from_json
from engine.work import jobs, outside
from engine.work.jobs import Job
from engine.work.schedules import KIND as SCHEDULE
from engine.work.schedules import crons, due_after

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class Incident:
    """What failed: `what` is the operation, event, address, timer or schedule; `process`, `instance` and `node`, whose it is."""

    id: int
    kind: str
    what: str
    error: str
    attempts: int
    created_at: datetime
    entity: str | None
    record: int | None
    process: str | None
    instance: int | None
    node: str | None


def listed(step: Step) -> list[Incident]:
    """All incidents, newest first."""
    require_operator(step)
    rows = jobs.incidents(step.connection, step.schema.job)
    table = step.schema.instance
    wanted = [row["instance"] for row in rows if row["instance"] is not None]
    query = select(table.c.id, table.c.process, table.c.state, table.c.entity, table.c.record).where(table.c.id.in_(wanted))
    cases = {row.id: row for row in step.connection.execute(query)} if wanted else {}
    found = []
    for row in rows:
        case = cases.get(row["instance"])
        token = from_json(case.state).token(row["token"]) if case is not None and row["token"] is not None else None
        found.append(
            Incident(
                row["id"],
                row["kind"],
                subject(row["kind"], row["key"], row["payload"]),
                row["error"] or "",
                row["attempts"],
                row["created_at"],
                row["entity"] or (case.entity if case is not None else None),
                row["record"] or (case.record if case is not None else None),
                case.process if case is not None else None,
                row["instance"],
                token.node if token is not None else None,
            )
        )
    return found


def subject(kind: str, key: str, payload: dict[str, object]) -> str:
    """What a job is about, in a word."""
    match kind:
        case "call":
            return f"{payload['connector']}.{payload['operation']}" if "operation" in payload else "call"
        case "event":
            return f"{payload['connector']}: {payload['event']}"
        case "mail":
            return f"{payload['template']}: {payload['to']}"
        case "timer":
            return str(payload["timer"]) or "timer"
    return key


def retry(step: Step, number: int) -> None:
    """Do an incident again, from its first attempt on; operators only. Raises AccessDenied and NotFound."""
    job = claimed(step, number)
    jobs.retry(step.connection, step.schema.job, job, step.now)
    step.history.add("operation", None, "incident retried", job=job.id, key=job.key, instance=job.instance)


def skip(step: Step, number: int) -> None:
    """Let an incident be: what waited for its answer goes on without one, a schedule comes back at its next time.

    Raises AccessDenied and NotFound.
    """
    job, table = claimed(step, number), step.schema.job
    case = outside.waiting(step, job)
    step.history.add("operation", None, "incident skipped", job=job.id, key=job.key, instance=job.instance)
    cron = crons(step.model).get(job.key) if job.kind == SCHEDULE else None
    if cron is not None:
        jobs.again_at(step.connection, table, job, due_after(step, cron, step.now))
        return
    jobs.done(step.connection, table, job)
    if job.kind == "call" and case is not None:
        outside.go_on(step, job, case, outside.NOBODY)


def claimed(step: Step, number: int) -> Job:
    require_operator(step)
    job = jobs.incident(step.connection, step.schema.job, number)
    if job is None:
        raise NotFound("There is no incident {id}", id=number)
    return job


def require_operator(step: Step) -> None:
    """Admins operate; the system may too."""
    if step.user is not None and "admin" not in step.access.roles:
        raise AccessDenied("Only an admin sees to incidents")
