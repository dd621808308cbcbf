"""Exact numbers in SQL: NUMERIC on PostgreSQL, scaled 64-bit integers on SQLite. Nothing is rounded, and nothing overflows in silence.

SQLite turns an integer that overflows into a float, and FEEL rounds beyond 34 digits. Where a value may be that large, the statement fails
with the database's error (`integer overflow`, `division by zero`) on the row that is, instead of giving a wrong answer.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, case, cast, false, func, literal, literal_column, true

from dsl.feel import ast
from dsl.feel.sql_terms import MAX_DIGITS, Constant, Expr, NotSql, Term

MAX_SCALE = 9
"""Digits after the point that calculations on SQLite may need: more leave too few before it."""
_MAX, _MIN = 2**63 - 1, -(2**63)
_OVERFLOW = "(-9223372036854775807 - 1)"


def parts(value: object, node: ast.Node) -> tuple[int, int]:
    """A number as an integer and how many of its digits stand after the point."""
    exact = value if type(value) is Decimal else Decimal(value) if type(value) is int else None
    if exact is None or not exact.is_finite() or abs(exact.adjusted()) > MAX_DIGITS:
        raise NotSql(node, f"{value} is no number for SQL")
    sign, digits, exponent = exact.normalize().as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits))) * (-1 if sign else 1)
    return (whole * 10**exponent, 0) if exponent > 0 else (whole, -exponent)


def constant(value: object, dialect: str, node: ast.Node) -> Term:
    """A number to calculate with."""
    whole, scale = parts(value, node)
    digits = max(len(str(abs(whole))), scale)
    if dialect != "sqlite":
        return Term(literal(Decimal(whole).scaleb(-scale), Numeric()), "number", scale=scale, digits=digits, nullable=False)
    if not _MIN <= whole <= _MAX or scale > MAX_SCALE:
        raise NotSql(node, f"{value} has too many digits for SQLite")
    return Term(literal(whole, BigInteger()), "number", scale=scale, digits=digits, nullable=False)


def calculate(op: str, left: Term, right: Term, dialect: str, node: ast.Node) -> Term:
    """`left op right` for + - *."""
    left, right = _numeric(left, dialect), _numeric(right, dialect)
    if op == "*":
        digits, scale = left.digits + right.digits, left.scale + right.scale
    else:
        scale = max(left.scale, right.scale)
        digits = max(left.digits - left.scale, right.digits - right.scale) + 1 + scale
        left, right = at_scale(left, scale, dialect), at_scale(right, scale, dialect)
    if dialect == "sqlite" and scale > MAX_SCALE:
        raise NotSql(node, f"the result needs {scale} digits after the point, too many for SQLite's integers")
    first, second = left.expr, right.expr
    result = first + second if op == "+" else first - second if op == "-" else first * second
    return Term(result, "number", scale=scale, digits=digits, simple=False)


def divide(left: Term, divisor: object, dialect: str, node: ast.Node) -> Term:
    """Division by a constant whose reciprocal is finite, as a multiplication."""
    whole, scale = parts(divisor, node)
    reduced, power = abs(whole), 0
    for factor in (2, 5):
        while reduced and reduced % factor == 0:
            reduced //= factor
            power += 1
    if reduced != 1:
        raise NotSql(node, "division is not exact in SQL")
    reciprocal = Decimal(10**power // whole if whole > 0 else -(10**power // -whole)).scaleb(scale - power)
    return calculate("*", left, constant(reciprocal, dialect, node), dialect, node)


def negate(value: Term, dialect: str) -> Term:
    term = _numeric(value, dialect)
    return replace(term, expr=-term.expr, simple=False)


def _numeric(term: Term, dialect: str) -> Term:
    """Whole numbers as NUMERIC, so that PostgreSQL does not calculate them in 64 bits."""
    return replace(term, expr=cast(term.expr, Numeric()), whole=False) if term.whole and dialect != "sqlite" else term


def at_scale(term: Term, scale: int, dialect: str) -> Term:
    """The same number with more digits after the point (SQLite; PostgreSQL keeps them itself)."""
    if dialect != "sqlite" or scale == term.scale:
        return replace(term, scale=max(scale, term.scale))
    factor: Any = literal(10 ** (scale - term.scale), BigInteger())
    return replace(term, expr=term.expr * factor, scale=scale, digits=term.digits + scale - term.scale, simple=False)


def aligned(left: Term, right: Term, dialect: str, node: ast.Node) -> tuple[Expr, Expr]:
    """Two numbers that can be compared with each other."""
    if dialect == "sqlite":
        scale = max(left.scale, right.scale)
        if scale > MAX_SCALE:
            raise NotSql(node, f"{scale} digits after the point are too many for SQLite's integers")
        left, right = at_scale(left, scale, dialect), at_scale(right, scale, dialect)
    return safe(left, dialect), safe(right, dialect)


def safe(term: Term, dialect: str) -> Expr:
    """The number, or an error of the database where it could not be held exactly."""
    if term.simple:
        return term.expr
    if dialect == "sqlite":
        overflow = func.abs(literal_column(_OVERFLOW, BigInteger()))
        return case((func.typeof(term.expr) == "real", overflow), else_=term.expr)
    if term.digits <= MAX_DIGITS:
        return term.expr
    bound = literal(Decimal(10) ** (MAX_DIGITS - term.scale), Numeric())
    return case((func.abs(term.expr) < bound, term.expr), else_=term.expr / literal_column("0"))


def compare(op: str, term: Term, value: Constant, dialect: str, node: ast.Node) -> tuple[str, Expr, Expr] | bool:
    """`term op value` as operator and operands; or False for an equality that holds for no number at all."""
    whole, scale = parts(value.value, node)
    expr = safe(term, dialect)
    if dialect != "sqlite":
        if term.whole and scale == 0 and _MIN <= whole <= _MAX:
            return op, expr, literal(whole, BigInteger())
        return op, expr, literal(Decimal(whole).scaleb(-scale), Numeric())
    shift = term.scale - scale
    floor, rest = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10**-shift)
    if rest == 0 and _MIN <= floor <= _MAX:
        return op, expr, literal(floor, BigInteger())
    if op in ("=", "!="):
        return False
    above = op in (">", ">=")
    if floor > _MAX:
        return ">" if above else "<=", expr, literal(_MAX, BigInteger())
    if floor < _MIN:
        return ">=" if above else "<", expr, literal(_MIN, BigInteger())
    return ">" if above else "<=", expr, literal(floor, BigInteger())


def stored(term: Term, scale: int, dialect: str) -> Expr:
    """The number as a column of that scale takes it, rounded half away from zero."""
    if dialect != "sqlite":
        return func.round(safe(_numeric(term, dialect), dialect), scale)
    if scale >= term.scale:
        return safe(at_scale(term, scale, dialect), dialect)
    expr = safe(term, dialect)
    unit = 10 ** (term.scale - scale)
    half, by = literal(unit // 2, BigInteger()), literal_column(str(unit), BigInteger())
    return case((expr < 0, -_divided(-expr + half, by)), else_=_divided(expr + half, by))


def _divided(expr: Expr, by: Expr) -> Expr:
    """Integer division on SQLite, towards zero."""
    return expr.op("/")(by)


def never(wanted: bool | None) -> ColumnElement[bool]:
    """An equality that does not hold: false, whatever the row."""
    return true() if wanted is False else false()
