"""A process that starts on update starts for every change, whoever made it: a person, a script, another process."""

from __future__ import annotations

from pathlib import Path

from engine import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/order.yaml": """
entity: order
fields:
  name:     {type: text, required: true}
  amount:   {type: money, default: 0}
  status:   {type: choice, options: [open, approved], readonly: true}
  invoices: {type: related, from: invoice.order}
""",
    "entities/invoice.yaml": """
entity: invoice
fields:
  order: {type: link, to: order, required: true}
""",
    "processes/approval.yaml": """
process: approval
entity: order
lifecycle: status
start: {on: create}
nodes:
  open:     {type: state, status: open, actions: {approve: {to: route}}}
  route:    {type: exclusive_gateway, flows: [{when: amount > 0, to: approved}, {else: true, to: open}]}
  approved: {type: end_event, status: approved}
""",
    "processes/billing.yaml": """
process: billing
entity: order
start: {on: update, when: status = "approved" and old.status != "approved"}
nodes:
  bill: {type: script_task, do: create invoice with order = record, to: done}
  done: {type: end_event}
""",
}


def test_a_status_written_by_one_process_starts_another_once(tmp_path: Path) -> None:
    workspace = Workspace.open(None, f"sqlite:///{tmp_path / 'shop.db'}")
    workspace.publish(FILES)
    with workspace.step(None) as step:
        order = step.records.create("order", {"name": "First", "amount": "10"})
        assert len(order["invoices"]) == 0
        number = order.id
    assert number is not None

    with workspace.step(None) as step:
        step.processes.act(step.records.get("order", number), "approve")

    with workspace.step(None) as step:
        step.records.update(step.records.get("order", number), {"name": "Renamed"})
        assert len(step.records.get("order", number)["invoices"]) == 1
    workspace.close()


COLLECTING = {
    "workspace.yaml": "workspace: law\ncurrency: USD\n",
    "entities/hours.yaml": """
entity: hours
fields:
  value:   {type: money, required: true}
  invoice: {type: link, to: invoice}
""",
    "entities/invoice.yaml": """
entity: invoice
fields:
  entries: {type: related, from: hours.invoice}
  fees:    {type: money, compute: sum(entries.value)}
""",
    "processes/collect.yaml": """
process: collect
entity: invoice
start: {on: create}
nodes:
  take: {type: script_task, do: update hours where invoice = null set invoice = record, to: done}
  done: {type: end_event}
""",
}


def test_a_new_record_counts_what_its_own_process_links_to_it(tmp_path: Path) -> None:
    firm = Workspace.open(tmp_path)
    firm.publish(COLLECTING)
    with firm.step(None) as step:
        for value in (100, 50):
            step.records.create("hours", {"value": value})
        invoice = step.records.create("invoice", {}).id

    with firm.step(None) as step:
        assert step.records.get("invoice", invoice)["fees"] == 150
    firm.close()
