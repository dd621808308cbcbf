"""How records are written: read the values, fill in the rest, compute, check, then rows, history and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError

from engine.errors import ActionRefused, FieldError, NeedsConfirmation, StaleVersion, TradewindError, ValidationFailed
from engine.model.model import Entity, Field, Value
from engine.records import checks, compute, statements
from engine.records.integrity import explained
from engine.records.numbering import next_number
from engine.records.record import Record
from engine.records.values import LARGEST_INTEGER, Refused

if TYPE_CHECKING:
    from engine.records.service import Records

MOST_ROUNDS = 100  # of dependents' dependents in one settling


# ---- creating ----


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
    if step.engine:
        records.unchecked[record] = True  # checked when the activity ends
    else:
        records.unchecked[record] = True
        settle(records, confirm=confirm)
    return record


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


def identity_of(value: Any) -> Any:
    if isinstance(value, Record):
        return value.id
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


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


def number(records: Records, record: Record) -> None:
    numbering = record.entity.number
    if numbering is not None and record.row().get(numbering.field) is None:
        today = records.step.today
        name = f"{record.entity.name}.{numbering.field}"
        record.row()[numbering.field] = next_number(records.connection, name, numbering.pattern, today)


def put(records: Records, record: Record) -> None:
    """Insert a new record, its lines and its many-valued fields."""
    table = records.schema.table(record.entity.name)
    row = {name: value for name, value in record.row().items() if name in table.c}
    try:
        record.id = records.connection.execute(statements.insert_one(table), row).scalar_one()
        record.row()["id"] = record.id
        records.known[record.entity.name, record.id] = record
        record.changed.clear()
        for field in record.entity.fields.values():
            if field.lines is not None:
                put_lines(records, record, field, field.lines)
            elif field.name in records_joins(record):
                put_joined(records, record, field)
    except IntegrityError as error:
        raise explained(records, record.entity, error) from error


def records_joins(record: Record) -> list[str]:
    return [f.name for f in record.entity.fields.values() if f.type in ("links", "choices", "files") and record.lists.get(f.name)]


def put_lines(records: Records, record: Record, field: Field, lines: Entity) -> None:
    new = [line for line in record.lists.get(field.name, ()) if line.id is None]
    if not new:
        return
    table = records.schema.table(lines.name)
    rows = [{name: value for name, value in line.row().items() if name in table.c} | {"parent_id": record.id} for line in new]
    numbers = records.connection.execute(statements.insert_many(table), rows).scalars().all()
    for line, line_id in zip(new, numbers, strict=True):
        line.id = line.row()["id"] = line_id
        line.row()["parent_id"] = record.id
        line.batch = new
        line.changed.clear()
        records.known[lines.name, line_id] = line
        records.dirty.pop(line, None)
        for joined in records_joins(line):
            put_joined(records, line, lines.fields[joined])


def put_joined(records: Records, record: Record, field: Field) -> None:
    join = records.schema.join_table(record.entity.name, field.name)
    held = record.lists.get(field.name, [])
    column = "value" if field.type == "choices" else "target_id"
    if held:
        rows = [{"owner_id": record.id, column: each.id if isinstance(each, Record) else each} for each in held]
        records.connection.execute(statements.insert_plain(join), rows)


# ---- changing ----


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
    owner = identity_of(value["id"] if isinstance(value, Mapping) else value)
    if not isinstance(owner, int) or not records.get_many("user", [owner]):
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


# ---- settling ----


def all_lines(record: Record) -> list[Record]:
    return [line for field in record.entity.lines for line in record.lists.get(field.name, ())]


def settle(records: Records, *, confirm: bool = False) -> None:
    """Write what changed and recompute what reads it, then check all records that were written since the last time."""
    for _ in range(MOST_ROUNDS):
        flush(records)
        changed = [record for record in records.unchecked if record.values is None or not record.row().get("archived")]
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
        for record in found:
            save(records, record)
        records.unchecked |= found
        recompute_dependents(records)
    raise TradewindError("Computed fields do not come to rest after {rounds} rounds", code="no_rest", rounds=MOST_ROUNDS)


def root_of(record: Record) -> Record:
    if record.entity.parent is None:
        return record
    parent = record["parent"]
    assert isinstance(parent, Record)
    return parent


def check_values(records: Records, changed: Sequence[Record]) -> None:
    """Raise ValidationFailed with all values of all records that are missing or out of bounds."""
    errors = [problem for record in changed for problem in checks.problems(records, record)]
    if errors:
        raise ValidationFailed(errors)


def check_rules(records: Records, changed: Sequence[Record], confirm: bool) -> None:
    """Raise ValidationFailed for broken rules; NeedsConfirmation for warnings, to a person who did not confirm."""
    errors: list[FieldError] = []
    warnings: list[FieldError] = []
    for record in changed:
        for rule, problem in checks.broken(records, record):
            (errors if rule.severity == "error" else warnings).append(problem)
    if errors:
        raise ValidationFailed(errors)
    if warnings and not (confirm or records.step.confirm or records.step.engine or records.step.user is None):
        raise NeedsConfirmation(warnings)


def save(records: Records, record: Record) -> None:
    """Write a stored record's changed columns, lines and lists, with a history entry and its version counted up."""
    lines = all_lines(record)
    if not record.changed and not any(line.changed or line.id is None for line in lines):
        return
    computed = {name for name, field in record.entity.fields.items() if field.compute is not None}
    by_person = bool(record.changed - computed) or any(line.id is None or line.changed - _computed(line) for line in lines)
    changes = differences(record)
    try:
        for field in record.entity.lines:
            assert field.lines is not None
            new = [line for line in record.lists.get(field.name, ()) if line.id is None]
            put_lines(records, record, field, field.lines)
            for line in new:
                touch(records, line, set(line.entity.fields) | {"id"}, {})
        for line in lines:
            save_columns(records, line, {})
        stamp: dict[str, Any] = {}
        if by_person:
            person = records.step.user or records.step.on_behalf
            stamp = {"version": record.version + 1, "updated_at": records.step.now, "updated_by": person.id if person else None}
            records.updated.append((record, record.at(record.stored)))
        save_columns(records, record, stamp)
    except IntegrityError as error:
        raise explained(records, record.entity, error) from error
    if changes:
        records.step.history.add("changed", record, changes=changes)


