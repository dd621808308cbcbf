"""Built-in functions on ranges: how points and ranges lie to each other (DMN 1.5, 10.3.4.7, table 78), and `range()`
from text (10.3.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dsl.feel.builtin import apply, choose, feel
from dsl.feel.equality import order
from dsl.feel.operators import make_range
from dsl.feel.temporal import parse_literal
from dsl.feel.trouble import Trouble
from dsl.feel.values import Range


@dataclass(frozen=True, slots=True)
class Span:
    """A range, or a point as the closed range of itself; `below` and `above` tell that an end is missing."""

    low: Any
    low_in: bool
    high: Any
    high_in: bool
    below: bool
    above: bool
    point: bool


def _span(value: Any) -> Span:
    if type(value) is not Range:
        if value is None:
            raise Trouble("null", "a range function meets null")
        return Span(value, True, value, True, False, False, True)
    if value.op == "!=":
        raise Trouble("type", "a range function needs a range with ends")
    below, above = value.op in ("<", "<="), value.op in (">", ">=")
    return Span(value.start, value.start_included, value.end, value.end_included, below, above, False)


def _compare(left: Any, right: Any) -> int:
    place = order(left, right)
    if place is None:
        raise Trouble("type", "a range function meets values that have no common order")
    return place


def _lows(a: Span, b: Span) -> int:
    """How the lower ends lie: negative if `a` starts earlier. Included ends are earlier than excluded ones."""
    if a.below or b.below:
        return b.below - a.below
    return _compare(a.low, b.low) or b.low_in - a.low_in


def _highs(a: Span, b: Span) -> int:
    """How the upper ends lie: positive if `a` ends later."""
    if a.above or b.above:
        return a.above - b.above
    return _compare(a.high, b.high) or a.high_in - b.high_in


def _gap(a: Span, b: Span) -> int:
    """How `a`'s upper end lies to `b`'s lower end: negative with nothing shared, zero when they share just the
    point, positive beyond."""
    if a.above or b.below:
        return 1
    return _compare(a.high, b.low) or (0 if a.high_in and b.low_in else -1)


def _predicate(*signatures: str) -> Callable[[Callable[[Span, Span], bool]], Callable[[Span, Span], bool]]:
    """Register a predicate on two spans. A signature says by its parameter names which argument may be a point
    and which a range."""

    def register(test: Callable[[Span, Span], bool]) -> Callable[[Span, Span], bool]:
        for signature in signatures:
            wanted = [part.startswith("range") for part in signature.partition("(")[2][:-1].split(", ")]

            def call(left: Any, right: Any, wanted: list[bool] = wanted) -> bool:
                if [type(left) is Range, type(right) is Range] != wanted:
                    raise Trouble("type", "a range function takes points and ranges only in certain places")
                return test(_span(left), _span(right))

            feel(signature)(call)
        return test

    return register


@_predicate("before(point1, point2)", "before(point, range)", "before(range, point)", "before(range1, range2)")
def before(a: Span, b: Span) -> bool:
    return _gap(a, b) < 0


@_predicate("after(point1, point2)", "after(point, range)", "after(range, point)", "after(range1, range2)")
def after(a: Span, b: Span) -> bool:
    return _gap(b, a) < 0


@_predicate("meets(range1, range2)")
def meets(a: Span, b: Span) -> bool:
    return not a.above and not b.below and _gap(a, b) == 0


@_predicate("met by(range1, range2)")
def met_by(a: Span, b: Span) -> bool:
    return meets(b, a)


@_predicate("overlaps(range1, range2)")
def overlaps(a: Span, b: Span) -> bool:
    return _gap(a, b) >= 0 and _gap(b, a) >= 0


@_predicate("overlaps before(range1, range2)")
def overlaps_before(a: Span, b: Span) -> bool:
    return _lows(a, b) < 0 and _gap(a, b) >= 0 and _highs(a, b) <= 0


@_predicate("overlaps after(range1, range2)")
def overlaps_after(a: Span, b: Span) -> bool:
    return _lows(b, a) < 0 and _gap(b, a) >= 0 and _highs(b, a) <= 0


@_predicate("finishes(point, range)", "finishes(range1, range2)")
def finishes(a: Span, b: Span) -> bool:
    return _highs(a, b) == 0 and (a.point or _lows(a, b) >= 0)


@_predicate("finished by(range, point)", "finished by(range1, range2)")
def finished_by(a: Span, b: Span) -> bool:
    return finishes(b, a)


@_predicate("includes(range, point)", "includes(range1, range2)")
def includes(a: Span, b: Span) -> bool:
    return _lows(a, b) <= 0 and _highs(a, b) >= 0


@_predicate("during(point, range)", "during(range1, range2)")
def during(a: Span, b: Span) -> bool:
    return includes(b, a)


@_predicate("starts(point, range)", "starts(range1, range2)")
def starts(a: Span, b: Span) -> bool:
    return _lows(a, b) == 0 and (a.point or _highs(a, b) <= 0)


@_predicate("started by(range, point)", "started by(range1, range2)")
def started_by(a: Span, b: Span) -> bool:
    return starts(b, a)


@_predicate("coincides(point1, point2)", "coincides(range1, range2)")
def coincides(a: Span, b: Span) -> bool:
    return _lows(a, b) == 0 and _highs(a, b) == 0


_STRING = r'"((?:[^"\\]|\\.)*)"'
_END = rf"({_STRING}|@{_STRING}|[a-z ]+\(\s*{_STRING}\s*\)|-?[0-9.eE+-]*?[0-9]|null|)"
_RANGE = re.compile(rf"\s*([\[(\]])\s*{_END}\s*\.\.\s*{_END}\s*([\])\[])\s*")
_CALL = re.compile(rf"(date and time|date|time|duration)\s*\(\s*{_STRING}\s*\)")
_ESCAPE = re.compile(r"\\(.)")


@feel("range(from: string)")
def range_from(text: str) -> Range:
    match = _RANGE.fullmatch(text) if len(text) <= 1000 else None
    if match is None:
        raise Trouble("value", f"range: '{text[:40]}' is no range")
    low, high = _end(match[2]), _end(match[6])
    result = make_range(low, high, match[1] == "[", match[10] == "]", None, 0, 0)
    if type(result) is not Range:
        raise Trouble("value", f"range: the ends of '{text[:40]}' have no common order or are the wrong way round")
    return result


def _end(text: str) -> object:
    """An end as written: a number, string, `@"…"`, `date("…")` and the like, `null`. Raises Trouble for anything else."""
    if text == "null":
        return None
    if text.startswith('"'):
        return _ESCAPE.sub(r"\1", text[1:-1])
    value: object = None
    if text.startswith("@"):
        value = parse_literal(text[2:-1])
    elif call := _CALL.fullmatch(text):
        ((overload, _),) = choose(call[1], 1, None)[:1]
        value = apply(overload, [call[2]])
    elif text:
        ((overload, _),) = choose("number", 1, None)
        value = apply(overload, [text])
    if value is None:
        raise Trouble("value", f"range: '{text[:40]}' is no end of a range")
    return value
