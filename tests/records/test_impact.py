"""Publishing over live data: what it means is counted before, and what would leave records wrong is refused."""

from __future__ import annotations

import pytest

from engine import publishing
from engine.workspace import Workspace

ENTITY = """entity: customer
fields:
  name: {type: text, required: true, max_length: 20}
  city: {type: text}
  level: {type: choice, options: [gold, silver]}
  limit: {type: money, default: 100}
  status: {type: choice, options: [new, known], readonly: true}
"""
PROCESS = """process: greet
entity: customer
lifecycle: status
start: {on: create}
nodes:
  new: {type: state, status: new, actions: {greet: {to: known}}}
  known: {type: end_event, status: known}
"""


def files(entity: str = ENTITY, process: str = PROCESS) -> dict[str, str]:
    return {"workspace.yaml": "workspace: shop\ncurrency: EUR\n", "customer.yaml": entity, "greet.yaml": process}


@pytest.fixture
def shop(database_url):
    workspace = Workspace.open(None, database_url)
    publishing.publish(workspace, files())
    with workspace.step(None) as step:
        step.records.create("customer", {"name": "Anna", "city": "Ulm", "level": "gold"})
        step.records.create("customer", {"name": "Bartholomew", "limit": 5000})
    yield workspace
    workspace.close()


def told(workspace: Workspace, entity: str = ENTITY, process: str = PROCESS) -> list[str]:
    return [str(each) for each in publishing.publish(workspace, files(entity, process), dry_run=True).impact]


def test_a_field_that_becomes_required_is_refused_while_records_lack_it(shop):
    outcome = publishing.publish(shop, files(ENTITY.replace("city: {type: text}", "city: {type: text, required: true}")))

    assert (outcome.accepted, outcome.revision) == (False, 0)
    text = "customer.city becomes required, and 1 record have no value; say what they get: `fill:` in customer.city"
    assert [(each.text, each.blocks) for each in outcome.impact] == [(text.replace("record have", "record has"), True)]
    assert shop.revision == 1


def test_a_new_required_field_is_refused_too(shop):
    assert "2 records have no value" in told(shop, ENTITY + "  code: {type: text, required: true}\n")[0]


def test_with_fill_they_get_their_value(shop):
    entity = ENTITY.replace("city: {type: text}", "city: {type: text, required: true, fill: =name}")
    outcome = publishing.publish(shop, files(entity))

    assert outcome.revision == 2
    assert [each.text for each in outcome.impact] == ["customer.city becomes required; 1 record gets what `fill` says"]
    with shop.step(None, readonly=True) as step:
        assert [record["city"] for record in step.records.find("customer")] == ["Ulm", "Bartholomew"]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("max_length: 20", "max_length: 5", "1 value of customer.name has more than 5 characters; it stays until it is changed"),
        ("[gold, silver]", "[silver]", "1 record has customer.level = gold, an option that goes; it keeps it until it is changed"),
        ("default: 100", "default: 100, max: 1000", "1 value of customer.limit is more than 1000; it stays until it is changed"),
        ("  city: {type: text}\n", "", "customer.city goes; 1 value stays in its column until it is purged"),
    ],
)
def test_values_that_the_new_model_would_not_take_are_counted(shop, old, new, text):
    assert told(shop, ENTITY.replace(old, new)) == [text]


def test_records_that_break_a_new_rule_are_counted(shop):
    rules = "rules:\n  modest: {require: limit < 1000, message: Too much}\n"

    assert told(shop, ENTITY + rules) == ["1 record of customer breaks the rule modest; it can't be changed until it keeps it"]


def test_records_for_which_a_new_rule_gives_null_break_it_too(shop):
    rules = "rules:\n  nearby: {require: 'starts with(city, \"U\")', message: Too far}\n"

    assert told(shop, ENTITY + rules) == ["1 record of customer breaks the rule nearby; it can't be changed until it keeps it"]


def test_a_rule_about_a_new_field_is_published_and_said_not_to_be_counted(shop):
    entity = ENTITY + "  phone: {type: phone}\nrules:\n  reachable: {require: phone != null, message: No phone}\n"
    outcome = publishing.publish(shop, files(entity))

    assert outcome.revision == 2
    assert [each.text for each in outcome.impact] == ["how many records of customer break the rule reachable could not be counted"]


def test_what_is_counted_is_what_is_there_now(shop):
    entity = ENTITY.replace("city: {type: text}", "city: {type: text, required: true}")
    assert told(shop, entity) != []
    with shop.step(None) as step:
        (record,) = step.records.find("customer", "city = null")
        step.records.update(record, {"city": "Bonn"})

    assert told(shop, entity) == []


def test_instances_of_a_process_that_changes_are_counted(shop):
    changed = PROCESS.replace("{greet: {to: known}}", "{greet: {to: known}, meet: {to: known}}")

    assert told(shop, ENTITY, changed) == ["process greet changes; 2 instances run on in the version of the start"]


def test_what_does_not_touch_the_data_says_nothing(shop):
    assert told(shop, ENTITY.replace("max_length: 20", "max_length: 30") + "  phone: {type: phone}\n") == []
