"""Rows become records: one object a record in a step, links and lists loaded for a whole batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, select

from engine.errors import NotFound
from engine.model.model import Entity, Field
from engine.records import statements
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records

CHUNK = 500  # ids in one statement


def chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    numbers = sorted(set(ids))
    for start in range(0, len(numbers), CHUNK):
        yield numbers[start : start + CHUNK]


def adopt(records: Records, entity: Entity, rows: Iterable[Row[Any]]) -> list[Record]:
    batch: list[Record] = []
    for row in rows:
        values = dict(row._mapping)
        key = (entity.name, values["id"])
        record = records.known.get(key)
        if record is None:
            record = records.known[key] = Record(records, entity, values["id"], values, batch)
        elif record.values is None:
            record.values = values
            record.batch = batch
        batch.append(record)
    return batch


def get_many(records: Records, entity: str, numbers: Iterable[int]) -> list[Record]:
    wanted = sorted(set(numbers))
    missing = [n for n in wanted if (known := records.known.get((entity, n))) is None or known.values is None]
    described = records.model.entities.get(entity)
    if described is None:
        raise NotFound("There is no entity '{name}'", name=entity)
    table = records.schema.table(entity)
    for part in chunks(missing):
        adopt(records, described, statements.by_ids(records.connection, table, part))
    return [records.known[entity, n] for n in wanted if (entity, n) in records.known and records.known[entity, n].values is not None]


def reload(records: Records, record: Record) -> None:
    table = records.schema.table(record.entity.name)
    row = records.connection.execute(select(table).where(table.c.id == record.id)).first()
    if row is None:
        raise NotFound("{title} is no longer there", title=repr(record))
    record.values = dict(row._mapping)


def linked(records: Records, record: Record, name: str, entity: str, number: int) -> Record | None:
    """The record that a link names; for all records of the batch, the first time."""
    known = records.known.get((entity, number))
    if known is None or known.values is None:
        ids = {value for each in record.batch if each.values is not None and (value := each.values.get(name)) is not None}
        get_many(records, entity, ids | {number})
        known = records.known.get((entity, number))
    return known


def load_list(records: Records, record: Record, field: Field) -> None:
    """Fill `record.lists[field]`, and the same list of the records that came with it."""
    if field.type == "related":
        records.flush()  # what is not written yet is not found; and this may load the list itself
        if field.name in record.lists:
            return
    batch = [r for r in record.batch if r.id is not None and field.name not in r.lists and r.entity.name == record.entity.name]
    if record not in batch and record.id is not None:
        batch.append(record)
    if record.id is None:
        record.lists[field.name] = []
        if field.type == "related":  # nobody links to it yet; the process that its creation starts may
            records.related.append((record, field.name))
        return
    for each in batch:
        each.lists[field.name] = []
    owners = {each.id: each for each in batch if each.id is not None}
    if field.lines is not None:
        load_lines(records, owners, field, field.lines)
    elif field.type == "related":
        load_related(records, owners, field)
    else:
        load_joined(records, owners, record.entity, field)


def load_lines(records: Records, owners: dict[int, Record], field: Field, lines: Entity) -> None:
    table = records.schema.table(lines.name)
    for part in chunks(owners):
        rows = records.connection.execute(select(table).where(table.c.parent_id.in_(part)).order_by(table.c.id))
        for line in adopt(records, lines, rows):
            line.parent = owners[line.row()["parent_id"]]
            line.parent.lists[field.name].append(line)


def load_related(records: Records, owners: dict[int, Record], field: Field) -> None:
    assert field.source is not None
    entity, link = field.source
    described, table = records.model.entities[entity], records.schema.table(entity)
    records.related.extend((owner, field.name) for owner in owners.values())
    for part in chunks(owners):
        condition: ColumnElement[bool] = table.c[link].in_(part)
        if described.parent is None:
            condition &= table.c.archived.is_(False)
        rows = records.connection.execute(select(table).where(condition).order_by(table.c.id))
        for found in adopt(records, described, rows):
            owner = owners.get(found.row()[link])
            if owner is not None:
                owner.lists[field.name].append(found)


def load_joined(records: Records, owners: dict[int, Record], entity: Entity, field: Field) -> None:
    join = records.schema.join_table(entity.name, field.name)
    column = "value" if field.type == "choices" else "target_id"
    pairs: dict[int, list[Any]] = defaultdict(list)
    for part in chunks(owners):
        for owner, held in statements.joined(records.connection, join, column, part):
            pairs[owner].append(held)
    if field.type == "links":
        assert field.to is not None
        targets = {r.id: r for r in get_many(records, field.to, {t for held in pairs.values() for t in held})}
        for owner, held in pairs.items():
            owners[owner].lists[field.name] = [targets[t] for t in held if t in targets]
    else:
        for owner, held in pairs.items():
            owners[owner].lists[field.name] = held
