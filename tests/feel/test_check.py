"""Types of expressions against a business model: what is wrong is found before anybody runs it."""

from __future__ import annotations

import pytest

from dsl import feel
from dsl.feel import BOOLEAN, DATE, NUMBER, STRING, Choice, ListOf, RecordOf, Scope

STATUS = Choice("status", ("draft", "approved", "cancelled"))
ENTITIES = {
    "order": {"number": STRING, "total": NUMBER, "ordered": DATE, "status": STATUS, "customer": RecordOf("customer"),
              "lines": ListOf(RecordOf("order.lines"))},
    "order.lines": {"product": RecordOf("product"), "quantity": NUMBER, "amount": NUMBER, "parent": RecordOf("order")},
    "customer": {"name": STRING, "credit": NUMBER, "orders": ListOf(RecordOf("order")), "blocked": BOOLEAN},
    "product": {"name": STRING, "price": NUMBER},
}  # fmt: skip
SCOPE = Scope({**ENTITIES["order"], "record": RecordOf("order")}, ENTITIES.get, frozenset({"order", "customer", "product"}))


def problems(text: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.at.column) for problem in feel.check(text, SCOPE).problems]


@pytest.mark.parametrize(
    "text",
    [
        "total > 100 and customer.credit >= total",
        'status in ("draft", "approved")',
        "sum(lines.amount) * 2",
        "count(lines[quantity > 1 and product.price < 5])",
        "some l in lines satisfies l.product.name = customer.name",
        'sum(customer.orders[status != "cancelled"].total)',
        "ordered + duration(\"P3D\") > date(\"2026-01-01\")",
        "if customer.blocked then null else total",
        'lookup(product, name = number).price',
        "count of(order, customer = record.customer and total > 5)",
        "for l in lines return {product: l.product, cost: l.quantity * l.product.price}",
        "number + \" · \" + string(total)",
        "lines[1].product.name",
        "min(lines.amount)",
    ],
)
def test_sound_expressions_raise_no_alarm(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("totl > 5", "TW2002", 1),
        ("total > 5 and custmer.name = number", "TW2002", 15),
        ("customer.nme", "TW2003", 10),
        ("lines.quantty", "TW2003", 7),
        ('status = "aproved"', "TW2006", 10),
        ('status in ("draft", "done")', "TW2006", 21),
        ("number * 2", "TW2005", 1),
        ('total + "x"', "TW2005", 1),
        ("ordered > 5", "TW2005", 1),
        ("total and true", "TW2005", 1),
        ("if total then 1 else 2", "TW2007", 4),
        ("lines[product.name]", "TW2007", 7),
        ("lenght(number)", "TW2004", 1),
        ("upper case(total)", "TW2005", 12),
        ("substring(number)", "TW2008", 1),
        ("customer = 5", "TW2005", 1),
        ("lookup(prodct, price > 1)", "TW2010", 8),
        ("lookup(product, prize > 1)", "TW2002", 17),
    ],
)
def test_mistakes_are_found_with_code_and_column(text: str, code: str, column: int) -> None:
    assert problems(text) == [(code, column)]


def test_a_near_name_is_suggested() -> None:
    assert feel.check("customer.nme = number", SCOPE).problems[0].hint == "did you mean 'name'?"


def test_what_an_expression_reads_is_known_through_lists_filters_and_loops() -> None:
    expression = feel.compile('sum(customer.orders[status != "cancelled"].total) + sum(for l in lines return l.amount)', SCOPE)

    assert {("customer", "orders", "status"), ("customer", "orders", "total"), ("lines", "amount")} <= expression.paths


def test_the_sum_of_nothing_is_zero_in_documents_and_null_in_pure_feel() -> None:
    assert feel.compile("sum(lines.amount)", SCOPE)({"lines": []}) == 0
    assert feel.evaluate("sum([])") is None


def test_a_template_fills_its_expressions_and_keeps_doubled_braces() -> None:
    checked = feel.template("Only {total} left of {{this} for {customer.name}", SCOPE)

    assert checked.expression is not None
    assert checked.expression({"total": 5, "customer": {"name": "Acme"}}) == "Only 5 left of {this} for Acme"
