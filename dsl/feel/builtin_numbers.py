"""Built-in functions on numbers and booleans (DMN 1.5, 10.3.4.2 and 10.3.4.5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
)

from dsl.feel.builtin import feel
from dsl.feel.calendar import LongDuration, duration_of, nanos_of
from dsl.feel.operators import ARITHMETIC, BOUNDED
from dsl.feel.trouble import Trouble
from dsl.feel.values import Months, whole

_ROUNDING = Context(prec=13_000)
_ONE = Decimal(1)


def rounded(value: Decimal, scale: Decimal, mode: str) -> Decimal:
    """A number at `scale` decimals (negative: tens, hundreds …). Raises Trouble for a scale outside decimal128's
    -6111 to 6176."""
    places = whole(scale)
    if places is None or not -6111 <= places <= 6176:
        raise Trouble("value", f"the scale {scale} is not between -6111 and 6176")
    exponent = value.as_tuple().exponent
    if type(exponent) is int and exponent >= -places and places >= 0:
        return value if places > 40 or exponent > 0 else value.quantize(_ONE.scaleb(-places), context=_ROUNDING)
    result = value.quantize(_ONE.scaleb(-places, context=_ROUNDING), rounding=mode, context=_ROUNDING)
    return result.quantize(_ONE, context=_ROUNDING) if places < 0 and result.adjusted() < 6000 else result


@feel("not(negand: boolean?)")
def negation(value: bool | None) -> bool | None:
    return None if value is None else not value


@feel("decimal(n: number, scale: number)")
def decimal(value: Decimal, scale: Decimal) -> Decimal:
    return rounded(value, scale, ROUND_HALF_EVEN)


@feel("floor(n: number, scale?: number)")
def floor(value: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    return rounded(value, scale, ROUND_FLOOR)


@feel("ceiling(n: number, scale?: number)")
def ceiling(value: Decimal, scale: Decimal = Decimal(0)) -> Decimal:
    return rounded(value, scale, ROUND_CEILING)


@feel("round up(n: number, scale: number)")
def round_up(value: Decimal, scale: Decimal) -> Decimal:
    return rounded(value, scale, ROUND_UP)


@feel("round down(n: number, scale: number)")
def round_down(value: Decimal, scale: Decimal) -> Decimal:
    return rounded(value, scale, ROUND_DOWN)


@feel("round half up(n: number, scale: number)")
def round_half_up(value: Decimal, scale: Decimal) -> Decimal:
    return rounded(value, scale, ROUND_HALF_UP)


@feel("round half down(n: number, scale: number)")
def round_half_down(value: Decimal, scale: Decimal) -> Decimal:
    return rounded(value, scale, ROUND_HALF_DOWN)


@feel("abs(n: number|days and time duration|years and months duration)")
def absolute(value: object) -> object:
    if type(value) is Decimal:
        return ARITHMETIC.abs(value)
    if type(value) is Months:
        return Months(abs(value.months))
    assert type(value) is timedelta or type(value) is LongDuration
    return duration_of(abs(nanos_of(value)))


@feel("modulo(dividend: number, divisor: number)")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Trouble("value", "modulo: division by zero")
    rest = (
        _ROUNDING.remainder(dividend, divisor) if abs(dividend.adjusted() - divisor.adjusted()) < 6000 else Decimal(0)
    )
    return ARITHMETIC.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else ARITHMETIC.plus(rest)


@feel("sqrt(number: number)")
def sqrt(value: Decimal) -> Decimal:
    return _function("sqrt", value)


@feel("log(number: number)")
def log(value: Decimal) -> Decimal:
    if value <= 0:
        raise Trouble("value", "log: the number is not above zero")
    return _function("ln", value)


@feel("exp(number: number)")
def exp(value: Decimal) -> Decimal:
    return _function("exp", value)


def _function(name: str, value: Decimal) -> Decimal:
    try:
        result: Decimal = getattr(BOUNDED, name)(value)
    except DecimalException as error:
        raise Trouble("value", f"{name} of {value} is no number") from error
    return result


@feel("even(number: number)")
def even(value: Decimal) -> bool:
    return modulo(value, Decimal(2)) == 0


@feel("odd(number: number)")
def odd(value: Decimal) -> bool:
    return modulo(value, Decimal(2)) == 1
