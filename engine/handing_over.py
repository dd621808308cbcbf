"""Handing over what a person who leaves owns and has to do to a successor, in one operation (spec 1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from engine.errors import AccessDenied, ActionRefused
from engine.process import instance, seats
from engine.process.definitions import graph_of
from engine.process.names import key
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many records of each entity, and how many tasks. `left`: approvals in which the successor has a seat of their own already."""

    records: Mapping[str, int]
    tasks: int
    left: int


def hand_over(step: Step, leaver: Record, successor: Record) -> HandedOver:
    """Make the successor the owner of all that the leaver owns, archived records excepted, and give them the leaver's open tasks.

    For admins. All or nothing: history, computed fields and rules as with any change. Raises AccessDenied and ActionRefused.
    """
    if step.user is not None and "admin" not in step.access.roles:
        raise AccessDenied("Only an admin may hand over what a person owns")
    if leaver == successor:
        raise ActionRefused("A person can't be their own successor")
    if not successor["active"] or successor["archived"]:
        raise ActionRefused("{who} is deactivated", who=successor.title())
    owned: dict[str, int] = {}
    with step.as_engine():
        for entity in step.model.entities.values():
            found = step.records.find(entity.name, "owner = leaver", {"leaver": leaver}) if entity.parent is None else ()
            for record in found:
                step.records.update(record, {"owner": successor})
            if found:
                owned[entity.name] = len(found)
        step.settle()
    tasks, left = hand_over_tasks(step, leaver, successor)
    return HandedOver(owned, tasks, left)


def hand_over_tasks(step: Step, leaver: Record, successor: Record) -> tuple[int, int]:
    """Open tasks that the leaver holds, and those that they could claim."""
    task, candidate = step.schema.task, step.schema.candidate
    query = select(task).where(task.c.holder == leaver.id, task.c.closed_at.is_(None)).order_by(task.c.id)
    given = left = 0
    for row in step.connection.execute(query).all():
        (case,) = instance.load(step, [row.instance], lock=True)
        if row.kind == "approval":
            try:
                seats.give(step, case, graph_of(step, case.process, case.version).nodes[row.node], row.token, row.seat, successor)
            except ActionRefused:
                left += 1
                continue
        step.connection.execute(update(task).where(task.c.id == row.id).values(holder=successor.id))
        step.processes.runner.note(case, "transferred", row.node, task=row.id, user=successor.id)
        given += 1
    mine, theirs = str(key(leaver)), str(key(successor))
    both = select(candidate.c.task).where(candidate.c.kind == "user", candidate.c.value == theirs)
    named = (candidate.c.kind == "user", candidate.c.value == mine)
    step.connection.execute(delete(candidate).where(*named, candidate.c.task.in_(both)))
    opened = select(task.c.id).where(task.c.closed_at.is_(None))
    step.connection.execute(update(candidate).where(*named, candidate.c.task.in_(opened)).values(value=theirs))
    return given, left
