"""What publishing does to the database: how a model's tables differ from the live ones, and how that is applied.

No statement drops a column or a row: a field that goes is retired, its column stays until a purge. What every column
holds is kept in `tw_column`, so that a retired field that comes back means what it meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Index, Table, func, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from engine.errors import TradewindError
from engine.model.model import Entity, Field
from engine.store import search
from engine.store.schema import Schema
from engine.store.types import Exact

Indexes = Mapping[str, tuple[bool, tuple[str | None, ...]]]
UNKEPT = ("lines", "related")  # fields of other tables


@dataclass(frozen=True, slots=True)
class Step:
    """One change: in words, and how to do it. Without words it is only noted."""

    text: str
    apply: Callable[[Operations], object]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the column (or join table) of a field holds."""

    kind: str
    scale: int | None


def plan(connection: Connection, schema: Schema) -> list[Step]:
    """The steps from the live tables to the schema's. Raises TradewindError where the data does not allow one."""
    inspector = inspect(connection)
    live = set(inspector.get_table_names())
    tables = list(schema.metadata.tables.values())
    missing = [table for table in tables if table.name not in live]
    steps: list[Step] = []
    if missing:
        names = ", ".join(table.name for table in missing)
        steps.append(Step(f"create table{'s' * (len(missing) > 1)} {names}", creator(schema, missing)))
    for table in tables:
        if table.name in live:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            indexes = {
                str(index["name"]): (bool(index["unique"]), tuple(index["column_names"]))
                for index in inspector.get_indexes(table.name)
            }
            steps.extend(changes(connection, table, columns, indexes))
    return [*steps, *conversions(connection, schema), *searching(connection, schema)]


def apply(connection: Connection, steps: Iterable[Step]) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for step in steps:
        step.apply(operations)


# ---- tables, columns, indexes ----


def creator(schema: Schema, tables: list[Table]) -> Callable[[Operations], object]:
    return lambda op: schema.metadata.create_all(op.get_bind(), tables=tables, checkfirst=False)


def changes(connection: Connection, table: Table, columns: set[str], indexes: Indexes) -> Iterator[Step]:
    for column in table.columns:
        if column.name not in columns:
            yield Step(f"add column {table.name}.{column.name}", adder(table, column, connection.dialect))
    wanted = {str(index.name): index for index in table.indexes}
    for name, (unique, names) in indexes.items():
        index = wanted.get(name)
        same = index is not None and (bool(index.unique), tuple(index.columns.keys())) == (unique, names)
        if not same and name.startswith(("uq_", "ix_")):
            yield Step(f"drop {'unique ' * unique}index {name}", dropper(name, table.name))
        if same:
            del wanted[name]
    for name, index in wanted.items():
        if index.unique and columns.issuperset(index.columns.keys()):
            refuse_duplicates(connection, table, index)
        yield Step(f"add {'unique ' * bool(index.unique)}index {name}", indexer(index))


def adder(table: Table, column: Column[Any], dialect: Any) -> Callable[[Operations], object]:
    """Add a column, empty in every row, its foreign key in the same statement (SQLite knows no other way)."""
    quote = dialect.identifier_preparer.quote
    definition = str(CreateColumn(column).compile(dialect=dialect)).strip()
    for key in column.foreign_keys:
        target_table, target = key.target_fullname.rsplit(".", 1)
        definition += f" REFERENCES {quote(target_table)} ({quote(target)})"
        definition += f" ON DELETE {key.ondelete}" if key.ondelete else ""
    statement = text(f"ALTER TABLE {quote(table.name)} ADD COLUMN {definition}".replace(":", "\\:"))
    return lambda op: op.get_bind().execute(statement)


def indexer(index: Index) -> Callable[[Operations], object]:
    return lambda op: index.create(op.get_bind())


def dropper(name: str, table: str) -> Callable[[Operations], object]:
    return lambda op: op.drop_index(name, table_name=table)


def refuse_duplicates(connection: Connection, table: Table, index: Index) -> None:
    """Raise TradewindError if rows share values that shall be unique; archived records count too."""
    columns = list(index.columns)
    many = select(func.count().label("rows")).where(*(column.is_not(None) for column in columns))
    groups = many.group_by(*columns).having(func.count() > 1).subquery()
    count, rows = connection.execute(select(func.count(), func.sum(groups.c.rows)).select_from(groups)).one()
    if count:
        fields = ", ".join(column.name for column in columns)
        template = "{entity} cannot be unique by {fields}: {rows} records (archived ones too) share {count} values"
        raise TradewindError(template, code="duplicates", entity=table.name, fields=fields, rows=int(rows), count=count)


