"""What generated code calls beside operators: iteration, filters by position, calls of function values, the host and
the clock."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from time import monotonic
from typing import Any, Protocol

from dsl.feel import ast
from dsl.feel.calendar import date_at, day_of
from dsl.feel.conform import convert
from dsl.feel.limits import EVALUATION_SECONDS, LimitExceeded, check_list, check_steps
from dsl.feel.members import member
from dsl.feel.trouble import Trouble, Warnings, warn
from dsl.feel.values import KINDS, MISSING, FeelFunction, Range, number, whole


class Names(Protocol):
    """Where an expression's names get their values: a dict, or anything with its `get`."""

    def get(self, name: str, /) -> Any: ...


class Host(Protocol):
    """What the engine offers to expressions."""

    def now(self) -> datetime:
        """The time, with the workspace's zone; `now()` and `today()` use it."""

    def call(self, name: str, args: Sequence[object]) -> object:
        """A function beyond FEEL's own, such as `manager of`."""

    def query(self, query: ast.Query, scope: Names, items: Sequence[object]) -> object:
        """`lookup`, `lookup all`, `exists`, `count of`. `items` are the enclosing filters' items, innermost
        first; `scope` has the names."""


class Run:
    """One evaluation: its clock, read once, and how many loop rounds and calls it has made."""

    __slots__ = ("_now", "host", "steps", "until")

    def __init__(self, host: Host | None) -> None:
        self.host = host
        self.steps = 0
        self.until = monotonic() + EVALUATION_SECONDS
        self._now: datetime | None = None

    def spend(self, steps: int) -> None:
        """Count rounds of a nested loop, or a call. Raises LimitExceeded when there were too many."""
        self.steps += steps
        if self.steps > 2_000_000:
            check_steps(self.steps)
        if monotonic() > self.until:
            raise LimitExceeded(f"the expression takes longer than the {EVALUATION_SECONDS:g} seconds of one evaluation")

    def meter(self, *values: Any) -> None:
        """Count work on whole values inside a loop: a step an item, a step 64 characters. Raises LimitExceeded as `spend`."""
        steps = 1
        for value in values:
            kind = type(value)
            if kind is list or kind is dict:
                steps += len(value)
            elif kind is str:
                steps += len(value) >> 6
        self.spend(steps)

    def member(self, value: Any, name: str, warnings: Warnings, start: int, end: int) -> object:
        """`value.member` inside a loop, where the members of a list's items count as work."""
        if type(value) is list:
            self.meter(value)
        return member(value, name, warnings, start, end)

    def now(self) -> datetime:
        if self._now is None:
            self._now = datetime.now(UTC) if self.host is None else self.host.now()
        return self._now

    def today(self) -> date:
        return self.now().date()


class Locals:
    """Names bound in the text (loop variables, parameters, entries) before those of the outer scope."""

    __slots__ = ("names", "outer")

    def __init__(self, names: Mapping[str, object], outer: Names) -> None:
        self.names = names
        self.outer = outer

    def get(self, name: str, /) -> Any:
        return self.names[name] if name in self.names else self.outer.get(name)


FAILURES = (DecimalException, RecursionError)
"""What the fast path may raise."""


def failed(warnings: Warnings) -> Any:
    """Called where one of FAILURES was caught: null for arithmetic with numbers that are none, or beyond all exponents.

    Raises LimitExceeded where functions call one another without end.
    """
    error = sys.exception()
    if isinstance(error, RecursionError):
        raise LimitExceeded("functions call one another too deeply") from error
    return warn(warnings, "value", f"the numbers are out of range ({error.__class__.__name__})", 0, 0)


def iterate(value: Any, warnings: Warnings, start: int, end: int) -> Any:
    """What a `for`, `some` or `every` runs over: a list, a range of whole numbers or dates, or a single value.
    None with a warning if it cannot."""
    if type(value) is list or type(value) is tuple:
        return value
    if type(value) is Range:
        if value.op or value.start is None or value.end is None:
            return warn(warnings, "value", "a range without both ends cannot be gone through", start, end)
        return _steps(value.start, value.end, value.start_included, value.end_included, warnings, start, end)
    if value is None:
        return warn(warnings, "null", "there is nothing to go through: the list is null", start, end)
    return [value]


def count_up(low: Any, high: Any, warnings: Warnings, start: int, end: int) -> Any:
    """`low..high` of a `for`, upwards or downwards."""
    return _steps(low, high, True, True, warnings, start, end)


