"""Old versions of processes, compiled against the current model for the instances that still run on them (spec 3.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dsl import script
from dsl.documents import load
from engine.errors import Unavailable
from engine.model.build import slots
from engine.model.build_nodes import World
from engine.model.build_processes import build_process as build_from
from engine.model.checker import Checker
from engine.model.model import Model
from engine.model.part import Part
from engine.model.processes import Process
from engine.model.scopes import declared, names_of


def build_process(document: Mapping[str, object], model: Model) -> Process:
    """The process of an effective document as it was published once.

    Raises Unavailable if it no longer fits the model, saying why: a field that it uses is gone, for instance.
    """
    name = str(document["process"])
    loaded = load(f"<{name}, an earlier version>", json.dumps(document, ensure_ascii=False, default=str))
    names = names_of(model)
    checker = Checker(names, frozenset(model.roles))
    startable = {
        each.name: script.Startable(
            each.entity, {key: names.type_of(declared(each.name, field)) for key, field in each.variables.items()}
        )
        for each in model.processes.values()
    }
    world = World(
        model.settings,
        model.entities,
        {name: slots(names, entity) for name, entity in model.entities.items()},
        frozenset(model.templates),
        startable,
        checker.roles,
        {name: frozenset(connector.operations) for name, connector in model.connectors.items()},
    )
    assert loaded.document is not None
    process = build_from(checker, world, Part(loaded.document, (), loaded.document.data), "")
    errors = [problem.message for problem in checker.problems if problem.severity == "error"]
    if errors:
        raise Unavailable(
            "An earlier version of process '{process}' no longer fits the configuration: {reason}",
            process=name,
            reason="; ".join(errors),
        )
    return process
