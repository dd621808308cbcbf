"""A process as a picture, with its problems."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from admin.studio import studio, studio_page
from admin.studio.draft import Draft, open_draft
from admin.web import reader_locale, the_workspace
from engine.errors import NotFound
from engine.model.processes import Action, Node, Process

START = "start of the process"  # the id of the card for how it begins: no name of a node


@studio.get("/processes/<name>")
def process(name: str) -> str:
    draft = open_draft(the_workspace())
    found = draft.model.processes.get(name)
    if found is None:
        raise NotFound("There is no process '{name}'", name=name)
    return studio_page("studio/process.html", draft=draft, process=found, label=found.label.in_(reader_locale()),
                       picture=picture(draft, found), problems=draft.problems_of("process", name),
                       yaml=draft.files_of("process", name))  # fmt: skip


def picture(draft: Draft, process: Process) -> dict[str, Any]:
    """The graph for the macro `flow`: nodes with their texts, edges with what leads along them. No positions are stored."""
    language = reader_locale()
    start = {"id": START, "type": "start", "label": begins(draft, process)}
    nodes = [
        {
            "id": node.name,
            "type": node.type,
            "label": node.label.in_(language),
            "status": status(draft, process, node),
            "people": who(draft, node),
            "timers": list(node.timers),
        }
        for node in process.nodes.values()
    ]
    first = {"from": START, "to": process.first, "text": "", "kind": "flow"}
    return {"nodes": [start, *nodes], "edges": [first, *(e for node in process.nodes.values() for e in edges_of(node))]}


def begins(draft: Draft, process: Process) -> str:
    """How it starts, in words."""
    entity = draft.model.entities[process.entity].label.in_(reader_locale()) if process.entity else ""
    on = process.start.on if process.start is not None else "manual"
    words = {
        "create": gettext("When created: %(entity)s", entity=entity), "update": gettext("When changed: %(entity)s", entity=entity),
        "manual": gettext("Started by hand"), "schedule": gettext("By the clock"), "message": gettext("By a message"),
    }  # fmt: skip
    return words[on]


def status(draft: Draft, process: Process, node: Node) -> str:
    """The status that the record takes on, by its label."""
    if node.status is None or process.entity is None or process.lifecycle is None:
        return node.status or ""
    field = draft.model.entities[process.entity].fields.get(process.lifecycle)
    option = field.options.get(node.status) if field is not None else None
    return option.label.in_(reader_locale()) if option is not None else node.status


def who(draft: Draft, node: Node) -> str:
    """Whose turn it is, as the document says it."""
    if node.assign is not None:
        return node.assign.text
    if node.candidates is not None:
        return ", ".join([*roles(draft, node.candidates.roles), *node.candidates.departments])
    return ", ".join(roles(draft, sorted({role for action in node.actions.values() for role in action.roles})))


def roles(draft: Draft, names: Any) -> list[str]:
    known = draft.model.roles
    return [known[name].label.in_(reader_locale()) if name in known else name for name in names]


def edges_of(node: Node) -> list[dict[str, str]]:
    """Every way out of a node: where it goes, in words why, and of which kind."""
    language = reader_locale()
    found: list[dict[str, str]] = []

    def add(targets: tuple[str, ...], text: str, kind: str) -> None:
        found.extend({"from": node.name, "to": target, "text": text, "kind": kind} for target in targets)

    add(node.to, "", "flow")
    for flow in node.flows:
        add(flow.to, flow.when.text if flow.when is not None else gettext("otherwise"), "condition")
    for action in node.actions.values():
        add(action.to, label(action, language), "action")
    for way, text in ((node.on_approve, gettext("approved")), (node.on_reject, gettext("rejected"))):
        if way is not None:
            add(way.to, text, "decision")
    if node.on_error is not None:
        add(node.on_error.to, gettext("on error"), "error")
    for timer in node.timers.values():
        add(timer.to, timer.name, "timer")
    return found


def label(action: Action, language: str) -> str:
    return action.label.in_(language)
