"""Texts written to bring the engine down: they end soon, with an error that names the limit, and take little memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dsl import feel
from dsl.problems import InvalidText

MANY = 10_000
TOO_LONG_TO_COMPILE = {
    "parentheses": "(" * MANY + "1" + ")" * MANY,
    "brackets": "[" * MANY + "]" * MANY,
    "conditions": "if true then " * 5000 + "1" + " else 1" * 5000,
    "signs": "-" * MANY + "1",
    "contexts": "{a:" * MANY + "1" + "}" * MANY,
    "steps": "a" + ".b" * MANY,
    "calls": "f" + "()" * MANY,
    "operators": "1" + "+1" * MANY,
    "types": "1 instance of " + "list<" * MANY + "number" + ">" * MANY,
    "characters": '"' + "a" * 5_000_000 + '"',
    "an exponent": "1E" + "9" * 25,
}
TOO_MUCH_TO_EVALUATE = {
    "a long list": "for i in 1..10**9 return i",
    "many dates": 'for d in @"-999999-01-01"..@"999999-12-31" return d',
    "nested loops": "some i in 1..10000, j in 1..10000 satisfies i = -j",
    "a function that calls itself": "{f: function(x) f(x), r: f(1)}.r",
    "a function that calls itself twice": "{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2), r: f(60)}.r",
    "a text that doubles": 'for i in 1..100 return if i = 1 then "aaaa" else partial[-1] + partial[-1]',
    "a list nested in itself": "{a: for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]], r: a[-1] = a[-1]}.r",
    "a pattern that backtracks": 'matches("' + "a" * 44 + 'b", "^(a|aa)+$")',
    "a long list copied often": "{s: for i in 1..100000 return i, r: for i in 1..100000 return reverse(s)}.r",
    "a long list summed often": "{s: for i in 1..100000 return i, r: for i in 1..1000000 return sum(s)}.r",
    "a long list searched often": "{s: for i in 1..100000 return i, r: for i in 1..100000 return -1 in s}.r",
    "a text joined of many": 'string join(for i in 1..1000000 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")',
    "many items that must be compared": "distinct values(for i in 1..20000 return [i])",
    "a power without measure": "1.0000001 ** (10 ** 30)",
    "a pattern that backtracks in a replacement": 'replace("' + "a" * 60 + '!", "(a|aa)+$", "x")',
    "a context put deeper and deeper": 'context put({}, for i in 1..5000 return "a", 1)',
    "a long text lengthened often": '{s: string join(for i in 1..90000 return "aaaaaaaaaa"), r: for i in 1..100000 return s + "b"}.r',
}
IN_A_CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
from dsl import feel
try:
    feel.compile_open(sys.argv[1])({})
except feel.LimitExceeded as limit:
    print(limit)
"""


@pytest.mark.parametrize("text", TOO_LONG_TO_COMPILE.values(), ids=TOO_LONG_TO_COMPILE.keys())
def test_a_text_beyond_the_limits_of_the_grammar_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(InvalidText) as refused:
        feel.compile_open(text)

    assert refused.value.problems[0].code == "TW2011"


@pytest.mark.slow
@pytest.mark.parametrize("text", TOO_MUCH_TO_EVALUATE.values(), ids=TOO_MUCH_TO_EVALUATE.keys())
def test_an_evaluation_without_end_stops_in_half_a_gigabyte(text: str) -> None:
    child = subprocess.run([sys.executable, "-c", IN_A_CHILD, text], capture_output=True, text=True, check=False)

    assert child.stdout.strip(), child.stderr[-500:]


@pytest.mark.parametrize(
    "text",
    [
        "0 ** -1", "10 ** 10 ** 1000", 'number("1E9999")', "date(2017, 999999999999, 1)", "sqrt(1E999999999)", "decimal(1, 1E999999999)",
        '@"P1D" * 1E999999', "2 ** 999999999", "decimal(1 / 3, 999999999)", "exp(10 ** 30)", 'substring("abc", 10 ** 30)',
        'matches("a", "a{999999}")', 'range("[1E99999999999999999999..2]")',
    ],
)  # fmt: skip
def test_a_number_beyond_measure_is_null_with_a_reason(text: str) -> None:
    warnings: list[feel.Warning] = []

    assert feel.compile_open(text)({}, None, warnings) is None
    assert warnings


def test_comments_that_are_never_closed_are_read_once() -> None:
    """They were looked for from every one of their beginnings: a minute for a text as long as is allowed."""
    checked = feel.check("/* " * 33_000, feel.Scope())

    assert [(problem.message, problem.at.start, problem.at.end) for problem in checked.problems] == [("this comment is never closed", 0, 2)]
