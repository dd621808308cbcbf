"""What to write instead where the types of an operation do not fit: the hints of the type checker."""

from __future__ import annotations

from dsl.feel import typing
from dsl.feel.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DAYS,
    NUMBER,
    STRING,
    FunctionOf,
    ListOf,
    RecordOf,
    Type,
)


def for_arithmetic(op: str, left: Type, right: Type) -> str:
    """A hint for operands of `+ - * / **`, or nothing."""
    found = {typing.plain(left), typing.plain(right)}
    if any(isinstance(type_, FunctionOf) for type_ in found):
        return "a function is called with parentheses"
    if op == "+" and STRING in found:
        return "turn it into a text with string(…)"
    if op in ("+", "-") and NUMBER in found and found & {DATE, DATETIME}:
        return 'write duration("P3D") for three days'
    if any(isinstance(type_, ListOf) for type_ in found):
        return "write 'for x in … return …' for each item, or sum(…) for one number"
    return ""


def for_comparison(left: Type, right: Type) -> str:
    """A hint for operands of `=`, `<` and the like, or nothing."""
    found = {typing.plain(left), typing.plain(right)}
    if any(isinstance(type_, FunctionOf) for type_ in found):
        return "a function is called with parentheses"
    if any(isinstance(type_, ListOf) for type_ in found):
        return "write 'some x in … satisfies …'"
    if found == {DATE, DATETIME}:
        return "write date(…) around the date and time"
    if found == {DAYS, NUMBER}:
        return 'write duration("P30D") for 30 days, or compare its days'
    if STRING in found:
        for type_, text in _AS_TEXT.items():
            if type_ in found:
                return text
    if any(isinstance(type_, RecordOf) for type_ in found):
        return "compare it with a record, or one of its fields"
    return ""


_AS_TEXT = {
    NUMBER: "numbers stand without quotes",
    BOOLEAN: "write true or false, without quotes",
    DATE: 'write date("2026-11-23")',
    DATETIME: 'write date and time("2026-11-23T10:00:00Z")',
    DAYS: 'write duration("P30D")',
}
