"""A form that is filled in sees its computed fields and what is asked of it; nothing is written."""

from __future__ import annotations

from decimal import Decimal


def test_totals_follow_while_somebody_types(quick_shop):
    shop = quick_shop
    with shop.step() as step:
        lines = [{"product": shop.tea, "quantity": "3"}]
        preview = step.records.preview("order", {"customer": shop.acme, "discount": "0.25", "lines": lines})
        assert preview.values["total"] == Decimal("22.28")
        assert preview.values["lines"][0]["price"] == Decimal("9.90")
        assert preview.states["reason"].required
        assert preview.states["total"].readonly
        assert not preview.states["note"].readonly
    with shop.step() as step:
        assert step.records.count("order") == 0


def test_a_stored_record_is_previewed_with_its_changes_and_keeps_what_it_has(quick_shop):
    shop = quick_shop
    with shop.step() as step:
        order = shop.order(step, (shop.tea, 60))
        preview = step.records.preview("order", {"discount": "0.1"}, order)
        assert (preview.values["total"], preview.values["number"]) == (Decimal("534.60"), "SO-2026-001")
        assert preview.states["note"].readonly
    with shop.step() as step:
        found = step.records.find("order")[0]
        assert (found["total"], found.version) == (Decimal("594.00"), 1)
