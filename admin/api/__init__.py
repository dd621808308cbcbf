"""The HTTP API under /api/v1 (spec 4.2): JSON in and out, problem details for errors."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, g, request, session

from admin.api import problems
from admin.web import csrf, perform

api = Blueprint("api", __name__, url_prefix="/api/v1")
problems.register(api)
OPEN = {"api.health", "api.openapi"}


@api.before_request
def identify() -> Response | None:
    """Find out who asks: a bearer token, else the session of a logged-in person, which needs the CSRF token to write."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, secret = header.partition(" ")
        user = None
        if scheme.lower() == "bearer" and secret:
            user = perform(lambda step: step.access.user_by_token(secret.strip()), readonly=True, user=None)
        if user is None:
            return unauthorized("The bearer token is not valid; make one with: tradewind token create LOGIN")
        g.user_id, g.locale = user.id, request.accept_languages.best_match(("en", "zh")) or user["locale"]
        return None
    g.user_id = session.get("user")
    if g.user_id is None:
        return None if request.endpoint in OPEN else unauthorized("Log in, or send a bearer token")
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        csrf.protect()
    return None


def unauthorized(title: str) -> Response:
    answer = problems.problem(401, "unauthorized", title)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def body() -> dict[str, Any]:
    """The request's JSON object, its numbers exact; 400 for anything else."""
    if not request.get_data():
        return {}
    try:
        data = json.loads(request.get_data(), parse_float=Decimal)
    except ValueError as error:
        abort(400, f"The body is not JSON: {error}")
    if not isinstance(data, dict):
        abort(400, "The body must be a JSON object")
    return data


def only(data: dict[str, Any], *known: str) -> dict[str, Any]:
    """The object, if it holds no other keys than these; 400 otherwise."""
    unknown = [key for key in data if key not in known]
    if unknown:
        abort(400, f"Unknown key '{unknown[0]}'; known here: {', '.join(known)}")
    return data


def flag(name: str) -> bool:
    """A query parameter that is `true` or `false`; 400 for other texts."""
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        abort(400, f"{name} must be true or false")
    return text == "true"


def names(parameter: str) -> list[str]:
    """A comma separated query parameter."""
    return [part.strip() for part in request.args.get(parameter, "").split(",") if part.strip()]


from admin.api import config, processes, records  # noqa: E402, F401  (they add their routes to `api`)
