"""Processes over HTTP: starts, instances and messages."""

from __future__ import annotations

from flask import Response, abort, jsonify

from admin.api import api
from admin.api.incoming import body, flag, object_in, only, takes, text_in
from admin.api.once import answered
from admin.api.serial import Json
from admin.web import perform
from engine.process.instance import Instance
from engine.workspace import Step


@api.post("/processes/<name>/start")
@takes("confirm")
def start(name: str) -> Response:
    """Start a process by hand: `{record, variables}`; `record` is the id of one of the process's entity."""
    data = only(body(), "record", "variables")
    variables, number = object_in(data, "variables"), data.get("record")
    if number is not None and type(number) is not int:
        abort(400, "'record' must be the id of a record")

    def work(step: Step) -> Response:
        process = step.model.processes.get(name)
        wanted = process is not None and process.entity is not None and number is not None
        record = step.records.get(process.entity, number) if wanted else None
        answer = jsonify(instance_json(step.processes.start(name, record, variables)))
        answer.status_code = 201
        return answer

    return answered(work, confirm=flag("confirm"))


def instance_json(instance: Instance) -> Json:
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


@api.post("/instances/<int:instance_id>/cancel")
def cancel(instance_id: int) -> Response:
    """End an instance from outside: `{comment}`; for admins."""
    comment = text_in(only(body(), "comment"), "comment")
    return answered(lambda step: jsonify(instance_json(step.processes.cancel(instance_id, comment))))


@api.post("/messages/<name>")
def message(name: str) -> Response:
    """Correlate a message: `{key, payload, ttl}`; it reaches who waits for it, starts what starts by it, or is kept."""
    data = only(body(), "key", "payload", "ttl")
    key, payload, ttl = data.get("key"), object_in(data, "payload"), text_in(data, "ttl")
    if key is not None and not isinstance(key, str | int):
        abort(400, "'key' must be a text or a whole number")

    def work(step: Step) -> Response:
        step.processes.message(name, key, payload, ttl=ttl or None)
        return jsonify({"name": name, "key": key})

    return answered(work)
