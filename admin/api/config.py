"""The configuration over HTTP, for admins: revisions, the draft, check, plan, publish; and the OpenAPI document."""

from __future__ import annotations

from flask import Response, abort, jsonify

from admin.api import api
from admin.api.incoming import body, only, text_in
from admin.api.once import answered_alone
from admin.api.openapi import document
from admin.api.serial import Json, plain
from admin.cli.report import as_json
from admin.web import perform, reader_locale, the_workspace
from engine import publishing
from engine.errors import AccessDenied
from engine.workspace import Step


@api.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document(the_workspace().model, reader_locale()))


def require_admin() -> str:
    """The login of the admin who asks; refuses everybody else."""

    def login(step: Step) -> str:
        if step.user is None or "admin" not in step.access.roles:
            raise AccessDenied("Only admins may see or change the configuration")
        return str(step.user["login"])

    return perform(login, readonly=True, origin="api")


@api.get("/config/revisions")
def revisions() -> Response:
    require_admin()
    found = the_workspace().revisions()
    return jsonify(
        [{"number": r.number, "at": plain(r.created_at), "author": r.author, "message": r.message} for r in found]
    )


@api.get("/config/draft")
def read_draft() -> Response:
    require_admin()
    draft = the_workspace().draft()
    return jsonify({"base": draft.base, "files": dict(draft.files)})


@api.post("/config/draft")
def write_draft() -> Response:
    """Replace the draft: `{files: {path under customizations/: text, or null to remove it}}`."""
    login = require_admin()
    files = only(body(), "files").get("files")
    if not isinstance(files, dict):
        abort(400, 'The body must be {"files": {path: text}}')
    for path, text in files.items():
        if not path.startswith(publishing.CUSTOMIZATIONS) or ".." in path or not isinstance(text, str | None):
            abort(400, f"{path}: a draft holds texts of files under customizations/")

    def save() -> Response:
        the_workspace().save_draft(files, author=login)
        return read_draft()

    return answered_alone(save)


def outcome_json(outcome: publishing.Outcome) -> Json:
    return {
        "accepted": outcome.accepted,
        "summary": outcome.summary,
        "revision": outcome.revision or None,
        "problems": [as_json(p) for p in outcome.problems],
        "changes": [str(change) for change in outcome.changes],
        "plan": list(outcome.plan),
        "impact": [{"text": each.text, "blocks": each.blocks} for each in outcome.impact],
        "failed_tests": [{"name": t.name, "message": t.message, "line": t.line, "file": t.path} for t in outcome.failed_tests],
    }


@api.post("/config/check")
def check() -> Response:
    """What publishing the draft would do, scenario tests included; nothing is changed."""
    only(body())
    return answered_alone(plan)


@api.get("/config/plan")
def plan() -> Response:
    require_admin()
    return jsonify(outcome_json(publishing.publish(the_workspace(), publishing.drafted(the_workspace()), dry_run=True)))


@api.post("/config/publish")
def publish() -> Response:
    login = require_admin()
    message = text_in(only(body(), "message"), "message")

    def apply() -> Response:
        outcome = publishing.publish_draft(the_workspace(), author=login, message=message)
        answer = jsonify(outcome_json(outcome))
        answer.status_code = 200 if outcome.accepted else 422
        return answer

    return answered_alone(apply)

