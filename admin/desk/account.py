"""Logging in and out, and the reader's language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin.desk import desk
from admin.web import LOCALES, perform, reader_locale, the_workspace
from engine.workspace import Step


@desk.get("/login")
def login() -> str | Response:
    if session.get("user") is not None:
        return redirect(url_for("desk.home"))
    return login_page()


def login_page(login: str = "", error: str = "") -> str:
    locale = reader_locale()
    return render_template(
        "login.html", workspace=the_workspace().model.settings.label.in_(locale), login=login, error=error, locale=locale,
        action=url_for("desk.log_in"), next=local(request.values.get("next")), locale_url=url_for("desk.language"),
    )  # fmt: skip


@desk.post("/login")
def log_in() -> str | Response | tuple[str, int]:
    login, password = request.form.get("login", "").strip(), request.form.get("password", "")

    def check(step: Step) -> tuple[int, str] | None:
        person = step.access.check_password(login, password)
        return (int(person.id or 0), str(person["locale"] or "")) if person is not None else None

    found = perform(check, user=None)
    if found is None:
        return login_page(login, gettext("The name or the password is wrong")), 401
    chosen = session.get("locale") or found[1]
    session.clear()
    session["user"] = found[0]
    if chosen in LOCALES:
        session["locale"] = chosen
    return redirect(local(request.form.get("next")) or url_for("desk.home"), 303)


def local(address: str | None) -> str | None:
    """An address within this site; None for any other, so that nobody is sent away by a link."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    return None if urlsplit(address).netloc else address


@desk.post("/logout")
def log_out() -> Response:
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    return redirect(url_for("desk.login"), 303)


@desk.post("/language")
def language() -> Response:
    """Choose the language of the interface for this session."""
    wanted = request.form.get("locale")
    if wanted in LOCALES:
        session["locale"] = wanted
    return redirect(local(request.form.get("next")) or url_for("desk.home"), 303)
