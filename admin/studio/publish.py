"""Review and publish the draft; revisions and rollback."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.studio import studio, studio_page
from admin.studio.draft import open_draft
from admin.studio.entities import login
from admin.web import the_workspace
from engine import publishing


@studio.get("/publish")
def review() -> str:
    """The draft's differences, what publishing does to the database, its problems, and the result of the scenario tests."""
    draft = open_draft(the_workspace())
    outcome = publishing.publish(the_workspace(), draft.files, dry_run=True) if draft.changes or draft.errors else None
    return studio_page("studio/publish.html", draft=draft, outcome=outcome)


@studio.post("/publish")
def publish() -> Response | tuple[str, int]:
    outcome = publishing.publish_draft(the_workspace(), author=login(), message=request.form.get("message", "").strip())
    if not outcome.accepted:
        return studio_page("studio/publish.html", outcome=outcome), 422
    session["toast"] = gettext("Published revision %(number)s", number=outcome.revision or the_workspace().revision)
    return redirect(url_for("studio.revisions"), 303)


@studio.post("/discard")
def discard() -> Response:
    the_workspace().discard_draft()
    session["toast"] = gettext("The draft was discarded")
    return redirect(url_for("studio.overview"), 303)


@studio.get("/revisions")
def revisions() -> str:
    return studio_page("studio/revisions.html", revisions=the_workspace().revisions(), toast=session.pop("toast", None))


@studio.post("/revisions/<int:number>/rollback")
def rollback(number: int) -> Response | tuple[str, int]:
    outcome = publishing.rollback(the_workspace(), number, author=login())
    if not outcome.accepted:
        return studio_page("studio/publish.html", outcome=outcome), 422
    session["toast"] = outcome.summary
    return redirect(url_for("studio.revisions"), 303)