# ---- search ----


def searching(connection: Connection, schema: Schema) -> Iterator[Step]:
    """Indexes for search that are to be made, and those that nothing searches any more."""
    wanted = {search.index_name(entity): entity for entity in schema.model.entities.values() if search.is_indexed(entity)}
    live = search.live_indexes(connection)
    for name in sorted(live - wanted.keys()):
        yield Step(f"drop search index {name}", runner(search.removal(connection, name)))
    for name in sorted(wanted.keys() - live):
        entity = wanted[name]
        fields = ", ".join(field.name for field in search.searched_fields(entity))
        yield Step(f"make {entity.table} searchable by {fields}", runner(search.statements(connection, entity)))


def runner(statements: Iterable[str]) -> Callable[[Operations], object]:
    def run(op: Operations) -> None:
        for statement in statements:
            op.get_bind().exec_driver_sql(statement)

    return run


# ---- what columns hold ----


def conversions(connection: Connection, schema: Schema) -> Iterator[Step]:
    """Columns that hold another type or another number of digits than before, retired ones that come back included."""
    kept = Schema.column
    before = {(row.entity, row.field): Kept(row.kind, row.scale) for row in connection.execute(select(kept))}
    fresh = []
    for entity in schema.model.entities.values():
        for field in entity.fields.values():
            if field.type in UNKEPT:
                continue
            was, now = before.get((entity.name, field.name)), held(field)
            if was is None:
                fresh.append({"entity": entity.name, "field": field.name, "kind": now.kind, "scale": now.scale})
            elif was != now:
                yield conversion(schema, entity, field, was, now)
    if fresh:
        yield Step("", lambda op: op.get_bind().execute(insert(kept), fresh))


def held(field: Field) -> Kept:
    """What the storage of a field holds. Types of one kind may be exchanged for one another."""
    kind = field.type
    if field.type in ("decimal", "money", "percent"):
        return Kept("number", field.scale)
    if field.type in ("link", "user", "links"):
        kind = f"{'links' if field.type == 'links' else 'link'} to {field.to}"
    elif field.type in ("file", "image"):
        kind = "file"
    elif field.type in ("text", "long_text", "rich_text", "choice", "email", "phone", "url"):
        kind = "text"
    return Kept(kind, None)


def conversion(schema: Schema, entity: Entity, field: Field, was: Kept, now: Kept) -> Step:
    if was.kind != now.kind:
        raise TradewindError(
            "{entity}.{field} cannot be {new}: its column holds {old}, also from the time before it was removed; "
            "give the field another name",
            code="type_change", entity=entity.name, field=field.name, old=was.kind, new=now.kind,
        )  # fmt: skip
    assert was.scale is not None
    assert now.scale is not None
    if now.scale < was.scale:
        raise TradewindError(
            "{entity}.{field} cannot go from {old} to {new} digits after the point: values would be cut",
            code="scale_change", entity=entity.name, field=field.name, old=was.scale, new=now.scale,
        )  # fmt: skip
    column = schema.table(entity.name).c[field.name]
    words = f"widen {column.table.name}.{field.name} from {was.scale} to {now.scale} digits after the point"
    return Step(words, widener(entity.name, column, was.scale, now.scale))


def widener(entity: str, column: Column[Any], was: int, now: int) -> Callable[[Operations], object]:
    def widen(op: Operations) -> None:
        connection = op.get_bind()
        if connection.dialect.name == "sqlite":
            enlarge(connection, column, 10 ** (now - was))
        else:
            op.alter_column(column.table.name, column.name, type_=column.type)
        kept = Schema.column
        place = (kept.c.entity == entity, kept.c.field == column.name)
        connection.execute(update(kept).where(*place).values(scale=now))

    return widen


def enlarge(connection: Connection, column: Column[Any], factor: int) -> None:
    """Give SQLite's integers their new unit; one that would no longer fit is refused."""
    assert isinstance(column.type, Exact)
    quote = connection.dialect.identifier_preparer.quote
    name, table = quote(column.name), quote(column.table.name)
    limit = (2**63 - 1) // factor
    if connection.execute(text(f"SELECT 1 FROM {table} WHERE abs({name}) > {limit} LIMIT 1")).first():
        template = "{table}.{field} holds numbers too large for {scale} digits after the point"
        values = {"table": column.table.name, "field": column.name, "scale": column.type.scale}
        raise TradewindError(template, code="scale_change", **values)
    connection.execute(text(f"UPDATE {table} SET {name} = {name} * {factor}"))
