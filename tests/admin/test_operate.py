"""Operate: admins see what has failed for good and have it done again or skipped."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from engine.workspace import Workspace
from tests.admin.conftest import LogIn, Site

pytestmark = pytest.mark.needs("chromium")


def failed_mail(workspace: Workspace, key: str) -> None:
    """A mail about an order that nobody could deliver."""
    with workspace.step(None) as step:
        row = {
            "kind": "mail", "key": key, "status": "incident", "due": step.now, "error": "550 no such mailbox", "created_at": step.now,
            "payload": {"template": "order_approved", "to": f"{key}@example.com", "subject": "x", "body": "x"}, "attempts": 8,
            "entity": "sales_order", "record": step.records.find("sales_order", None)[0].id,
        }  # fmt: skip
        step.connection.execute(insert(step.schema.job).values(row))


def test_an_incident_is_retried_and_another_skipped(log_in: LogIn, site: Site) -> None:
    failed_mail(site.workspace, "first")
    failed_mail(site.workspace, "second")
    page = log_in("tom")
    page.get_by_role("link", name="Operate").click()
    rows = page.get_by_role("region", name="Incidents").get_by_role("row")
    expect(rows.filter(has_text="order_approved: first@example.com")).to_contain_text("550 no such mailbox")

    rows.filter(has_text="first@").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("region", name="Jobs that are due next")).to_contain_text("first@example.com")
    rows.filter(has_text="second@").get_by_role("button", name="Skip").click()

    expect(page.get_by_text("Nothing has failed for good.")).to_be_visible()
    expect(page.locator("#tw-main")).not_to_contain_text("second@example.com")


def test_others_are_not_let_in(log_in: LogIn) -> None:
    page = log_in("amy")
    expect(page.get_by_role("link", name="Operate")).to_have_count(0)
    answer = page.goto("/operate/")
    assert answer is not None
    assert answer.status == 403
