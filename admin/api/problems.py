"""Errors as problem details (RFC 9457), in the reader's language."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Blueprint, Response, jsonify
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from dsl.problems import InvalidText
from engine.errors import FieldError, NeedsConfirmation, TradewindError, ValidationFailed, fill

log = logging.getLogger("tradewind.api")


def say(template: str, values: Any) -> str:
    """A message of the engine in the reader's language; texts that a workspace wrote itself have no values and stay."""
    return fill(gettext(template), values) if values else template


def problem(status: int, code: str, title: str, **members: Any) -> Response:
    answer = jsonify({"type": "about:blank", "title": title, "status": status, "code": code, **members})
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def field_errors(errors: tuple[FieldError, ...]) -> list[dict[str, str]]:
    return [{"path": e.path, "code": e.code, "message": say(e.template, e.values)} for e in errors]


def register(api: Blueprint) -> None:
    """Answer every error under this blueprint as problem details."""

    @api.errorhandler(ValidationFailed)
    def refused(error: ValidationFailed) -> Response:
        return problem(error.status, error.code, gettext("Some values were refused"), errors=field_errors(error.errors))

    @api.errorhandler(NeedsConfirmation)
    def to_confirm(error: NeedsConfirmation) -> Response:
        title = gettext("Repeat the request with ?confirm=true to go on in spite of the warnings")
        return problem(error.status, error.code, title, errors=field_errors(error.errors))

    @api.errorhandler(InvalidText)
    def wrong_text(error: InvalidText) -> Response:
        errors = [
            {"path": p.place, "code": p.code, "message": p.message + (f"; {p.hint}" if p.hint else "")} for p in error.problems
        ]
        return problem(400, "invalid_expression", errors[0]["message"], errors=errors)

    @api.errorhandler(TradewindError)
    def other(error: TradewindError) -> Response:
        return problem(error.status, error.code, say(error.template, error.values))

    @api.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        code = (error.name or "error").lower().replace(" ", "_")
        return problem(error.code or 500, code, error.description or error.name)

    @api.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        incident = secrets.token_hex(4)
        log.exception("incident %s", incident)
        return problem(500, "internal", gettext("Something went wrong; tell your administrator: %(id)s", id=incident))
