"""What a leaver owns and has to do goes to a successor, in one operation."""

from __future__ import annotations

import pytest

from engine.errors import AccessDenied, ActionRefused
from engine.handing_over import hand_over

PROCESSES = {
    "processes/check.yaml": """
process: check
entity: lead
start: {on: create}
nodes:
  work: {type: user_task, assign: owner, to: over}
  over: {type: end_event}
""",
    "processes/agree.yaml": """
process: agree
entity: lead
start: {on: create, when: cost > 100}
nodes:
  vote: {type: approval, policy: all, assign: 'lookup all(user, login in ("ben", "cat"))', on_approve: {to: over}, on_reject: {to: over}}
  over: {type: end_event}
""",
    "processes/share.yaml": """
process: share
entity: lead
start: {on: create, when: cost > 10}
nodes:
  any:  {type: user_task, assign: 'lookup all(user, login in ("ben", "dan"))', to: over}
  over: {type: end_event}
""",
}


def person(step, login):
    return step.access.user_by_login(login)


def handed_over(company, leaver="ben", successor="cat", by=None):
    with company.step(by) as step:
        return hand_over(step, person(step, leaver), person(step, successor))


def lead(company, cost):
    with company.step("ben") as step, step.as_engine():
        return step.records.create("lead", {"name": "hot", "cost": cost}).id


def todo(company, login):
    with company.step(login) as step:
        return sorted(task.node for task in step.tasks.todo())


@pytest.fixture
def office(company):
    made = company(PROCESSES, seller="lead: {read: own, create: true}")
    made.join("ben", "seller")
    made.join("cat", "seller")
    return made


def test_records_and_open_tasks_go_to_the_successor_with_history(office):
    number = lead(office, 5)
    done = handed_over(office)

    assert (dict(done.records), done.tasks, done.left) == ({"lead": 1}, 1, 0)
    assert (office.seen_by("ben"), office.seen_by("cat")) == (set(), {"hot"})
    assert (todo(office, "ben"), todo(office, "cat")) == ([], ["work"])
    with office.step(None) as step:
        entries = step.history.of(step.records.get("lead", number))
        changes = [entry.data["changes"] for entry in entries if entry.kind == "changed"]
        assert [set(each) for each in changes] == [{"owner"}]


def test_what_the_leaver_could_claim_the_successor_can(office):
    lead(office, 50)
    handed_over(office)
    assert "any" in todo(office, "cat")
    assert todo(office, "ben") == []


def test_a_successor_who_votes_already_does_not_vote_twice(office):
    lead(office, 500)
    done = handed_over(office)
    assert done.left == 1
    assert "vote" in todo(office, "ben")
    assert todo(office, "cat").count("vote") == 1


def test_an_approval_goes_to_a_successor_who_has_no_vote_in_it(office):
    lead(office, 500)
    assert handed_over(office, successor="dan").left == 0
    with office.step("dan") as step:
        (task,) = [task for task in step.tasks.todo() if task.node == "vote"]
        step.tasks.do(task, "approve")


def test_only_admins_hand_over_and_only_to_another_active_person(office):
    with pytest.raises(AccessDenied):
        handed_over(office, by="cat")
    with pytest.raises(ActionRefused, match="own successor"):
        handed_over(office, successor="ben")
    with office.step(None) as step:
        step.records.update(person(step, "dan"), {"active": False})
    with pytest.raises(ActionRefused, match="deactivated"):
        handed_over(office, successor="dan")
