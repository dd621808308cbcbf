"""WCAG 2.2 AA on the main pages, as far as axe-core can tell, light and dark, at a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.admin.conftest import LogIn

pytestmark = pytest.mark.needs("chromium")
AXE = Path(__file__).parents[2] / "build/frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

DESK = ["/", "/inbox", "/r/sales_order", "/r/sales_order/new", "/r/sales_order/4", "/r/sales_order/4?edit=1", "/search?q=tea",
        "/dashboards/sales_overview", "/reports/sales_by_month", "/reports/lead_funnel",
        "/r/sales_order?view=board", "/r/sales_order?view=dates&month=2026-12"]
STUDIO = [
    "/studio/", "/studio/entities/sales_order", "/studio/entities/sales_order/form?selected=discount",
    "/studio/processes/order_approval", "/studio/publish", "/studio/revisions", "/operate/",
]  # fmt: skip


def violations(page: Page) -> list[str]:
    """What axe-core finds, a line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    return [
        f"{page.url}: {violation['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)], ids=["light", "dark", "phone"])
def test_the_pages_of_desk_have_no_violations(log_in: LogIn, width: int, dark: bool) -> None:
    page = log_in("bob", width=width, dark=dark)
    found = []
    for path in DESK:
        page.goto(path)
        found += violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} is wider than {width} px")
    assert found == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_of_studio_have_no_violations(log_in: LogIn, dark: bool) -> None:
    page = log_in("tom", dark=dark)
    found = []
    for path in STUDIO:
        page.goto(path)
        found += violations(page)
    assert found == []


def test_the_page_of_login_has_no_violations(log_in: LogIn) -> None:
    page = log_in("amy")
    page.context.clear_cookies()
    page.goto("/login")
    assert violations(page) == []
