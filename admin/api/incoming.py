"""What a request brings: query parameters that its route knows, and a JSON object whose texts can be stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

from flask import abort, current_app, request

from engine.records.values import LARGEST_INTEGER

View = TypeVar("View", bound=Callable[..., Any])
CONFIRM, FIELDS, EXPAND = "confirm", "fields", "expand"


def takes(*parameters: str) -> Callable[[View], View]:
    """Name the query parameters that a view knows; others are refused."""

    def mark(view: View) -> View:
        view.parameters = parameters  # type: ignore[attr-defined]
        return view

    return mark


def parameters_of(view: Callable[..., Any]) -> tuple[str, ...]:
    return getattr(view, "parameters", ())


def check_address() -> None:
    """400 for query parameters that the route does not know, that come twice or hold what no text holds; 404 for impossible ids."""
    for value in (request.view_args or {}).values():
        if isinstance(value, int) and not 0 < value <= LARGEST_INTEGER:
            abort(404, f"There is nothing with the id {value}")
    known = parameters_of(current_app.view_functions[request.endpoint or ""])
    for name, values in request.args.lists():
        if name not in known:
            abort(400, f"Unknown query parameter '{name}'; known here: {', '.join(known) or 'none'}")
        if len(values) > 1:
            abort(400, f"The query parameter '{name}' comes {len(values)} times; give it once")
        if "\x00" in values[0]:
            abort(400, f"The query parameter '{name}' holds a character that cannot be stored (U+0000)")


def body() -> dict[str, Any]:
    """The request's JSON object, its numbers exact. 415 for what does not say it is JSON, 400 for what is none."""
    raw = request.get_data()
    if not raw:
        return {}
    if not request.is_json:
        abort(415, "The body must be JSON: send it with Content-Type: application/json")
    try:
        data = json.loads(raw, parse_float=Decimal, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        abort(400, f"The body is not JSON: {error}")
    if not isinstance(data, dict):
        abort(400, "The body must be a JSON object")
    if b"\\u" in raw:
        for path in unstorable(data, ""):
            abort(400, f"A text at '{path}' holds a character that cannot be stored (U+0000, or half of a surrogate pair)")
    return data


def no_number(text: str) -> object:
    """NaN and Infinity, which Python's JSON reads and JSON (RFC 8259) does not have."""
    raise ValueError(f"{text} is no value of JSON")


def unstorable(value: object, path: str) -> Iterator[str]:
    """The paths of texts that a database cannot hold."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from unstorable(key, path)
            yield from unstorable(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unstorable(each, f"{path}.{index}".lstrip("."))
    elif isinstance(value, str) and any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in value):
        yield path.encode("utf-8", "replace").decode()


def only(data: dict[str, Any], *known: str) -> dict[str, Any]:
    """The object, if it holds no other keys than these; 400 otherwise."""
    unknown = [key for key in data if key not in known]
    if unknown:
        abort(400, f"Unknown key '{unknown[0]}'; known here: {', '.join(known)}")
    return data


def text_in(data: dict[str, Any], key: str) -> str:
    """The text at a key, empty if it is missing or null; 400 for anything else."""
    found = data.get(key)
    if found is not None and not isinstance(found, str):
        abort(400, f"'{key}' must be a text")
    return found or ""


def object_in(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at a key, empty if it is missing or null; 400 for anything else."""
    found = data.get(key)
    if found is not None and not isinstance(found, dict):
        abort(400, f"'{key}' must be an object")
    return found or {}


def flag(name: str) -> bool:
    """A query parameter that is `true` or `false`; 400 for other texts."""
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        abort(400, f"{name} must be true or false")
    return text == "true"


def names(parameter: str) -> list[str]:
    """A comma separated query parameter."""
    return [part.strip() for part in request.args.get(parameter, "").split(",") if part.strip()]


def whole(name: str, default: int, most: int) -> int:
    """A query parameter that is a whole number from 1 to `most`; 400 otherwise."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        abort(400, f"{name} must be a whole number from 1 to {most}")
    return int(text)


def wanted_version() -> int | None:
    """The version in If-Match, as a number, quoted or not."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    text = header.removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        abort(400, 'If-Match takes the record\'s version, such as "3"')
    return int(text)
