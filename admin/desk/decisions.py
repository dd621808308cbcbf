"""The panel of what is asked of a person: a task's reason, the others who decide, and the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext

from admin.desk.controls import Control, FieldState, Form
from admin.desk.present import DASH, Reader
from engine.model.model import Field
from engine.model.processes import Node, TaskForm
from engine.process.tasks import Decision, SeatInfo, Task
from engine.records import Record
from engine.workspace import Step

STYLES = {"primary": "primary", "danger": "no"}
WAITING, APPROVED, REJECTED = "amber", "green", "red"


def asks_first(node: Node, name: str) -> bool:
    """Whether an action needs a page of its own: inputs, further fields, or a question."""
    action = node.actions.get(name)
    if action is None:
        return False
    return bool(action.form.inputs) or bool(set(action.form.edit) - set(node.form.edit)) or action.confirm is not None


def operation(node: Node, task: Task, name: str, language: str) -> dict[str, Any]:
    """One button of the panel."""
    if name == "approve":
        return {"name": name, "label": gettext("Approve"), "kind": "ok", "icon": "check", "key": "a"}
    if name == "reject":
        return {"name": name, "label": gettext("Reject"), "kind": "no", "icon": "x", "key": "r"}
    if name == "abstain":
        return {"name": name, "label": gettext("Abstain"), "kind": "", "icon": "", "key": ""}
    if name == "claim":
        return {"name": name, "label": gettext("Claim"), "kind": "", "icon": "hand-click", "key": ""}
    if name == "complete":
        return {"name": name, "label": gettext("Done"), "kind": "primary", "icon": "check", "key": ""}
    action = node.actions[name]
    button = {"name": name, "label": action.label.in_(language), "kind": STYLES.get(action.style, ""), "icon": "", "key": ""}
    return button | ({"href": url_for("desk.ask_task", task_id=task.id, operation=name)} if asks_first(node, name) else {})


def panel(step: Step, reader: Reader, decision: Decision, *, comment: str = "") -> dict[str, Any]:
    """What the macro `decision` documents."""
    task, node = decision.task, decision.node
    due, color = reader.due(task.due)
    main = [name for name in decision.operations if name not in ("comment", "release", "transfer", "add_signer")]
    more = []
    if "release" in decision.operations:
        more.append({"name": "release", "label": gettext("Give back"), "icon": "corner-up-left"})
    if "transfer" in decision.operations:
        more.append({"name": "transfer", "label": gettext("Transfer"), "icon": "arrow-forward-up", "opens": "transfer"})
    if "add_signer" in decision.operations:
        more.append({"name": "add_signer", "label": gettext("Add signers"), "icon": "user-plus", "opens": "add_signer"})
    process = step.model.processes.get(task.process)
    asked = gettext("asked by %(name)s", name=task.initiator.title()) if task.initiator is not None else ""
    words = [process.label.in_(reader.language) if process is not None else "", asked]
    return {
        "id": task.id,
        "title": gettext("Your decision") + " · " + task.label.in_(reader.language)
        if task.kind == "approval" else task.label.in_(reader.language),
        "icon": "rosette-discount-check" if task.kind == "approval" else "user-check",
        "late": due if color == "red" else "",
        "due": due if color != "red" else "",
        "reason": " · ".join(word for word in words if word),
        "people": [person(step, seat) for seat in decision.seats],
        "policy": policy(decision.policy) if decision.seats else "",
        "operations": [operation(node, task, name, reader.language) for name in main],
        "more": more,
        "comment": comment,
        "comment_label": gettext("Comment"),
    }  # fmt: skip


def person(step: Step, seat: SeatInfo) -> dict[str, str]:
    votes = {
        "approve": (gettext("Approved"), APPROVED), "reject": (gettext("Rejected"), REJECTED), "": (gettext("Waiting"), WAITING),
        "abstain": (gettext("Abstained"), "grey"),
    }  # fmt: skip
    state, color = votes.get(seat.vote, (seat.vote, "grey"))
    you = seat.user is not None and seat.user == step.user
    note = gettext("you") if you else gettext("automatic") if seat.automatic else ""
    if seat.weight != 1:
        note = " · ".join(part for part in (note, gettext("counts %(weight)s", weight=f"{seat.weight.normalize():f}")) if part)
    return {"name": seat.user.title() if seat.user is not None else DASH, "note": note, "state": state, "color": color}


def policy(name: str) -> str:
    """How the votes count, in plain words."""
    words = {
        "any": gettext("One of them decides"), "all": gettext("All must agree"), "sequential": gettext("One after another"),
    }  # fmt: skip
    if name.startswith("ratio:"):
        return gettext("At least %(share)s must agree", share=f"{float(name[6:]):.0%}")
    return words.get(name, name)


def opened_fields(step: Step, record: Record, form: TaskForm) -> dict[str, Field]:
    """The record's fields that a task or action opens, whole or by columns (`lines.picked`)."""
    names = dict.fromkeys(path.split(".")[0] for path in form.edit)
    return {name: record.entity.fields[name] for name in names if name in record.entity.fields}


def controls(
    step: Step, reader: Reader, record: Record, form: TaskForm, errors: Mapping[str, str], typed: Mapping[str, Sequence[str]] | None
) -> list[Control]:
    """Inputs for what a task or action opens, and for the inputs of its own."""
    drawn = OpenForm(step, reader, record.entity, record, {}, errors, typed, opened=frozenset(form.edit))
    made = [drawn.control(f, FieldState(required=n in form.require)) for n, f in opened_fields(step, record, form).items()]
    asked = OpenForm(step, reader, record.entity, {}, {}, errors, typed)
    return made + [asked.control(f, FieldState(required=f.required or n in form.require)) for n, f in form.inputs.items()]


class OpenForm(Form):
    """A form whose fields the process opens, whatever the person may write otherwise."""

    def never_written(self, shown: Field) -> bool:
        return shown.compute is not None


def facts(step: Step, reader: Reader, record: Record, form: TaskForm) -> list[tuple[str, str]]:
    """What a task shows beside the form: labels and values at paths that the reader may see."""
    found = []
    for path in form.show:
        field = step.records.field_at(record.entity.name, path)
        if field is None:
            continue
        value: Any = record
        for name in path.split("."):
            value = value[name] if value is not None else None
        parts = path.split(".")[:-1]
        label = field.label.in_(reader.language)
        if parts and (parent := step.records.field_at(record.entity.name, ".".join(parts))) is not None:
            label = f"{parent.label.in_(reader.language)} · {label}"
        found.append((label, reader.value(value, field, record)))
    return found
