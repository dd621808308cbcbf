"""How far a record's process has come: the progress bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from engine.model.model import Text
from engine.process import instance
from engine.process.definitions import graph_of
from engine.process.graph import WAITING, Graph, main_path
from engine.records import Record
from engine.records.history import Entry

if TYPE_CHECKING:
    from engine.workspace import Step

SHOWN = WAITING | {"end_event"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A node on the way. `who` left a past one (None: the engine), `when`; the present one's `when` is when it was
    entered.
    """

    node: str
    label: Text
    state: Literal["past", "present", "future"]
    who: Record | None = None
    when: datetime | None = None
    status: str = ""


def stages(step: Step, record: Record) -> list[Stage]:
    """The stages of the record's lifecycle, else of the process that started last; empty without any."""
    table = step.schema.instance
    query = (
        select(table.c.id)
        .where(table.c.entity == record.entity.name, table.c.record == record.id)
        .order_by(table.c.lifecycle.desc(), table.c.id.desc())
        .limit(1)
    )
    number = step.connection.execute(query).scalar()
    if number is None:
        return []
    case = instance.load(step, [number])[0]
    graph = graph_of(step, case.process, case.version)
    visited = _visits(step, record, case.id)
    present = list(dict.fromkeys(token.node for token in case.state.tokens))
    past = [_stage(graph, node, "past", who, when) for node, when, who in _passed(graph, visited, present)]
    entered = {node: when for node, when, _ in visited}
    now = [
        _stage(graph, node, "present", None, entered.get(node)) for node in present if graph.nodes[node].type in SHOWN
    ]
    ahead: list[str] = []
    if present:
        passed = {stage.node for stage in past}
        likely = main_path(graph, present[0])[1:]
        ahead = [n for n in likely if graph.nodes[n].type in SHOWN and n not in passed and n not in present]
    return past + now + [_stage(graph, node, "future", None, None) for node in ahead]


def _stage(
    graph: Graph, node: str, state: Literal["past", "present", "future"], who: Record | None, when: datetime | None
) -> Stage:
    found = graph.nodes[node]
    return Stage(node, found.label, state, who, when, found.status or "")


def _visits(step: Step, record: Record, case: int) -> list[tuple[str, datetime, Record | None]]:
    """The nodes entered by the instance, oldest first: when, and who caused it."""
    entries: list[Entry] = step.history.of(record)
    return [
        (str(entry.data.get("node")), entry.at, entry.user)
        for entry in reversed(entries)
        if entry.kind == "process" and entry.data.get("instance") == case and entry.data.get("event") == "entered"
    ]


def _passed(
    graph: Graph, visited: list[tuple[str, datetime, Record | None]], present: list[str]
) -> list[tuple[str, datetime | None, Record | None]]:
    """Nodes that were left, in order of their first visit since the present ones were entered first; a way back
    erases what lay after.
    """
    path: list[tuple[str, datetime, Record | None]] = []
    for visit in visited:
        node = visit[0]
        if node not in graph.nodes or graph.nodes[node].type not in SHOWN:
            continue
        again = next((index for index, step in enumerate(path) if step[0] == node), None)
        if again is not None:
            del path[again:]
        path.append(visit)
    found: list[tuple[str, datetime | None, Record | None]] = []
    for index, (node, entered, _) in enumerate(path):
        if node in present:
            continue
        left = path[index + 1] if index + 1 < len(path) else None
        found.append((node, left[1] if left else entered, left[2] if left else None))
    return found
