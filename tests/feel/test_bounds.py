"""Hostile expressions end at a named bound, before they cost memory or time."""

from __future__ import annotations

import pytest

from dsl import feel
from dsl.feel.limits import LimitExceeded
from dsl.problems import InvalidText


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(" * 10_000 + "1" + ")" * 10_000, "nested at most 100 levels deep"),
        ("[" * 10_000 + "1" + "]" * 10_000, "nested at most 100 levels deep"),
        ("{a:" * 10_000 + "1" + "}" * 10_000, "nested at most 100 levels deep"),
        ("-" * 10_000 + "1", "nested at most 100 levels deep"),
        ("not(" * 10_000 + "true" + ")" * 10_000, "nested at most 100 levels deep"),
        ("if true then " * 5_000 + "1" + " else 2" * 5_000, "at most 100000 characters"),
        ("function(x) " * 5_000 + "1", "nested at most 100 levels deep"),
        ("1" + "+1" * 20_000, "chains at most 200 operators"),
        ("a" + ".b" * 20_000, "chains at most 200 steps"),
        ("9" * 200_000, "at most 100000 characters"),
    ],
    ids=lambda value: value[:12],
)
def test_a_text_without_measure_is_no_expression(text: str, told: str) -> None:
    with pytest.raises(InvalidText, match=told):
        feel.compile(text, {"a": feel.ANY})


DOUBLED = ", ".join(f"a{i + 1}: a{i} + a{i}" for i in range(60))
LISTS = ", ".join(f"a{i + 1}: concatenate(a{i}, a{i})" for i in range(60))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("for i in 1..10**9 return i", "a list of 1000000000 items"),
        ('for d in @"-999999-01-01"..@"999999-12-31" return d', "items is longer than the 1000000"),
        ("for a in 1..1000, b in 1..1000, c in 1..1000 return 1", "loop rounds"),
        ("some a in 1..10**6, b in 1..10**6 satisfies a = -b", "loop rounds"),
        ("count((for i in 1..3000 return i)[count((for j in 1..3000 return j)[item > 1]) > 1])", "loop rounds"),
        (f'{{a0: "xxxxxxxxxx", {DOUBLED}}}', "a text of 1310720 characters"),
        (f"{{a0: [1, 2], {LISTS}}}", "a list of 1048576 items"),
        ('string join(for i in 1..1000000 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")', "a text of 33000000 characters"),
        ("distinct values(for i in 1..20000 return [i])", "comparisons"),
        ("1.0000001 ** (10 ** 30)", "exponent"),
        (f'replace("{"a" * 60}!", "(a|aa)+$", "x")', "a regular expression took longer than"),
        ('context put({}, for i in 1..5000 return "a", 1)', "too deeply"),
    ],
    ids=lambda value: value[:24],
)
def test_an_evaluation_without_end_is_stopped_at_a_named_bound(text: str, told: str) -> None:
    expression = feel.compile(text)

    with pytest.raises(LimitExceeded, match=told):
        expression({})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('matches("' + "a" * 40 + '!", "(a+)+$")', False),
        ("2 ** 999999999", None),
        ("decimal(1 / 3, 999999999)", None),
        ("exp(10 ** 30)", None),
        ('substring("abc", 10 ** 30)', None),
        ('duration("P999999999999999999999D") * 10 ** 30', None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_values_beyond_all_bounds_are_null_at_once(text: str, value: object) -> None:
    assert feel.compile(text)({}) is value
