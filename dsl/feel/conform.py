"""Whether a value is of a type as written in an expression, and the conversions that parameters allow (DMN 1.5,
10.3.2.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from dsl.feel.ast import TypeName
from dsl.feel.calendar import datetime_at, day_of
from dsl.feel.limits import Walk
from dsl.feel.values import KINDS, MISSING, FeelFunction, Range

ANY = TypeName(0, 0, "Any")
_ALIASES = {
    "days and time duration": "days and time duration",
    "day time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "year month duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "dateTime": "date and time",
}
_NO_TYPES: Mapping[str, TypeName] = {}


def conforms(
    value: Any, type_: TypeName, declared: Mapping[str, TypeName] | None = None, depth: int = 0, walk: Walk | None = None
) -> bool:
    """FEEL's `instance of`. Null is an instance of `Null` only; a name that is neither FEEL's nor in `declared`
    has no instances."""
    name = _ALIASES.get(type_.name, type_.name)
    if value is None or name in ("Null", "null"):
        return value is None and name in ("Null", "null")
    if name == "Any":
        return True
    if depth > 50:
        return False
    if declared and name in declared:
        return conforms(value, declared[name], declared, depth + 1, walk)
    kind = KINDS.get(type(value), "record")
    if name == "list":
        return kind == "list" and _items_conform(value, type_.args[0] if type_.args else ANY, declared, depth, walk or Walk())
    if name == "context":
        return kind == "context" and all(_has(value, key, part, declared, depth, walk) for key, part in type_.members)
    if name == "range":
        return kind == "range" and _range_conforms(value, type_.args[0] if type_.args else ANY, declared)
    if name == "function":
        return kind == "function" and _function_conforms(value, type_)
    return name == kind or (kind == "record" and getattr(value, "feel_type", None) == name)


def _items_conform(
    items: Sequence[object], type_: TypeName, declared: Mapping[str, TypeName] | None, depth: int, walk: Walk
) -> bool:
    walk.into(len(items))
    return type_.name == "Any" or all(item is None or conforms(item, type_, declared, depth + 1, walk) for item in items)


def _has(
    context: Mapping[str, object],
    key: str,
    type_: TypeName,
    declared: Mapping[str, TypeName] | None,
    depth: int,
    walk: Walk | None,
) -> bool:
    value = context.get(key, MISSING)
    return value is None or (value is not MISSING and conforms(value, type_, declared, depth + 1, walk))


def _range_conforms(value: Range, item: TypeName, declared: Mapping[str, TypeName] | None) -> bool:
    ends = [end for end in (value.start, value.end) if end is not None]
    return all(conforms(end, item, declared) for end in ends)


def _function_conforms(value: FeelFunction, type_: TypeName) -> bool:
    """A function type's args are its parameters and, last, its result. Parameters may be wider than asked for,
    the result narrower."""
    if not type_.args:
        return True
    *params, result = type_.args
    if len(params) != len(value.names) and not value.variadic:
        return False
    wide = all(own is None or wider(own, asked) for own, asked in zip(value.types, params, strict=False))
    return wide and (value.result is None or wider(result, value.result))


def wider(type_: TypeName, other: TypeName) -> bool:
    """Whether every value of `other` is one of `type_`, as far as the names tell."""
    if type_.name == "Any" or other.name in ("Any", "Null"):
        return type_.name == "Any" or other.name == "Null"
    if type_.name != other.name:
        return False
    members = dict(other.members)
    return all(key in members and wider(part, members[key]) for key, part in type_.members) and (
        len(type_.args) == len(other.args) and all(map(wider, type_.args, other.args))
    )


def convert(value: Any, type_: TypeName | None, declared: Mapping[str, TypeName] | None = None) -> object:
    """The value as a parameter of that type takes it, or MISSING: one item for its list, a list for its one item,
    midnight UTC for a date."""
    if type_ is None or value is None or conforms(value, type_, declared):
        return value
    wanted = (declared or _NO_TYPES).get(type_.name, type_)
    if type(value) in (list, tuple) and len(value) == 1 and conforms(value[0], wanted, declared):
        return value[0]
    if wanted.name == "list" and conforms([value], wanted, declared):
        return [value]
    if wanted.name == "date and time" and KINDS.get(type(value)) == "date":
        return datetime_at(day_of(value), 0, UTC)
    return MISSING
