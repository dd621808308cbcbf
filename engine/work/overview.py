"""What an operator looks at: how much is running, waiting and due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from engine.work.incidents import require_operator, subject
from engine.work.performing import INSIDE

if TYPE_CHECKING:
    from engine.workspace import Step

SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Incidents, running instances, jobs that are late, calls and mails on their way out, and timers of the next hour."""

    incidents: int
    running: int
    late: int
    outgoing: int
    soon: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that is queued: `working` while somebody is at it; `error` is that of the last attempt."""

    id: int
    kind: str
    what: str
    due: datetime
    attempts: int
    error: str
    working: bool
    entity: str | None
    record: int | None


def figures(step: Step) -> Figures:
    """Raises AccessDenied for others than operators."""
    require_operator(step)
    job, case = step.schema.job, step.schema.instance
    queued = job.c.status == "queued"
    inside = job.c.kind.in_(tuple(INSIDE))

    def number(*conditions: object) -> object:
        return select(func.count()).select_from(job).where(*conditions).scalar_subquery()  # type: ignore[arg-type]

    row = step.connection.execute(
        select(
            number(job.c.status == "incident"),
            select(func.count()).select_from(case).where(case.c.status == "running").scalar_subquery(),
            number(queued, job.c.due < step.now - timedelta(minutes=1)),
            number(queued, ~inside),
            number(queued, inside, job.c.due.between(step.now, step.now + SOON)),
        )  # type: ignore[call-overload]
    ).one()
    return Figures(*row)


def waiting(step: Step, limit: int = 50) -> list[Waiting]:
    """The jobs that are due next."""
    require_operator(step)
    job, case = step.schema.job, step.schema.instance
    query = (
        select(job, case.c.entity.label("about"), case.c.record.label("about_record"))
        .join_from(job, case, case.c.id == job.c.instance, isouter=True)
        .where(job.c.status == "queued")
        .order_by(job.c.due, job.c.id)
        .limit(limit)
    )
    return [
        Waiting(
            row["id"],
            row["kind"],
            subject(row["kind"], row["key"], row["payload"]),
            row["due"],
            row["attempts"],
            row["error"] or "",
            row["lease_until"] is not None and row["lease_until"] > step.now,
            row["entity"] or row["about"],
            row["record"] or row["about_record"],
        )
        for row in step.connection.execute(query).mappings()
    ]
