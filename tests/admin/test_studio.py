"""Customizing in the browser: a field is added, placed by keyboard, reviewed and published, and is at once everywhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.admin.conftest import PASSWORD, LogIn, Site

pytestmark = pytest.mark.needs("chromium")


def test_a_custom_field_goes_from_studio_to_form_list_filter_and_api(site: Site, log_in: LogIn) -> None:
    tom = log_in("tom")
    tom.goto("/studio/entities/sales_order")
    tom.get_by_label("Label, English").fill("Promised date")
    tom.get_by_label("Label, Chinese").fill("承诺日期")
    tom.locator(".tw-types").get_by_label("Date", exact=True).check()
    tom.get_by_role("button", name="Add the field").click()

    # the designer: the field is not on the form yet; Enter puts it there, Alt+↑ moves it
    tom.wait_for_url(re.compile("/form"))
    field = tom.locator("li[data-field=x_promised_date] input[type=radio]")
    field.focus()
    with tom.expect_response(re.compile("/form$")):
        tom.keyboard.press("Enter")
    with tom.expect_response(re.compile("/form$")):
        tom.keyboard.press("Alt+ArrowUp")
    order = [li.get_attribute("data-field") for li in tom.locator("[data-section=main] > li").all()]
    assert order[-2:] == ["x_promised_date", "discount"]
    expect(tom.locator(".tw-draft")).to_contain_text("Draft · 2 changes")

    tom.goto("/studio/publish")
    expect(tom.get_by_text("Sales order: new field “Promised date” (date)")).to_be_visible()
    expect(tom.get_by_text("Sales order: “Promised date” is put on the form, in “Order”")).to_be_visible()
    expect(tom.locator(".tw-line-add").filter(has_text="x_promised_date").first).to_be_visible()
    tom.get_by_label("What is this change for?").fill("Customers ask when it comes")
    tom.get_by_role("button", name="Publish").click()
    expect(tom.get_by_text("Published revision 2")).to_be_visible()
    expect(tom.get_by_text("Customers ask when it comes")).to_be_visible()

    amy = log_in("amy")
    amy.goto("/r/sales_order/1?edit=1")
    amy.get_by_label("Promised date").fill("2026-12-24")
    amy.get_by_role("button", name="Save").first.click()
    amy.wait_for_url(re.compile(r"/1$"))
    expect(amy.get_by_text("Dec 24, 2026").first).to_be_visible()
    amy.goto('/r/sales_order?filter=x_promised_date+%3D+date("2026-12-24")')
    expect(amy.get_by_role("columnheader", name="Promised date")).to_be_visible()
    expect(amy.locator("tbody tr")).to_have_count(1)
    with site.workspace.step("amy") as step:
        secret = step.access.create_token(step.user, "test")
    answer = amy.request.get(f"{site.url}/api/v1/records/sales_order/1", headers={"Authorization": f"Bearer {secret}"})
    assert answer.ok, answer.text()
    assert "2026-12-24" in answer.text()


def test_a_field_is_dragged_to_the_form(site: Site, log_in: LogIn) -> None:
    tom = log_in("tom")
    tom.goto("/studio/entities/sales_order/form")
    source, target = tom.locator("li[data-field=list_total]"), tom.locator("li[data-field=reference]")
    with tom.expect_response(re.compile("/form$")):
        source.drag_to(target, steps=12)
    expect(tom.locator("[data-section=main] > li[data-field=list_total]")).to_be_visible()
    assert "list_total" in str(site.workspace.draft().files)
    site.workspace.discard_draft()


def test_the_form_is_arranged_without_script_too(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    tom = context.new_page()
    tom.goto("/login")
    tom.fill("[name=login]", "tom")
    tom.fill("[name=password]", PASSWORD)
    tom.click("main button.tw-btn-primary")
    tom.goto("/studio/entities/sales_order/form")
    tom.locator("li[data-field=notes] input[type=radio]").check(force=True)
    tom.get_by_role("button", name="Move up").click()
    expect(tom.locator("[data-section=course] > li").last).to_have_attribute("data-field", "notes")
    context.close()
    site.workspace.discard_draft()


def test_a_process_is_shown_as_a_picture(log_in: LogIn) -> None:
    tom = log_in("tom")
    tom.goto("/studio/processes/order_approval")
    expect(tom.locator(".tw-flow-laid")).to_be_visible()
    expect(tom.get_by_role("heading", name="Approval: Manager approval")).to_be_attached()
    expect(tom.get_by_text("No problems")).to_be_visible()


def test_a_broken_draft_is_told_and_cannot_be_published(site: Site, log_in: LogIn) -> None:
    path = "customizations/entity_customer.yaml"
    text = "extend: entity customer\nfields:\n  x_risk: {type: decimal, compute: receivabl / 2}\n"
    site.workspace.save_draft({path: text}, author="tom")
    tom = log_in("tom")

    tom.goto("/studio/publish")

    expect(tom.locator(".tw-problems")).to_contain_text(f"{path}:3")
    expect(tom.get_by_role("button", name="Publish")).to_be_disabled()
    tom.get_by_role("button", name="Discard the draft").click()
    expect(tom.get_by_text("The draft was discarded")).to_be_visible()


def test_studio_is_closed_to_others(log_in: LogIn) -> None:
    amy = log_in("amy")
    answer = amy.goto("/studio/")
    assert answer is not None
    assert answer.status == 403
    expect(amy.get_by_text("Studio is open to admins only")).to_be_visible()
