"""The main job with a browser: a salesperson makes an order, the manager approves it, at a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.admin.conftest import WIDTHS, LogIn, Site

pytestmark = pytest.mark.needs("chromium")


def pick(page: Page, label: str, text: str, nth: int = 0) -> None:
    """Choose a record in a picker by typing a part of its title."""
    box = page.get_by_role("combobox", name=label).nth(nth)
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def fill_order(page: Page) -> None:
    """An order of two lines for Nordic Tea Import, far enough below list prices to need the manager."""
    page.goto("/r/sales_order/new")
    pick(page, "Customer", "Nordic Tea")
    page.locator("[name=discount]").fill("12")
    pick(page, "Product", "Jasmine", 0)
    page.locator("[name=lines-0-quantity]").fill("3")
    page.get_by_role("button", name="Add a line").click()
    pick(page, "Product", "Cup Set", 1)
    page.locator("[name=lines-1-quantity]").fill("2")


def number_of(page: Page) -> int:
    found = re.search(r"/r/sales_order/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def reserved(site: Site, order: int) -> list[object]:
    """How much of each line's product is reserved in the order's warehouse."""
    with site.workspace.step(None, readonly=True) as step:
        record = step.records.get("sales_order", order)
        wanted = [{"p": line["product"], "w": record["warehouse"]} for line in record["lines"]]
        return [step.records.find("stock", "product = p and warehouse = w", names)[0]["reserved"] for names in wanted]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_an_order_is_made_submitted_and_approved(site: Site, log_in: LogIn, width: int) -> None:
    amy = log_in("amy", width=width)
    fill_order(amy)
    # what the server computes comes in while one types: 3 × 256 + 2 × 96 = 960, less 12 %
    expect(amy.locator("[data-field=lines-0-amount] [data-text]")).to_have_text("¥768.00")
    expect(amy.locator("[data-field=total] [data-text]")).to_have_text("¥844.80")
    expect(amy.locator("[name=lines-0-unit_price]")).to_have_attribute("placeholder", "256.00")

    amy.get_by_role("button", name="Save").first.click()
    amy.wait_for_url(re.compile(r"/r/sales_order/\d+$"))
    order = number_of(amy)
    before = reserved(site, order)
    expect(amy.locator("h1 + .tw-tag")).to_have_text("Draft")

    amy.get_by_role("button", name="Submit").click()
    expect(amy.locator("h1 + .tw-tag")).to_have_text("In approval")

    bob = log_in("bob", width=width)
    bob.get_by_role("link", name=re.compile(rf"Manager approval · SO-\d+-0*{order}\b")).click()
    bob.get_by_role("textbox", name="Comment", exact=True).fill("Fine for a first order")
    bob.get_by_role("button", name="Approve").click()

    expect(bob.locator("h1 + .tw-tag")).to_have_text("Approved")
    timeline = bob.locator(".tw-timeline > li")
    expect(timeline.filter(has_text="Bob Chen approved")).to_contain_text("Fine for a first order")
    expect(timeline.filter(has_text="Amy Lin: Submit")).to_contain_text("Draft → Manager approval")
    expect(timeline.last).to_contain_text("Amy Lin created this")
    expect(bob.locator(".tw-steps .tw-present")).to_contain_text("Approved")
    assert [now - then for now, then in zip(reserved(site, order), before, strict=True)] == [3, 2]
    assert bob.evaluate("document.documentElement.scrollWidth") <= width


def test_a_refused_order_keeps_what_was_typed_and_says_what_is_missing(log_in: LogIn) -> None:
    amy = log_in("amy")
    amy.goto("/r/sales_order/new")
    amy.get_by_label("Customer's reference").fill("Winter menu")
    amy.locator("[name=lines-0-quantity]").fill("4")

    amy.get_by_role("button", name="Save").first.click()

    summary = amy.get_by_role("alert").first
    expect(summary).to_contain_text("Customer")
    expect(amy.get_by_label("Customer's reference")).to_have_value("Winter menu")
    expect(amy.locator("[name=lines-0-quantity]")).to_have_value("4")
    expect(amy.locator("[data-field=customer] .tw-error")).to_be_visible()
    expect(amy.locator("[data-field=lines-0-product] .tw-error")).to_be_visible()
    summary.get_by_role("link", name="Product").click()
    expect(amy.get_by_role("combobox", name="Product")).to_be_focused()


def test_a_rejection_without_a_comment_is_refused_and_with_one_goes_back(log_in: LogIn) -> None:
    bob = log_in("bob")
    bob.goto("/inbox")
    bob.get_by_role("link", name=re.compile("Manager approval · SO-2026-00004")).click()

    bob.get_by_role("button", name="Reject").click()
    expect(bob.get_by_role("alert").first).to_contain_text("Say why you reject the order")

    bob.get_by_role("textbox", name="Comment", exact=True).fill("Too low")
    bob.get_by_role("button", name="Reject").click()
    expect(bob.locator("h1 + .tw-tag")).to_have_text("Draft")
    expect(bob.locator(".tw-timeline")).to_contain_text("Too low")


def test_somebody_who_was_faster_is_named(log_in: LogIn) -> None:
    amy, other = log_in("amy"), log_in("amy")
    for page in (amy, other):
        page.goto("/r/sales_order/1?edit=1")
    other.get_by_label("Notes").fill("Call before noon")
    other.get_by_role("button", name="Save").first.click()
    other.wait_for_url(re.compile(r"/1$"))

    amy.get_by_label("Notes").fill("Ring twice")
    amy.get_by_role("button", name="Save").first.click()

    expect(amy.get_by_role("alert").first).to_contain_text("Amy Lin changed SO-2026-00001")
    expect(amy.get_by_label("Notes")).to_have_value("Ring twice")
    amy.get_by_role("button", name="Keep mine").click()
    expect(amy.locator(".tw-timeline")).to_contain_text("Ring twice")


def test_lists_are_filtered_by_feel_sorted_and_searched(log_in: LogIn) -> None:
    amy = log_in("amy")
    amy.goto("/r/sales_order?view=mine&filter=total+%3E+20000")
    expect(amy.locator("tbody tr")).to_have_count(1)

    amy.goto("/r/sales_order?view=mine&filter=totl+%3E+20000")
    expect(amy.get_by_role("alert").first).to_contain_text("total")

    amy.goto("/r/sales_order?view=mine")
    amy.get_by_role("link", name="Total").click()
    expect(amy.locator("th[aria-sort=ascending]")).to_contain_text("Total")
    amy.get_by_role("searchbox", name="Search in this list").fill("00003")
    amy.keyboard.press("Enter")
    expect(amy.locator("tbody tr")).to_have_count(1)


def test_comments_show_in_the_timeline(log_in: LogIn) -> None:
    amy = log_in("amy")
    amy.goto("/r/sales_order/2")
    amy.get_by_label("Comment on this record").fill("<b>Deliver</b> in the morning")
    amy.get_by_role("button", name="Send").click()
    expect(amy.locator(".tw-timeline > li").first).to_contain_text("<b>Deliver</b> in the morning")


def test_the_interface_speaks_chinese(log_in: LogIn) -> None:
    bob = log_in("bob", locale="zh-CN")
    expect(bob.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(bob.get_by_role("heading", name="我的任务")).to_be_visible()
    bob.goto("/r/sales_order/5")
    expect(bob.get_by_role("button", name="同意")).to_be_visible()
    expect(bob.get_by_role("heading", name="动态")).to_be_visible()
    words = bob.locator("body").inner_text()
    assert not re.search(r"\b(Approve|Reject|Comment|Timeline|Home|Inbox|Order date)\b", words)
