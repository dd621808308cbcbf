"""Hover, signature help, diagnostics and formatting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl.feel import BOOLEAN, parse
from dsl.feel.builtins import BUILT_INS
from dsl.feel.types import Scope
from dsl.language import Diagnostic, diagnostics, formatted, hover, signature_help
from dsl.language.functions import DESCRIPTIONS
from tests.language.test_completion import LABELS, SCOPE

CASES = Path(__file__).parents[3] / "shared" / "tck" / "visible.jsonl"
DOCS = Path(__file__).parents[2] / "docs/reference/expressions.md"


def described(entity: str, field: str) -> str:
    return LABELS.get((entity, field), "")


@pytest.mark.parametrize(
    ("text", "word", "detail", "description"),
    [
        ("sum(lines.qty) + total", "total", "total: number", "Total"),
        ("sum(lines.qty) + total", "qty", "qty: list<number>", ""),
        ("customer.name", "name", "name: string", "Name"),
        ("lines[qty > 3]", "qty", "qty: number", ""),
        ("sum(lines.qty)", "sum", "sum(list…)", "the sum"),
    ],
)
def test_hover_tells_what_a_name_is(text: str, word: str, detail: str, description: str) -> None:
    found = hover(text, text.rindex(word) + 1, SCOPE, describe=described)

    assert found is not None
    assert (text[found.start : found.end], found.detail, found.description) == (word, detail, description)


@pytest.mark.parametrize(
    ("text", "function", "parameter"),
    [
        ('substring("a", ', "substring", 1),
        ('substring(length: 2, string: "a"', "substring", 0),
        ("substring(sum([1, 2", "sum", 0),
        ("string length(", "string length", 0),
    ],
)
def test_signature_help_follows_the_parameter_that_is_written(text: str, function: str, parameter: int) -> None:
    found = signature_help(text, len(text), SCOPE)

    assert found is not None
    assert (found.function, found.parameter) == (function, parameter)


def test_there_is_no_signature_outside_of_a_call() -> None:
    assert signature_help("1 + 2", 3, SCOPE) is None


def test_diagnostics_say_what_is_wrong_where_and_what_to_do() -> None:
    assert diagnostics("totl > 3", SCOPE, BOOLEAN) == [
        Diagnostic(0, 4, "error", "TW2002", "nothing is named 'totl' here", "did you mean 'total'?")
    ]
    assert [each.code for each in diagnostics('level = "C"', SCOPE, entity="customer")] == ["TW2006"]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a", "a"),
        ("total  +total*-  total", "total + total * -total"),
        ("if total>3 then [1,2,  3] else {a:1,b :2}", "if total > 3 then [1, 2, 3] else {a: 1, b: 2}"),
        ("sum( lines . qty )", "sum(lines.qty)"),
        ('status in("draft","sent")', 'status in ("draft", "sent")'),
        ("[1 .. 3]", "[1..3]"),
        ("lines[qty>3][ 1 ]", "lines[qty > 3][1]"),
        ('due   date<@"2026-01-01"', 'due date < @"2026-01-01"'),
        ("function(x) x+1", "function(x) x + 1"),
        ("total // why\n  +1", "total // why\n  + 1"),
        ("total +\n    1", "total +\n    1"),
        ("total +", "total +"),
    ],
)
def test_formatting_writes_an_expression_in_one_way(text: str, result: str) -> None:
    assert formatted(text, SCOPE) == result


@pytest.mark.needs("shared")
def test_formatting_keeps_the_meaning_of_every_conformance_case_and_is_stable() -> None:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    scope = Scope(open=True)
    texts = [text for text in (json.loads(line)["expression"] for line in lines) if parse(text, scope)[0] is not None]

    changed = [text for text in texts if formatted(formatted(text, scope), scope) != formatted(text, scope)]

    assert len(texts) > 1500
    assert changed == []


def test_every_function_is_described_as_in_the_reference() -> None:
    reference = DOCS.read_text(encoding="utf-8")

    assert {signature.partition("(")[0] for signature in DESCRIPTIONS} >= set(BUILT_INS)
    assert [s for s, text in DESCRIPTIONS.items() if f"`{s}`" not in reference or f"| {text} |" not in reference] == []
