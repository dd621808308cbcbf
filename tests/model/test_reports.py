"""Reports and dashboards: what a check finds in them."""

from __future__ import annotations

import pytest

ORDER = """
entity: order
fields:
  number:   {type: text}
  day:      {type: date}
  total:    {type: money}
  notes:    {type: long_text}
  customer: {type: link, to: customer}
  lines:    {type: lines, fields: {quantity: {type: integer}}}
views:
  open: {type: list, columns: [number]}
"""
CUSTOMER = "entity: customer\nfields:\n  region: {type: text}\n"
REPORT = """
report: sales
entity: order
filter: total > 0
rows: {month: {by: day, step: month}}
columns: {region: {by: customer.region}}
measures: {orders: {count: true}, total: {sum: total}, mean: {expression: total / orders}}
sort: [-total, month]
chart: {type: bar, x: month, y: [total, mean], series: region}
"""
BOARD = """
dashboard: mine
cards:
  open:  {type: counter, entity: order, filter: total > 0}
  sales: {type: report, report: sales, width: 2}
  list:  {type: list, entity: order, view: open, limit: 3}
"""


def test_a_report_and_a_dashboard_without_mistakes(model):
    found = model(order=ORDER, customer=CUSTOMER, sales=REPORT, mine=BOARD)
    report = found.reports["sales"]
    assert [(each.name, each.kind, each.of) for each in report.measures] == [
        ("orders", "count", ""), ("total", "sum", "total"), ("mean", "expression", ""),
    ]  # fmt: skip
    assert (report.rows[0].label.in_("en"), report.columns[0].by) == ("Day", "customer.region")
    assert found.dashboards["mine"].cards["sales"].label.in_("en") == "Sales"


@pytest.mark.parametrize(
    ("changed", "to", "place", "code"),
    [
        ("entity: order", "entity: ordre", "2:9", "TW1711"),
        ("filter: total > 0", "filter: totl > 0", "3:9", "TW1203"),
        ("{by: day, step", "{by: dya, step", "4:20", "TW1203"),
        ("{by: day, step: month}", "{by: notes}", "4:20", "TW1751"),
        ("{by: day, step", "{by: number, step", "4:28", "TW1751"),
        ("customer.region", "lines.quantity", "5:24", "TW1751"),
        ("{count: true}", "{count: false}", "6:28", "TW1752"),
        ("{sum: total}", "{sum: number}", "6:48", "TW1752"),
        ("{sum: total}", "{sum: total, max: total}", "6:42", "TW1752"),
        ("total / orders", "total / ordres", "6:83", "TW1204"),
        ("measures: {orders", "measures: {month", "6:12", "TW1750"),
        ("-total, month", "-totals, month", "7:8", "TW1753"),
        ("x: month", "x: moth", "8:23", "TW1753"),
        ("[total, mean]", "[total, region]", "8:41", "TW1753"),
        ("sort: [-total, month]", "roles: [nobody]", "7:9", "TW1506"),
    ],
)
def test_mistakes_in_a_report_are_told_at_their_place(problems, changed, to, place, code):
    found = problems(order=ORDER, customer=CUSTOMER, sales=REPORT.replace(changed, to, 1))
    assert (f"sales.yaml:{place}", code) in found
    assert {each for _, each in found} <= {code, "TW1753", "TW1204", "TW1750"}


@pytest.mark.parametrize(
    ("changed", "to", "place", "code"),
    [
        ("entity: order, filter", "filter", "3:10", "TW1754"),
        ("report: sales", "report: sale", "4:33", "TW1754"),
        ("view: open", "view: opne", "5:44", "TW1754"),
        ("width: 2", "view: open", "4:40", "TW1754"),
    ],
)
def test_mistakes_in_a_dashboard_are_told_at_their_place(problems, changed, to, place, code):
    found = problems(order=ORDER, customer=CUSTOMER, sales=REPORT, mine=BOARD.replace(changed, to, 1))
    assert (f"mine.yaml:{place}", code) in found
