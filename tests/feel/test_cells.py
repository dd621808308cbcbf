"""A decision table's cells are unary tests: comparisons, ranges and values, of the input that the cell stands under."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dsl import feel
from dsl.feel import DATE, NUMBER, STRING, Choice, Scope

LEVEL = Choice("level", ("silver", "gold"))
SCOPE = Scope({"limit": NUMBER})


def holds(cell: str, value: object) -> object:
    checked = feel.check_tests(cell, SCOPE, feel.ANY)
    assert checked.ast is not None, checked.problems
    return feel.build_row_condition(checked.ast)(value, {"limit": Decimal(10)})


@pytest.mark.parametrize(
    ("cell", "yes", "no"),
    [
        ("5", 5, 6),
        ("> 5", 6, 5),
        ("> limit", 11, 10),
        ("[10..20)", 10, 20),
        ("]10..20]", 20, 10),
        ("< 5, > 20", 21, 10),
        ("1, ]5..7[, 9", 6, 7),
        ("not(1, 2)", 3, 2),
        ("not(> 5)", 5, 6),
        ("? > 5 and ? < 8", 7, 8),
        ("? in (1, [5..7])", 6, 4),
        ("-5", -5, 5),
    ],
)
def test_a_cell_tests_the_value_above_it(cell: str, yes: int, no: int) -> None:
    assert holds(cell, Decimal(yes)) is True
    assert holds(cell, Decimal(no)) is False


def test_a_dash_takes_any_value() -> None:
    assert holds("-", None) is True


@pytest.mark.parametrize(
    ("cell", "type_", "code", "column"),
    [
        ('"silver", "gld"', LEVEL, "TW2006", 11),
        ('not("gld")', LEVEL, "TW2006", 5),
        ('"ten"', NUMBER, "TW2005", 1),
        ('> "ten"', NUMBER, "TW2005", 1),
        ('["2026-01-01".."2026-02-01"]', DATE, "TW2005", 1),
        ("> limt", NUMBER, "TW2002", 3),
        ("> 5 and < 8", NUMBER, "TW2001", 5),
        ("", STRING, "TW2001", 1),
    ],
)
def test_a_cell_that_can_never_hold_is_told(cell: str, type_: feel.Type, code: str, column: int) -> None:
    (problem,) = feel.check_tests(cell, SCOPE, type_).problems

    assert (problem.code, problem.at.column) == (code, column)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 in [1..5[", False),
        ("count([[1..5[, 3])", 2),
        ("5 in (]1..7[, 9)", True),
        ("6 in (1, 2 + 4)", True),
        ("3 in (1 = 1 and true, 3)", True),
        ("5 in (1..7)", True),
        ("5 in (1..7) and false", False),
        ("1 in ([[1, 2], [3]])[1]", True),
        ("4 in (<5)", True),
    ],
)
def test_ranges_may_turn_their_brackets_wherever_a_value_stands(text: str, value: object) -> None:
    assert feel.evaluate(text) == value
