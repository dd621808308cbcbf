"""Sorted views are read by an index, so that the first page of a long list costs what that of a short one does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from engine.store.plan import plan
from engine.workspace import Workspace

ENTITY = """
entity: sale
fields:
  status: {type: choice, options: [open, done]}
  placed: {type: date}
  due:    {type: date}
  client: {type: text}
indexes: {by_due: [due, client]}
views:
  all:  {type: list, columns: [placed], sort: [-placed]}
  open: {type: list, columns: [placed], filter: 'status = "open" and client != null', sort: [-placed, client]}
  due:  {type: list, columns: [due], sort: [due]}
"""


def test_a_sorted_view_has_an_index_unless_another_begins_alike(database_url: Any) -> None:
    workspace = Workspace.open(None, database_url)
    workspace.publish({"workspace.yaml": "workspace: sales\n", "entities/sale.yaml": ENTITY})
    found = {tuple(index["column_names"]) for index in inspect(workspace.database.engine).get_indexes("sale")}
    with workspace.step(None) as step:
        further = plan(step.connection, step.schema)
    workspace.close()

    assert found == {("owner",), ("due", "client"), ("placed",), ("status", "placed")}
    assert further == []
