"""Who holds or may claim a task may read its record, whatever their grants say."""

from __future__ import annotations

PROCESS = """
process: check
entity: lead
start: {on: create}
nodes:
  work: {type: user_task, label: Check it, %s, to: over}
  over: {type: end_event}
"""


def checked(company, who):
    made = company({"processes/check.yaml": PROCESS % who}, checker="lead: {read: own, hide: [cost]}")
    made.join("ben", "checker")
    return made


def test_a_task_opens_its_record_to_its_holder_and_stays_open_when_it_is_done(company):
    company = checked(company, "assign: 'lookup(user, login = \"cat\")'")
    with company.step("ann") as step, step.as_engine():
        step.records.create("lead", {"name": "hot", "cost": 5})

    assert (company.seen_by("cat"), company.seen_by("dan")) == ({"hot"}, set())
    with company.step("cat") as step:
        step.tasks.do(step.tasks.todo()[0], "complete")
    assert company.seen_by("cat") == {"hot"}


def test_a_shared_task_opens_its_record_to_those_who_may_claim_it(company):
    company = checked(company, "candidates: {roles: [checker]}")
    with company.step(None) as step:
        step.records.create("lead", {"name": "hot", "cost": 5})

    assert (company.seen_by("ben"), company.seen_by("cat")) == ({"hot"}, set())
    with company.step("ben") as step:
        assert "cost" not in step.records.find("lead")[0].visible_fields()
        assert not step.access.can("update", step.records.find("lead")[0])
