"""Home and inbox: what this person can do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext

from admin.desk import desk, page, reader_of
from admin.desk.boards import COUNTED, counted
from admin.desk.decisions import asks_first, operation
from admin.desk.present import Reader
from admin.web import perform
from engine.process import Task
from engine.workspace import Step

BOXES = ("todo", "done", "started", "copied")
AT_HOME = 12  # tasks on the first page


@dataclass(frozen=True, slots=True)
class Bundle:
    """Tasks that are due at about the same time, as the macro `task` shows them."""

    label: str
    tasks: tuple[dict[str, Any], ...]
    late: bool = False


def bundles(step: Step, reader: Reader, tasks: Sequence[Task]) -> list[Bundle]:
    """Overdue, today, the next days, later or without a date; empty ones are left out."""
    zone, today = step.model.settings.zone, step.today
    late, now, week, rest = [], [], [], []
    for task in tasks:
        day = task.due.astimezone(zone).date() if task.due is not None else None
        if task.due is not None and task.due < step.now:
            late.append(task)
        elif day == today:
            now.append(task)
        elif day is not None and day <= today + timedelta(days=7):
            week.append(task)
        else:
            rest.append(task)
    last = gettext("Later") if any(task.due for task in rest) else gettext("No date")
    named = [(gettext("Overdue"), late), (gettext("Today"), now), (gettext("Next seven days"), week), (last, rest)]
    return [
        Bundle(label, tuple(shown(step, reader, task) for task in group), late=group is late) for label, group in named if group
    ]


def shown(step: Step, reader: Reader, task: Task) -> dict[str, Any]:
    """A task as a row: what is asked, where it leads, and its most usual operation."""
    process = step.model.processes.get(task.process)
    words = [process.label.in_(reader.language) if process is not None else task.process]
    if task.initiator is not None:
        words.append(gettext("asked by %(name)s", name=task.initiator.title()))
    if task.status == "open" and task.holder is None:
        words.append(gettext("not claimed yet"))
    due, color = reader.due(task.due) if task.status == "open" else (reader.when(task.closed_at or task.created_at), "")
    approval = task.kind == "approval"
    return {
        "id": task.id,
        "title": f"{task.label.in_(reader.language)} · {task.title}",
        "text": " · ".join(words),
        "url": url_for("desk.record", name=task.entity, record_id=task.record_id, task=task.id) if task.entity else url_for("desk.inbox"),
        "icon": "rosette-discount-check" if approval else "user-check",
        "color": "violet" if approval else "blue",
        "due": due,
        "due_color": color,
        "person": task.initiator.title() if task.initiator is not None else None,
        "usual": usual(step, reader, task) if task.holder in (None, step.user) else None,
        "outcome": outcome(task),
    }


def usual(step: Step, reader: Reader, task: Task) -> dict[str, Any] | None:
    """The operation that is done in place: approve, claim, the first action; None opens the record instead."""
    if task.status != "open":
        return None
    process = step.model.processes.get(task.process)
    node = process.nodes.get(task.node) if process is not None else None
    if node is None or node.form.require:
        return None
    if task.holder is None:
        return operation(node, task, "claim", reader.language)
    if task.kind == "approval":
        return operation(node, task, "approve", reader.language) | {"kind": ""}
    first = next(iter(node.actions), "complete")
    return None if asks_first(node, first) or node.form.edit else operation(node, task, first, reader.language) | {"kind": ""}


def outcome(task: Task) -> str:
    if task.status == "open":
        return task.holder.title() if task.holder is not None else ""
    names = {"approve": gettext("Approved"), "reject": gettext("Rejected"), "abstain": gettext("Abstained")}
    return names.get(task.outcome, "")


@desk.get("/")
def home() -> str:
    def work(step: Step) -> str:
        reader = reader_of(step)
        tasks = step.tasks.box("todo")
        late = sum(task.due is not None and task.due < step.now for task in tasks)
        name = step.user.title().split(" ")[0] if step.user is not None else ""
        return page(
            "desk/home.html", step, bundles=bundles(step, reader, tasks[:AT_HOME]), count=len(tasks), late=late, name=name,
            hour=step.now.astimezone(reader.zone).hour, messages=messages(step, reader), figures=figures(step, reader),
            creatable=creatable(step, reader.language),
        )  # fmt: skip

    return perform(work, readonly=True)


def creatable(step: Step, language: str) -> list[tuple[str, str]]:
    """What this person may make, of what processes work on: label and address."""
    return [
        (entity.label.in_(language), url_for("desk.new", name=entity.name))
        for entity in step.model.entities.values()
        if entity.parent is None and step.model.processes_of(entity.name) and step.access.can("create", entity.name)
    ]


def messages(step: Step, reader: Reader) -> list[dict[str, Any]]:
    """The newest messages to this person, as timeline entries."""
    found = []
    for row in step.notifications.mine(limit=6):
        url = url_for("desk.record", name=row.entity, record_id=row.record) if row.entity and row.record else ""
        found.append({"subject": row.subject, "body": row.body, "url": url, "when": reader.when(row.created_at),
                      "datetime": row.created_at.isoformat()})  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    count: str
    note: str
    url: str


def figures(step: Step, reader: Reader) -> list[Figure]:
    """The filtered lists of what this person works with, as numbers that open them; four at most."""
    found: list[Figure] = []
    for entity in step.model.entities.values():
        if entity.parent is not None or not step.model.processes_of(entity.name) or not step.access.can("read", entity.name):
            continue
        view = next((v for v in entity.views.values() if v.type == "list" and v.filter is not None), None)
        if view is None or len(found) == 4:
            continue
        total = next((v.total for v in entity.views.values() if v.total is not None), None)
        field = step.records.field_at(entity.name, total) if total is not None else None
        note = ""
        number = step.records.count(entity.name, view=view.name, most=COUNTED)
        if field is not None and field.stored and number <= COUNTED:
            value = step.records.sums(entity.name, [field.name], view=view.name)[field.name]
            note = reader.value(value, field)
        label = f"{entity.label.in_(reader.language)} · {view.label.in_(reader.language)}"
        found.append(Figure(label, counted(reader, number), note, url_for("desk.records", name=entity.name, view=view.name)))
    return found


@desk.get("/inbox")
def inbox() -> str:
    box = request.args.get("box", "todo")
    if box not in BOXES:
        abort(404)

    def work(step: Step) -> str:
        reader = reader_of(step)
        tasks = step.tasks.box(box)
        if box == "todo":
            grouped = bundles(step, reader, tasks)
        else:
            grouped = [Bundle("", tuple(shown(step, reader, task) for task in tasks))] if tasks else []
        return page("desk/inbox.html", step, box=box, bundles=grouped, count=len(tasks))

    return perform(work, readonly=True)
