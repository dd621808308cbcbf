"""Reports as a workspace declares them: figures of figures, order, rows and columns, and what their reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.errors import AccessDenied, NotFound
from engine.model import build
from engine.reports import may_see, pivot, report_of, run
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\ncurrency: CNY\n",
    "entities/order.yaml": """
entity: order
fields:
  region:   {type: choice, options: [north, south]}
  day:      {type: date}
  currency: {type: choice, options: [CNY, USD], default: CNY}
  total:    {type: money}
  margin:   {type: money}
""",
    "roles/clerk.yaml": "role: clerk\ngrants:\n  order: {read: own, create: true, hide: [margin]}\n",
    "roles/boss.yaml": "role: boss\ngrants:\n  order: {read: all}\n",
    "reports/sales.yaml": """
report: sales
entity: order
filter: total > 0
rows: {month: {by: day, step: month}}
columns: {region: {by: region}}
measures: {orders: {count: true}, total: {sum: total}, mean: {expression: total / orders}}
""",
    "reports/mine.yaml": "report: mine\nentity: order\nfilter: owner = user\nmeasures: {orders: {count: true}}\n",
    "reports/best.yaml": """
report: best
entity: order
rows: {region: {by: region}}
measures: {total: {sum: total}}
sort: [-total]
limit: 1
""",
    "reports/margins.yaml": "report: margins\nroles: [boss]\nentity: order\nmeasures: {margin: {sum: margin}}\n",
    "reports/hidden.yaml": "report: hidden\nentity: order\nmeasures: {margin: {sum: margin}}\n",
}
ORDERS = [
    ("north", "2026-01-05", "CNY", "100.00"), ("north", "2026-01-25", "CNY", "50.00"), ("south", "2026-01-31", "CNY", "30.10"),
    ("south", "2026-02-01", "CNY", "70.00"), ("south", "2026-02-02", "USD", "5.00"), ("north", "2026-02-03", "CNY", "0.00"),
]  # fmt: skip


@pytest.fixture
def shop(database_url: str) -> Iterator[Workspace]:
    assert [problem.message for problem in build(FILES).problems] == []
    workspace = Workspace.open(None, database_url)
    workspace.publish(FILES)
    with workspace.step(None) as step:
        for login, role in (("ann", "clerk"), ("eva", "boss")):
            step.records.create("user", {"login": login, "name": login.title(), "roles": [role]})
    for index, (region, day, currency, total) in enumerate(ORDERS):
        with workspace.step("ann" if index < 2 else None) as step:
            step.records.create("order", {"region": region, "day": day, "currency": currency, "total": total})
    yield workspace
    workspace.close()


def told(shop: Workspace, by: str, name: str) -> list[tuple[Any, ...]]:
    with shop.step(by, readonly=True) as step:
        return [tuple(str(v) if not isinstance(v, date) else v for v in row) for row in run(step, report_of(step, name)).rows]


def test_figures_are_exact_filtered_and_apart_by_currency_and_expressions_are_worked_out_of_them(shop: Workspace) -> None:
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert told(shop, "eva", "sales") == [
        (january, "north", "CNY", "2", "150.00", "75.00"),
        (january, "south", "CNY", "1", "30.10", "30.10"),
        (february, "south", "CNY", "1", "70.00", "70.00"),
        (february, "south", "USD", "1", "5.00", "5.00"),
    ]


def test_a_reader_is_told_of_what_they_may_read_only(shop: Workspace) -> None:
    assert told(shop, "ann", "sales") == [(date(2026, 1, 1), "north", "CNY", "2", "150.00", "75.00")]
    assert (told(shop, "ann", "mine"), told(shop, "eva", "mine")) == ([("2",)], [("0",)])


def test_the_order_counts_before_the_limit(shop: Workspace) -> None:
    assert told(shop, "eva", "best") == [("north", "CNY", "150.00")]


def test_columns_stand_across_and_empty_cells_are_empty(shop: Workspace) -> None:
    with shop.step("eva", readonly=True) as step:
        table = pivot(step.model.reports["sales"], run(step, step.model.reports["sales"]))
    assert [key.name for key in table.rows] == ["month", "currency"]
    assert table.top == (("north",), ("south",))
    assert table.left == ((date(2026, 1, 1), "CNY"), (date(2026, 2, 1), "CNY"), (date(2026, 2, 1), "USD"))
    assert ((date(2026, 2, 1), "CNY"), ("north",)) not in table.cells


def test_roles_and_hidden_fields_are_respected(shop: Workspace) -> None:
    with shop.step("ann", readonly=True) as step:
        assert not may_see(step, step.model.reports["margins"])
        with pytest.raises(AccessDenied):
            report_of(step, "margins")
        with pytest.raises(AccessDenied, match="margin"):
            run(step, report_of(step, "hidden"))
        with pytest.raises(NotFound):
            report_of(step, "nope")
    with shop.step("eva", readonly=True) as step:
        assert may_see(step, step.model.reports["margins"])
