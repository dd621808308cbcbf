"""Tasks over HTTP: the inbox, and what a person does with a task."""

from __future__ import annotations

from flask import Response, abort, jsonify, request

from admin.api import api
from admin.api.incoming import body, flag, object_in, only, takes, text_in
from admin.api.once import answered
from admin.api.serial import Json, plain
from admin.web import perform
from engine.process import Task
from engine.workspace import Step

BOXES = ("todo", "done", "started", "copied")


def task_json(step: Step, task: Task) -> Json:
    """A task as its reader sees it; `operations` is what this person may do with it now."""
    return {
        "id": task.id,
        "node": task.node,
        "label": task.label.in_(step.locale),
        "process": task.process,
        "instance": task.instance,
        "entity": task.entity,
        "record": task.record_id,
        "title": task.title,
        "status": task.status,
        "assignee": task.assignee,
        "due": plain(task.due),
        "created_at": plain(task.created_at),
        "outcome": task.outcome,
        "operations": list(step.tasks.operations(task)),
    }


@api.get("/tasks")
@takes("box")
def tasks() -> Response:
    box = request.args.get("box", "todo")
    if box not in BOXES:
        abort(400, f"box must be one of {', '.join(BOXES)}")
    return jsonify(perform(lambda step: [task_json(step, t) for t in step.tasks.box(box)], readonly=True, origin="api"))


@api.get("/tasks/<int:task_id>")
def task(task_id: int) -> Response:
    return jsonify(perform(lambda step: task_json(step, step.tasks.get(task_id)), readonly=True, origin="api"))


@api.post("/tasks/<int:task_id>/<operation>")
@takes("confirm")
def operate(task_id: int, operation: str) -> Response:
    """Do an operation: `{values, comment}`; `complete` may name an `action`, `transfer` and `remove_signer` name the `user` (login or id),
    `add_signer` the `users`, and `when` they vote.
    """
    data = only(body(), "values", "comment", "user", "users", "when", "action")
    values, comment = object_in(data, "values"), text_in(data, "comment")
    named = {key: data[key] for key in ("user", "users", "when", "action") if data.get(key) is not None}
    for key, value in named.items():
        if key == "users":
            if not isinstance(value, list) or any(type(each) not in (str, int) for each in value):
                abort(400, "'users' must be a list of texts or ids")
        elif type(value) is not str and (key != "user" or type(value) is not int):
            abort(400, f"'{key}' must be a text" + (" or an id" if key == "user" else ""))

    def work(step: Step) -> Response:
        done = step.tasks.do(step.tasks.get(task_id), operation, values=values, comment=comment, **named)
        return jsonify(task_json(step, done))

    return answered(work, confirm=flag("confirm"))
