"""The values of FEEL that Python lacks: years and months durations, ranges, functions; and what kind a value is (DMN
1.5, 10.3.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from dsl.feel.ast import TypeName
from dsl.feel.calendar import FarDate, FarDateTime, FineTime, LongDuration


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration, in months; negative ones go back."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        if years == 0:
            return f"{sign}P{months}M"
        return f"{sign}P{years}Y{months}M" if months else f"{sign}P{years}Y"


@dataclass(frozen=True, slots=True)
class Range:
    """`[start..end]` and its open forms; a None end is one that was written `null`.

    `op` is set where the range was written as a comparison (`< 10`): then the missing end is no end at all, and
    the range equals no other form.
    """

    start: object
    start_included: bool
    end: object
    end_included: bool
    op: str = ""

    @classmethod
    def comparison(cls, op: str, value: object) -> Range:
        """The range of `op value`, such as `<= 10`."""
        if op in ("<", "<="):
            return cls(None, False, value, op == "<=", op)
        if op in (">", ">="):
            return cls(value, op == ">=", None, False, op)
        return cls(value, op == "=", value, op == "=", op)


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function as a value: written in FEEL (`function(a: number) …`) or built in. `code` takes one argument a
    parameter.

    `check` says whether arguments are coerced to `types` before the call; built-in functions see to their own.
    """

    names: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    code: Callable[..., object]
    name: str = ""
    built_in: bool = False
    variadic: bool = False
    result: TypeName | None = None
    by_name: Callable[[tuple[str, ...], tuple[object, ...]], object] | None = None
    declared: Mapping[str, TypeName] | None = None


class Missing:
    """The mark for a member that is not there, where null would be a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

KINDS: Mapping[type, str] = {
    Decimal: "number",
    int: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    date: "date",
    FarDate: "date",
    time: "time",
    FineTime: "time",
    datetime: "date and time",
    FarDateTime: "date and time",
    timedelta: "days and time duration",
    LongDuration: "days and time duration",
    Months: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    FeelFunction: "function",
}
"""The kind of every Python type that carries a FEEL value; any other type is a record."""


def kind_of(value: object) -> str:
    """What a person calls the kind of a value: `number`, `date and time`, `record`, …"""
    return KINDS.get(type(value), "record")


def number(value: object) -> Decimal | None:
    """A number as `Decimal`, whatever Python type it came in as; None for anything else."""
    if type(value) is Decimal:
        return value
    if type(value) is int:
        return Decimal(value)
    return Decimal(repr(value)) if type(value) is float else None


def whole(value: object) -> int | None:
    """A number without its fraction, as an index or a count needs; None for anything else, and for numbers beyond
    any index."""
    if type(value) is int:
        return value
    exact = number(value)
    return None if exact is None or not exact.is_finite() or exact.adjusted() > 18 else int(exact)
