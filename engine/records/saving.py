"""Create, change, archive: the operations on one record, each with its permission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.errors import ActionRefused, FieldError, ValidationFailed
from engine.records import compute
from engine.records.filling import change, draft, hand_over, known_entity, remove_lines, take, unknown
from engine.records.marking import all_lines, assign, mark, root_of, touch
from engine.records.record import Record
from engine.records.rows import number, put
from engine.records.settling import check_values, flush, settle

if TYPE_CHECKING:
    from engine.records.service import Records


def create(records: Records, entity: str, values: Mapping[str, Any], *, confirm: bool) -> Record:
    step = records.step
    described = known_entity(records, entity)
    if not step.engine:
        records.access.require("create", entity)
    record, errors = draft(records, described, values)
    if errors:
        raise ValidationFailed(errors)
    number(records, record)
    compute.recompute(records, record)
    if not step.engine:
        check_values(records, [record])
    put(records, record)
    records.dirty.pop(record, None)
    step.history.add("created", record)
    touch(records, record, set(described.fields) | {"id", "owner"}, {})
    for line in all_lines(record):
        touch(records, line, set(line.entity.fields) | {"id"}, {})
    step.processes.on_created(record)  # before the rules: a lifecycle gives the record its first status
    records.unchecked[record] = not step.engine
    if not step.engine:  # else it is checked when the activity ends
        settle(records, confirm=confirm)
    return record


def update_allowed(records: Records, record: Record) -> None:
    if not records.step.engine:
        records.access.require("update", record)


def update(records: Records, record: Record, values: Mapping[str, Any], *, version: int | None, confirm: bool) -> Record:
    record.expect_version(version)
    update_allowed(records, record)
    errors = change(records, record, values, "")
    if errors:
        raise ValidationFailed(errors)
    settle(records, confirm=confirm)
    return record


def write(records: Records, record: Record, values: Mapping[str, Any]) -> None:
    errors: list[FieldError] = []
    with records.step.as_engine():
        for name, value in values.items():
            field = record.entity.fields.get(name)
            if field is None and name == "owner":
                hand_over(records, record, value, errors)
            elif field is None:
                errors.append(unknown(record.entity, name, name))
            else:
                take(records, record, field, value, "", errors, exact=False)
    if errors:
        raise ValidationFailed(errors)
    root = record.parent if record.parent is not None else record
    compute.recompute(records, root)


def archive(records: Records, record: Record, *, version: int | None) -> None:
    if record.entity.parent is not None:
        parent = root_of(record)
        name = record.entity.name.rpartition(".")[2]
        parent.lists[name] = [line for line in parent.list_of(parent.entity.fields[name]) if line is not record]
        mark(records, parent, name)
        remove_lines(records, [record])
        return
    record.expect_version(version)
    if not records.step.engine:
        records.access.require("delete", record)
    if record.row()["archived"]:
        return
    release_links(records, record)
    flush(records)
    before = dict(record.row())
    assign(records, record, "archived", True)
    settle(records)
    touch(records, record, set(record.entity.fields) | {"archived"}, before)
    records.step.history.add("archived", record)
    settle(records)


def release_links(records: Records, record: Record) -> None:
    """What links to a record that goes follows its `on_delete`: restrict refuses, set_null empties, cascade goes too."""
    for entity in records.model.entities.values():
        for field in entity.fields.values():
            if field.to != record.entity.name or not field.stored or field.type not in ("link", "user"):
                continue
            table = records.schema.table(entity.name)
            condition = table.c[field.name] == record.id
            if entity.parent is None:
                condition &= table.c.archived.is_(False)
            rows = records.connection.execute(select(table).where(condition)).all()
            if not rows:
                continue
            if field.on_delete == "restrict":
                label = entity.label.in_(records.locale)
                raise ActionRefused("{title} cannot be deleted: {count} of {entity} still name it as {field}",
                                    title=record.title(), count=len(rows), entity=label, field=records.label(field))  # fmt: skip
            for linking in records.adopt(entity, rows):
                if field.on_delete == "set_null":
                    write(records, linking, {field.name: None})
                else:
                    with records.step.as_engine():
                        archive(records, linking, version=None)
