"""Built-in functions on contexts (DMN 1.5, 10.3.4.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dsl.feel.builtin import feel
from dsl.feel.members import find
from dsl.feel.trouble import Trouble
from dsl.feel.values import MISSING

Context = Mapping[str, object]


@feel("get value(m: context, key: string)")
def get_value(context: Context, key: str) -> object:
    if key not in context:
        raise Trouble("name", f"get value: the context has no entry '{key}'")
    return context[key]


@feel("get value(m: context, keys: list)")
def get_nested(context: Context, keys: Sequence[object]) -> object:
    if not keys:
        raise Trouble("value", "get value: there are no keys")
    value: object = context
    for key in keys:
        value = find(value, key) if type(key) is str and type(value) is dict else MISSING
        if value is MISSING:
            raise Trouble("name", f"get value: the context has no entry {key!r}")
    return value


@feel("get entries(m: context)")
def get_entries(context: Context) -> list[dict[str, object]]:
    return [{"key": key, "value": value} for key, value in context.items()]


@feel("context(entries: list)")
def context_of(entries: Sequence[Any]) -> dict[str, object]:
    result: dict[str, object] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Trouble("type", "context: every entry has a string 'key' and a 'value'")
        if entry["key"] in result:
            raise Trouble("value", f"context: the key '{entry['key']}' comes twice")
        result[entry["key"]] = entry["value"]
    return result


@feel("context put(context: context, key: string, value)")
def put(context: Context, key: str, value: object) -> dict[str, object]:
    return {**context, key: value}


@feel("context put(context: context, keys: list, value)")
def put_nested(context: Context, keys: Sequence[object], value: object) -> dict[str, object]:
    if not keys:
        raise Trouble("value", "context put: there are no keys")
    first, rest = keys[0], keys[1:]
    if type(first) is not str:
        raise Trouble("type", "context put: a key is not a string")
    if not rest:
        return {**context, first: value}
    inner = context.get(first)
    if inner is not None and type(inner) is not dict:
        raise Trouble("type", f"context put: '{first}' is no context")
    return {**context, first: put_nested(inner or {}, rest, value)}


@feel("context merge(contexts: list)")
def merge(contexts: Sequence[Any]) -> dict[str, object]:
    result: dict[str, object] = {}
    for context in contexts:
        if type(context) is not dict:
            raise Trouble("type", "context merge: the list holds something that is no context")
        result.update(context)
    return result
