"""A new record: defaults, numbers, computed fields, checks, all problems at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.errors import NeedsConfirmation, ValidationFailed


def test_an_order_gets_its_defaults_number_and_totals(shop):
    with shop.step() as step:
        order = shop.order(step, (shop.tea, 2), (shop.salt, "1.5"), discount="0.1")
        number = order.id
    with shop.step() as step:
        order = step.records.get("order", number)
        assert (order["number"], order["placed"], order["owner"]["login"]) == ("SO-2026-001", date(2026, 3, 1), "amy")
        assert [line["price"] for line in order["lines"]] == [Decimal("9.90"), Decimal("0.45")]
        assert [line["amount"] for line in order["lines"]] == [Decimal("19.80"), Decimal("0.68")]
        assert order["total"] == Decimal("18.43")
        assert order.title() == "SO-2026-001"


def test_what_others_compute_from_it_follows(shop):
    with shop.step() as step:
        shop.order(step, (shop.tea, 2))
        shop.order(step, (shop.tea, 1))
        assert step.records.get("customer", shop.acme)["owed"] == Decimal("29.70")


def test_every_problem_is_told_at_once_with_its_place(quick_shop):
    lines = [{"product": quick_shop.tea, "quantity": -1}, {"product": 99, "quantity": "x"}]
    with quick_shop.step() as step, pytest.raises(ValidationFailed) as refused:
        step.records.create("order", {"discount": "0.5", "lines": lines, "colour": "red", "total": 5})
    found = {(error.path, error.code) for error in refused.value.errors}
    with quick_shop.step() as step, pytest.raises(ValidationFailed) as later:
        quick_shop.order(step, (quick_shop.tea, -1), discount="0.4", customer=None)

    assert found == {("lines.1.product", "link"), ("lines.1.quantity", "type"), ("colour", "unknown_field"), ("total", "readonly")}
    assert {(error.path, error.code) for error in later.value.errors} == {
        ("customer", "required"), ("discount", "max"), ("reason", "required"), ("lines.0.quantity", "min"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("name", "x" * 21, "max_length"), ("name", " ", None), ("email", "nobody", "pattern"), ("limit", "1.234", "scale"),
     ("limit", "1e30", "max"), ("limit", "NaN", "type"), ("limit", "much", "type"), ("tags", ["old"], "option"), ("tags", "new", "type"),
     ("name", 5, "type")],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_field_is_refused_by_name(quick_shop, field, value, code):
    with quick_shop.step() as step:
        try:
            step.records.create("customer", {"name": "Beta", field: value})
            refused = None
        except ValidationFailed as failed:
            refused = {(error.path, error.code) for error in failed.errors}
    assert refused == (None if code is None else {(field, code)})


def test_a_name_that_is_taken_is_said_to_be_taken(shop):
    def again():
        with shop.step() as step:
            step.records.create("customer", {"name": "Acme"})

    with pytest.raises(ValidationFailed, match="There is another Customer with this Name") as refused:
        again()
    assert [(error.path, error.code) for error in refused.value.errors] == [("name", "unique")]


def test_a_rule_that_is_broken_refuses_with_its_message_filled_in(quick_shop):
    with quick_shop.step() as step, pytest.raises(ValidationFailed, match=r"Only 1000(\.00)? for Acme") as refused:
        quick_shop.order(step, (quick_shop.tea, 200))
    assert refused.value.errors[0].code == "rule:credit"


def test_a_warning_asks_a_person_who_may_go_on(quick_shop):
    with quick_shop.step() as step, pytest.raises(NeedsConfirmation, match="A discount of more than 10 %"):
        quick_shop.order(step, (quick_shop.tea, 1), discount="0.15")
    with quick_shop.step(confirm=True) as step:
        assert quick_shop.order(step, (quick_shop.tea, 1), discount="0.15").id is not None


def test_numbers_have_no_gaps_though_orders_fail_and_come_at_once(shop):
    def take(quantity):
        def work(step):
            return shop.order(step, (shop.tea, quantity))["number"]

        try:
            numbers.append(shop.workspace.run("amy", work))
        except ValidationFailed:
            refused.append(quantity)

    numbers, refused = [], []
    threads = [threading.Thread(target=take, args=(500 if n % 3 == 0 else 1,)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert sorted(numbers) == [f"SO-2026-00{n}" for n in range(1, 7)]


def test_numbers_begin_anew_with_each_period_of_the_workspaces_zone(quick_shop):
    with quick_shop.step() as step:
        assert quick_shop.order(step, (quick_shop.tea, 1))["number"] == "SO-2026-001"
    quick_shop.clock.move(timedelta(days=305, hours=1))  # 31 December, 23:30 in UTC: 1 January in Berlin
    with quick_shop.step() as step:
        assert quick_shop.order(step, (quick_shop.tea, 1))["number"] == "SO-2027-001"


def test_an_order_of_many_lines_costs_no_more_queries_than_one_of_few(quick_shop):
    shop = quick_shop
    counts = []
    for lines in (2, 40):
        with shop.step() as step:
            products = [step.records.create("product", {"name": f"P{n}", "price": 1}).id for n in range(lines)]
        with shop.statements() as statements, shop.step() as step:
            shop.order(step, *((product, 1) for product in products))
        counts.append(len([s for s in statements if not s.startswith("INSERT")]))
    assert counts[0] == counts[1]
