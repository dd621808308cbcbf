"""A record's rows: inserted with its lines and lists, written again where they have changed, told to the history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, column, delete, null, values
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeEngine

from engine.errors import StaleVersion
from engine.model.model import Entity, Field
from engine.records import statements
from engine.records.integrity import explained
from engine.records.marking import all_lines, touch
from engine.records.numbering import next_number
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records

MOST_VALUES = 30_000  # parameters of one statement; SQLite takes 32,766



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


def save_all(records: Records, found: Iterable[Record]) -> None:
    """Write stored records that have changed. Those of an entity in which the same columns changed go in one UPDATE."""
    alike: dict[tuple[str, frozenset[str], bool], list[Record]] = {}
    for record in found:
        table = records.schema.table(record.entity.name)
        with_lines = any(line.changed or line.id is None for line in all_lines(record))
        if record.changed and not with_lines and all(name in table.c for name in record.changed):
            by_person = bool(record.changed - _computed(record))
            alike.setdefault((record.entity.name, frozenset(record.changed), by_person), []).append(record)
        else:
            save(records, record)
    for (_, names, by_person), group in alike.items():
        if len(group) == 1:
            save(records, group[0])
        else:
            save_together(records, group, sorted(names), by_person=by_person)


def save_together(records: Records, group: list[Record], names: list[str], *, by_person: bool) -> None:
    """Write the same columns of several records of an entity, as `save` writes one. Raises Conflict."""
    stamp: dict[str, Any] = {}
    if by_person:
        person = records.step.user or records.step.on_behalf
        stamp = {"updated_at": records.step.now, "updated_by": person.id if person else None}
        records.updated += [(record, record.at(record.stored)) for record in group]
    told = [(record, differences(record)) for record in group]
    try:
        update_each(records, group, names, stamp)
    except IntegrityError as error:
        raise explained(records, group[0].entity, error) from error
    for record, changes in told:
        before = dict(record.stored or {})
        record.row().update(stamp | ({"version": record.version + 1} if by_person else {}))
        touch(records, record, set(record.changed), before)
        record.changed.clear()
        record.stored = None
        if changes:
            records.step.history.add("changed", record, changes=changes)


def update_each(records: Records, group: list[Record], names: list[str], stamp: dict[str, Any]) -> None:
    """One UPDATE with the rows' own values, joined by id and, where people's changes are stamped, by version."""
    table = records.schema.table(group[0].entity.name)
    columns = [column("id", table.c.id.type), *(column(f"new_{name}", table.c[name].type) for name in names)]
    if stamp:
        columns.append(column("was", table.c.version.type))
    for start in range(0, len(group), most := MOST_VALUES // len(columns)):
        part = group[start : start + most]
        rows = [
            (r.id, *(typed(records, table.c[name].type, r.row()[name]) for name in names), *((r.version,) if stamp else ())) for r in part
        ]
        given = values(*columns, name="tw_given").data(rows).cte("tw_given")
        changed: dict[str, Any] = {name: given.c[f"new_{name}"] for name in names} | stamp
        statement = update_rows(table).where(table.c.id == given.c.id)
        if stamp:
            statement = statement.where(table.c.version == given.c.was)
            changed["version"] = table.c.version + 1
        done = set(records.connection.execute(statement.values(changed).returning(table.c.id)).scalars())
        late = next((record for record in part if record.id not in done), None)
        if late is not None:
            raise Conflict(late)


def typed(records: Records, kind: TypeEngine[Any], value: Any) -> Any:
    """A value for a list of values: PostgreSQL takes a column of nulls for texts, unless it is told what they are."""
    return cast(null(), kind) if value is None and records.connection.dialect.name == "postgresql" else value


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
