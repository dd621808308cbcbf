"""Figures over HTTP."""

from __future__ import annotations

from typing import Any


def test_orders_are_counted_and_added_up_by_month_and_customer(company: Any) -> None:
    answer = company.tom.get("/records/sales_order/aggregate?group=order_date:month,customer&measures=count,sum:total").json

    assert [key["name"] for key in answer["groups"]] == ["order_date", "customer"]
    assert answer["groups"][0]["step"] == "month"
    assert {"order_date", "customer", "count", "sum_total"} == answer["rows"][0].keys()
    assert answer["rows"][0]["customer"]["title"]
    assert sum(row["count"] for row in answer["rows"]) == company.tom.get("/records/sales_order?count=true").json["total"]
    assert answer["more"] is False


def test_a_wrong_question_is_a_client_error(company: Any) -> None:
    for wrong in ("group=colour", "measures=sum:customer", "measures=median:total", "filter=colour = 1", "limit=0", "colour=1"):
        answer = company.tom.get(f"/records/sales_order/aggregate?{wrong}")
        assert 400 <= answer.status_code < 500, wrong
        assert answer.json["title"]
