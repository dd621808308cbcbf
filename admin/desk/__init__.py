"""Desk: where people work. Home, inbox, lists, records, decisions; server-rendered pages."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from admin.api.problems import problem, say
from admin.desk.present import Reader
from admin.desk.shell import shell
from admin.web import perform, reader_locale
from engine.errors import AccessDenied, NotFound, TradewindError
from engine.model.model import Entity
from engine.workspace import Step

desk = Blueprint("desk", __name__)
log = logging.getLogger("tradewind.web")
OPEN = {"desk.login", "desk.log_in", "desk.language"}


@desk.before_app_request
def who_asks() -> Response | None:
    """Every page but the log-in needs an active person; the API asks for itself."""
    if request.blueprint == "api" or request.endpoint == "static" or request.path.startswith("/api/"):
        return None
    g.user_id = session.get("user")
    if request.endpoint in OPEN:
        return None
    if g.user_id is not None and perform(lambda step: step.records.get_many("user", [g.user_id]), user=None, readonly=True):
        return None
    session.pop("user", None)
    return redirect(url_for("desk.login", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def answer_error(status: int, code: str, message: str, number: str = "") -> Any:
    """An error as the asker reads it: problem details, JSON for an island, a page for a person."""
    if request.path.startswith("/api/"):
        return problem(status, code, message)
    if wants_json():
        return jsonify({"message": message}), status
    titles = {
        403: gettext("Not allowed"), 404: gettext("Not found"), 409: gettext("Not possible now"),
        412: gettext("Changed meanwhile"), 422: gettext("Not accepted"),
    }  # fmt: skip
    title = titles.get(status, gettext("Something went wrong"))
    back = url_for("desk.home")
    return render_template("error.html", title=title, message=message, number=number, home=back, locale=reader_locale()), status


@desk.app_errorhandler(TradewindError)
def refused_request(error: TradewindError) -> Any:
    if isinstance(error, AccessDenied) and "user" in session and "active person" in error.template:
        session.clear()
        return redirect(url_for("desk.login"))
    return answer_error(error.status, error.code, say(error.template, error.values))


@desk.app_errorhandler(HTTPException)
def http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    message = gettext("There is nothing at this address") if error.code == 404 else str(error.description)
    return answer_error(error.code, (error.name or "error").lower().replace(" ", "_"), message)


@desk.app_errorhandler(Exception)
def broken(error: Exception) -> Any:
    number = secrets.token_hex(4)
    log.exception("incident %s", number, exc_info=error)
    return answer_error(500, "internal", gettext("Nothing was changed. Tell your administrator the incident's number."), number)


def reader_of(step: Step) -> Reader:
    settings = step.model.settings
    return Reader(reader_locale(), settings.zone, settings.currency, step.now)


def entity_named(step: Step, name: str) -> Entity:
    """An entity that this person may read; anything else does not exist for them."""
    entity = step.model.entities.get(name)
    if entity is None or entity.parent is not None or not step.access.can("read", name):
        raise NotFound("There is no page for '{name}'", name=name)
    return entity


def page(template: str, step: Step, **values: Any) -> str:
    """A page in the shell: who works, where they may go, and the page's own values."""
    return render_template(template, shell=shell(step, "desk"), reader=reader_of(step), step=step, **values)


def tell(messages: list[str], kind: str = "done") -> None:
    """Show messages on the next page."""
    for message in messages:
        flash(message, kind)


from admin.desk import account, files, home, lists, records, reports, tasks  # noqa: E402, F401  (they add their pages to `desk`)
