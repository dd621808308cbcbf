"""Several people at once: nothing is lost, nothing is counted twice."""

from __future__ import annotations

import threading
from decimal import Decimal

from dsl import feel
from engine.errors import StaleVersion
from engine.model.scopes import row_scope


def at_once(*works):
    """Run each in a thread of its own; what they raised, in their order."""
    raised = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(number, work):
        ready.wait()
        try:
            work()
        except Exception as error:
            raised[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_a_sum_over_records_that_come_at_once_holds_them_all(shop):
    def order():
        shop.workspace.run("amy", lambda step: shop.order(step, (shop.tea, 1)))

    assert at_once(*[order] * 8) == [None] * 8
    with shop.step() as step:
        assert step.records.get("customer", shop.acme)["owed"] == Decimal("79.20")


def test_of_two_who_save_the_same_version_one_is_told(shop):
    with shop.step() as step:
        order = shop.order(step, (shop.tea, 1)).id

    def save(note):
        def work(step):
            step.records.update(step.records.get("order", order), {"note": note}, version=1)

        return lambda: shop.workspace.run("amy", work)

    raised = at_once(save("mine"), save("yours"))
    assert sorted(map(type, raised), key=str) == sorted([StaleVersion, type(None)], key=str)
    with shop.step() as step:
        assert step.records.get("order", order).version == 2


def test_a_counter_that_many_change_by_script_counts_them_all(shop):
    def ast(step, text):
        return feel.check_condition(f"{text} = 0", row_scope(step.model), "customer").expression.ast.left

    def count(step):
        step.records.update_where("customer", None, {"limit": ast(step, "limit + 1")}, {})

    assert at_once(*[lambda: shop.workspace.run(None, count)] * 6) == [None] * 6
    with shop.step() as step:
        assert step.records.get("customer", shop.acme)["limit"] == 1006
