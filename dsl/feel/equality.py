"""Equality, order and membership of values, in three-valued logic: True, False, or None where values cannot be
compared (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dsl.feel.calendar import datetime_parts, day_of, instant, nanos_of, time_parts, zone_id
from dsl.feel.limits import Walk
from dsl.feel.temporal import time_order
from dsl.feel.values import KINDS, Range, number

_COMPARED_AS_THEY_ARE = (Decimal, str, date, timedelta)


def equal(left: Any, right: Any, walk: Walk | None = None) -> bool | None:
    """FEEL's `=`. Null equals only null; values of different kinds give None; a list of one item equals that item."""
    if left is None or right is None:
        return left is right
    kind, other = KINDS.get(type(left), "record"), KINDS.get(type(right), "record")
    if kind != other:
        if kind == "list" and len(left) == 1:
            return equal(left[0], right)
        return equal(left, right[0]) if other == "list" and len(right) == 1 else None
    if kind in ("string", "boolean", "record"):
        return bool(left == right)
    if kind == "number":
        return number(left) == number(right)
    if kind in ("list", "context"):
        return _equal_parts(left, right, walk or Walk())
    if kind == "range":
        return _equal_ranges(left, right)
    if kind == "function":
        return left is right
    result = order(left, right)
    return None if result is None else result == 0


def _equal_parts(left: Any, right: Any, walk: Walk) -> bool | None:
    """Two lists or two contexts, part by part."""
    walk.into(len(left))
    if type(left) is dict:
        return left.keys() == right.keys() and every(equal(left[key], right[key], walk) for key in left)
    return len(left) == len(right) and every(equal(one, other, walk) for one, other in zip(left, right, strict=True))


def _equal_ranges(left: Range, right: Range) -> bool | None:
    if (left.op, left.start_included, left.end_included) != (right.op, right.start_included, right.end_included):
        return False
    return every((equal(left.start, right.start), equal(left.end, right.end)))


def every(results: Iterable[bool | None]) -> bool | None:
    """Conjunction: False wins, then null."""
    verdict: bool | None = True
    for result in results:
        if result is False:
            return False
        if result is None:
            verdict = None
    return verdict


def order(left: Any, right: Any) -> int | None:
    """Negative, zero or positive as `left` stands before, at or after `right`; None if they have no order, nulls
    included."""
    kind = KINDS.get(type(left), "record")
    if kind != KINDS.get(type(right), "record"):
        return None
    if type(left) is type(right) and type(left) in _COMPARED_AS_THEY_ARE:
        return bool(left > right) - bool(left < right)
    if kind == "number":
        return _sign(number(left), number(right))
    if kind == "date":
        return _sign(day_of(left), day_of(right))
    if kind == "date and time":
        if (datetime_parts(left)[2] is None) != (datetime_parts(right)[2] is None):
            return None
        return _sign(instant(left), instant(right))
    if kind == "time":
        (left_zoned, left_nanos), (right_zoned, right_nanos) = time_order(left), time_order(right)
        return _sign(left_nanos, right_nanos) if left_zoned == right_zoned else None
    if kind == "days and time duration":
        return _sign(nanos_of(left), nanos_of(right))
    return _sign(left.months, right.months) if kind == "years and months duration" else None


def _sign(left: Any, right: Any) -> int:
    return bool(left > right) - bool(left < right)


def within(value: Any, range_: Range) -> bool | None:
    """Whether a value lies in a range; None if it cannot be compared with an end, or an end is null."""
    if range_.op in ("=", "!="):
        same = equal(value, range_.start)
        return same if same is None or range_.op == "=" else not same
    verdict: bool | None = True
    if range_.op not in ("<", "<="):
        place = order(value, range_.start)
        verdict = None if place is None else place > 0 or (place == 0 and range_.start_included)
    if verdict is False or range_.op in (">", ">="):
        return verdict
    place = order(value, range_.end)
    below = None if place is None else place < 0 or (place == 0 and range_.end_included)
    return False if below is False else verdict and below


def matches(value: Any, test: Any) -> bool | None:
    """`value in test`: by a range's ends, among a list's items, or by equality (DMN 1.5, table 55)."""
    kind = type(test)
    if kind is Range:
        return equal(value, test) if type(value) is Range and not test.op else within(value, test)
    if kind is not list and kind is not tuple:
        return equal(value, test)
    return contains(test, value) or (equal(value, test) if type(value) in (list, tuple) else contains(test, value))


def contains(items: Sequence[object], value: Any) -> bool:
    """Whether a list holds a value, or a range that the value lies in."""
    for item in items:
        if type(item) is Range and type(value) is not Range:
            if within(value, item) is True:
                return True
        elif equal(item, value) is True:
            return True
    return False


def identical(left: Any, right: Any) -> bool:
    """FEEL's `is()`: the same kind and the same parts, zone included (DMN 1.5, 10.3.4.8)."""
    kind = KINDS.get(type(left), "record")
    if kind != KINDS.get(type(right), "record"):
        return False
    if kind == "date and time":
        first, second = datetime_parts(left), datetime_parts(right)
        return first[:2] == second[:2] and _same_zone(first, second)
    if kind == "time":
        return time_parts(left)[0] == time_parts(right)[0] and _same_zone(time_parts(left), time_parts(right))
    return equal(left, right) is True


def _same_zone(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    first, second = left[-1], right[-1]
    if first is None or second is None or zone_id(first) or zone_id(second):
        return (first is None) == (second is None) and zone_id(first) == zone_id(second)
    return bool(first.utcoffset(None) == second.utcoffset(None))


def any_match(value: Any, tests: Iterable[object]) -> bool | None:
    """`value in (test, test, …)`: true wins, then null."""
    verdict: bool | None = False
    for test in tests:
        result = matches(value, test)
        if result is True:
            return True
        if result is None:
            verdict = None
    return verdict