def _steps(low: Any, high: Any, low_in: bool, high_in: bool, warnings: Warnings, start: int, end: int) -> Any:
    kind = KINDS.get(type(low), "record")
    if kind != KINDS.get(type(high), "record") or kind not in ("number", "date"):
        return warn(warnings, "type", "only whole numbers and dates can be gone through", start, end)
    if kind == "number":
        first, last = whole(low), whole(high)
        if first is None or last is None:
            raise LimitExceeded("a range of more than 10**18 numbers cannot be gone through")
        if low != first or high != last:
            return warn(warnings, "value", "only whole numbers can be gone through", start, end)
    else:
        first, last = day_of(low), day_of(high)
    step = 1 if last >= first else -1
    numbers = range(first + (0 if low_in else step), last + (step if high_in else 0), step)
    check_list(len(numbers))
    return list(map(Decimal if kind == "number" else date_at, numbers))


def listed(value: Any) -> Sequence[object]:
    """A value as a list: its own items, one item, or none for null."""
    if type(value) is list or type(value) is tuple:
        return value
    return () if value is None else (value,)


def at(value: Any, position: Any, warnings: Warnings, start: int, end: int) -> object:
    """`list[position]`, counted from 1, or from the end if negative. Null outside the list."""
    items = value if type(value) is list else listed(value)
    place = whole(position)
    if place is None or place == 0 or abs(place) > len(items):
        return warn(warnings, "value", f"there is no position {position} in a list of {len(items)}", start, end)
    return items[place - 1 if place > 0 else place]


def selected(items: Sequence[object], condition: Any, warnings: Warnings, start: int, end: int) -> object:
    """`list[condition]` where the condition is the same for all items: a position, true for all, false or null
    for none."""
    if number(condition) is not None:
        return at(items, condition, warnings, start, end)
    if condition is True:
        return list(items)
    if condition is False or condition is None:
        return []
    return not_boolean(condition, warnings, start, end)


def not_boolean(value: Any, warnings: Warnings, start: int, end: int) -> Any:
    """Null for a condition or operand that is neither true nor false."""
    kind = KINDS.get(type(value), "record")
    if kind == "null":
        return None
    return warn(warnings, "type", f"true or false is needed here, not a {kind}", start, end)


def call_value(function: Any, args: tuple[Any, ...], warnings: Warnings, start: int, end: int) -> object:
    """Call a function value with positional arguments. Null and a warning if it is no function or does not take
    them."""
    if type(function) is not FeelFunction:
        return warn(warnings, "type", f"a {KINDS.get(type(function), 'record')} cannot be called", start, end)
    if len(args) != len(function.names) and not function.variadic:
        message = f"the function takes {len(function.names)} arguments, not {len(args)}"
        return warn(warnings, "type", message, start, end)
    if function.built_in:
        return function.code(*args)
    ready = []
    for name, type_, arg in zip(function.names, function.types, args, strict=True):
        fit = arg if type_ is None else convert(arg, type_, function.declared)
        if type_ is not None and fit is MISSING:
            return warn(warnings, "type", f"the argument '{name}' is not of the type {type_.name}", start, end)
        ready.append(fit)
    return function.code(*ready)


def call_named(
    function: Any, names: tuple[str, ...], args: tuple[Any, ...], warnings: Warnings, start: int, end: int
) -> object:
    """Call a function value with named arguments."""
    if type(function) is not FeelFunction:
        return call_value(function, args, warnings, start, end)
    if function.by_name is not None:
        return function.by_name(names, args)
    if len(names) != len(function.names) or set(names) != set(function.names):
        message = f"the function's parameters are {', '.join(function.names) or 'none'}, not {', '.join(names)}"
        return warn(warnings, "name", message, start, end)
    return call_value(function, tuple(args[names.index(name)] for name in function.names), warnings, start, end)


def call_host(host: Host | None, name: str, args: tuple[Any, ...], warnings: Warnings, start: int, end: int) -> object:
    """Call a function of the host; without a host there are none."""
    if host is None:
        return warn(warnings, "name", f"there is no function '{name}'", start, end)
    try:
        return host.call(name, args)
    except Trouble as trouble:
        return warn(warnings, trouble.kind, trouble.message, start, end)


def run_query(
    host: Host | None, query: ast.Query, scope: Names, items: tuple[Any, ...], warnings: Warnings, start: int, end: int
) -> object:
    """Run a query on the host's records; without a host there are none."""
    if host is None:
        return warn(warnings, "name", f"there are no records of '{query.entity}' here", start, end)
    try:
        return host.query(query, scope, items)
    except Trouble as trouble:
        return warn(warnings, trouble.kind, trouble.message, start, end)
