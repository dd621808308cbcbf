"""Tasks and processes over HTTP, and who asks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from admin.api import api, body, flag, only
from admin.api.problems import problem
from admin.api.serial import Json, plain, record_json
from admin.web import perform, the_workspace
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
def tasks() -> Response:
    box = request.args.get("box", "todo")
    if box not in BOXES:
        return problem(400, "bad_request", f"box must be one of {', '.join(BOXES)}")
    return jsonify(perform(lambda step: [task_json(step, t) for t in step.tasks.box(box)], readonly=True, origin="api"))


@api.get("/tasks/<int:task_id>")
def task(task_id: int) -> Response:
    return jsonify(perform(lambda step: task_json(step, step.tasks.get(task_id)), readonly=True, origin="api"))


@api.post("/tasks/<int:task_id>/<operation>")
def operate(task_id: int, operation: str) -> Response:
    data = body()
    values, comment = data.pop("values", None) or {}, str(data.pop("comment", None) or "")

    def work(step: Step) -> Json:
        done = step.tasks.do(step.tasks.get(task_id), operation, values=values, comment=comment, **data)
        return task_json(step, done)

    return jsonify(perform(work, origin="api", confirm=flag("confirm")))


@api.post("/processes/<name>/start")
def start(name: str) -> Response:
    data = only(body(), "record", "variables")

    def work(step: Step) -> Json:
        process = the_workspace().model.processes.get(name)
        record = None
        if process is not None and process.entity and data.get("record") is not None:
            record = step.records.get(process.entity, data["record"])
        return instance_json(step.processes.start(name, record, data.get("variables") or {}))

    answer = jsonify(perform(work, origin="api"))
    answer.status_code = 201
    return answer


def instance_json(instance: Any) -> Json:
    return {
        "id": instance.id,
        "process": instance.process,
        "version": instance.version,
        "entity": instance.entity,
        "record": instance.record_id,
        "status": instance.status,
        "nodes": [token.node for token in instance.tokens],
    }


@api.get("/instances/<int:instance_id>")
def instance(instance_id: int) -> Response:
    return jsonify(perform(lambda step: instance_json(step.processes.instance(instance_id)), readonly=True, origin="api"))


@api.get("/me")
def me() -> Response:
    def work(step: Step) -> Json:
        person = step.user
        assert person is not None  # `identify` lets nobody in without a user
        return record_json(person) | {"roles": sorted(step.access.roles)}

    return jsonify(perform(work, readonly=True, origin="api"))


@api.get("/health")
def health() -> Response:
    """Whether the service and its database answer; open to all, so it tells nothing else."""
    perform(lambda step: None, readonly=True, origin="api", user=None)
    return jsonify({"status": "ok", "revision": the_workspace().revision})