def _computed(line: Record) -> set[str]:
    return {name for name, field in line.entity.fields.items() if field.compute is not None}


def differences(record: Record) -> dict[str, list[Any]]:
    """Changed fields with their values before and after, for the history; sensitive values are not told."""
    old = record.stored or {}
    found: dict[str, list[Any]] = {}
    for name in sorted(record.changed - {"archived"}):  # which is an entry of its own
        field = record.entity.fields.get(name)
        if field is not None and (not field.track or field.lines is not None or field.compute is not None):
            continue
        if field is not None and field.sensitive:
            found[name] = ["•••", "•••"]
        elif field is None or field.stored:
            found[name] = [old.get(name), record.row().get(name)]
        else:
            found[name] = [None, [e.id if isinstance(e, Record) else e for e in record.lists.get(name, [])]]
    return found


def save_columns(records: Records, record: Record, stamp: dict[str, Any]) -> None:
    if not record.changed and not stamp:
        return
    table = records.schema.table(record.entity.name)
    columns = {name: record.row()[name] for name in record.changed if name in table.c} | stamp
    before = dict(record.stored or {})
    if columns:
        statement = update_rows(table).where(table.c.id == record.id)
        if stamp:
            statement = statement.where(table.c.version == record.version)
        if records.connection.execute(statement.values(columns)).rowcount != 1:
            raise Conflict(record)
        record.row().update(stamp)
    for name in record.changed & {f.name for f in record.entity.fields.values() if f.type in ("links", "choices", "files")}:
        join = records.schema.join_table(record.entity.name, name)
        records.connection.execute(delete(join).where(join.c.owner_id == record.id))
        put_joined(records, record, record.entity.fields[name])
    touch(records, record, set(record.changed), before)
    record.changed.clear()
    record.stored = None


class Conflict(StaleVersion):
    """Another transaction changed the record between our reading and writing; the step may be tried again."""

    def __init__(self, record: Record) -> None:
        super().__init__("{title} was changed by somebody else at the same moment; try again", title=repr(record))


def recompute_dependents(records: Records) -> None:
    """Records that read what was written are locked, loaded anew and recomputed; what changes in them is left dirty."""
    touched, records.touched = records.touched, {}
    if not touched:
        return
    forget_related(records)
    for entity, ids in compute.dependents(records, touched).items():
        table = records.schema.table(entity)
        locked_rows = select(table).where(table.c.id.in_(sorted(ids))).order_by(table.c.id).with_for_update()
        fresh = {row.id: row for row in records.connection.execute(locked_rows)}
        for record in records.adopt(records.model.entities[entity], fresh.values()):
            if not record.changed:
                record.values = dict(fresh[record.id]._mapping)
            compute.recompute(records, record)


def forget_related(records: Records) -> None:
    """Lists of related records are read again after a write."""
    for record, name in records.related:
        record.lists.pop(name, None)
    records.related.clear()


# ---- archiving ----


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
    assign(records, record, "archived", True)
    settle(records)
    touch(records, record, set(record.entity.fields) | {"archived"}, dict(record.old or {}))
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


# ---- inputs ----


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
