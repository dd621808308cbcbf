"""Substring search over a million records, Chinese and English: median milliseconds of the first 25, in process.

    python benchmarks/search.py [ROWS] [postgresql+psycopg://…/an_empty_database]

SQLite is measured in a temporary file. For comparison, the same search without the index: a scan with LIKE.
"""

from __future__ import annotations

import random
from statistics import median
from time import perf_counter

from million import on_each
from sqlalchemy import func, insert, select, text

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: search\n",
    "entities/client.yaml": """
entity: client
fields:
  name: {type: text, search: true}
  city: {type: text, search: true}
""",
}
HANZI = (
    "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么"
    "经法当起与好看学进种将还分此心前面又定见只主没公从风信贸易商"
)
SYLLABLES = (
    *("ba", "co", "di", "fu", "ga", "he", "ji", "ko", "lu", "ma", "ne", "pi", "qu", "ra", "so", "ti", "vu", "wa", "xi", "yo", "za"),
    *("tra", "win", "lon", "star", "mark"),
)
WANTED = ("信风", "贸易商", "风信贸", "tradew", "starmark", "lonwin", "信", "qu xi")
TIMES = 7


def name(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return "".join(chance.choices(HANZI, k=chance.randint(4, 10)))
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() for _ in range(2))


def fill(workspace: Workspace, rows: int) -> None:
    chance = random.Random(7)
    with workspace.step(None) as step:
        table = step.schema.table("client")
        stamp = {"version": 1, "archived": False, "created_at": step.now, "updated_at": step.now}
        for start in range(0, rows, 10_000):
            batch = [{**stamp, "name": name(chance), "city": name(chance)} for _ in range(min(10_000, rows - start))]
            step.connection.execute(insert(table), batch)
    with workspace.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def search(workspace: Workspace, wanted: str) -> int:
    with workspace.step(None, readonly=True) as step:
        return len(step.records.list("client", search=wanted, limit=25).records)


def scan(workspace: Workspace, wanted: str) -> int:
    with workspace.step(None, readonly=True) as step:
        table = step.schema.table("client")
        held = func.coalesce(table.c.name, "") + " " + func.coalesce(table.c.city, "")
        query = select(table).where(held.ilike(f"%{wanted}%"), table.c.archived.is_(False)).order_by(table.c.id.desc()).limit(25)
        return len(step.connection.execute(query).all())


def milliseconds(work: object, *arguments: object) -> float:
    found = []
    for _ in range(TIMES):
        start = perf_counter()
        work(*arguments)  # type: ignore[operator]
        found.append((perf_counter() - start) * 1000)
    return median(found)


def measure(url: str, rows: int) -> None:
    workspace = Workspace.open(None, url)
    workspace.publish(FILES)
    start = perf_counter()
    fill(workspace, rows)
    print(f"{url.split(':')[0]}: {rows} records written in {perf_counter() - start:.0f} s")
    every = []
    for wanted in WANTED:
        indexed, scanned = milliseconds(search, workspace, wanted), milliseconds(scan, workspace, wanted)
        every.append(indexed)
        print(f"  {wanted:12} {search(workspace, wanted):3} found {indexed:9.2f} ms, scan {scanned:9.2f} ms")
    print(f"  median {median(every):.2f} ms, goal 20 ms")
    workspace.close()


if __name__ == "__main__":
    on_each(measure)
