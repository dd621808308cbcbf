"""What operators do beside the fast path of generated code: every kind of operand, null, and the warning that says
why (DMN 1.5, 10.3.2.13 to .15)."""

from __future__ import annotations

from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
)
from decimal import Overflow as DecimalOverflow
from typing import Any

from dsl.feel.calendar import duration_of, nanos_of
from dsl.feel.equality import equal, matches, order, within
from dsl.feel.limits import MAX_EXPONENT, LimitExceeded, check_text
from dsl.feel.temporal import (
    add_duration,
    add_months,
    add_to_date,
    add_to_time,
    difference,
    length,
    measured,
    time_difference,
)
from dsl.feel.trouble import Warnings, warn
from dsl.feel.values import KINDS, Months, Range, number

ARITHMETIC = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[DivisionByZero, InvalidOperation, DecimalOverflow],
)
"""34 digits, half even (DMN 1.5, 10.3.2.3.1). Exponents run free, so that + - * cannot fail; powers and functions
keep decimal128's."""
BOUNDED = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    traps=[DivisionByZero, InvalidOperation, DecimalOverflow],
)

_DAYS, _MONTHS = "days and time duration", "years and months duration"


def _mismatch(op: str, left: Any, right: Any, warnings: Warnings, start: int, end: int) -> Any:
    if warnings is None:
        return None
    left_kind, right_kind = KINDS.get(type(left), "record"), KINDS.get(type(right), "record")
    if left_kind == "null" or right_kind == "null":
        return warn(warnings, "null", f"'{op}' meets null ({left_kind} {op} {right_kind})", start, end)
    return warn(warnings, "type", f"'{op}' does not take {left_kind} and {right_kind}", start, end)


