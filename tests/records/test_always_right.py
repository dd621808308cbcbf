"""Whatever is changed, in whatever order, stored computed values stay equal to a full recomputation."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.records.recomputation import compare
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: tree\n",
    "entities/region.yaml": """
entity: region
fields:
  factor:  {type: decimal, scale: 2}
  clients: {type: related, from: client.region}
  volume:  {type: decimal, scale: 4, compute: sum(clients.volume)}
  busiest: {type: decimal, scale: 4, compute: max(clients.volume)}
""",
    "entities/client.yaml": """
entity: client
fields:
  region: {type: link, to: region, on_delete: set_null}
  bills:  {type: related, from: bill.client}
  volume: {type: decimal, scale: 4, compute: 'sum(bills[open].net)'}
  open:   {type: integer, compute: 'count(bills[open])'}
""",
    "entities/bill.yaml": """
entity: bill
fields:
  client:   {type: link, to: client, on_delete: cascade}
  open:     {type: boolean}
  net:      {type: decimal, scale: 4, compute: sum(lines.amount) * client.region.factor}
  lines:
    type: lines
    fields:
      quantity: {type: decimal, scale: 2}
      amount:   {type: decimal, scale: 4, compute: quantity * 3}
""",
}
LINKS = {"client": "region", "bill": "client"}

which = st.integers(0, 2)
quantity = st.none() | st.decimals(-99, 99, places=2)
lines = st.lists(st.fixed_dictionaries({"quantity": quantity}), max_size=3)
bill = st.fixed_dictionaries({}, optional={"client": st.none() | which, "open": st.none() | st.booleans(), "lines": lines})
values = {
    "region": st.fixed_dictionaries({"factor": quantity}),
    "client": st.fixed_dictionaries({"region": st.none() | which}),
    "bill": bill,
}
change = st.sampled_from(sorted(values)).flatmap(
    lambda entity: st.tuples(st.sampled_from(["create", "update", "archive"]), st.just(entity), which, values[entity])
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def workspace(request, tmp_path_factory):
    """Regions, clients, bills and their lines: each level computes from the one below, and bills from the top."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path_factory.mktemp('tree') / 'tree.db'}" if sqlite else request.getfixturevalue("shared_postgresql")
    workspace = Workspace.open(None, url)
    workspace.publish(FILES)
    yield workspace
    workspace.close()


def apply(step, operation, entity, index, given):
    """One change; links and the record itself are the newest ones, as far as there are any."""
    newest = {name: step.records.find(name)[-3:] for name in values}

    def at(name, place):
        return newest[name][place].id if place is not None and place < len(newest[name]) else None

    link = LINKS.get(entity)
    filled = {name: at(link, value) if name == link else value for name, value in given.items()}
    if operation == "create" or at(entity, index) is None:
        step.records.create(entity, filled)
    else:
        record = step.records.get(entity, at(entity, index))
        if operation == "update":
            step.records.update(record, filled)
        else:
            step.records.archive(record)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(change, min_size=1, max_size=3), min_size=1, max_size=6))
def test_after_any_changes_in_any_steps_no_value_differs_from_its_expression(workspace, steps):
    for changes in steps:
        with workspace.step(None) as step:
            for each in changes:
                apply(step, *each)

    assert list(compare(workspace)) == []
