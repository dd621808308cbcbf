"""What `update … where` costs: 1,000 records, with rules, a computed field and history, against the same by hand on Core.

    python benchmarks/update_where.py [postgresql+psycopg://…/an_empty_database]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import insert, select, update

from dsl import feel
from engine.model.scopes import row_scope
from engine.workspace import Step, Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/shelf.yaml": """
entity: shelf
fields:
  stock: {type: decimal, scale: 2}
  price: {type: money}
  worth: {type: money, compute: stock * price}
rules:
  some_left: {require: stock >= 0, message: Only what is there can be taken}
""",
}
ROWS, TIMES = 1000, 7


def by_engine(step: Step) -> None:
    def tree(text: str) -> feel.Node:
        found = feel.check_condition(text, row_scope(step.model), "shelf", expected=None).ast
        assert found is not None
        return found

    step.records.update_where("shelf", tree("stock >= 1"), {"stock": tree("stock - 0.01")}, {})


def by_hand(step: Step) -> None:
    """One UPDATE, the rows it touched, and an entry of history each."""
    table, history = step.schema.table("shelf"), step.schema.history
    before = {row.id: row.stock for row in step.connection.execute(select(table.c.id, table.c.stock).where(table.c.stock >= 1))}
    less = table.c.stock - Decimal("0.01")
    values = {"stock": less, "worth": less * table.c.price, "version": table.c.version + 1}
    query = update(table).where(table.c.stock >= 1).values(values | {"updated_at": step.now})
    rows = step.connection.execute(query.returning(table.c.id, table.c.stock)).all()
    entry = {"at": step.now, "kind": "record", "entity": "shelf", "origin": "benchmark", "text": "changed", "hash": ""}
    told = [entry | {"record": row.id, "data": {"changes": {"stock": [str(before[row.id]), str(row.stock)]}}} for row in rows]
    step.connection.execute(insert(history), told)


def measure(url: str) -> None:
    workspace = Workspace.open(None, url)
    workspace.publish(FILES)
    with workspace.step(None) as step:
        for _ in range(ROWS):
            step.records.create("shelf", {"stock": 100, "price": "2.50"})
    ours, hand = in_turns(workspace, by_engine, by_hand)
    print(f"{url.split(':')[0]}: {ROWS} records in {ours * 1000:.0f} ms, by hand {hand * 1000:.0f} ms: {ours / hand:.1f} times")
    workspace.close()


def in_turns(workspace: Workspace, *works: Callable[[Step], None]) -> list[float]:
    runs: list[list[float]] = []
    for _ in range(TIMES):
        runs.append([])
        for work in works:
            start = perf_counter()
            workspace.run(None, work)
            runs[-1].append(perf_counter() - start)
    return [median(run[at] for run in runs) for at in range(len(works))]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{Path(folder) / 'shop.db'}")
    for address in sys.argv[1:]:
        measure(address)
