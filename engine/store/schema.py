"""The tables of a model: one an entity, one for its lines, a join table for each many-valued field."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text

from dsl.feel import ast
from engine.model.model import Entity, Field, Model
from engine.store import system
from engine.store.types import Identity, Moment, column_type

NAMING = {"fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}
LONGEST = 60  # PostgreSQL cuts names at 63 bytes
ROLE_MEMBER = "tw_role_member"
ON_DELETE = {"restrict": None, "set_null": "SET NULL", "cascade": "CASCADE"}


def short(name: str) -> str:
    """A name that every database takes whole."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


class Schema:
    """Entity tables by entity name, join tables by entity and field; system tables as attributes (`schema.task`)."""

    revision = system.revision
    draft = system.draft
    column = system.column
    credential = system.credential
    token = system.token
    answer = system.answer
    sequence = system.sequence
    instance = system.instance
    process_version = system.process_version
    task = system.task
    candidate = system.candidate
    subscription = system.subscription
    message = system.message
    job = system.job
    delivery = system.delivery
    seal = system.seal
    history = system.history
    notification = system.notification
    file = system.file

    def __init__(self, model: Model) -> None:
        self.model = model
        self.metadata = MetaData(naming_convention=NAMING)
        self.tables: dict[str, Table] = {}
        self.joins: dict[tuple[str, str], Table] = {}
        for entity in model.entities.values():
            self.tables[entity.name] = self._entity_table(entity)
            for field in entity.fields.values():
                if field.type in ("links", "choices", "files"):
                    self.joins[entity.name, field.name] = self._join_table(entity, field)

    def table(self, entity: str) -> Table:
        return self.tables[entity]

    def join_table(self, entity: str, field: str) -> Table:
        """Columns: `owner_id`, and `value` (choices) or `target_id` (links, files); rows in order of their id."""
        return self.joins[entity, field]

    def _entity_table(self, entity: Entity) -> Table:
        columns: list[Column[Any]] = [Column("id", Identity, primary_key=True)]
        if entity.parent is not None:
            parent = ForeignKey(f"{short(self.model.entities[entity.parent].table)}.id", ondelete="CASCADE")
            columns.append(Column("parent_id", Identity, parent, nullable=False))
        else:
            columns += self._system_columns()
        columns += [self._column(field) for field in entity.fields.values() if field.stored]
        table = Table(short(entity.table), self.metadata, *columns, sqlite_autoincrement=True)
        indexed(table, "parent_id" if entity.parent is not None else "owner")
        for name, fields in entity.unique.items():
            Index(short(f"uq_{entity.table}_{name}"), *(table.c[field] for field in fields), unique=True)
        for name, fields in entity.indexes.items():
            Index(short(f"ix_{entity.table}_{name}"), *(table.c[field] for field in fields))
        for field in entity.fields.values():
            if field.stored and field.unique:
                Index(short(f"uq_{entity.table}__{field.name}"), table.c[field.name], unique=True)
            elif field.stored and (field.index or field.type in ("link", "user")):
                Index(short(f"ix_{entity.table}__{field.name}"), table.c[field.name])
        index_views(table, entity)
        return table

    def _system_columns(self) -> list[Column[Any]]:
        users = self.model.entities["user"].table

        def person(name: str) -> Column[Any]:
            return Column(name, Identity, ForeignKey(f"{users}.id"))

        return [
            Column("version", Integer, nullable=False),
            Column("created_at", Moment, nullable=False),
            person("created_by"),
            Column("updated_at", Moment, nullable=False),
            person("updated_by"),
            person("owner"),
            Column("archived", Boolean, nullable=False),
        ]

    def _column(self, field: Field) -> Column[Any]:
        if field.type in ("link", "user") and field.to is not None:
            target = self.model.entities[field.to].table
            return Column(field.name, Identity, ForeignKey(f"{short(target)}.id", ondelete=ON_DELETE[field.on_delete]))
        return Column(field.name, column_type(field))

    def _join_table(self, entity: Entity, field: Field) -> Table:
        name = ROLE_MEMBER if (entity.name, field.name) == ("user", "roles") else short(f"{entity.table}__{field.name}")
        key = ForeignKey(f"{short(entity.table)}.id", ondelete="CASCADE")
        owner = Column("owner_id", Identity, key, nullable=False)
        if field.type == "choices":
            value: Column[Any] = Column("value", Text, nullable=False)
        elif field.type == "links":
            assert field.to is not None
            target = short(self.model.entities[field.to].table)
            value = Column("target_id", Identity, ForeignKey(f"{target}.id", ondelete="CASCADE"), nullable=False)
        else:
            value = Column("target_id", Identity, nullable=False)
        table = Table(name, self.metadata, Column("id", Identity, primary_key=True), owner, value)
        indexed(table, "owner_id")
        indexed(table, value.name)
        return table


def index_views(table: Table, entity: Entity) -> None:
    """An index for each sorted list: first what its filter wants equal, then what it sorts by, so that a page is read in order."""
    for view in entity.views.values():
        names = [name for name in view.sort if name.removeprefix("-") in table.c]
        if view.type != "list" or not names or names[0] != view.sort[0]:
            continue
        sort = names[0].removeprefix("-")
        wanted = [*(each for each in equal_in(view.filter.ast if view.filter is not None else None) if each in table.c), sort]
        begun = [[column.name for column in index.columns][: len(wanted)] for index in table.indexes]
        if sort != "id" and wanted not in begun and len(set(wanted)) == len(wanted):
            Index(short(f"ix_{table.name}__{'__'.join(wanted)}"), *(table.c[name] for name in wanted))


def equal_in(node: object) -> list[str]:
    """The fields of the row that a condition wants equal to a literal."""
    match node:
        case ast.Logic(op="and", left=left, right=right):
            return list(dict.fromkeys([*equal_in(left), *equal_in(right)]))
        case ast.Comparison(op="=", left=ast.Path(base=ast.Item(), member=name), right=ast.Literal()):
            return [name]
    return []


def indexed(table: Table, column: str) -> None:
    """An index of the column with a name that is found again, however long the table's is."""
    Index(short(f"ix_{table.name}__{column}"), table.c[column])
