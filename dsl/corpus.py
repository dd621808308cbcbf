"""Evaluate a conformance corpus, one JSON line each: expressions `{"id", "expression", "context"}` with typed values, and decision tables.

A line may have `types`, which its texts name, and the `result_type` of its decision, to which the value is converted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dsl.decisions import corpus as tables
from dsl.feel.ast import TypeName
from dsl.feel.conform import convert
from dsl.feel.limits import LimitExceeded
from dsl.feel.surface import compile_open_tests, evaluate
from dsl.feel.typed import decode, decode_type, encode
from dsl.feel.values import MISSING
from dsl.problems import InvalidText


def run(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """`{"id", "value"}` for each line, in order; a line that fails in any way gives null and the run goes on."""
    for line in lines:
        if line.strip():
            yield answer(line)


def answer(line: str) -> dict[str, Any]:
    number: Any = None
    try:
        case = json.loads(line)
        number = case["id"]
        return {"id": number, "value": encode(tables.decide(case) if tables.is_table(case) else value_of(case))}
    except (ValueError, KeyError, TypeError, AttributeError, InvalidText, LimitExceeded, RecursionError):
        return {"id": number, "value": encode(None)}


def value_of(case: dict[str, Any]) -> object:
    context = {name: decode(held) for name, held in (case.get("context") or {}).items()}
    types = {name: decode_type(held) for name, held in (case.get("types") or {}).items()}
    value = evaluate(str(case["expression"]), context, types=types)
    wanted = case.get("result_type")
    if not wanted:
        return value
    converted = convert(value, decode_type(wanted), types)
    return None if converted is MISSING or not _allowed(converted, wanted, types) else converted


def _allowed(value: object, wanted: Mapping[str, Any], types: dict[str, TypeName]) -> bool:
    """Whether a value, with its items and entries, passes the unary tests of their declared types; null always does (DMN 1.5, 7.3.3)."""
    if value is None:
        return True
    tests, of = wanted.get("allowed"), wanted.get("of")
    if tests:
        passes = compile_open_tests(str(tests), types=types)
        if not all(passes({"?": item}) is True for item in (value if type(value) is list else [value])):
            return False
    if type(value) is list and wanted.get("t") == "list" and isinstance(of, Mapping):
        return all(_allowed(item, of, types) for item in value)
    if type(value) is dict and wanted.get("t") == "context" and isinstance(of, Mapping):
        return all(_allowed(value.get(name), entry, types) for name, entry in of.items())
    return True
