"""A process as a picture, with its problems."""

from __future__ import annotations

from typing import Any

from admin.studio import studio, studio_page
from admin.studio.draft import open_draft
from admin.web import reader_locale, the_workspace
from engine.errors import NotFound
from engine.model.model import Node, Process


@studio.get("/processes/<name>")
def process(name: str) -> str:
    draft = open_draft(the_workspace())
    found = draft.model.processes.get(name)
    if found is None:
        raise NotFound("There is no process '{name}'", name=name)
    problems = draft.problems_of("process", name)
    files = {p: t for p, t in draft.files.items() if any(line.strip() == f"process: {name}" for line in t.splitlines())}
    return studio_page("studio/process.html", draft=draft, process=found, picture=picture(found, reader_locale()),
                       problems=problems, yaml=files)  # fmt: skip


def picture(process: Process, language: str) -> dict[str, Any]:
    """The graph as data for drawing: nodes with their texts, edges with what leads along them. No positions are stored."""
    nodes = [
        {
            "id": node.name,
            "type": node.type,
            "label": node.label.in_(language),
            "status": node.status or "",
            "people": who(node),
            "timers": [timer.name for timer in node.timers.values()],
        }
        for node in process.nodes.values()
    ]
    edges = [edge for node in process.nodes.values() for edge in edges_of(node, language)]
    return {"start": process.first, "nodes": nodes, "edges": edges}


def who(node: Node) -> str:
    """Whose turn it is, as the document says it."""
    if node.assign is not None:
        return node.assign.text
    if node.candidates is not None:
        return ", ".join([*node.candidates.roles, *node.candidates.departments])
    return ", ".join(sorted({role for action in node.actions.values() for role in action.roles}))


def edges_of(node: Node, language: str) -> list[dict[str, str]]:
    """Every way out of a node: where it goes, in words why, and of which kind."""
    found: list[dict[str, str]] = []

    def add(targets: tuple[str, ...], text: str, kind: str) -> None:
        found.extend({"from": node.name, "to": target, "text": text, "kind": kind} for target in targets)

    add(node.to, "", "flow")
    for flow in node.flows:
        add(flow.to, flow.when.text if flow.when is not None else "else", "condition")
    for action in node.actions.values():
        add(action.to, action.label.in_(language), "action")
    for way, text in ((node.on_approve, "approve"), (node.on_reject, "reject")):
        if way is not None:
            add(way.to, text, text)
    if node.on_error is not None:
        add(node.on_error.to, "error", "error")
    for timer in node.timers.values():
        add(timer.to, timer.name, "timer")
    return found
