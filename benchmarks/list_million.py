"""The first page of a filtered, sorted list over a million rows, in process: as a ratio to raw SQL, and to 10,000 rows.

    python benchmarks/list_million.py [ROWS] [postgresql+psycopg://…/an_empty_database]

SQLite is measured in a temporary file. Both sides read 25 rows with the same condition, permission and order, in a transaction
of their own; ours makes records of them, and counts up to 10,000 matches where that is said.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from million import on_each
from sqlalchemy import insert, text

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: lists\n",
    "entities/sale.yaml": """
entity: sale
fields:
  number: {type: text}
  status: {type: choice, options: [draft, open, done, lost]}
  placed: {type: date}
  total:  {type: money}
views:
  open: {type: list, filter: 'status = "open" and total > 100', columns: [number, placed, total], sort: [-placed]}
""",
    "roles/seller.yaml": "role: seller\ngrants:\n  sale: {read: 'total < 9000'}\n",
}
RAW = """
SELECT * FROM sale WHERE archived IS FALSE AND total < {high} AND status = 'open' AND total > {low} AND placed IS NOT NULL
ORDER BY placed DESC, id DESC LIMIT 26
"""
FEW, TIMES, PAGE, COUNTED = 10_000, 41, 25, 10_000


def fill(workspace: Workspace, rows: int) -> None:
    chance = random.Random(7)
    first = date(2020, 1, 1)
    with workspace.step(None) as step:
        if not step.records.count("user", 'login = "sam"'):
            step.records.create("user", {"login": "sam", "name": "Sam", "roles": ["seller"]})
        table = step.schema.table("sale")
        stamp = {"version": 1, "archived": False, "created_at": step.now, "updated_at": step.now}
        for start in range(0, rows, 10_000):
            batch = [
                {
                    **stamp,
                    "number": f"S{start + i}",
                    "status": chance.choice(("draft", "open", "done", "lost")),
                    "placed": first + timedelta(chance.randrange(2000)) if chance.random() < 0.95 else None,
                    "total": chance.randrange(1_000_000) / 100,
                }
                for i in range(min(10_000, rows - start))
            ]
            step.connection.execute(insert(table), batch)
    with workspace.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def ours(workspace: Workspace, *, count: bool = False) -> None:
    with workspace.step("sam", readonly=True) as step:
        page = step.records.list("sale", view="open", limit=PAGE)
        assert len(page.records) == PAGE
        if count:
            page.total_up_to(COUNTED)


def raw(workspace: Workspace) -> None:
    low, high = (10000, 900000) if workspace.database.sqlite else (100, 9000)
    with workspace.database.transaction(readonly=True) as connection:
        assert len(connection.execute(text(RAW.format(low=low, high=high))).all()) == PAGE + 1


def milliseconds(works: list[Callable[[], None]]) -> list[float]:
    """The median of each, taken in turns, so that a slow moment of the machine hits all."""
    found: list[list[float]] = [[] for _ in works]
    for work in works * 3:
        work()
    for _ in range(TIMES):
        for times, work in zip(found, works, strict=True):
            start = perf_counter()
            work()
            times.append((perf_counter() - start) * 1000)
    return [median(times) for times in found]


def measure(url: str, rows: int) -> None:
    workspace = Workspace.open(None, url)
    workspace.publish(FILES)
    works = [lambda: raw(workspace), lambda: ours(workspace), lambda: ours(workspace, count=True)]
    there, small = 0, 0.0
    for number in (FEW, rows):
        fill(workspace, number - there)
        there = number
        sql, listed, counted = milliseconds(works)
        small = small or listed
        print(
            f"{url.split(':')[0]}, {number:9,} rows: raw SQL {sql:.2f} ms, list {listed:.2f} ms = {listed / sql:.1f}× (goal 6×), "
            f"{listed / small:.2f}× of that with {FEW:,} rows (goal 1×); with the count up to {COUNTED:,} {counted:.2f} ms"
        )
    workspace.close()


if __name__ == "__main__":
    on_each(measure)
