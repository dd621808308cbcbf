"""Work outside over HTTP: webhooks that come in, and the incidents of what went out."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify, request

from admin.api import api
from admin.api.incoming import body, only
from admin.api.once import answered
from admin.api.serial import Json
from admin.web import perform
from engine.work import hooks, incidents
from engine.workspace import Step


@api.post("/hooks/<connector>/<hook>")
def hook(connector: str, hook: str) -> Response:
    """Take a webhook in. Who sends it is known by its signature or token, not by a person's."""
    raw, headers = request.get_data(), dict(request.headers)

    def work(step: Step) -> Json:
        return {"status": "done" if hooks.receive(step, connector, hook, headers, raw) else "repeated"}

    return jsonify(perform(work, origin="hook", user=None))


@api.get("/incidents")
def list_incidents() -> Response:
    """What failed for good, newest first; for admins."""

    def work(step: Step) -> list[Json]:
        return [asdict(each) | {"created_at": each.created_at.isoformat()} for each in incidents.listed(step)]

    return jsonify(perform(work, readonly=True, origin="api"))


@api.post("/incidents/<int:incident_id>/retry")
def retry(incident_id: int) -> Response:
    """Do an incident again, from its first attempt on; for admins."""
    only(body())

    def work(step: Step) -> Response:
        incidents.retry(step, incident_id)
        return jsonify({"id": incident_id})

    return answered(work)


@api.post("/incidents/<int:incident_id>/skip")
def skip(incident_id: int) -> Response:
    """Let an incident be: what waited for its answer goes on without one; for admins."""
    only(body())

    def work(step: Step) -> Response:
        incidents.skip(step, incident_id)
        return jsonify({"id": incident_id})

    return answered(work)


@api.post("/instances/<int:instance_id>/retry")
def retry_instance(instance_id: int) -> Response:
    """Do all incidents of an instance again; for admins."""
    only(body())

    def work(step: Step) -> Response:
        step.processes.instance(instance_id)
        found = [each.id for each in incidents.listed(step) if each.instance == instance_id]
        for number in found:
            incidents.retry(step, number)
        return jsonify({"retried": found})

    return answered(work)
