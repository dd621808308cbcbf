"""Texts with `{expressions}`: messages of rules, mails, questions."""

from __future__ import annotations

import pytest

from dsl import feel
from dsl.documents import load
from dsl.feel import BOOLEAN, NUMBER, STRING, Scope, Warning

SCOPE = Scope({"total": NUMBER, "number": STRING, "urgent": BOOLEAN})
VALUES = {"total": 3, "number": "SO-1", "urgent": None}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{number} costs {total * 2}", "SO-1 costs 6"),
        ("no expression at all", "no expression at all"),
        ("{{total} is written {total}", "{total} is written 3"),
        ('{if total > 1 then "}" else "{"}', "}"),
        ('{"a\\\\"}{total}', "a\\3"),
        ("{ {a: total}.a }", "3"),
        ("{total /* } */}", "3"),
        ("({urgent})", "()"),
    ],
)
def test_a_template_is_filled(text: str, filled: str) -> None:
    expression = feel.template(text, SCOPE).expression

    assert expression is not None
    assert expression(VALUES) == filled


@pytest.mark.parametrize(("text", "column"), [("up to {totl}", 8), ("up to {total", 7), ("{total} {}", 9), ('{number} {total + "x"}', 11)])
def test_a_mistake_in_a_template_is_told_at_its_place(text: str, column: int) -> None:
    (problem,) = feel.template(text, SCOPE).problems

    assert problem.at.column == column


def test_a_mistake_in_a_folded_yaml_text_is_told_at_its_line() -> None:
    document = load("t.yaml", "template: t\nbody: >\n  Order {number}\n  costs {totl}.\n").document
    assert document is not None

    (problem,) = feel.template(document.text(("body",)), SCOPE).problems

    assert (problem.at.line, problem.at.column) == (4, 10)


def test_a_warning_points_into_the_whole_template() -> None:
    text = "Order {number}: {total / 0}"
    warnings: list[Warning] = []
    expression = feel.template(text, SCOPE).expression

    assert expression is not None
    expression(VALUES, None, warnings)
    assert text[warnings[0].start : warnings[0].end] == "total / 0"
