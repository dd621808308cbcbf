"""What has changed in memory and is still to be written, and what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.model.model import Field
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records


def assign(records: Records, record: Record, name: str, stored: Any) -> None:
    """Set a column's value in memory, and remember what was there and that it is to be written."""
    row = record.row()
    if name in row and row[name] == stored:
        return
    if record.old is None:
        record.old = dict(row)
    if record.stored is None and record.id is not None:
        record.stored = dict(row)
    row[name] = stored
    mark(records, record, name)


def assign_list(records: Records, record: Record, field: Field, values: list[Any]) -> None:
    if record.id is not None and record.list_of(field) == values:
        return
    record.lists[field.name] = values
    mark(records, record, field.name)


def mark(records: Records, record: Record, name: str) -> None:
    record.changed.add(name)
    if record.id is not None:
        records.dirty[record] = True


def touch(records: Records, record: Record, fields: set[str], old: Mapping[str, Any]) -> None:
    """Remember that records which read these fields are to be recomputed."""
    assert record.id is not None
    known, _ = records.touched.setdefault(record.entity.name, {}).setdefault(record.id, (set(), dict(old)))
    known |= fields


def all_lines(record: Record) -> list[Record]:
    return [line for field in record.entity.lines for line in record.lists.get(field.name, ())]


def root_of(record: Record) -> Record:
    if record.entity.parent is None:
        return record
    parent = record["parent"]
    assert isinstance(parent, Record)
    return parent
