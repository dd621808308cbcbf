"""The main job of the product: an order is taken, approved, reserved and never oversold."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import Workspace
from engine.errors import ActionRefused, ValidationFailed
from engine.workspace import Step


def set_stock(workspace: Workspace, code: str, on_hand: int) -> None:
    """So many units of a product in the main warehouse, none reserved."""
    with workspace.step(None) as step:
        for stock in step.records.find("stock", "product.code = wanted", {"wanted": code}):
            amount = on_hand if stock["warehouse"]["main"] else 0
            step.records.write(stock, {"on_hand": amount, "reserved": 0})


def stock_of(workspace: Workspace, code: str) -> tuple[int, int]:
    """On hand and reserved, over all warehouses."""
    with workspace.step(None, readonly=True) as step:
        found = step.records.find("stock", "product.code = wanted", {"wanted": code})
        return sum(int(s["on_hand"]) for s in found), sum(int(s["reserved"]) for s in found)


def any_product(workspace: Workspace) -> str:
    with workspace.step(None, readonly=True) as step:
        stock = step.records.find("stock", "warehouse.main and product.list_price < 1000")[0]
        return str(stock["product"]["code"])


def sell_one(workspace: Workspace, code: str) -> tuple[str, str | None]:
    """A salesperson orders one unit and submits; the order's status and what is short."""

    def take(step: Step) -> int:
        product = step.records.find("product", "code = wanted", {"wanted": code})[0]
        customer = step.records.find("customer")[0]
        order = step.records.create("sales_order", {"customer": customer, "lines": [{"product": product, "quantity": 1}]}, confirm=True)
        assert order.id is not None
        return order.id

    def submit(step: Step) -> tuple[str, str | None]:
        order = step.processes.act(step.records.get("sales_order", number), "submit")
        return order["status"], order["shortage"]

    number = workspace.run("amy", take)
    return workspace.run("amy", submit)


def test_the_last_five_units_are_sold_five_times(company: Workspace) -> None:
    code = any_product(company)
    set_stock(company, code, 5)

    with ThreadPoolExecutor(20) as threads:
        sold = list(threads.map(lambda _: sell_one(company, code), range(20)))

    assert Counter(status for status, _ in sold) == {"approved": 5, "out_of_stock": 15}
    assert all(shortage for status, shortage in sold if status == "out_of_stock")  # each is told why
    assert stock_of(company, code) == (5, 5)


def test_a_number_is_given_to_every_order_without_a_gap(company: Workspace) -> None:
    code = any_product(company)
    set_stock(company, code, 100)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: sell_one(company, code), range(16)))

    with company.step(None, readonly=True) as step:
        numbers = sorted(int(order["number"].rsplit("-", 1)[1]) for order in step.records.find("sales_order"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_big_discount_waits_for_the_manager_who_approves_it(company: Workspace) -> None:
    code = any_product(company)
    set_stock(company, code, 10)
    with company.step("amy") as step:
        product = step.records.find("product", "code = wanted", {"wanted": code})[0]
        customer = step.records.find("customer")[0]
        values = {"customer": customer, "discount": "0.15", "lines": [{"product": product, "quantity": 2}]}
        number = step.records.create("sales_order", values, confirm=True).id
    with company.step("amy") as step:
        order = step.processes.act(step.records.get("sales_order", number), "submit")
        assert order["status"] == "in_approval"

    with company.step("bob") as step:
        task = next(task for task in step.tasks.box("todo") if task.record_id == number)
        step.tasks.do(task, "approve", comment="Fine for the winter menu")

    with company.step("amy", readonly=True) as step:
        order = step.records.get("sales_order", number)
        assert order["status"] == "approved"
        assert "Fine for the winter menu" in str([entry.data for entry in step.records.history(order)])
    assert stock_of(company, code) == (10, 2)


def test_two_people_decide_one_task_and_the_second_is_told_who_was_first(company: Workspace) -> None:
    with company.step("bob", readonly=True) as step:
        task = step.tasks.box("todo")[0]
    with company.step("bob") as step:
        step.tasks.do(step.tasks.get(task.id), "approve", comment="first")

    with pytest.raises(ActionRefused, match="Bob Chen"), company.step("bob") as step:
        step.tasks.do(step.tasks.get(task.id), "approve", comment="second")


def test_a_refused_order_leaves_nothing_behind(company: Workspace) -> None:
    def count() -> tuple[int, int]:
        with company.step(None, readonly=True) as step:
            return step.records.count("sales_order"), step.records.count("stock_move")

    before = count()

    with pytest.raises(ValidationFailed) as refused, company.step("amy") as step:
        step.records.create("sales_order", {"customer": 99999, "discount": "0.9", "lines": [{"quantity": "0"}]})

    assert {error.path for error in refused.value.errors} >= {"customer"}
    assert count() == before
