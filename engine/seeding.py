"""What a publish does to records: `data` documents loaded, values for fields that are new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dsl import feel
from engine.errors import FieldError, TradewindError, ValidationFailed
from engine.model.dependencies import asked
from engine.model.model import DataSet, Entity, Field, Model
from engine.model.scopes import row_scope
from engine.records import Record, compute
from engine.records.filling import given
from engine.records.marking import assign

if TYPE_CHECKING:
    from engine.workspace import Step

BATCH = 500


def seed(step: Step, before: Model | None, *, own: bool = True) -> None:
    """Load data documents and back-fill new fields, with the engine's authority. Without `own`, only the modules' data."""
    with step.as_engine():
        for entity in step.model.entities.values():
            if before is not None and entity.name in before.entities:
                back_fill(step, entity, before.entities[entity.name], rewritten(before, step.model))
        loaded = before.data if before is not None else ()
        for data in step.model.data:
            if data not in loaded and (own or data.module):  # loaded once; what people changed in its records since stays
                load(step, data)


# ---- data documents ----


def load(step: Step, data: DataSet) -> None:
    """Create or update each record by the data set's key; loading the same again changes nothing."""
    entity = step.model.entities[data.entity]
    present = {step_key(record, data.key): record for record in step.records.find(data.entity)}
    for index, row in enumerate(data.records):
        values = {name: resolved(step, entity.fields.get(name), value) for name, value in row.items()}
        try:
            record = present.get(plain_key(values.get(data.key)))
            if record is None:
                record = step.records.create(data.entity, values)
                present[step_key(record, data.key)] = record
            else:
                refresh(step, record, values)
            step.settle()
        except (ValidationFailed, TradewindError) as error:
            where = f"data {data.name}, record {index + 1} ({data.key}: {row.get(data.key)})"
            raise TradewindError("{where}: {reason}", code="data", where=where, reason=error.text) from error


def refresh(step: Step, record: Record, values: Mapping[str, Any]) -> None:
    """Bring a loaded record to what the document says now; its lines stay as they are once they exist."""
    lifecycle = step.model.lifecycle_of(record.entity.name)
    kept = {f.name for f in record.entity.lines} | ({lifecycle.lifecycle} if lifecycle is not None else set())
    step.records.write(record, {name: value for name, value in values.items() if name not in kept})


def step_key(record: Record, key: str) -> object:
    return plain_key(record[key])


def plain_key(value: object) -> object:
    return value.id if isinstance(value, Record) else value


def resolved(step: Step, field: Field | None, value: object) -> object:
    """A value of a data document: a link by the target's key, `=…` as FEEL, lines' values likewise."""
    if isinstance(value, str) and value.startswith("="):
        expression = feel.compile(value[1:], row_scope(step.model))
        return expression({"workspace": step.workspace_context()}, step.host)
    if field is None or value is None:
        return value
    if field.lines is not None and isinstance(value, list | tuple):
        return [
            {name: resolved(step, field.lines.fields.get(name), each) for name, each in line.items()}
            if isinstance(line, Mapping) else line
            for line in value
        ]  # fmt: skip
    if field.type in ("link", "user") and field.to is not None:
        return by_key(step, field, value)
    if field.type == "links" and isinstance(value, list | tuple):
        return [by_key(step, field, each) for each in value]
    return value


def by_key(step: Step, field: Field, value: object) -> object:
    """The record that a link in a data document names: by the key of the target's own data set, or a unique field of it."""
    assert field.to is not None
    target = step.model.entities[field.to]
    keys = list(dict.fromkeys([d.key for d in step.model.data if d.entity == field.to] + unique_fields(target)))
    for key in keys:
        found = step.records.find(field.to, f"{key} = wanted", {"wanted": value})
        if len(found) == 1:
            return found[0]
    template = "There is no {entity} with {keys} '{value}'"
    values = {"entity": field.to, "keys": " or ".join(keys) or "a unique field", "value": value}
    raise ValidationFailed([FieldError(field.name, "link", template, values)])


def unique_fields(entity: Entity) -> list[str]:
    return [field.name for field in entity.fields.values() if field.unique and field.type in ("text", "email", "phone", "integer")]


# ---- new fields on old records ----


def rewritten(before: Model, after: Model) -> frozenset[str]:
    """The decisions that no longer say what they said."""
    same = {name for name, each in before.decisions.items() if name in after.decisions and each.texts == after.decisions[name].texts}
    return frozenset(after.decisions) - same


def back_fill(step: Step, entity: Entity, before: Entity, decisions: frozenset[str]) -> None:
    """Give old records what a new or changed field says they get: `fill`, a new computed value, also where it asks changed `decisions`."""
    new = [f for f in entity.fields.values() if f.stored and f.compute is None and f.fill is not None and f.name not in before.fields]
    required = [
        f for f in entity.fields.values()
        if f.fill is not None and f.required and f.name in before.fields and not before.fields[f.name].required
    ]  # fmt: skip
    computed = [f for f in entity.fields.values() if f.compute is not None and changed(f, before.fields.get(f.name), decisions)]
    if not new and not required and not computed:
        return
    table = step.schema.table(entity.name)
    last = 0
    while rows := step.connection.execute(select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)).all():
        last = rows[-1].id
        for record in step.records.adopt(entity, rows):
            for field in (*new, *required):
                if record[field.name] is None and field.fill is not None:
                    stored = step.records.rounding.read(field, given(step.records, record, field.fill))
                    assign(step.records, record, field.name, stored)
            if computed:
                compute.recompute(step.records, record if record.entity.parent is None else record["parent"], everything=True)
        step.settle()


def changed(field: Field, before: Field | None, decisions: frozenset[str]) -> bool:
    if before is None or before.compute is None:
        return True
    assert field.compute is not None
    if not decisions.isdisjoint(asked(field.compute)):
        return True
    return field.compute.text != before.compute.text or field.scale != before.scale
