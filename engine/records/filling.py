"""Values get into records: what was given is read and checked for access, the rest comes from defaults; all refusals at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from engine.errors import FieldError, TradewindError, ValidationFailed
from engine.model.model import Entity, Field, Value
from engine.records import attachments, checks
from engine.records.marking import assign, assign_list, mark, touch
from engine.records.record import Record
from engine.records.values import LARGEST_INTEGER, Refused

if TYPE_CHECKING:
    from engine.records.service import Records


def known_entity(records: Records, name: str) -> Entity:
    entity = records.model.entities.get(name)
    if entity is None or entity.parent is not None:
        raise TradewindError("There is no entity '{name}'", code="unknown_entity", name=name)
    return entity


def draft(records: Records, entity: Entity, values: Mapping[str, Any]) -> tuple[Record, list[FieldError]]:
    """A record that is not stored yet, from what was given and the defaults; and what was refused."""
    step = records.step
    now = step.now
    person = step.user.id if step.user is not None else step.on_behalf.id if step.on_behalf is not None else None
    row: dict[str, Any] = {
        "version": 1, "created_at": now, "created_by": person, "updated_at": now, "updated_by": person,
        "owner": person, "archived": False,
    }  # fmt: skip
    record = Record(records, entity, None, row)
    record.old = {}
    load_links(records, entity, values)
    errors = fill(records, record, values, "")
    return record, errors


def load_links(records: Records, entity: Entity, values: Mapping[str, Any]) -> None:
    """Load what the values name: one query for each entity, where reading line by line would ask once a line."""
    wanted: dict[str, set[int]] = {}
    for field, value in links_in(entity, values):
        if field.to is not None and type(number := identity_of(value)) is int and 0 < number <= LARGEST_INTEGER:
            wanted.setdefault(field.to, set()).add(number)
    for target, ids in wanted.items():
        records.get_many(target, ids)


def links_in(entity: Entity, values: Mapping[str, Any]) -> Iterator[tuple[Field, Any]]:
    for name, value in values.items():
        field = entity.fields.get(name)
        if field is None or not value:
            continue
        if field.type in ("link", "user"):
            yield field, value["id"] if isinstance(value, Mapping) and "id" in value else value
        elif field.lines is not None and isinstance(value, list | tuple):
            for line in value:
                if isinstance(line, Mapping):
                    yield from links_in(field.lines, line)


def fill(records: Records, record: Record, values: Mapping[str, Any], prefix: str) -> list[FieldError]:
    """Give a new record or line its values: those given, then defaults in order of declaration."""
    errors: list[FieldError] = []
    fields = record.entity.fields
    writable = writable_fields(records, record)
    for name in values:
        if name not in fields:
            if prefix == "" and name == "owner" and records.unbound:
                record.row()["owner"] = identity_of(values[name])
            elif name not in ("id", "version"):
                errors.append(unknown(record.entity, prefix + name, name))
        elif name not in writable and values[name] not in (None, "", []):
            errors.append(locked(records, fields[name], prefix + name))
    for name, field in fields.items():
        if field.compute is not None or field.type == "related":
            continue
        if name in values and name in writable:
            take(records, record, field, values[name], prefix, errors)
        elif field.stored:
            record.row().setdefault(name, None)
        else:
            record.lists[name] = []
        if field.default is not None and (name not in values or name not in writable):
            take(records, record, field, given(records, record, field.default), prefix, errors, exact=False)
    return errors


def given(records: Records, record: Record, value: Value) -> Any:
    return value.literal if value.expression is None else value.expression(records.names(record), records.host)


def take(
    records: Records, record: Record, field: Field, value: Any, prefix: str, errors: list[FieldError], *, exact: bool | None = None
) -> None:
    """Read one value into a record; what is refused goes to `errors`."""
    path = prefix + field.name
    if field.lines is not None:
        take_lines(records, record, field, field.lines, value, errors)
        return
    careful = not records.step.engine
    reading = records.typing if (careful or records.exact if exact is None else exact) else records.rounding
    try:
        stored = reading.read(field, value)
        if field.type in ("link", "user", "links") and stored:
            stored = reachable(records, field, stored, careful)
        if field.type in attachments.TYPES and stored:
            attachments.check(records, record, field, stored)
        if field.stored:
            assign(records, record, field.name, stored)
        else:
            assign_list(records, record, field, stored or [])
    except Refused as refused:
        errors.append(refused.at(path))


def reachable(records: Records, field: Field, stored: Any, careful: bool) -> Any:
    """The ids of linked records, if they exist and (for a person) may be read; Refused otherwise. Links become records."""
    assert field.to is not None
    ids = stored if isinstance(stored, list) else [stored]
    found = {r.id: r for r in records.get_many(field.to, ids)}
    for number in ids:
        target = found.get(number)
        if target is None or (careful and not (records.access.can("read", target) or field.to in ("user", "department"))):
            label = records.model.entities[field.to].label.in_(records.locale)
            raise Refused("link", "There is no {entity} {id}, or you may not see it", entity=label, id=number)
    return [found[number] for number in ids] if isinstance(stored, list) else stored


def take_lines(records: Records, record: Record, field: Field, lines: Entity, value: Any, errors: list[FieldError]) -> None:
    """Lines that are given replace the old, save those that keep their `id`."""
    if value is None:
        value = []
    if not isinstance(value, Sequence) or isinstance(value, str):
        errors.append(FieldError(field.name, "type", "This must be a list of lines"))
        return
    present = {line.id: line for line in record.list_of(field)} if record.id is not None else {}
    kept: list[Record] = []
    for index, each in enumerate(value):
        prefix = f"{field.name}.{index}."
        if isinstance(each, Record):
            each = {name: each[name] for name, f in each.entity.fields.items() if f.compute is None} | {"id": each.id}
        if not isinstance(each, Mapping):
            errors.append(FieldError(prefix[:-1], "type", "This must be a line: an object with its fields"))
            continue
        line = present.get(identity_of(each.get("id"))) if each.get("id") is not None else None
        if each.get("id") is not None and line is None:
            errors.append(FieldError(prefix + "id", "link", "This record has no line {id}", {"id": each["id"]}))
            continue
        if line is None:
            line = Record(records, lines, None, {})
            line.parent, line.old = record, {}
            errors.extend(fill(records, line, each, prefix))
        else:
            errors.extend(change(records, line, each, prefix))
        kept.append(line)
    removed = [line for line in present.values() if line not in kept]
    if record.id is not None and (removed or any(line.id is None for line in kept)):
        mark(records, record, field.name)
    record.lists[field.name] = kept
    if removed:
        remove_lines(records, removed)


def remove_lines(records: Records, lines: list[Record]) -> None:
    table = records.schema.table(lines[0].entity.name)
    for line in lines:
        touch(records, line, set(line.entity.fields) | {"id"}, dict(line.row()))
        records.known.pop((line.entity.name, line.id), None)  # type: ignore[arg-type]
        records.dirty.pop(line, None)
    records.connection.execute(delete(table).where(table.c.id.in_([line.id for line in lines])))


def identity_of(value: Any) -> int | None:
    """The id that a value names: a record, a whole number or its digits; None for anything else."""
    if isinstance(value, Record):
        return value.id
    if isinstance(value, Decimal) and value.is_finite() and abs(value) <= LARGEST_INTEGER and value == value.to_integral_value():
        return int(value)
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    return value if type(value) is int else None


def unknown(entity: Entity, path: str, name: str) -> FieldError:
    return FieldError(path, "unknown_field", "{entity} has no field '{name}'", {"entity": entity.name, "name": name})


def locked(records: Records, field: Field, path: str) -> FieldError:
    return FieldError(path, "readonly", "{field} cannot be changed here", {"field": records.label(field)})


def writable_fields(records: Records, record: Record) -> set[str]:
    """The fields that the step's user may give a value now."""
    if records.unbound:
        return {name for name, field in record.entity.fields.items() if field.compute is None and field.type != "related"}
    allowed = records.access.writable_fields(record.entity)
    return {
        name
        for name, field in record.entity.fields.items()
        if name in allowed and field.compute is None and field.type != "related" and not field.readonly
        and not (field.readonly_when is not None and record.id is not None and checks.holds(records, record, field.readonly_when))
    }  # fmt: skip


