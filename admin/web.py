"""The Flask application: who asks, in which language, and the one way from a request into a step of the engine."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request, session
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from admin import assets
from engine.workspace import Step, Workspace

T = TypeVar("T")
LOCALES = ("en", "zh")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
csrf = CSRFProtect()


def create_app(workspace: Workspace) -> Flask:
    """The web application of an opened workspace: pages, Studio and HTTP API."""
    app = Flask("admin", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=secret_key(workspace),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=32 * 2**20,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    app.extensions["workspace"] = workspace
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    csrf.init_app(app)
    assets.install(app)
    Babel(app, locale_selector=reader_locale, timezone_selector=lambda: str(workspace.model.settings.zone))

    from admin.api import api
    from admin.desk import desk
    from admin.operate import operate
    from admin.studio import studio

    csrf.exempt(api)
    app.register_blueprint(api)
    app.register_blueprint(desk)
    app.register_blueprint(studio)
    app.register_blueprint(operate)
    app.after_request(protect)
    return app


def protect(response: Response) -> Response:
    """Headers that every answer bears."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def secret_key(workspace: Workspace) -> str:
    """The key that signs sessions: TRADEWIND_SECRET_KEY on several machines, else a file kept beside the database."""
    if given := os.environ.get("TRADEWIND_SECRET_KEY"):
        return given
    path = Path(workspace.folder or ".") / "var" / "secret.key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text()


def reader_locale() -> str:
    """The reader's language: chosen in this session, else the person's, else the browser's, else the workspace's."""
    chosen = session.get("locale") or g.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or the_workspace().model.settings.locale


def the_workspace() -> Workspace:
    workspace: Workspace = current_app.extensions["workspace"]
    return workspace


def perform(work: Callable[[Step], T], *, readonly: bool = False, confirm: bool = False, origin: str = "web", user: Any = ...) -> T:
    """Do `work` in one step as the person who asks (or as `user`; None is the system)."""
    who = g.user_id if user is ... else user
    return the_workspace().run(who, work, readonly=readonly, confirm=confirm, origin=origin, locale=reader_locale())
