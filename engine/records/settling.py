"""Changes come to rest: computed, written, what reads them recomputed, checked, and told to processes that start on update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.errors import FieldError, NeedsConfirmation, TradewindError, ValidationFailed
from engine.records import aggregates, checks, compute
from engine.records.marking import root_of
from engine.records.record import Record
from engine.records.rows import save_all

if TYPE_CHECKING:
    from engine.records.service import Records

MOST_ROUNDS = 100  # of dependents' dependents in one settling


def settle(records: Records, *, confirm: bool = False) -> None:
    """Write what changed and recompute what reads it, then check all records that were written since the last time."""
    for _ in range(MOST_ROUNDS):
        flush(records)
        changed = {r: asks for r, asks in records.unchecked.items() if r.values is None or not r.row().get("archived")}
        records.unchecked.clear()
        check_values(records, changed)
        check_rules(records, changed, confirm)
        updated, records.updated = records.updated, []
        for record, before in updated:
            records.step.processes.on_updated(record, before)
        if not (updated or records.dirty or records.touched or records.unchecked):
            return
    raise TradewindError("Processes that start on update set one another off without end", code="no_rest")


def flush(records: Records) -> None:
    """Until nothing is left: compute and write what changed, then load and recompute what reads it. Nothing is checked yet."""
    for _ in range(MOST_ROUNDS):
        if not records.dirty and not records.touched:
            return
        found = {root_of(record): True for record in records.dirty}
        records.dirty.clear()
        for record in found:
            compute.recompute(records, record)
        records.dirty.clear()
        save_all(records, found)
        by_person = not records.step.engine
        records.unchecked |= {record: by_person or records.unchecked.get(record, False) for record in found}
        recompute_dependents(records)
    raise TradewindError("Computed fields do not come to rest after {rounds} rounds", code="no_rest", rounds=MOST_ROUNDS)


def check_values(records: Records, changed: Iterable[Record]) -> None:
    """Raise ValidationFailed with all values of all records that are missing or out of bounds."""
    errors = [problem for record in changed for problem in checks.problems(records, record)]
    if errors:
        raise ValidationFailed(errors)


def check_rules(records: Records, changed: Mapping[Record, bool], confirm: bool) -> None:
    """Raise ValidationFailed for broken rules; NeedsConfirmation for warnings, to a person who did not confirm.

    `changed` says of each record whether a person changed it: a process is never asked.
    """
    errors: list[FieldError] = []
    warnings: list[FieldError] = []
    for record, by_person in changed.items():
        for rule, problem in checks.broken(records, record):
            if rule.severity == "error":
                errors.append(problem)
            elif by_person:
                warnings.append(problem)
    if errors:
        raise ValidationFailed(errors)
    if warnings and not (confirm or records.step.confirm or records.step.engine or records.step.user is None):
        raise NeedsConfirmation(warnings)


def recompute_dependents(records: Records) -> None:
    """Records that read what was written are locked, loaded anew and recomputed; what changes in them is left dirty.

    The lock is PostgreSQL's FOR NO KEY UPDATE: whoever inserts a row that links to them holds a key share lock already, and two
    such would wait for each other for ever.
    """
    touched, records.touched = records.touched, {}
    if not touched:
        return
    forget_related(records)
    deltas = aggregates.deltas(records, touched)
    affected = compute.dependents(records, touched)
    for entity in dict.fromkeys([*affected, *deltas]):
        table, changes = records.schema.table(entity), deltas.get(entity, {})
        ids = affected.get(entity, set()) | changes.keys()
        locked_rows = select(table).where(table.c.id.in_(sorted(ids))).order_by(table.c.id).with_for_update(key_share=True)
        fresh = {row.id: row for row in records.connection.execute(locked_rows)}
        for record in records.adopt(records.model.entities[entity], fresh.values()):
            row = dict(fresh[record.id]._mapping)
            if not record.changed:
                record.values = row
            for name, delta in changes.get(row["id"], {}).items():
                add(records, record, name, row[name], delta)
            compute.recompute(records, record)


def add(records: Records, record: Record, name: str, stored: Decimal | None, delta: Decimal | None) -> None:
    """Add a difference to a field of a locked record. Where a value is null, the field's expression is asked."""
    field = record.entity.fields[name]
    if stored is None or delta is None:
        value = compute.value_of(records, field, records.names(record))
    else:
        value = records.rounding.read(field, stored + delta)
    records.assign(record, name, value)


def forget_related(records: Records) -> None:
    """Lists of related records are read again after a write."""
    for record, name in records.related:
        record.lists.pop(name, None)
    records.related.clear()
