"""Computed fields that ask decisions, in a database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/order.yaml": """entity: order
fields:
  rating: {type: choice, options: [new, good, bad], default: new}
  net: {type: money, default: 0}
  rate: {type: percent, compute: 'decide(deposit_rate, record)'}
  deposit: {type: money, compute: net * rate}
""",
    "decisions/deposit_rate.yaml": """decision: deposit_rate
hit: F
inputs:
  rating: {type: choice, options: [new, good, bad]}
  net: {type: money}
outputs:
  rate: {type: percent, default: '1'}
rules:
  - {rating: '"new"', net: '> 5000', rate: 0.5}
  - {rating: '"good"', rate: 0}
""",
}


def order(workspace: Workspace, number: int) -> tuple[Any, Any]:
    with workspace.step(None, readonly=True) as step:
        record = step.records.get("order", number)
        return record["rate"], record["deposit"]


def test_a_computed_field_follows_its_decision_and_its_inputs(database_url: str) -> None:
    workspace = Workspace.open(None, database_url)
    try:
        workspace.publish(FILES)
        with workspace.step(None) as step:
            number = step.records.create("order", {"net": 6000}).id
        assert number is not None
        assert order(workspace, number) == (Decimal("0.5"), Decimal(3000))

        with workspace.step(None) as step:
            step.records.write(step.records.get("order", number), {"net": 4000})
        assert order(workspace, number) == (1, 4000)

        stricter = FILES["decisions/deposit_rate.yaml"].replace("> 5000", "> 3000")
        workspace.publish({**FILES, "decisions/deposit_rate.yaml": stricter})
        assert order(workspace, number) == (Decimal("0.5"), Decimal(2000))
    finally:
        workspace.close()


def test_scripts_and_rules_ask_decisions(sqlite_url: str) -> None:
    rules = 'rules:\n  known: {require: \'decide("deposit_rate", {rating: rating, net: net}) < 1\', message: Too risky}\n'
    workspace = Workspace.open(None, sqlite_url)
    try:
        workspace.publish({**FILES, "entities/order.yaml": FILES["entities/order.yaml"] + rules})
        with workspace.step(None) as step:
            assert step.records.create("order", {"rating": "good"})["rate"] == 0
            assert step.records.create("order", {"net": 9000}).evaluate("decide(deposit_rate, record) * net") == 4500
    finally:
        workspace.close()
