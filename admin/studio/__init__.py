"""Studio: where admins change what a workspace declares. Every gesture patches the draft's YAML; there is no second model."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext, ngettext

from admin.desk import reader_of
from admin.desk.shell import shell
from admin.studio.draft import Draft, open_draft
from admin.web import perform, the_workspace
from engine.errors import AccessDenied
from engine.workspace import Step

studio = Blueprint("studio", __name__, url_prefix="/studio")


@studio.before_request
def admins_only() -> None:
    def work(step: Step) -> None:
        if "admin" not in step.access.roles:
            raise AccessDenied("Studio is open to admins only")

    perform(work, readonly=True)


def studio_page(template: str, **values: Any) -> str:
    """A page of Studio, with the draft's banner."""
    draft: Draft = values.pop("draft", None) or open_draft(the_workspace())

    def work(step: Step) -> str:
        frame = shell(step, "studio")
        frame["nav"][0]["items"][1] |= {"count": len(draft.changes), "hot": True}
        return render_template(template, shell=frame, reader=reader_of(step), step=step, draft=draft, bar=bar(draft), **values)

    return perform(work, readonly=True)


def bar(draft: Draft) -> dict[str, str] | None:
    """The draft's banner in words; None without a draft."""
    if not draft.changes and not draft.errors:
        return None
    text = gettext("Draft") + " · " + ngettext("%(num)s change", "%(num)s changes", len(draft.changes))
    if draft.author:
        text += " · " + gettext("by %(name)s", name=draft.author)
    problems = ngettext("%(num)s problem", "%(num)s problems", len(draft.errors)) if draft.errors else ""
    return {"text": text, "note": gettext("People still work on revision %(number)s", number=draft.base), "problems": problems}


def banner(draft: Draft) -> str:
    """The banner's HTML, for islands."""
    return render_template("studio/_banner.html", bar=bar(draft))


__all__ = ["Draft", "banner", "studio", "studio_page"]

from admin.studio import entities, processes, publish  # noqa: E402, F401  (they add their pages to `studio`)
