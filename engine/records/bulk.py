"""Statements over many records: `update … where … set …` and `delete … where …` of scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsl.feel import ast
from engine.records.queries import rows_where, value_of
from engine.records.saving import archive, write

if TYPE_CHECKING:
    from engine.records.service import Records


def update_where(records: Records, entity: str, condition: ast.Node | None, values: Mapping[str, ast.Node], names: Any) -> int:
    """Change the records for which the condition holds; returns how many. Inside, `Item(0)` is the row.

    The rows are read under a lock that lasts until the commit, so a value is computed from what is stored at that moment and
    nobody else can change it in between. They are written by one UPDATE with their values, which are those that any write would
    give: typed, rounded, with the computed fields; rules and history hold as ever.
    """
    found = rows_where(records, entity, condition, names, lock=True)
    for record in found:
        write(records, record, {name: value_of(node)(record, names, (), records.host) for name, node in values.items()})
    records.flush()
    return len(found)


def delete_where(records: Records, entity: str, condition: ast.Node | None, names: Any) -> int:
    """Archive the records for which the condition holds; returns how many."""
    found = rows_where(records, entity, condition, names, lock=True)
    with records.step.as_engine():
        for record in found:
            archive(records, record, version=None)
    return len(found)
