"""A record as it would be: computed values and the state of its fields while somebody types. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import FieldError
from engine.model.model import Entity, Field, FormField
from engine.records import checks, compute, filling
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Preview, Records


def preview(records: Records, entity: str, values: Mapping[str, Any], record: Record | None) -> Preview:
    from engine.records.service import Preview

    described = filling.known_entity(records, entity)
    if record is None:
        shadow, _ = filling.draft(records, described, values)
    else:
        shadow = shadow_of(records, record, values)
    compute.recompute(records, shadow)
    records.dirty.clear()
    return Preview(shadow, states(records, described, shadow, record is None))


def shadow_of(records: Records, record: Record, values: Mapping[str, Any]) -> Record:
    """A copy of a stored record, with new values, that is never saved."""
    shadow = Record(records, record.entity, None, dict(record.row()))
    shadow.old = dict(record.row())
    errors: list[FieldError] = []
    for field in record.entity.fields.values():
        if not field.stored:
            shadow.lists[field.name] = list(record.list_of(field))
    writable = filling.writable_fields(records, record)
    for field in record.entity.fields.values():
        if field.lines is not None:
            given = values.get(field.name) if field.name in writable else None
            present = {line.id: line for line in record.list_of(field)}
            shadow.lists[field.name] = shadow_lines(records, shadow, field.lines, field, present, given)
        elif field.name in values and field.name in writable:
            filling.take(records, shadow, field, values[field.name], "", errors)
    return shadow


def shadow_lines(
    records: Records, shadow: Record, lines: Entity, field: Field, present: Mapping[int | None, Record], given: Any
) -> list[Record]:
    rows = given if isinstance(given, list) else [{"id": number} for number in present]
    made = []
    for index, row in enumerate(rows):
        stored = present.get(filling.identity_of(row.get("id")))
        line = Record(records, lines, None, dict(stored.row()) if stored is not None else {})
        line.parent, line.old = shadow, {}
        if stored is None:
            filling.fill(records, line, row, f"{field.name}.{index}.")
        else:
            for name, each in lines.fields.items():
                if not each.stored:
                    line.lists[name] = list(stored.list_of(each))
                if name in row and each.compute is None:
                    filling.take(records, line, each, row[name], f"{field.name}.{index}.", [])
        made.append(line)
    return made


def states(records: Records, entity: Entity, record: Record, new: bool) -> dict[str, Any]:
    """How each field that is not hidden stands: by the field, the form's entry and section, and the person's grants."""
    from engine.records.service import State

    placed = {f.name: f for section in entity.sections for f in section.fields}
    sections = {f.name: section.visible_when for section in entity.sections for f in section.fields}
    writable = filling.writable_fields(records, record)
    found = {}
    for name, field in records.access.visible_fields(entity).items():
        form = placed.get(name) or FormField(name)

        def holds(*conditions: Any, otherwise: bool) -> bool:
            given = [c for c in conditions if c is not None]
            return any(checks.holds(records, record, c) for c in given) if given else otherwise

        shown = [c for c in (field.visible_when, form.visible_when, sections.get(name)) if c is not None]
        visible = all(checks.holds(records, record, c) for c in shown)
        locked = name not in writable or holds(*([] if new else [field.readonly_when, form.readonly_when]), otherwise=False)
        required = field.required or holds(field.required_when, form.required_when, otherwise=False)
        found[name] = State(visible, locked, required and field.compute is None)
    return found
