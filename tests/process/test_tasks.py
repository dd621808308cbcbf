"""Tasks and approvals: inboxes, claiming, voting, and two people who want the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import AccessDenied, ActionRefused, StepFailed, TradewindError, ValidationFailed

Open = Callable[[str], Any]
HEAD = """
process: handling
entity: request
lifecycle: status
start: {on: create}
nodes:
"""
ENDS = """
  done:    {type: end_event, status: done}
  refused: {type: end_event, status: refused}
"""
SHARED = f"""{HEAD}
  check:
    type: user_task
    status: review
    candidates: {{roles: [boss]}}
    form: {{edit: [note], require: [note]}}
    actions: {{ok: {{to: done}}, bad: {{to: refused}}}}
{ENDS}"""
BOTH = f"""{HEAD}
  check:
    type: approval
    status: review
    assign: users with role("boss")
    policy: all
    form: {{edit: [amount]}}
    on_approve: {{to: done}}
    on_reject: {{to: refused, do: set note = comment}}
{ENDS}"""


def test_candidates_share_a_task_until_one_claims_it(office: Open) -> None:
    shop = office(SHARED)
    shop.request()
    assert (shop.todo("eva"), shop.todo("zoe"), shop.todo("amy")) == (["check"], ["check"], [])
    shop.do("eva", "claim")
    assert (shop.todo("eva"), shop.todo("zoe")) == (["check"], [])
    shop.do("eva", "release")
    assert shop.todo("zoe") == ["check"]


def test_completing_a_shared_task_is_claiming_it(office: Open) -> None:
    shop = office(SHARED)
    number = shop.request()
    shop.do("zoe", "ok", values={"note": "fine"})
    assert (shop.look(number, "status"), shop.look(number, "note")) == ("done", "fine")
    assert shop.todo("eva") == []


def test_what_the_form_requires_may_not_be_empty(office: Open) -> None:
    shop = office(SHARED)
    number = shop.request()
    with pytest.raises(ValidationFailed, match="required"):
        shop.do("zoe", "ok")
    assert shop.look(number, "status") == "review"


def test_a_task_of_others_is_denied(office: Open) -> None:
    shop = office(SHARED)
    shop.request()
    with shop.workspace.step("amy") as step, pytest.raises(AccessDenied):
        step.tasks.do(shop.task(step, "eva"), "ok")


def test_the_second_is_told_who_was_faster_and_when(office: Open) -> None:
    shop = office(SHARED)
    shop.request()
    with shop.workspace.step("zoe", readonly=True) as step:
        seen = step.tasks.todo()[0].id
    shop.do("eva", "ok", values={"note": "fine"})
    with (
        shop.workspace.step("zoe") as step,
        pytest.raises(ActionRefused, match="Eva has done this on 2026-11-23 09:00: ok"),
    ):
        step.tasks.do(step.tasks.get(seen), "bad")


def test_of_many_at_once_exactly_one_wins(busy_office: Open) -> None:
    shop = busy_office(SHARED)
    number = shop.request()
    with shop.workspace.step("eva", readonly=True) as step:
        task = step.tasks.todo()[0].id
    outcomes: list[str] = []

    def press(who: str, action: str) -> None:
        try:
            work = lambda step: step.tasks.do(step.tasks.get(task), action, values={"note": who})  # noqa: E731
            shop.workspace.run(who, work)
            outcomes.append("won")
        except TradewindError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=press, args=(("eva", "zoe")[i % 2], ("ok", "bad")[i % 2])) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done"] * 5 + ["won"]
    assert shop.look(number, "status") in ("done", "refused")


def test_fifty_people_want_one_task_and_49_are_told_who_has_it(busy_office: Open) -> None:
    shop = busy_office(SHARED)
    crowd = [f"boss{number}" for number in range(50)]
    with shop.workspace.step(None) as step:
        for login in crowd:
            step.records.create("user", {"login": login, "name": login.title(), "roles": ["boss"]})
    number = shop.request()
    with shop.workspace.step(crowd[0], readonly=True) as step:
        task = step.tasks.todo()[0].id
    together = threading.Barrier(len(crowd))
    won: list[str] = []
    told: list[str] = []

    def press(who: str) -> None:
        together.wait()
        try:
            shop.workspace.run(who, lambda step: step.tasks.do(step.tasks.get(task), "ok", values={"note": who}))
            won.append(who)
        except ActionRefused as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=press, args=(who,)) for who in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [winner] = won
    assert told == [f"{winner.title()} has done this on 2026-11-23 09:00: ok"] * 49
    assert shop.look(number, "note") == winner


def test_all_must_approve(office: Open) -> None:
    shop = office(BOTH)
    number = shop.request()
    shop.do("eva", "approve", values={"amount": 7})
    assert (shop.look(number, "status"), shop.look(number, "amount")) == ("review", 7)
    assert (shop.todo("eva"), shop.todo("zoe")) == ([], ["check"])
    shop.do("zoe", "approve")
    assert shop.look(number, "status") == "done"


def test_a_rejection_ends_the_round_and_its_comment_reaches_the_script(office: Open) -> None:
    shop = office(BOTH)
    number = shop.request()
    shop.do("eva", "reject", comment="too dear")
    assert (shop.look(number, "status"), shop.look(number, "note")) == ("refused", "too dear")
    assert shop.todo("zoe") == []


def test_a_seat_may_be_handed_to_another_person(office: Open) -> None:
    shop = office(BOTH)
    number = shop.request()
    shop.do("eva", "transfer", user="ben")
    assert shop.todo("ben") == ["check"]
    with pytest.raises(ActionRefused, match="has a seat in this round already"):
        shop.do("zoe", "transfer", user="ben")
    shop.do("ben", "approve")
    shop.do("zoe", "approve")
    assert shop.look(number, "status") == "done"


def test_who_decides_sees_the_other_seats_and_why_they_are_asked(office: Open) -> None:
    shop = office(BOTH)
    shop.request()
    shop.do("eva", "approve", comment="fine by me")
    with shop.workspace.step("zoe", readonly=True) as step:
        decision = step.tasks.decision(step.tasks.todo()[0])
    assert (decision.policy, decision.assign) == ("all", 'users with role("boss")')
    assert [(s.user["login"], s.vote, s.comment) for s in decision.seats] == [
        ("eva", "approve", "fine by me"),
        ("zoe", "", ""),
    ]
    assert decision.operations[:2] == ("approve", "reject")


WEIGHED = BOTH.replace("policy: all", "policy: {ratio: 0.6}\n    weights: if item.login = \"zoe\" then 3 else 1")


def test_votes_are_weighed_under_a_ratio(office: Open) -> None:
    shop = office(WEIGHED)
    number = shop.request()
    shop.do("eva", "approve")
    assert shop.look(number, "status") == "review"
    with shop.workspace.step("zoe", readonly=True) as step:
        assert [seat.weight for seat in step.tasks.decision(step.tasks.todo()[0]).seats] == [1, 3]
    shop.do("zoe", "reject")
    assert shop.look(number, "status") == "refused"


def test_a_vote_that_counts_nothing_is_refused_by_name(office: Open) -> None:
    with pytest.raises(StepFailed, match="The vote of Eva at 'check' must count more than zero"):
        office(WEIGHED.replace("else 1", "else 0")).request()


def test_who_may_abstain_is_asked_so_and_leaves_the_count(office: Open) -> None:
    shop = office(BOTH.replace("policy: all", "policy: all\n    allow: [abstain]"))
    number = shop.request()
    with shop.workspace.step("eva", readonly=True) as step:
        assert step.tasks.operations(step.tasks.todo()[0]) == ("approve", "reject", "abstain", "comment")
    shop.do("eva", "abstain", values={"amount": 7}, comment="I am his cousin")
    assert (shop.look(number, "status"), shop.look(number, "amount")) == ("review", 7)
    with shop.workspace.step("zoe", readonly=True) as step:
        seats = step.tasks.decision(step.tasks.todo()[0]).seats
        assert [(seat.vote, seat.comment) for seat in seats] == [("abstain", "I am his cousin"), ("", "")]
    shop.do("zoe", "approve")
    assert shop.look(number, "status") == "done"


def test_nobody_abstains_where_the_node_does_not_say_so(office: Open) -> None:
    shop = office(BOTH)
    shop.request()
    with pytest.raises(ActionRefused, match="has no operation 'abstain'; it has approve, reject"):
        shop.do("eva", "abstain")


def test_the_last_abstention_is_refused_where_nobody_else_decides(office: Open) -> None:
    shop = office(BOTH.replace("policy: all", "policy: all\n    allow: [abstain]"))
    number = shop.request()
    shop.do("eva", "abstain")
    with pytest.raises(StepFailed, match="All abstained from deciding 'check'"):
        shop.do("zoe", "abstain")
    assert (shop.todo("zoe"), shop.look(number, "status")) == (["check"], "review")


def test_my_task_waits_for_a_signer_before_me(office: Open) -> None:
    shop = office(BOTH)
    number = shop.request()
    shop.do("eva", "add_signer", users=["ben"], when="before", comment="Ben knows them")
    assert (shop.todo("eva"), shop.todo("ben")) == ([], ["check"])
    shop.do("ben", "approve")
    assert (shop.todo("eva"), shop.todo("ben")) == (["check"], [])
    shop.do("eva", "approve")
    shop.do("zoe", "approve")
    assert shop.look(number, "status") == "done"
    assert ("signers_added", "check") in shop.story(number)


def test_only_who_added_a_signer_takes_them_out_though_the_own_task_waits(office: Open) -> None:
    shop = office(BOTH)
    shop.request()
    with shop.workspace.step("eva", readonly=True) as step:
        mine = step.tasks.todo()[0].id
    shop.do("eva", "add_signer", users=["ben"], when="before")
    with pytest.raises(AccessDenied, match="Only who added Ben may take them out"):
        shop.do("zoe", "remove_signer", user="ben")
    with shop.workspace.step("eva") as step:
        step.tasks.do(step.tasks.get(mine), "remove_signer", user="ben")
    assert (shop.todo("eva"), shop.todo("ben")) == (["check"], [])


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("zoe", "Zoe has a seat in this round already"),
        ("amy", "Amy started this and may not decide it"),
        ("ben", "Ben is deactivated"),
    ],
)
def test_who_may_not_sign_is_named(office: Open, who: str, told: str) -> None:
    shop = office(BOTH.replace("policy: all", "policy: all\n    self: skip"))
    shop.request(by="amy")
    with shop.workspace.step(None) as step:
        step.records.update(step.access.user_by_login("ben"), {"active": False})
    with pytest.raises(ActionRefused, match=told):
        shop.do("eva", "add_signer", users=[who], when="parallel")


def test_signers_are_added_only_where_the_node_permits_it(office: Open) -> None:
    shop = office(BOTH.replace("policy: all", "policy: all\n    allow: []"))
    shop.request()
    with pytest.raises(ActionRefused, match="'check' does not permit 'add_signer'"):
        shop.do("eva", "add_signer", users=["ben"], when="after")


def test_the_boxes_hold_what_i_did_and_what_i_started(office: Open) -> None:
    shop = office(BOTH)
    shop.request(by="amy")
    shop.do("eva", "approve")
    with shop.workspace.step("eva", readonly=True) as step:
        assert [(task.node, task.outcome) for task in step.tasks.box("done")] == [("check", "approve")]
    with shop.workspace.step("amy", readonly=True) as step:
        assert [task.holder["login"] for task in step.tasks.box("started")] == ["zoe"]


@pytest.mark.parametrize(("self_", "asked"), [("allow", ["eva", "zoe"]), ("skip", ["zoe"])])
def test_the_initiator_as_approver(office: Open, self_: str, asked: list[str]) -> None:
    shop = office(BOTH.replace("policy: all", f"policy: all\n    self: {self_}"))
    with shop.workspace.step(None) as step:
        step.records.update(step.access.user_by_login("eva"), {"roles": ["boss", "employee"]})
    shop.request(by="eva")
    assert [who for who in ("eva", "zoe") if shop.todo(who)] == asked


def test_nobody_to_ask_fails_the_step_and_says_so(office: Open) -> None:
    shop = office(BOTH.replace('users with role("boss")', "item.created_by"))
    with pytest.raises(StepFailed, match="Nobody was found to decide 'check'"):
        shop.request()


def test_foreach_gives_everybody_a_task_of_their_own(office: Open) -> None:
    shop = office(f"""{HEAD}
  ask:
    type: user_task
    foreach: {{item: person, in: helpers}}
    assign: person
    actions: {{ok: {{do: 'set note = "{{note}}{{person.login}}"'}}}}
    to: done
  done: {{type: end_event, status: done}}
""")
    with shop.workspace.step(None) as step:
        helpers = [step.access.user_by_login(login) for login in ("ben", "zoe")]
        number = step.records.create("request", {"subject": "Move", "helpers": helpers}).id
    shop.do("zoe", "ok")
    assert shop.look(number, "status") is None
    shop.do("ben", "ok")
    assert (shop.look(number, "status"), shop.look(number, "note")) == ("done", "zoeben")
