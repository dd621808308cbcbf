"""Views other than lists: boards and calendars."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from engine.records import Record
from tests.admin.conftest import LogIn, Site

pytestmark = pytest.mark.needs("chromium")


def change(site: Site, status: str, **values: object) -> Record:
    """The first order in a state, with other values."""
    with site.workspace.step(None) as step:
        order = step.records.find("sales_order", f'status = "{status}"')[0]
        if values:
            step.records.update(order, values)
        order.title()
        return order


def test_a_board_has_a_column_for_each_option_with_number_sum_and_cards(log_in: LogIn, site: Site) -> None:
    page = log_in("bob")
    page.goto("/r/sales_order")
    page.get_by_role("link", name="Board").click()
    names = page.locator(".tw-column header .tw-tag").all_inner_texts()
    assert names[:4] == ["Draft", "In approval", "Out of stock", "Approved"]
    with site.workspace.step("bob", readonly=True) as step:
        drafts = step.records.find("sales_order", 'status = "draft"')
        titles = [order.title() for order in drafts if order.readable()]
    column = page.get_by_role("region", name="Draft", exact=True)
    expect(column.get_by_role("listitem")).to_have_count(len(titles))
    expect(column.locator("header")).to_contain_text("¥")

    column.get_by_role("link", name=titles[0]).click()
    expect(page).to_have_url(re.compile(r"/r/sales_order/\d+$"))


def test_a_board_shows_what_its_filter_lets_pass_and_tells_a_wrong_one(log_in: LogIn) -> None:
    page = log_in("bob")
    page.goto('/r/sales_order?view=board&filter=status = "draft"')
    assert page.locator(".tw-slip").count() == page.get_by_role("region", name="Draft", exact=True).get_by_role("listitem").count()
    page.goto("/r/sales_order?view=board&filter=totl > 5")
    expect(page.locator(".tw-note")).to_contain_text("The filter was not used")
    assert page.locator(".tw-slip").count() > 1


def test_a_calendar_shows_records_on_their_day_and_turns_to_other_months(log_in: LogIn, site: Site) -> None:
    with site.workspace.step(None, readonly=True) as step:
        first = step.today.replace(day=1)
    wanted = (first + timedelta(days=40)).replace(day=17)
    order = change(site, "draft", requested_on=wanted.isoformat())
    page = log_in("bob")
    page.goto("/r/sales_order?view=dates")
    page.get_by_role("link", name="Next month").click()
    day = page.locator("td", has=page.locator(f"time[datetime='{wanted.isoformat()}']"))
    expect(day.get_by_role("link", name=re.compile(re.escape(str(order["number"]))))).to_be_visible()
    page.get_by_role("link", name="This month").click()
    expect(page.locator("td[aria-current=date]")).to_have_count(1)


def test_a_view_that_there_is_not_is_the_first_list(log_in: LogIn) -> None:
    page = log_in("tom")
    page.goto("/r/sales_order?view=nope")
    expect(page.get_by_role("link", name="All orders")).to_have_attribute("aria-current", "page")
