"""Studio: where admins change what a workspace declares. Every gesture patches the draft's YAML; there is no second model."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

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
    draft = values.pop("draft", None) or open_draft(the_workspace())

    def work(step: Step) -> str:
        return render_template(template, shell=shell(step, "studio"), reader=reader_of(step), step=step, draft=draft, **values)

    return perform(work, readonly=True)


__all__ = ["Draft", "studio", "studio_page"]

from admin.studio import entities, processes, publish  # noqa: E402, F401  (they add their pages to `studio`)
