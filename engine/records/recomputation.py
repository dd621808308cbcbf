"""Whether stored computed values are what their expressions give; and their repair.

Each value is compared with its expression over the values as stored. Computed fields have no circles, so where no value differs,
all are equal to what computing everything anew from the entered values would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine.model.model import Entity
from engine.records import compute
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records
    from engine.workspace import Step, Workspace

BATCH = 500  # records of one transaction


@dataclass(frozen=True, slots=True)
class Difference:
    """A computed value that is not what it is to be. `entity` and `id` name a record, or a line (`order.lines`)."""

    entity: str
    id: int
    field: str
    stored: Any
    computed: Any


def compare(workspace: Workspace, progress: Callable[[int], None] = lambda _: None) -> Iterator[Difference]:
    """All computed values that differ from their expressions; nothing is written.

    Goes through all records, archived ones too, in batches of a transaction each. `progress` is told how many records each batch had.
    """
    yield from through(workspace, False, progress)


def repair(workspace: Workspace, progress: Callable[[int], None] = lambda _: None) -> Iterator[Difference]:
    """Like `compare`, and each batch is put right as it is passed, with all that is computed from it in other records.

    A record's rows are locked while it is compared and written. Rules are not asked: nobody changes anything by this.
    """
    yield from through(workspace, True, progress)


def size(workspace: Workspace) -> int:
    """How many records there are to go through."""
    with workspace.step(None, readonly=True) as step:
        tables = [step.schema.table(entity.name) for entity in computing(step)]
        return sum(step.connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def computing(step: Step) -> list[Entity]:
    """Entities that have computed fields, or lines that have."""
    return [
        entity for entity in step.model.entities.values()
        if entity.parent is None and (entity.compute_order or any(f.lines is not None and f.lines.compute_order for f in entity.lines))
    ]  # fmt: skip


def through(workspace: Workspace, fix: bool, progress: Callable[[int], None]) -> Iterator[Difference]:
    with workspace.step(None, readonly=True) as step:
        names = [entity.name for entity in computing(step)]
    for name in names:
        last = 0
        while True:
            found, ids = one_batch(workspace, name, last, fix)
            if not ids:
                break
            yield from found
            progress(len(ids))
            last = ids[-1]


def one_batch(workspace: Workspace, entity: str, last: int, fix: bool) -> tuple[list[Difference], list[int]]:
    """The differences among the next records after `last`, and these records' ids.

    Reading without locks may see a child and not yet its parent, so where that finds a difference it is looked at again, locked.
    """
    readonly = not fix

    def work(step: Step) -> tuple[list[Difference], list[int]]:
        table = step.schema.table(entity)
        query = select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = step.connection.execute(query if readonly else query.with_for_update(key_share=True)).all()
        batch = step.records.adopt(step.model.entities[entity], rows)
        found = [(record, each) for root in batch for record in (root, *lines_of(root)) for each in differences(step.records, record)]
        if fix:
            write(step, found)
        return [each for _, each in found], [row.id for row in rows]

    if readonly:
        with workspace.step(None, readonly=True) as step:
            found, ids = work(step)
        if not found:
            return found, ids
        readonly = False
    return workspace.run(None, work)


def lines_of(record: Record) -> Iterator[Record]:
    for field in record.entity.lines:
        if field.lines is not None and field.lines.compute_order:
            yield from record.list_of(field)


def differences(records: Records, record: Record) -> Iterator[Difference]:
    assert record.id is not None
    names, row = records.names(record), record.row()
    for name in record.entity.compute_order:
        computed = compute.value_of(records, record.entity.fields[name], names)
        if row[name] != computed:
            yield Difference(record.entity.name, record.id, name, row[name], computed)


def write(step: Step, found: list[tuple[Record, Difference]]) -> None:
    with step.as_engine():
        for record, each in found:
            step.records.assign(record, each.field, each.computed)
        step.flush()
        step.records.unchecked.clear()
