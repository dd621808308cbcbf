"""Decisions beyond tables in a published workspace: computed fields, scripts and processes ask them."""

from __future__ import annotations

from decimal import Decimal

from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/order.yaml": """entity: order
fields:
  rating: {type: choice, options: [new, good, bad], default: new}
  net: {type: money, default: 0}
  deposit: {type: money, compute: 'decide(deposit, {rating: rating, "net amount": net})'}
  advice: {type: text}
""",
    "decisions/deposit.yaml": """decision: deposit
name: Deposit
given: {net amount: number}
requires: [deposit_rate, rounded]
type: number
expression: Rounded up(net amount * deposit_rate)
""",
    "decisions/rounded.yaml": "decision: rounded\nname: Rounded up\nparameters: {amount: number}\nexpression: round up(amount, -1)\n",
    "decisions/deposit_rate.yaml": """decision: deposit_rate
hit: F
inputs:
  rating: {type: choice, options: [new, good, bad]}
outputs:
  rate: {type: percent, default: '1'}
rules:
  - {rating: '"good"', rate: 0}
  - {rating: '"new"', rate: 0.5}
""",
    "processes/asking.yaml": """process: asking
entity: order
start: {on: create}
variables:
  asked: {type: decimal}
nodes:
  ask:
    type: business_rule_task
    decision: deposit
    with: {rating: rating, net amount: net}
    result: {asked: deposit}
    to: note
  note: {type: script_task, do: 'set advice = "ask for " + string(asked)', to: over}
  over: {type: end_event}
""",
}


def test_a_computed_field_follows_everything_that_its_decision_requires(database_url: str) -> None:
    workspace = Workspace.open(None, database_url)
    try:
        workspace.publish(FILES)
        with workspace.step(None) as step:
            number = step.records.create("order", {"net": 1234}).id
        with workspace.step(None, readonly=True) as step:
            record = step.records.get("order", number)
            assert (record["deposit"], record["advice"]) == (Decimal(620), "ask for 620")

        finer = {**FILES, "decisions/rounded.yaml": FILES["decisions/rounded.yaml"].replace("-1", "0")}
        workspace.publish(finer)
        with workspace.step(None, readonly=True) as step:
            assert step.records.get("order", number)["deposit"] == Decimal(617)
    finally:
        workspace.close()
