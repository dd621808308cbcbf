"""Computed fields kept right: a record's own and its lines', and those of other records that read what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.model.model import Dependency, Entity, Field
from engine.records import aggregates
from engine.records.names import RecordNames
from engine.records.record import Record
from engine.records.values import Refused

if TYPE_CHECKING:
    from engine.records.service import Records


MOST_ROUNDS = 20


def recompute(records: Records, record: Record, *, everything: bool = False) -> None:
    """Bring the computed fields of a record and of its lines up to date; what they change is marked as changed.

    Those that changes of other records keep right (`aggregates`) are left alone, unless `everything` is to be computed. Lines
    come first, since totals read them. Where lines read their parent, both are repeated until nothing changes; there are no
    circles, so that ends.
    """
    entity = record.entity
    lines = [field for field in entity.lines if field.lines is not None and field.lines.compute_order]
    if not lines and not entity.compute_order:
        return
    for _ in range(MOST_ROUNDS if any(reads_parent(field.lines) for field in lines) else 1):
        moved = False
        for field in lines:
            for line in record.list_of(field):
                moved |= compute_own(records, line)
        moved |= compute_own(records, record, everything=everything)
        if not moved:
            return


def reads_parent(entity: Entity | None) -> bool:
    computed = (field.compute for field in entity.fields.values()) if entity is not None else ()
    return any(path[0] == "parent" for expression in computed if expression is not None for path in expression.paths)


def compute_own(records: Records, record: Record, *, everything: bool = False) -> bool:
    """Compute a record's own fields in order; whether any of them changed."""
    names, row, moved = records.names(record), record.row(), False
    kept = aggregates.maintained(records.model) if record.id is not None and not everything else frozenset()
    for name in record.entity.compute_order:
        if (record.entity.name, name) in kept:
            continue
        stored = value_of(records, record.entity.fields[name], names)
        if name not in row or row[name] != stored:
            records.assign(record, name, stored)
            moved = True
    return moved


def value_of(records: Records, field: Field, names: RecordNames) -> Any:
    """What a computed field is to hold: its expression's value as stored, None where the field's type refuses it."""
    assert field.compute is not None
    try:
        return records.rounding.read(field, field.compute(names, records.host))
    except Refused:
        return None


def dependents(records: Records, changed: dict[str, dict[int, tuple[set[str], dict[str, Any]]]]) -> dict[str, set[int]]:
    """The records of other entities whose computed fields read what changed: ids by entity.

    `changed` holds by entity and id the changed fields and the values before; a dependency whose path ends at the record itself
    or at its own lines is the record's own business and left out.
    """
    found: dict[str, set[int]] = {}
    for dependency in records.model.dependencies:
        if dependency.source not in changed or is_own(records, dependency) or is_maintained(records, dependency):
            continue
        touched = {i: old for i, (fields, old) in changed[dependency.source].items() if dependency.reads in fields}
        if touched:
            ids = owners(records, dependency, touched)
            if ids:
                entity = records.model.entities[dependency.entity]
                root, ids = roots(records, entity, ids)
                found.setdefault(root, set()).update(ids)
    return found


def is_maintained(records: Records, dependency: Dependency) -> bool:
    """Whether differences keep the field right, so that it is not computed anew."""
    place = (dependency.entity, dependency.field)
    return len(dependency.path) == 1 and place in aggregates.maintained(records.model)


def is_own(records: Records, dependency: Dependency) -> bool:
    """Whether a record's own recomputation covers the dependency: its fields, its lines, a line's parent."""
    entity = records.model.entities[dependency.entity]
    if not dependency.path:
        return True
    if dependency.path == ("parent",):
        return True
    field = entity.fields.get(dependency.path[0])
    return len(dependency.path) == 1 and field is not None and field.type == "lines"


def owners(records: Records, dependency: Dependency, touched: dict[int, dict[str, Any]]) -> set[int]:
    """Ids of the dependency's entity from which its path leads to one of the touched records, now or before the change."""
    entities = [records.model.entities[dependency.entity]]
    for step in dependency.path:
        entities.append(target_of(records, entities[-1], step))
    ids = set(touched)
    for level in range(len(dependency.path) - 1, -1, -1):
        entity, step = entities[level], dependency.path[level]
        former: set[int] = set()
        field = entity.fields.get(step)
        if level == len(dependency.path) - 1 and field is not None and field.source is not None:
            former = {old[field.source[1]] for old in touched.values() if old.get(field.source[1]) is not None}
        ids = backwards(records, entity, step, ids) | former
        if not ids:
            return set()
    return ids


def target_of(records: Records, entity: Entity, step: str) -> Entity:
    if step == "parent":
        assert entity.parent is not None
        return records.model.entities[entity.parent]
    field = entity.fields.get(step)
    target = field.target if field is not None else "user"  # owner, created_by, updated_by
    assert target is not None
    return records.model.entities[target]


def backwards(records: Records, entity: Entity, step: str, ids: Iterable[int]) -> set[int]:
    """Ids of `entity` whose `step` leads to one of `ids`."""
    schema, wanted = records.schema, sorted(ids)
    table = schema.table(entity.name)
    field = entity.fields.get(step)
    if step == "parent":
        query = select(table.c.id).where(table.c.parent_id.in_(wanted))
    elif field is None or field.stored:
        query = select(table.c.id).where(table.c[step].in_(wanted))
    elif field.lines is not None:
        lines = schema.table(field.lines.name)
        query = select(lines.c.parent_id).distinct().where(lines.c.id.in_(wanted))
    elif field.source is not None:
        other = schema.table(field.source[0])
        query = select(other.c[field.source[1]]).distinct().where(other.c.id.in_(wanted))
    else:
        join = schema.join_table(entity.name, field.name)
        query = select(join.c.owner_id).distinct().where(join.c.target_id.in_(wanted))
    return {number for number in records.connection.execute(query).scalars() if number is not None}


def roots(records: Records, entity: Entity, ids: set[int]) -> tuple[str, set[int]]:
    """The records that lines belong to; other records are their own."""
    if entity.parent is None:
        return entity.name, ids
    table = records.schema.table(entity.name)
    query = select(table.c.parent_id).distinct().where(table.c.id.in_(sorted(ids)))
    return entity.parent, set(records.connection.execute(query).scalars())
