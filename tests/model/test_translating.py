"""Filters and rules that the database cannot answer are told when they are written, not when a list is opened."""

from __future__ import annotations

import pytest

ENTITY = """entity: item
fields:
  name: {type: text}
  size: {type: decimal}
  tags: {type: choices, options: [red, blue]}
  next: {type: link, to: item, filter: 'size > record.size'}
  parts: {type: related, from: item.next}
views:
  all: {type: list, columns: [name], filter: 'FILTER'}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "size > 3 and name != null", "next.next.size < 2", "some p in parts satisfies p.size > 1", "count(parts[size > 2]) > 0",
        'starts with(name, "a")', "sum(parts.size) > 10", 'list contains(tags, "red")', "owner = user", "size * 3 > 1",
        "created_at > now()", "exists(item, next = record)",
    ],
)  # fmt: skip
def test_what_the_database_can_answer_is_accepted(problems, condition):
    assert problems(item=ENTITY.replace("FILTER", condition)) == []


@pytest.mark.parametrize(
    ("condition", "column"),
    [
        ('matches(name, "a.*")', 47),
        ('size > 1 and replace(name, "a", "b") = "x"', 60),
        ("size / 3 > 1", 47),
        ('starts with(lower case(name), "a")', 59),
        ('split(name, ",")[1] = "x"', 47),
    ],
)
def test_what_it_cannot_answer_is_told_at_its_place(problems, condition, column):
    assert problems(item=ENTITY.replace("FILTER", condition)) == [(f"item.yaml:9:{column}", "TW2223")]


def test_permission_rules_must_be_answered_by_the_database_too(problems):
    role = """role: clerk
grants:
  item: {read: 'matches(name, "a")'}
"""

    assert problems(item=ENTITY.replace("FILTER", "size > 1"), clerk=role) == [("clerk.yaml:3:17", "TW2223")]
