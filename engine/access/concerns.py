"""Records that people may read because of their work: who holds, may claim or did a task on them (spec 1.5)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union

from engine.access.grants import Same

if TYPE_CHECKING:
    from engine.access.scopes import Person
    from engine.records import Record

PEOPLES_WORK = ("user_task", "approval")


@lru_cache(maxsize=1024)
def worked_on(model: Same, entity: str) -> bool:
    """Whether a process has people work on records of the entity, so that a list need ask at all."""
    for process in model.model.processes.values():
        for node in process.nodes.values():
            if node.type in PEOPLES_WORK and (process.entity == entity or node.for_ is not None):
                return True
    return False


def concerned(person: Person, record: Record) -> bool:
    """Whether the person has, may claim or did a task on the record."""
    found = tasks(person, record.entity.name)
    return bool(person.step.connection.execute(select(exists().where(found.subquery().c.record == record.id))).scalar())


def tasks(person: Person, entity: str) -> Select[tuple[int]]:
    """The ids (`record`) of the entity's records on which the person has, may claim or did a task."""
    task, candidate = person.step.schema.task, person.step.schema.candidate
    named: list[ColumnElement[bool]] = [
        and_(candidate.c.kind == kind, candidate.c.value == name) for kind, name in candidate_names(person)
    ]
    claimable = select(candidate.c.task).where(or_(*named))
    ways = [
        and_(task.c.closed_at.is_(None), task.c.holder == person.user.id),
        task.c.closed_by == person.user.id,
        and_(task.c.closed_at.is_(None), task.c.holder.is_(None), task.c.id.in_(claimable)),
    ]
    parts = [
        select(record.label("record")).where(kind == entity, way)
        for way in ways
        for kind, record in ((task.c.entity, task.c.record), (task.c.for_entity, task.c.for_record))
    ]
    together = union(*parts).subquery()
    return select(together.c.record)


def candidate_names(person: Person) -> list[tuple[str, str]]:
    """How the person is named among the candidates of shared tasks."""
    names = [("user", str(person.user.id))] + [("role", role) for role in sorted(person.roles)]
    department = person.user["department"]
    return names if department is None else [*names, ("department", department["name"])]
