"""Who asks, and whether the service is well."""

from __future__ import annotations

from flask import Response, jsonify

from admin.api import api
from admin.api.serial import Json, record_json
from admin.web import perform, the_workspace
from engine.workspace import Step


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
