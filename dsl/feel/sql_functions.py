"""Strings, dates and their functions in SQL, where both databases do as FEEL does (DMN 1.5, 10.3.4.3); else NotSql."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, String, and_, case, cast, extract, func, literal, type_coerce

from dsl.feel import ast
from dsl.feel.sql_terms import Constant, Expr, NotSql, Subject, Term, text

_DAY = 86_400_000_000
_JULIAN = 1721424.5
"""Julian day of the day before 0001-01-01, from which `date.toordinal` counts."""


def string(subject: Subject, node: ast.Node) -> Expr:
    """A string operand."""
    if isinstance(subject, Constant) and type(subject.value) is str and "\0" not in subject.value:
        return text(subject.value)
    if isinstance(subject, Term) and subject.kind == "string":
        return subject.expr
    raise NotSql(node, "a string is needed here")


def is_null(subjects: Sequence[Subject]) -> bool:
    """Whether one of the operands is null in every row, which makes any of these functions null."""
    return any(isinstance(subject, Constant) and subject.value is None for subject in subjects)


def contains(args: Sequence[Expr], dialect: str) -> Expr:
    whole, part = args
    return _position(whole, part, dialect) > 0


def starts_with(args: Sequence[Expr], dialect: str) -> Expr:
    whole, start = args
    return func.substr(whole, 1, func.length(start)) == start


def ends_with(args: Sequence[Expr], dialect: str) -> Expr:
    whole, end = args
    if dialect == "sqlite":
        return case((func.length(end) == 0, whole.is_not(None)), else_=func.substr(whole, -func.length(end)) == end)
    return func.right(whole, func.length(end)) == end


def _position(whole: Expr, part: Expr, dialect: str) -> Expr:
    return func.instr(whole, part) if dialect == "sqlite" else func.strpos(whole, part)


TESTS: dict[str, Callable[[Sequence[Expr], str], Expr]] = {
    "contains": contains,
    "starts with": starts_with,
    "ends with": ends_with,
}
"""Functions of two strings that are true or false."""


def length(whole: Expr) -> Term:
    return Term(func.length(whole, type_=BigInteger()), "number", digits=10, whole=True)


def substring(whole: Expr, start: object, count: object, dialect: str, node: ast.Node) -> Term:
    """`substring`, of which start and length are constants; null where the string has no such start."""
    at, size = _index(start, node), None if count is None else _index(count, node)
    if at == 0 or (size is not None and size < 1):
        return Term(case((whole.is_(None), None), else_=None, ), "string", String())
    if at > 0:
        part = func.substr(whole, at) if size is None else func.substr(whole, at, size)
    else:
        part = func.substr(whole, at) if dialect == "sqlite" else func.right(whole, -at)
        if size is not None:
            part = func.substr(part, 1, size)
    return Term(case((func.length(whole) >= abs(at), type_coerce(part, String())), else_=None), "string", String())


def _index(value: object, node: ast.Node) -> int:
    if type(value) is not Decimal and type(value) is not int:
        raise NotSql(node, "positions are constants in SQL")
    if abs(Decimal(value)) > 1_000_000:
        raise NotSql(node, "the position is too large for SQL")
    return int(value)


def letter_case(name: str, whole: Expr, functions: object, dialect: str, node: ast.Node) -> Term:
    """`upper case`, `lower case`: only where the connection has Python's own, since databases differ beyond ASCII."""
    wanted = "feel_lower" if name == "lower case" else "feel_upper"
    if dialect != "sqlite" or wanted not in (functions or ()):  # type: ignore[operator]
        raise NotSql(node, f"'{name}' differs between FEEL and the database")
    return Term(getattr(func, wanted)(whole, type_=String()), "string", String())


# ---- dates ----


def date_member(value: Term, name: str, dialect: str, node: ast.Node) -> Term:
    """`year`, `month`, `day`, `weekday` of a date."""
    if value.kind != "date" or name not in ("year", "month", "day", "weekday"):
        raise NotSql(node, f"'{name}' of a {value.kind} is not read in SQL")
    expr = _calendar(value)
    if dialect == "sqlite":
        form = {"year": "%Y", "month": "%m", "day": "%d", "weekday": "%w"}[name]
        number: Any = cast(func.strftime(form, expr), Integer)
        if name == "weekday":
            number = case((number == 0, 7), else_=number)
    else:
        number = cast(extract("isodow" if name == "weekday" else name, expr), BigInteger)
    return Term(number, "number", digits=4, whole=True, simple=True)


def _calendar(value: Term) -> Expr:
    """A date as the database's own date functions take it."""
    if value.days:
        return func.date(value.expr + literal(_JULIAN))
    return value.expr


def day_number(value: Term, dialect: str) -> Expr:
    """A date as the number of its day on SQLite; a date as it is on PostgreSQL, which calculates with days."""
    if value.days or dialect != "sqlite":
        return value.expr
    return cast(func.julianday(value.expr) - literal(_JULIAN), BigInteger)


def constant_day(value: object, dialect: str, node: ast.Node) -> Expr:
    if type(value) is not date:
        raise NotSql(node, "a date is needed here")
    return literal(value.toordinal(), BigInteger()) if dialect == "sqlite" else literal(value, Date())


def shift(value: Term, duration: object, sign: int, dialect: str, node: ast.Node) -> Term:
    """A date plus or minus a constant duration of days; what is left of a day counts downwards."""
    if type(duration) is not timedelta or value.kind != "date":
        raise NotSql(node, "only a constant number of days is added to a date in SQL")
    days = (duration * sign).days
    if abs(days) > 1_000_000:
        raise NotSql(node, "the duration is too long for SQL")
    moved = day_number(value, dialect) + literal(days, Integer())
    if dialect == "sqlite":
        return Term(moved, "date", days=True)
    return Term(type_coerce(moved, Date()), "date", Date())


def difference(left: Expr, right: Expr) -> Term:
    """`date - date` of day numbers (SQLite) or dates (PostgreSQL), as microseconds."""
    days = type_coerce(left, BigInteger()) - type_coerce(right, BigInteger())
    return Term(cast(days, BigInteger) * literal(_DAY, BigInteger()), "days and time duration", days=True)


def microseconds(value: object, node: ast.Node) -> Expr:
    if type(value) is not timedelta:
        raise NotSql(node, "a duration of days and time is needed here")
    return literal((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds, BigInteger())


def joined(parts: Sequence[Expr]) -> Term:
    """Strings one after the other; null if one is."""
    first, *rest = (cast(part, String()) for part in parts)
    result: Expr = first
    for part in rest:
        result = result.concat(part)
    return Term(result, "string", String())


def both_there(*exprs: Expr) -> Any:
    return and_(*(expr.is_not(None) for expr in exprs))