def change(records: Records, record: Record, values: Mapping[str, Any], prefix: str) -> list[FieldError]:
    """Read new values into a stored record; a locked field may be given as it is."""
    errors: list[FieldError] = []
    writable = writable_fields(records, record)
    if not prefix:
        load_links(records, record.entity, values)
    for name, value in values.items():
        field = record.entity.fields.get(name)
        if field is None:
            if name == "owner" and prefix == "":
                hand_over(records, record, value, errors)
            elif name not in ("id", "version"):
                errors.append(unknown(record.entity, prefix + name, name))
        elif name in writable:
            take(records, record, field, value, prefix, errors)
        elif not unchanged(records, record, field, value):
            errors.append(locked(records, field, prefix + name))
    return errors


def hand_over(records: Records, record: Record, value: Any, errors: list[FieldError]) -> None:
    owner = identity_of(value.get("id") if isinstance(value, Mapping) else value)
    if owner is None or not 0 < owner <= LARGEST_INTEGER or not records.get_many("user", [owner]):
        errors.append(FieldError("owner", "link", "There is no such person"))
    else:
        assign(records, record, "owner", owner)


def unchanged(records: Records, record: Record, field: Field, value: Any) -> bool:
    if not field.stored:
        return False
    try:
        return bool(records.rounding.read(field, value) == record.row().get(field.name))
    except Refused:
        return False


def read_inputs(records: Records, fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    found: dict[str, Any] = {}
    for name in values:
        if name not in fields:
            errors.append(FieldError(name, "unknown_field", "There is no input '{name}'", {"name": name}))
    for name, field in fields.items():
        value = values.get(name)
        if name not in values and field.default is not None:
            default = field.default
            value = default.literal if default.expression is None else default.expression({}, records.host)
        try:
            stored = records.typing.read(field, value)
            if field.type in ("link", "user") and stored is not None:
                reachable(records, field, stored, careful=not records.step.engine)
                assert field.to is not None
                stored = records.get_many(field.to, [stored])[0]
            elif field.type == "links" and stored:
                stored = reachable(records, field, stored, careful=not records.step.engine)
            elif field.type == "json":
                stored = value  # a variable keeps exact numbers and dates, which a column of JSON can't
            found[name] = stored
        except Refused as refused:
            errors.append(refused.at(name))
            continue
        if field.required and stored in (None, [], ""):
            errors.append(FieldError(name, "required", "{field} is required", {"field": records.label(field)}))
        elif stored is not None:
            errors.extend(checks.bounds(records, field, stored, {}, name))
    if errors:
        raise ValidationFailed(errors)
    return found
