"""The HTTP API under /api/v1 (spec 4.2): JSON in and out, problem details for errors."""

from __future__ import annotations

from flask import Blueprint, Response, g, request, session
from werkzeug.exceptions import MethodNotAllowed, NotFound

from admin.api import problems
from admin.api.incoming import check_address
from admin.web import csrf, perform

api = Blueprint("api", __name__, url_prefix="/api/v1")
problems.register(api)
OPEN = {"api.health", "api.openapi"}
VERIFIED = {"api.hook"}  # who asks shows it in another way than people do


@api.before_app_request
def no_such_call() -> Response | None:
    """Addresses and methods that no call has are told as problems too, not as pages."""
    error = request.routing_exception
    if not isinstance(error, NotFound | MethodNotAllowed) or not request.path.startswith(f"{api.url_prefix}/"):
        return None
    if isinstance(error, NotFound):
        return problems.problem(404, "not_found", f"There is no call {request.path}; see /api/v1/openapi.json")
    allowed = ", ".join(sorted(error.valid_methods or ()))
    answer = problems.problem(405, "method_not_allowed", f"{request.path} takes {allowed}, not {request.method}")
    answer.headers["Allow"] = allowed
    return answer


@api.before_request
def identify() -> Response | None:
    """Find out who asks: a bearer token, else the session of a logged-in person, which needs the CSRF token to write."""
    if request.method == "OPTIONS" or request.endpoint in VERIFIED:
        return None  # OPTIONS tells which methods there are, and nothing else
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


api.before_request(check_address)


def unauthorized(title: str) -> Response:
    answer = problems.problem(401, "unauthorized", title)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


from admin.api import about, aggregates, config, files, language, processes, records, tasks, work  # noqa: E402, F401  (they add their routes to `api`)
