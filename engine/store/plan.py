"""What publishing does to the database: the difference between a model's tables and the live ones, and how it is applied.

No statement drops a column or a row: a field that goes is retired, its column stays until a purge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Index, Table, inspect, text
from sqlalchemy.schema import CreateColumn

from engine.errors import TradewindError
from engine.model.model import Field, Model
from engine.store.schema import Schema
from engine.store.types import Exact


@dataclass(frozen=True, slots=True)
class Step:
    """One change: in words, and how to do it."""

    text: str
    apply: Callable[[Operations], None]


def plan(connection: Connection, schema: Schema, old: Model | None) -> list[Step]:
    """The steps from the live tables to the schema's. Raises TradewindError for a change that would lose data."""
    inspector = inspect(connection)
    live = set(inspector.get_table_names())
    steps: list[Step] = []
    missing = [table for table in schema.metadata.sorted_tables if table.name not in live]
    if missing:
        names = ", ".join(table.name for table in missing)
        steps.append(Step(f"create table{'s' * (len(missing) > 1)} {names}", create(schema, missing)))
    for table in schema.metadata.sorted_tables:
        if table.name in live:
            columns = {column["name"] for column in inspector.get_columns(table.name)}
            indexes = {str(index["name"]): bool(index["unique"]) for index in inspector.get_indexes(table.name)}
            steps.extend(changes(table, columns, indexes, connection.dialect))
    if old is not None:
        steps.extend(converted(old, schema))
    return steps


def create(schema: Schema, tables: list[Table]) -> Callable[[Operations], None]:
    return lambda op: schema.metadata.create_all(op.get_bind(), tables=tables, checkfirst=False)


def changes(table: Table, columns: set[str], indexes: dict[str, bool], dialect: Any) -> Iterator[Step]:
    for column in table.columns:
        if column.name not in columns:
            yield Step(f"add column {table.name}.{column.name}", adder(table, column, dialect))
    for index in table.indexes:
        name = str(index.name)
        if name not in indexes:
            kind = "unique index" if index.unique else "index"
            yield Step(f"add {kind} {name}", indexer(index))
    wanted = {str(index.name) for index in table.indexes}
    for name, unique in indexes.items():
        if name not in wanted and name.startswith(("uq_", "ix_")):
            yield Step(f"drop {'unique ' * unique}index {name}", dropper(name, table.name))


def adder(table: Table, column: Column[Any], dialect: Any) -> Callable[[Operations], None]:
    """Add a column, empty in every row, its foreign key in the same statement (SQLite knows no other way)."""
    definition = str(CreateColumn(column).compile(dialect=dialect)).strip()
    for key in column.foreign_keys:
        target_table, target = key.target_fullname.rsplit(".", 1)
        definition += f" REFERENCES {target_table} ({target})" + (f" ON DELETE {key.ondelete}" if key.ondelete else "")
    quoted = dialect.identifier_preparer.quote(table.name)
    return lambda op: op.get_bind().execute(text(f"ALTER TABLE {quoted} ADD COLUMN {definition}")) and None


def indexer(index: Index) -> Callable[[Operations], None]:
    return lambda op: index.create(op.get_bind())


def dropper(name: str, table: str) -> Callable[[Operations], None]:
    return lambda op: op.drop_index(name, table_name=table)


def converted(old: Model, schema: Schema) -> Iterator[Step]:
    """Columns that hold another type or another number of digits than before."""
    for entity in schema.model.entities.values():
        before = old.entities.get(entity.name)
        if before is None:
            continue
        for field in entity.fields.values():
            was = before.fields.get(field.name)
            if was is not None and was.stored and field.stored:
                yield from conversion(schema, entity.name, was, field)


def conversion(schema: Schema, entity: str, was: Field, field: Field) -> Iterator[Step]:
    column = schema.table(entity).c[field.name]
    old_type, new_type = column_kind(was), column_kind(field)
    if old_type != new_type:
        raise TradewindError(
            "{entity}.{field} cannot change from {old} to {new} while it holds data; add a new field and retire this one",
            code="type_change", entity=entity, field=field.name, old=was.type, new=field.type,
        )  # fmt: skip
    if isinstance(column.type, Exact) and was.scale is not None and field.scale is not None and was.scale != field.scale:
        if field.scale < was.scale:
            raise TradewindError(
                "{entity}.{field} cannot go from {old} to {new} digits after the point: values would be cut",
                code="scale_change", entity=entity, field=field.name, old=was.scale, new=field.scale,
            )  # fmt: skip
        yield Step(f"widen {column.table.name}.{field.name} to {field.scale} digits after the point", widener(column, was.scale))


def column_kind(field: Field) -> str:
    if field.type in ("decimal", "money", "percent"):
        return "exact"
    if field.type in ("integer", "boolean", "date", "time", "datetime", "duration", "json"):
        return field.type
    if field.type in ("link", "user"):
        return f"link {field.to}"
    return "file" if field.type in ("file", "image") else "text"


def widener(column: Column[Any], old_scale: int) -> Callable[[Operations], None]:
    def widen(op: Operations) -> None:
        assert isinstance(column.type, Exact)
        connection = op.get_bind()
        if connection.dialect.name == "sqlite":
            factor = 10 ** (column.type.scale - old_scale)
            quote = connection.dialect.identifier_preparer.quote
            connection.execute(text(f"UPDATE {quote(column.table.name)} SET {quote(column.name)} = {quote(column.name)} * {factor}"))
        else:
            op.alter_column(column.table.name, column.name, type_=column.type)

    return widen


def apply(connection: Connection, steps: list[Step]) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for step in steps:
        step.apply(operations)
