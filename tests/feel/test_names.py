"""What a FEEL text means: names of several words, precedence, ranges, and the places of mistakes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dsl import feel
from dsl.problems import InvalidText


def value(text: str, **names: object) -> object:
    return feel.evaluate(text, names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 ** 2", "19"),
        ("-2 ** 2", "4"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("2 ** 3 ** 2", "64"),
        ('if 1 = 1 then 5 else 6 + 1', "5"),
        ("sum(for i in 1..3 return i * i)", "14"),
        ("count([1, 2, 3][item > 1])", "2"),
        ("{a: 1, b: a + 1}.b", "2"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
    ],
)
def test_operators_bind_as_the_standard_says(text: str, expected: str) -> None:
    assert value(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in [1..5]", True),
        ("5 in [1..5[", False),
        ("5 in ]5..9]", False),
        ("5 in (> 3, < 2)", True),
        ("5 in (1, 5)", True),
        ("null = null", True),
        ("null and false", False),
        ("null or true", True),
        ("not(null)", None),
        ("1 < null", None),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [] satisfies x > 1", True),
        ('"a" in ("a", "b")', True),
        ("3 between 1 and 5 and true", True),
    ],
)
def test_conditions_have_three_values(text: str, expected: bool | None) -> None:
    assert value(text) is expected


def test_names_may_hold_spaces_and_symbols_where_they_are_in_scope() -> None:
    names = {"first name": "Amy", "a-b": Decimal(7), "a": Decimal(10), "b": Decimal(1)}

    assert feel.evaluate('first name + "!"', names) == "Amy!"
    assert feel.evaluate("a-b", names) == 7
    assert feel.evaluate("a - b", {"a": Decimal(10), "b": Decimal(1)}) == 9
    assert feel.evaluate("`first name`", names) == "Amy"


def test_keywords_within_longer_words_are_names() -> None:
    assert value("android + inside + format", android="a", inside="b", format="c") == "abc"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1 +", 3, "ends"),
        ("(1 + 2", 6, "')'"),
        ("if a then b", 11, "'else'"),
        ("1 2", 3, "before '2'"),
        ('"open', 1, "never closed"),
        ("a.", 2, "member"),
        ("for x in [1] x", 14, "'return'"),
        ("[1, 2", 5, "']'"),
    ],
)
def test_a_syntax_error_is_told_at_its_place(text: str, column: int, message: str) -> None:
    with pytest.raises(InvalidText) as wrong:
        feel.compile(text, {"a": feel.ANY, "b": feel.ANY})

    problem = wrong.value.problems[0]
    assert (problem.code, problem.at.column) == ("TW2001", column)
    assert message in problem.message


@pytest.mark.parametrize("text", ["(" * 10_000 + "1" + ")" * 10_000, "-" * 10_000 + "1", "+".join("1" * 5_000), "not(" * 5_000 + "true"])
def test_hostile_nesting_is_refused_at_once(text: str) -> None:
    with pytest.raises(InvalidText) as wrong:
        feel.compile(text, {})

    assert wrong.value.problems[0].code in ("TW2001", "TW2011")


@pytest.mark.parametrize(
    "text", ["count(for i in 1..10**9 return i)", "2 ** 999999999999", 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")']
)
def test_hostile_work_ends_quickly_without_an_answer(text: str) -> None:
    assert feel.evaluate(text) in (None, False)
