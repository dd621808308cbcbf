"""Process definitions by version: an instance stays on the one that it started with (spec 3.3)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.errors import Unavailable
from engine.model import build_process
from engine.model.model import Model
from engine.process.graph import Graph, compile_graph

if TYPE_CHECKING:
    from engine.workspace import Step


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
