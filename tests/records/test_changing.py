"""Changing and deleting records: versions, lines, links, history."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import ActionRefused, StaleVersion, ValidationFailed


@pytest.fixture
def order(shop):
    """The id of an order over 2 Tea and 1 Salt."""
    with shop.step() as step:
        return shop.order(step, (shop.tea, 2), (shop.salt, 1)).id


def test_a_change_counts_the_version_up_and_computes_anew(shop, order):
    with shop.step() as step:
        found = step.records.get("order", order)
        step.records.update(found, {"discount": "0.1"}, version=1)
    with shop.step() as step:
        found = step.records.get("order", order)
        assert (found.version, found["total"]) == (2, Decimal("18.23"))
        assert step.records.get("customer", shop.acme)["owed"] == Decimal("18.23")


def test_nothing_changed_is_nothing_written(shop, order):
    with shop.step() as step:
        found = step.records.get("order", order)
        step.records.update(found, {"discount": "0.00", "customer": shop.acme})
    with shop.step() as step:
        found = step.records.get("order", order)
        assert found.version == 1
        assert [entry.kind for entry in step.records.history(found)] == ["created"]


def test_who_saves_what_somebody_else_changed_is_told_by_whom(shop, order):
    with shop.step() as step:
        step.records.update(step.records.get("order", order), {"discount": "0.1"})
    with shop.step() as step, pytest.raises(StaleVersion, match="Amy changed SO-2026-001 meanwhile"):
        step.records.update(step.records.get("order", order), {"discount": "0.05"}, version=1)


def test_lines_that_are_given_replace_the_old_save_those_that_keep_their_id(shop, order):
    with shop.step() as step:
        found = step.records.get("order", order)
        first = found["lines"][0].id
        step.records.update(found, {"lines": [{"id": first, "quantity": 3}, {"product": shop.salt, "quantity": 2}]})
    with shop.step() as step:
        found = step.records.get("order", order)
        assert [line["quantity"] for line in found["lines"]] == [3, 2]
        assert found["lines"][0].id == first
        assert (found["total"], found.version) == (Decimal("30.60"), 2)


def test_a_line_of_another_record_is_no_line_of_this_one(shop, order):
    def take_over():
        with shop.step() as step:
            theirs = shop.order(step, (shop.tea, 1))["lines"][0].id
            step.records.update(step.records.get("order", order), {"lines": [{"id": theirs, "quantity": 3}]})

    with pytest.raises(ValidationFailed, match="This record has no line"):
        take_over()


def test_a_field_that_is_locked_now_may_be_sent_as_it_is_but_not_changed(shop):
    with shop.step() as step:
        order = shop.order(step, (shop.tea, 60), note="careful")
        step.records.update(order, {"note": "careful", "discount": "0.05"})
        with pytest.raises(ValidationFailed, match="Note cannot be changed here"):
            step.records.update(order, {"note": "careless"})


def test_what_is_linked_to_is_not_deleted_unless_the_link_says_how(shop, order):
    with shop.step() as step:
        acme = step.records.get("customer", shop.acme)
        with pytest.raises(ActionRefused, match="Acme cannot be deleted: 1 of Order"):
            step.records.archive(acme)
        group = step.records.create("product", {"name": "Drinks", "price": 0})
        tea = step.records.update(step.records.get("product", shop.tea), {"group": group})
        step.records.archive(group)
        assert tea["group"] is None


def test_a_deleted_record_leaves_the_lists_and_the_sums_but_not_its_history(shop, order):
    with shop.step() as step:
        step.records.archive(step.records.get("order", order))
    with shop.step() as step:
        assert step.records.find("order") == []
        assert step.records.get("customer", shop.acme)["owed"] == 0
        found = step.records.get("order", order)
        assert [entry.kind for entry in step.records.history(found)] == ["archived", "created"]


def test_history_says_who_changed_what_from_what(shop, order):
    with shop.step() as step:
        found = step.records.get("order", order)
        step.records.update(found, {"discount": "0.1", "note": "for a friend"})
    with shop.step() as step:
        entry = step.records.history(step.records.get("order", order))[0]
    assert (entry.kind, entry.user["login"]) == ("changed", "amy")
    assert set(entry.data["changes"]) == {"discount", "note"}
    assert entry.data["changes"]["note"] == [None, "for a friend"]


def test_a_step_that_fails_leaves_nothing_behind(shop, order):
    def create_and_fail():
        with shop.step() as step:
            step.records.update(step.records.get("order", order), {"discount": "0.1"})
            shop.order(step, (shop.tea, 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        create_and_fail()
    with shop.step() as step:
        assert step.records.count("order") == 1
        assert step.records.get("order", order)["discount"] == 0
