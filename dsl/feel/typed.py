"""Values as JSON that keeps their types: `{"t": "number", "v": "1.50"}`, the encoding of the conformance corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from dsl.feel.ast import TypeName
from dsl.feel.limits import Walk
from dsl.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from dsl.feel.text import number_text, to_text
from dsl.feel.values import KINDS, number

_DEPTH = 100


def decode(typed: Any, depth: int = 0) -> Any:
    """The value of typed JSON. Raises ValueError if it is not of that form."""
    if not isinstance(typed, Mapping) or "t" not in typed or depth > _DEPTH:
        raise ValueError('a typed value is {"t": type, "v": value}')
    type_, value = typed["t"], typed.get("v")
    if type_ == "null":
        return None
    if type_ == "list" and isinstance(value, list):
        return [decode(item, depth + 1) for item in value]
    if type_ == "context" and isinstance(value, Mapping):
        return {key: decode(item, depth + 1) for key, item in value.items()}
    if type_ == "boolean" and type(value) is bool:
        return value
    result = _READERS[type_](value) if type_ in _READERS and type(value) is str else None
    if result is None:
        raise ValueError(f"{str(value)[:80]!r} is no {type_}")
    return result


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text[:80]!r} is no number") from error
    if not value.is_finite():
        raise ValueError(f"{text[:80]!r} is no number")
    return value


def decode_type(typed: Any, depth: int = 0) -> TypeName:
    """The type of typed JSON: `{"t": "list", "of": {"t": "number"}}`. Raises ValueError if it is not of that form."""
    if not isinstance(typed, Mapping) or not isinstance(typed.get("t"), str) or depth > _DEPTH:
        raise ValueError('a type is {"t": name}')
    name, of = typed["t"], typed.get("of")
    if name == "context" and isinstance(of, Mapping):
        return TypeName(0, 0, name, members=tuple((key, decode_type(member, depth + 1)) for key, member in of.items()))
    parts = [of] if of is not None else [*typed.get("params", ()), typed["result"]] if "result" in typed else []
    return TypeName(0, 0, name, tuple(decode_type(part, depth + 1) for part in parts))


_READERS: Mapping[str, Callable[[str], object]] = {
    "number": _number,
    "string": str,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_datetime,
    "duration": parse_duration,
}


def encode(value: Any, walk: Walk | None = None) -> dict[str, Any]:
    """The typed JSON of a value; ranges and functions, which the corpus has no form for, as their text.

    Raises LimitExceeded for a value of too many parts.
    """
    kind = KINDS.get(type(value), "record")
    if kind == "null":
        return {"t": "null"}
    if kind == "boolean":
        return {"t": "boolean", "v": value}
    if kind == "number":
        exact = number(value)
        assert exact is not None
        return {"t": "number", "v": number_text(exact) if abs(exact.adjusted()) < 1000 else str(exact)}
    if kind in ("list", "context"):
        walk = walk or Walk()
        walk.into(len(value))
        if kind == "list":
            return {"t": "list", "v": [encode(item, walk) for item in value]}
        return {"t": "context", "v": {key: encode(item, walk) for key, item in value.items()}}
    return {"t": "duration" if kind.endswith("duration") else kind, "v": to_text(value)}