def add(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> object:
    """`left + right`: numbers, strings, durations, and a date, time or date and time with a duration."""
    if type(left) is str and type(right) is str:
        check_text(len(left) + len(right))
        return left + right
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return ARITHMETIC.add(first, second)
    kind, other = KINDS.get(type(left), "record"), KINDS.get(type(right), "record")
    try:
        if kind == other and kind in (_DAYS, _MONTHS):
            return _sum(left, right)
        if other in (_DAYS, _MONTHS):
            moved = _shift(kind, left, other, right)
        elif kind in (_DAYS, _MONTHS):
            moved = _shift(other, right, kind, left)
        else:
            moved = None
    except (ValueError, OverflowError) as error:
        return warn(warnings, "value", str(error), start, end)
    return moved if moved is not None else _mismatch("+", left, right, warnings, start, end)


def _sum(left: Any, right: Any) -> object:
    if type(left) is Months:
        return Months(left.months + right.months)
    return duration_of(nanos_of(left) + nanos_of(right))


def _shift(kind: str, value: Any, unit: str, duration: Any) -> object:
    if unit == _MONTHS:
        return add_months(value, duration.months) if kind in ("date", "date and time") else None
    if kind == "date":
        return add_to_date(value, nanos_of(duration))
    if kind == "date and time":
        return add_duration(value, nanos_of(duration))
    return add_to_time(value, nanos_of(duration)) if kind == "time" else None


def subtract(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> object:
    """`left - right`: numbers, durations, two points in time, or a point in time and a duration."""
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return ARITHMETIC.subtract(first, second)
    kind, other = KINDS.get(type(left), "record"), KINDS.get(type(right), "record")
    if other in (_DAYS, _MONTHS) and (kind == other or kind in ("date", "time", "date and time")):
        return add(left, negate(right, None, 0, 0), warnings, start, end)
    result: object = None
    if kind in ("date", "date and time") and other in ("date", "date and time"):
        result = difference(left, right)
    elif kind == other == "time":
        result = time_difference(left, right)
    return result if result is not None else _mismatch("-", left, right, warnings, start, end)


def multiply(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> object:
    """`left * right`: numbers, or a number and a duration."""
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return ARITHMETIC.multiply(first, second)
    try:
        if second is not None and KINDS.get(type(left)) in (_DAYS, _MONTHS):
            return measured(left, ARITHMETIC.multiply(length(left), second))
        if first is not None and KINDS.get(type(right)) in (_DAYS, _MONTHS):
            return measured(right, ARITHMETIC.multiply(length(right), first))
    except (ValueError, OverflowError) as error:
        return warn(warnings, "value", str(error), start, end)
    return _mismatch("*", left, right, warnings, start, end)


def divide(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> object:
    """`left / right`: numbers, a duration by a number, or durations of one kind. Null for a divisor of zero."""
    first, second = number(left), number(right)
    kind = KINDS.get(type(left), "record")
    try:
        if first is not None and second is not None:
            return ARITHMETIC.divide(first, second)
        if second is not None and kind in (_DAYS, _MONTHS):
            return measured(left, ARITHMETIC.divide(length(left), second))
        if kind == KINDS.get(type(right)) and kind in (_DAYS, _MONTHS):
            return ARITHMETIC.divide(length(left), length(right))
    except DecimalException:
        return warn(warnings, "value", "division by zero", start, end)
    except (ValueError, OverflowError) as error:
        return warn(warnings, "value", str(error), start, end)
    return _mismatch("/", left, right, warnings, start, end)


def power(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> object:
    """`left ** right` of numbers. Raises LimitExceeded for an exponent that no decimal128 needs."""
    first, second = number(left), number(right)
    if first is None or second is None:
        return _mismatch("**", left, right, warnings, start, end)
    if not second:
        return Decimal(1)
    if not first and second < 0:
        return warn(warnings, "value", "division by zero", start, end)
    if abs(second) > 999_999_999:
        raise LimitExceeded(f"the exponent {second:.3e} is beyond ±999999999")
    try:
        return BOUNDED.power(first, second)
    except DecimalException:
        return warn(warnings, "value", f"{first} ** {second} is no number of 34 digits", start, end)


def negate(value: Any, warnings: Warnings, start: int, end: int) -> object:
    """`-value` of a number or a duration."""
    exact = number(value)
    if exact is not None:
        return ARITHMETIC.minus(exact)
    if type(value) is Months:
        return Months(-value.months)
    if KINDS.get(type(value)) == _DAYS:
        return duration_of(-nanos_of(value))
    return warn(warnings, "type", f"'-' does not take {KINDS.get(type(value), 'record')}", start, end)


def equals(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    """`left = right`."""
    result = equal(left, right)
    if result is None:
        _mismatch("=", left, right, warnings, start, end)
    return result


def differs(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    """`left != right`."""
    result = equals(left, right, warnings, start, end)
    return None if result is None else not result


def less(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    place = order(left, right)
    return _mismatch("<", left, right, warnings, start, end) if place is None else place < 0


def at_most(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    place = order(left, right)
    return _mismatch("<=", left, right, warnings, start, end) if place is None else place <= 0


def greater(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    place = order(left, right)
    return _mismatch(">", left, right, warnings, start, end) if place is None else place > 0


def at_least(left: Any, right: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    place = order(left, right)
    return _mismatch(">=", left, right, warnings, start, end) if place is None else place >= 0


def between(value: Any, low: Any, high: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    """`value between low and high`, ends included."""
    result = within(value, Range(low, True, high, True))
    if result is None:
        warn(warnings, "null", "'between' needs three values of one kind that has an order", start, end)
    return result


def passes(value: Any, test: Any, warnings: Warnings, start: int, end: int) -> bool | None:
    """`value in test` for one test that is no comparison."""
    result = matches(value, test)
    if result is None:
        _mismatch("in", value, test, warnings, start, end)
    return result


def lies_between(
    value: Any, low: Any, high: Any, low_included: bool, high_included: bool, warnings: Warnings, start: int, end: int
) -> bool | None:
    """`value in [low..high]` where the ends are known at run time only: as the comparisons with both (DMN 1.5, table 55), also where they
    make no range because they are null or the wrong way round.
    """
    test = make_range(low, high, low_included, high_included, warnings, start, end)
    return passes(value, Range(low, low_included, high, high_included) if test is None else test, warnings, start, end)


def make_range(
    low: Any, high: Any, low_included: bool, high_included: bool, warnings: Warnings, start: int, end: int
) -> object:
    """`[low..high]`. Null if the ends are of different kinds, have no order, or are the wrong way round."""
    if low is not None and high is not None:
        place = order(low, high)
        if place is None or place > 0:
            reason = "have no common order" if place is None else "are the wrong way round"
            return warn(warnings, "value", f"the ends of a range {reason}", start, end)
    elif KINDS.get(type(high if low is None else low)) in ("null", "list", "context", "function", "boolean"):
        return warn(warnings, "type", "a range needs ends that have an order", start, end)
    return Range(low, low_included, high, high_included)
