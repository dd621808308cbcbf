"""Operate: what runs, what waits and what has failed for good; for admins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.desk import reader_of
from admin.desk.shell import shell
from admin.web import perform
from engine.work import incidents, overview
from engine.workspace import Step

operate = Blueprint("operate", __name__, url_prefix="/operate")


@operate.get("/")
def home() -> str:
    """Figures, incidents with retry and skip, and the jobs that are due next."""

    def work(step: Step) -> str:
        found = incidents.listed(step)
        return render_template(
            "operate/home.html", shell=shell(step, "operate"), reader=reader_of(step), figures=overview.figures(step),
            incidents=[(each, about(step, each.entity, each.record)) for each in found], kinds=kinds(),
            jobs=[(each, about(step, each.entity, each.record)) for each in overview.waiting(step)],
        )  # fmt: skip

    return perform(work, readonly=True)


@operate.post("/incidents/<int:number>/retry")
def retry(number: int) -> Response:
    perform(lambda step: incidents.retry(step, number))
    flash(gettext("It is done again"))
    return redirect(url_for("operate.home"), 303)


@operate.post("/incidents/<int:number>/skip")
def skip(number: int) -> Response:
    perform(lambda step: incidents.skip(step, number))
    flash(gettext("Skipped"))
    return redirect(url_for("operate.home"), 303)


def about(step: Step, entity: str | None, number: int | None) -> dict[str, Any] | None:
    """The record that a job is about, as a link; None where there is none."""
    if entity is None or number is None or entity not in step.model.entities:
        return None
    found = step.records.get_many(entity, [number])
    return {"title": found[0].title(), "url": url_for("desk.record", name=entity, record_id=number)} if found else None


def kinds() -> dict[str, str]:
    return {
        "call": gettext("Call"), "event": gettext("Event"), "mail": gettext("Mail"), "timer": gettext("Timer"),
        "schedule": gettext("Schedule"),
    }  # fmt: skip
