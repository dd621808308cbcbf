"""What the editor proposes while an expression is written; `|` is the cursor."""

from __future__ import annotations

import pytest

from dsl.feel import DATE, NUMBER, STRING, Choice, ListOf, RecordOf, Scope
from dsl.language import completions

ENTITIES = {
    "order": {
        "total": NUMBER,
        "status": Choice("status", ("draft", "sent", "done")),
        "customer": RecordOf("customer"),
        "lines": ListOf(RecordOf("order.lines")),
        "due date": DATE,
    },
    "customer": {"name": STRING, "level": Choice("level", ("A", "B"))},
    "order.lines": {"qty": NUMBER, "price": NUMBER},
}
SCOPE = Scope({**ENTITIES["order"], "record": RecordOf("order")}, ENTITIES.get, frozenset(ENTITIES))
LABELS = {("order", "total"): "Total", ("customer", "name"): "Name"}


def proposed(marked: str, entity: str = "") -> list[str]:
    text, offset = marked.replace("|", ""), marked.index("|")
    return [each.label for each in completions(text, offset, SCOPE, entity=entity)]


def after(marked: str, label: str) -> str:
    """The text once the proposal of that label was taken."""
    text, offset = marked.replace("|", ""), marked.index("|")
    chosen = next(each for each in completions(text, offset, SCOPE) if each.label == label)
    return text[: chosen.start] + chosen.insert + text[chosen.end :]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("cust|", ["customer"]),
        ("customer.|", ["level", "name"]),
        ("customer.na|", ["name"]),
        ("sum(lines.|)", ["price", "qty"]),
        ("lines[qty > 3].|", ["price", "qty"]),
        ("lines[pr|", ["price"]),
        ("some l in lines satisfies l.q|", ["qty"]),
        ("for l in lines return l.|", ["price", "qty"]),
        ("if total > 3 then cust|", ["customer"]),
        ("{net: 1, of: tot|", ["total"]),
        ("total between 1 and tot|", ["total"]),
        ("string le|", ["string length"]),
        ("due d|", ["due date"]),
        ("lookup(cus|", ["customer"]),
        ("lookup(customer, le|", ["level"]),
    ],
)
def test_names_are_proposed_where_they_may_stand(marked: str, first: list[str]) -> None:
    assert proposed(marked)[: len(first)] == first


@pytest.mark.parametrize(
    "marked", ["status = |", 'status = "|', 'status = "|"', 'status in ("draft", |)', "if status = | then 1 else 2", 'status in ["|']
)
def test_the_options_of_a_choice_are_proposed_where_it_is_compared(marked: str) -> None:
    assert proposed(marked)[:3] == ["done", "draft", "sent"]


def test_a_filter_proposes_the_fields_of_its_rows() -> None:
    assert proposed("le|", entity="customer")[0] == "level"


def test_after_a_value_come_the_words_that_go_on() -> None:
    assert {"and", "or", "in", "between"} <= set(proposed("total |"))


@pytest.mark.parametrize("marked", ["12|", "// to|", "/* to|"])
def test_numbers_and_comments_are_left_alone(marked: str) -> None:
    assert proposed(marked) == []


@pytest.mark.parametrize(
    ("marked", "label", "text"),
    [
        ("1 + tot|", "total", "1 + total"),
        ("1 + tot|al * 2", "total", "1 + total * 2"),
        ('status = "dr|"', "draft", 'status = "draft"'),
        ("status = dr|", "draft", 'status = "draft"'),
        ("string le|", "string length", "string length("),
    ],
)
def test_a_proposal_replaces_the_whole_word(marked: str, label: str, text: str) -> None:
    assert after(marked, label) == text


def test_a_proposal_tells_its_type_and_the_fields_label() -> None:
    found = completions("tot", 3, SCOPE, describe=lambda entity, field: LABELS.get((entity, field), ""))[0]

    assert (found.kind, found.detail, found.description) == ("field", "number", "Total")
