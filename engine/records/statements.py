"""Statements that are the same for every record of a table: built once, since building costs more than executing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    Insert,
    Result,
    Select,
    Table,
    bindparam,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine.store import Schema


def by_ids(connection: Connection, table: Table, ids: Sequence[int]) -> Result[Any]:
    """Rows by their ids, in order of id."""
    return among(connection, _by_id(table, len(ids) == 1), ids)


def joined(connection: Connection, join: Table, column: str, owners: Sequence[int]) -> Iterable[Any]:
    """What a many-valued field holds for its owners: pairs of owner and value, in order."""
    return among(connection, _joined(join, column, len(owners) == 1), owners)


def among(connection: Connection, query: Select[Any], ids: Sequence[int]) -> Result[Any]:
    return connection.execute(query, {"ids": ids[0] if len(ids) == 1 else ids})


@lru_cache(maxsize=1024)
def _by_id(table: Table, single: bool) -> Select[Any]:
    return select(table).where(one_of(table.c.id, single)).order_by(table.c.id)


@lru_cache(maxsize=1024)
def _joined(join: Table, column: str, single: bool) -> Select[Any]:
    return select(join.c.owner_id, join.c[column]).where(one_of(join.c.owner_id, single)).order_by(join.c.id)


def one_of(column: Column[Any], single: bool) -> ColumnElement[bool]:
    """The column is among the parameter `ids`; a single one is spared the list, which costs its expansion each time."""
    return column == bindparam("ids") if single else column.in_(bindparam("ids", expanding=True))


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
    counted: Executable = query.returning(table.c.value)
    return counted
