"""Review and publish the draft; revisions and rollback."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from admin.studio import studio, studio_page
from admin.studio.draft import Draft, open_draft
from admin.studio.entities import login
from admin.studio.words import file_differences, in_words
from admin.web import the_workspace
from engine import publishing
from engine.publishing import Outcome


@studio.get("/publish")
def review() -> str:
    """The draft's differences, what publishing does to the database, its problems, and the result of the scenario tests."""
    draft = open_draft(the_workspace())
    drafted = bool(the_workspace().draft().files)
    outcome = publishing.publish(the_workspace(), draft.files, dry_run=True) if drafted else None
    return review_page(draft, outcome)


def review_page(draft: Draft, outcome: Outcome | None, message: str = "") -> str:
    return studio_page(
        "studio/publish.html", draft=draft, outcome=outcome, changes=in_words(draft, draft.changes), message=message,
        differences=file_differences(the_workspace().files(), draft.files), gates=gates(draft, outcome) if outcome else [],
        tests=len(draft.model.tests),
    )  # fmt: skip


def gates(draft: Draft, outcome: Outcome) -> list[dict[str, str]]:
    """The four steps before people work with it: check, plan, tests, apply."""
    errors, failed = len(draft.errors), len(outcome.failed_tests)
    lacking = any(each.blocks for each in outcome.impact)
    ok, bad, waits = ("green", "check"), ("red", "x"), ("grey", "lock")
    check, tests = (bad if errors else ok), (waits if errors or lacking else bad if failed else ok)
    apply = ("brand", "rocket") if outcome.accepted else waits
    plan = waits if errors else bad if lacking else ok
    plan_text = plan_words(outcome, lacking=lacking)
    return [
        gate(gettext("Check"), ngettext("%(num)s error", "%(num)s errors", errors) if errors else gettext("No errors"), check),
        gate(gettext("Database"), gettext("Not reached") if errors else plan_text, plan),
        gate(gettext("Scenario tests"), gettext("Not reached") if errors or lacking else tests_text(draft, failed), tests),
        gate(gettext("Publish"), gettext("Ready") if outcome.accepted else gettext("Not possible yet"), apply),
    ]  # fmt: skip


def plan_words(outcome: Outcome, *, lacking: bool) -> str:
    if lacking:
        return gettext("Records lack values")
    if len(outcome.plan) == 1:
        return outcome.plan[0]
    return ngettext("%(num)s step", "%(num)s steps", len(outcome.plan)) if outcome.plan else gettext("No change")


def gate(label: str, text: str, look: tuple[str, str]) -> dict[str, str]:
    return {"label": label, "text": text, "color": look[0], "icon": look[1]}


def tests_text(draft: Draft, failed: int) -> str:
    if failed:
        return ngettext("%(num)s failed", "%(num)s failed", failed)
    return ngettext("%(num)s passed", "%(num)s passed", len(draft.model.tests))


@studio.post("/publish")
def publish() -> Any:
    message = request.form.get("message", "").strip()
    outcome = publishing.publish_draft(the_workspace(), author=login(), message=message)
    if not outcome.accepted:
        return review_page(open_draft(the_workspace()), outcome, message), 422
    flash(gettext("Published revision %(number)s", number=outcome.revision or the_workspace().revision), "done")
    return redirect(url_for("studio.revisions"), 303)


@studio.post("/discard")
def discard() -> Response:
    the_workspace().discard_draft()
    flash(gettext("The draft was discarded"), "done")
    return redirect(url_for("studio.overview"), 303)


@studio.get("/revisions")
def revisions() -> str:
    found = [
        {"id": each.number, "number": each.number, "when": each.created_at, "author": each.author or gettext("The system"),
         "message": each.message}
        for each in the_workspace().revisions()
    ]  # fmt: skip
    return studio_page("studio/revisions.html", revisions=found, current=the_workspace().revision)


@studio.post("/revisions/<int:number>/rollback")
def rollback(number: int) -> Response:
    outcome = publishing.rollback(the_workspace(), number, author=login())
    if not outcome.accepted:
        failed = "; ".join(f"{t.name}: {t.message}" for t in outcome.failed_tests)
        flash(" · ".join(filter(None, [outcome.summary, *[p.message for p in outcome.problems[:3]], failed])), "error")
    else:
        flash(gettext("Published revision %(number)s", number=outcome.revision or the_workspace().revision), "done")
    return redirect(url_for("studio.revisions"), 303)
