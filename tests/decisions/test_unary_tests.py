"""What a cell of a decision table says of the tested value (DMN 1.5, 7.3.2 and 8.2.8, grammar rules 7 to 17)."""

from __future__ import annotations

import json

import pytest

from dsl import corpus
from dsl.feel.surface import evaluate
from dsl.feel.typed import encode

PASSES = [
    ("-", "1"),
    ("-", "null"),
    ("null", "null"),
    ("not(null)", "1"),
    ("1", "1"),
    ("1, 2", "2"),
    ("-1", "-1"),
    ("< 5", "4"),
    ("[1..3]", "3"),
    ("(1..3), 5", "5"),
    ("]1..3[", "2"),
    ("not(1, [3..5])", "2"),
    ('not("a", "b")', '"c"'),
    ("? > 1 and ? < 5", "2"),
    ('contains(?, "b")', '"abc"'),
    ('list contains(?, "b")', '["a", "b"]'),
    ("string length(?) > 2", '"abc"'),
    ("known", '"b"'),
    ('"a"', '["a"]'),
    ("true", "true"),
    ("< limit", "9"),
    ("[lowest..limit]", "5"),
    ('[date("2020-01-01")..date("2020-12-31")]', '@"2020-06-01"'),
    ('< @"2020-12-31"', '@"2020-06-01"'),
    ('>= duration("P1D")', '@"PT25H"'),
    ('> time("12:00:00")', '@"12:00:01"'),
]
FAILS = [
    ("null", "1"),
    ("not(null)", "null"),
    ("< 5", "null"),
    ("< 5", '"a"'),
    ("not(< 5)", "null"),
    ("1", '"1"'),
    ("(1..3)", "1"),
    ("]1..3[", "3"),
    ("not(1, [3..5])", "4"),
    ("? > 1 and ? < 5", "7"),
    ("known", '"z"'),
    ("true", "null"),
    ("nobody", "1"),
    ("[1..null]", "2"),
    ('< @"2020-12-31"', '@"2020-06-01T00:00:00"'),
]


@pytest.mark.parametrize(("cell", "value"), PASSES)
def test_a_value_passes_a_cell(cell: str, value: str) -> None:
    assert decided(cell, value) == {"t": "string", "v": "yes"}


@pytest.mark.parametrize(("cell", "value"), FAILS)
def test_a_value_fails_a_cell(cell: str, value: str) -> None:
    assert decided(cell, value) == {"t": "null"}


def decided(cell: str, value: str) -> dict[str, object]:
    """The value of a table of one rule with this cell."""
    context = {"tested": value, "known": '["a", "b"]', "limit": "10", "lowest": "1"}
    table = {
        "id": "",
        "hit_policy": "UNIQUE",
        "inputs": [{"expression": "tested"}],
        "outputs": [{"name": None}],
        "rules": [{"in": [cell], "out": ['"yes"']}],
        "context": {name: encode(evaluate(text, {})) for name, text in context.items()},
    }
    answered: dict[str, object] = corpus.answer(json.dumps(table))["value"]
    return answered
