"""Process definitions by version: an instance stays on the one that it started with (spec 3.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select

from engine.errors import Unavailable
from engine.model.model import Model
from engine.model.versions import build_process
from engine.process.graph import Graph, compile_graph
from engine.store import Schema

if TYPE_CHECKING:
    from engine.workspace import Step


def store_versions(
    connection: Connection, documents: Mapping[tuple[str, str], Mapping[str, object]], model: Model, now: datetime
) -> None:
    """Keep the documents of a model's processes, for the instances that will run on them. Part of publishing."""
    table = Schema.process_version
    kept = {(row.process, row.version) for row in connection.execute(select(table.c.process, table.c.version))}
    rows = [
        {
            "process": process.name,
            "version": process.version,
            "document": json.loads(json.dumps(documents["process", process.name], default=str)),
            "created_at": now,
        }
        for process in model.processes.values()
        if (process.name, process.version) not in kept
    ]
    if rows:
        connection.execute(insert(table), rows)


def graph_of(step: Step, process: str, version: str) -> Graph:
    """The graph of a process at a version: the model's own, else compiled from the stored document."""
    current = step.model.processes.get(process)
    if current is not None and current.version == version:
        return compile_graph(current)
    table = step.schema.process_version
    document = step.connection.execute(
        select(table.c.document).where(table.c.process == process, table.c.version == version)
    ).scalar()
    if document is None:
        raise Unavailable("Version {version} of process '{process}' is not stored", version=version, process=process)
    return _compiled(step.model, json.dumps(document))


@lru_cache(maxsize=256)
def _compiled(model: Model, document: str) -> Graph:
    """An old version, compiled against the current entities."""
    return compile_graph(build_process(json.loads(document), model))
