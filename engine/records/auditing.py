"""Whether the history is as it was written: each record's entries are a hash chain, and seals cover all chains (spec 3.3).

A seal is a hash over the one before and over the hashes of all entries up to an id, so that it also tells of entries that were removed
at the end of a chain, or with their whole record. Who can write to the database could make all of it anew: keep a seal's digest elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from engine.records.history import digest

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace

MARGIN = timedelta(hours=1)  # entries of a step that has not committed yet may have smaller ids than others
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry, or a seal (`entry` 0), that is not as it was written."""

    entry: int
    entity: str | None
    record: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Seal:
    """`digest` covers all entries up to `last`; `count` of them since the seal before."""

    number: int
    at: datetime
    last: int
    count: int
    digest: str


def seal(step: Step) -> Seal | None:
    """Seal what was written since the last seal, save the last hour; None where there is nothing."""
    table, history = step.schema.seal, step.schema.history
    before = newest(step)
    first = before.last if before is not None else 0
    last = step.connection.execute(select(func.max(history.c.id)).where(history.c.at < step.now - MARGIN)).scalar() or 0
    if last <= first:
        return None
    total, count = begun(before), 0
    for (link,) in step.connection.execute(select(history.c.hash).where(history.c.id > first, history.c.id <= last).order_by(history.c.id)):
        total.update(link.encode())
        count += 1
    made = Seal(before.number + 1 if before is not None else 1, step.now, last, count, total.hexdigest())
    row = {"number": made.number, "at": made.at, "last": last, "count": count, "digest": made.digest}
    step.connection.execute(insert(table).values(row))
    return made


def begun(before: Seal | None) -> Any:
    """The hash of a seal, begun with the one before."""
    return hashlib.sha256((before.digest if before is not None else "").encode())


def newest(step: Step) -> Seal | None:
    found = seals(step)
    return found[-1] if found else None


def seals(step: Step) -> list[Seal]:
    table = step.schema.seal
    return [Seal(**row) for row in step.connection.execute(select(table).order_by(table.c.number)).mappings()]


def size(workspace: Workspace) -> int:
    """How many entries there are."""
    with workspace.step(None, readonly=True) as step:
        return int(step.connection.execute(select(func.count()).select_from(step.schema.history)).scalar_one())


def verify(workspace: Workspace, progress: Callable[[int], None] = lambda _: None) -> Iterator[Broken]:
    """All entries and seals that are not as they were written, in one reading of the history."""
    with workspace.step(None, readonly=True) as step:
        check = Check(seals(step))
        history = step.schema.history
        rows = step.connection.execution_options(yield_per=BATCH).execute(select(history).order_by(history.c.id)).mappings()
        for batch in rows.partitions():
            for row in batch:
                yield from check.entry(row)
            progress(len(batch))
        yield from check.end()


class Check:
    """What is known while the history is read in order."""

    def __init__(self, wanted: list[Seal]) -> None:
        self.seals = wanted
        self.links: dict[tuple[str | None, int | None], str] = {}
        self.before: Seal | None = None
        self.total, self.count = begun(None), 0

    def entry(self, row: Any) -> Iterator[Broken]:
        while self.seals and row["id"] > self.seals[0].last:
            yield from self.sealed()
        key = row["entity"], row["record"]
        known = self.links.get(key, "")
        fits = row["hash"] == digest(known, row) or (row["record"] is None and row["hash"] == digest("", row))
        if not fits:
            yield Broken(row["id"], *key, "it, or one before it on the same record, was changed or removed")
        self.links[key] = row["hash"]
        self.total.update(row["hash"].encode())
        self.count += 1

    def sealed(self) -> Iterator[Broken]:
        """The entries of a seal have been read."""
        found = self.seals.pop(0)
        if self.total.hexdigest() != found.digest:
            missing = found.count - self.count
            why = f"{missing} entries were removed" if missing > 0 else f"{-missing} were put in" if missing else "entries were changed"
            yield Broken(0, None, None, f"seal {found.number} of {found.at:%Y-%m-%d} does not fit: {why}")
        self.before = found
        self.total, self.count = begun(found), 0

    def end(self) -> Iterator[Broken]:
        while self.seals:
            yield from self.sealed()
