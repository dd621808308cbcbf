"""Statements that are the same for every record of a table: built once, since building costs more than executing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Insert, Select, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.store import Schema


@lru_cache(maxsize=1024)
def by_ids(table: Table) -> Select[Any]:
    """Rows by their ids (`ids`), in order of id."""
    return select(table).where(table.c.id.in_(bindparam("ids", expanding=True))).order_by(table.c.id)


@lru_cache(maxsize=1024)
def joined(join: Table, column: str) -> Select[Any]:
    """What a many-valued field holds for its owners (`ids`), in order."""
    owners = join.c.owner_id.in_(bindparam("ids", expanding=True))
    return select(join.c.owner_id, join.c[column]).where(owners).order_by(join.c.id)


@lru_cache(maxsize=1024)
def insert_one(table: Table) -> Executable:
    """Insert a row; gives its id."""
    return insert(table).returning(table.c.id)


@lru_cache(maxsize=1024)
def insert_many(table: Table) -> Executable:
    """Insert rows; gives their ids in the same order."""
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@lru_cache(maxsize=1024)
def insert_plain(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=2)
def count_up(dialect: str) -> Executable:
    """The next value of the sequence of this `name` and `period`, from 1."""
    table = Schema.sequence
    kind = sqlite if dialect == "sqlite" else postgresql
    first = kind.insert(table).values(name=bindparam("name"), period=bindparam("period"), value=1)
    query = first.on_conflict_do_update(index_elements=["name", "period"], set_={"value": table.c.value + 1})
    return query.returning(table.c.value)
