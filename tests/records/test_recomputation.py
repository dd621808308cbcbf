"""Stored computed values are compared with their expressions, and repaired."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from engine.records.recomputation import Difference, compare, repair, size
from tests.records.test_together import at_once


@pytest.fixture
def sold(shop):
    """The shop with one order of two lines: 9.90 and 0.90."""
    with shop.step() as step:
        shop.order(step, (shop.tea, 1), (shop.salt, 2))
    return shop


def break_in(shop, statement):
    """Change a table behind the product's back."""
    with shop.workspace.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_values_that_the_product_wrote_do_not_differ(sold):
    assert list(compare(sold.workspace)) == []


def test_a_wrong_value_is_told_with_its_record_and_both_values_and_is_left(sold):
    break_in(sold, "UPDATE customer SET owed = NULL")
    wrong = [Difference("customer", sold.acme, "owed", None, Decimal("10.80"))]

    assert list(compare(sold.workspace)) == wrong
    assert list(compare(sold.workspace)) == wrong


def test_a_wrong_line_is_repaired_with_all_that_is_computed_from_it(sold):
    with sold.step() as step:
        line = step.records.list("order").records[0]["lines"][0].id
    break_in(sold, 'UPDATE "order__lines" SET amount = NULL')
    break_in(sold, 'UPDATE "order" SET total = NULL')
    break_in(sold, "UPDATE customer SET owed = NULL")

    found = list(repair(sold.workspace))

    assert Difference("order.lines", line, "amount", None, Decimal("9.90")) in found
    assert list(compare(sold.workspace)) == []
    with sold.step() as step:
        assert step.records.get("customer", sold.acme)["owed"] == Decimal("10.80")


def test_a_repair_is_no_change_by_anybody(sold):
    break_in(sold, 'UPDATE "order" SET total = NULL')
    with sold.step() as step:
        before = step.records.list("order").records[0].row()

    list(repair(sold.workspace))

    with sold.step() as step:
        after = step.records.list("order").records[0]
        assert after.row() == {**before, "total": Decimal("10.80")}
        assert [entry.kind for entry in step.records.history(after)] == ["created"]


def test_a_repair_is_not_refused_by_a_rule_that_the_right_value_breaks(sold):
    break_in(sold, 'UPDATE "order" SET total = NULL')
    with sold.step(None) as step:
        step.records.update(step.records.get("customer", sold.acme), {"limit": 5})

    list(repair(sold.workspace))

    assert list(compare(sold.workspace)) == []


def test_comparing_while_others_write_finds_nothing_wrong(sold):
    found = []

    def order():
        for _ in range(10):
            sold.workspace.run("amy", lambda step: sold.order(step, (sold.salt, 1)))

    def look():
        for _ in range(10):
            found.extend(compare(sold.workspace))

    assert at_once(order, look, order) == [None] * 3
    assert found == []


def test_progress_counts_the_records_gone_through(sold):
    passed = []

    list(compare(sold.workspace, passed.append))

    assert sum(passed) == size(sold.workspace) == 2  # the customer and the order
