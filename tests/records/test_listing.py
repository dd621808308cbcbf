"""Lists: filters in FEEL, search, order, pages, and links read for the whole page at once."""

from __future__ import annotations

import pytest

from engine.errors import TradewindError, ValidationFailed


@pytest.fixture
def names(shop):
    """Names of the products that a list gives; seven of them, one without a group."""
    prices = {"Coffee": 12, "Cocoa": 8, "Milk": "1.10", "Sugar 100%": "0.90", "Rice_x": "2.20"}
    with shop.step() as step:
        for name, price in prices.items():
            step.records.create("product", {"name": name, "price": price, "group": shop.tea})

    def names(**wanted):
        with shop.step() as step:
            return [record["name"] for record in step.records.list("product", **wanted).records]

    return names


def test_a_filter_is_an_expression_over_the_record(names):
    assert names(filter="price > 5 and group != null", sort=["name"]) == ["Cocoa", "Coffee"]
    assert names(filter='group.name = "Tea" and price < 1') == ["Sugar 100%"]
    assert names(filter='starts with(name, "Co") and price in [8..9]') == ["Cocoa"]


@pytest.mark.parametrize("text", ["colour = 1", "price >", "price"])
def test_a_filter_that_makes_no_sense_is_refused(names, text):
    with pytest.raises(Exception, match=r"TW\d+"):
        names(filter=text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("co", ["Cocoa", "Coffee"]), ("100%", ["Sugar 100%"]), ("e_x", ["Rice_x"]), ("%", ["Sugar 100%"])],
)
def test_a_search_takes_every_character_as_it_is(names, text, found):
    assert names(search=text, sort=["name"]) == found


@pytest.mark.parametrize("sort", [["name"], ["-price"], ["group.name", "-name"], ["-group.name", "price"], []])
def test_pages_follow_each_other_without_gap_or_repetition(shop, names, sort):
    everything = names(sort=sort, limit=100)
    found, cursor = [], None
    while True:
        with shop.step() as step:
            page = step.records.list("product", sort=sort, limit=2, cursor=cursor)
            assert page.total == 7
        found += [record["name"] for record in page.records]
        cursor = page.next
        if cursor is None:
            break
    assert found == everything
    assert len(found) == 7


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "4pyT"])
def test_a_cursor_from_elsewhere_is_refused(names, cursor):
    with pytest.raises(ValidationFailed, match="cursor does not belong"):
        names(cursor=cursor)


def test_only_fields_that_have_an_order_sort(names):
    with pytest.raises(TradewindError, match="cannot be sorted by 'colour'"):
        names(sort=["colour"])


def test_links_of_a_page_are_read_together(shop, names):
    with shop.step() as step:
        for n in range(8):
            customer = step.records.create("customer", {"name": f"C{n}", "tags": ["new", "big"]})
            shop.order(step, (shop.tea, 1), customer=customer)
    with shop.step() as step:
        orders = step.records.list("order").records
        with shop.statements() as statements:
            assert {order["customer"]["name"] for order in orders} == {f"C{n}" for n in range(8)}
            assert {tuple(order["customer"]["tags"]) for order in orders} == {("new", "big")}
            assert {line["product"]["name"] for order in orders for line in order["lines"]} == {"Tea"}
        assert len(statements) == 4  # customers, tags, lines, products


def test_find_takes_names_from_outside(shop, names):
    with shop.step() as step:
        found = step.records.find("product", "price < most", {"most": 1})
        assert [record["name"] for record in found] == ["Salt", "Sugar 100%"]


@pytest.mark.parametrize("sort", [["group.name", "name"], ["price"], ["-price", "name"], ["-group"], ["group", "-name"]])
def test_pages_of_one_come_to_the_same_order_as_one_page_whatever_is_empty(shop, names, sort):
    whole = names(sort=sort, limit=50)
    found, cursor = [], None
    while True:
        with shop.step() as step:
            page = step.records.list("product", sort=sort, limit=1, cursor=cursor)
            found += [record["name"] for record in page.records]
            cursor = page.next
        if cursor is None:
            break

    assert found == whole
    assert len(set(whole)) == len(whole)


def test_counting_ends_beyond_what_a_page_shows(shop, names):
    everything = len(names(limit=50))
    with shop.step() as step:
        page = step.records.list("product", limit=1)
        assert page.total_up_to(3) == step.records.count("product", most=3) == 4
        assert page.total_up_to(100) == page.total == everything
