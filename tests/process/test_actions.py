"""Actions of states: who sees them, when they are open, what they write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import AccessDenied, ActionRefused, ValidationFailed

STATES = """
process: handling
entity: request
lifecycle: status
start: {on: create}
nodes:
  draft:
    type: state
    status: draft
    actions:
      submit: {roles: [employee], when: amount > 0, to: review}
      named:  {to: review}
      change: {to: review}
      note:   {roles: [employee], form: [note], do: set amount = amount + 1}
      ask:    {roles: [employee], form: {extra: {type: money, required: true}}, do: set amount = amount + values.extra}
  review: {type: state, status: review, actions: {finish: {roles: [boss], to: done}}}
  done:   {type: end_event, status: done}
"""

Open = Callable[[str], Any]


def offered(office: Any, by: str, number: int) -> list[str]:
    with office.workspace.step(by, readonly=True) as step:
        return [action.name for action in step.processes.actions(office.record(step, number))]


def test_a_new_record_is_in_its_first_state(office: Open) -> None:
    shop = office(STATES)
    assert shop.look(shop.request(), "status") == "draft"


def test_an_action_with_roles_is_for_those_who_have_one(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    assert "submit" in offered(shop, "ben", number)
    assert "submit" not in offered(shop, "eva", number)
    with pytest.raises(AccessDenied):
        shop.act("eva", number, "submit")


def test_an_action_that_a_grant_names_is_for_that_role(office: Open) -> None:
    shop = office(STATES)
    number = shop.request()
    assert "named" in offered(shop, "eva", number)
    assert "named" not in offered(shop, "amy", number)


def test_an_action_with_neither_is_for_those_who_may_update_the_record(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(by="amy")
    assert "change" in offered(shop, "amy", number)
    assert "change" not in offered(shop, "ben", number)


def test_a_condition_that_does_not_hold_disables_the_button_and_says_why(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=0)
    with shop.workspace.step("amy", readonly=True) as step:
        submit = next(a for a in step.processes.actions(shop.record(step, number)) if a.name == "submit")
    assert (submit.enabled, submit.reason) == (False, "amount > 0")
    with pytest.raises(ActionRefused, match="amount > 0"):
        shop.act("amy", number, "submit")


def test_an_action_of_another_state_is_refused(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    shop.act("amy", number, "submit")
    with pytest.raises(ActionRefused, match="not possible in the record's present state"):
        shop.act("amy", number, "submit")


def test_fields_of_an_actions_form_are_written_before_its_script(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    shop.act("amy", number, "note", values={"note": "urgent"})
    assert (shop.look(number, "note"), shop.look(number, "amount"), shop.look(number, "status")) == (
        "urgent",
        6,
        "draft",
    )


def test_inputs_are_seen_by_the_script_and_may_be_required(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    shop.act("amy", number, "ask", values={"extra": "2.50"})
    assert str(shop.look(number, "amount")) == "7.50"
    with pytest.raises(ValidationFailed, match="required"):
        shop.act("amy", number, "ask")


def test_values_that_no_form_opens_are_refused(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    with pytest.raises(ValidationFailed) as refused:
        shop.act("amy", number, "submit", values={"amount": 1, "colour": "red"})
    assert [(error.path, error.code) for error in refused.value.errors] == [
        ("amount", "readonly"),
        ("colour", "unknown_field"),
    ]


def test_more_digits_than_a_field_keeps_are_refused_as_in_any_form(office: Open) -> None:
    shop = office(STATES)
    number = shop.request()
    with pytest.raises(ValidationFailed, match="digits"):
        shop.act("amy", number, "ask", values={"extra": "0.001"})


def test_the_progress_shows_who_did_what_and_what_is_to_come(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    shop.act("amy", number, "submit")
    with shop.workspace.step("amy", readonly=True) as step:
        stages = step.processes.progress(shop.record(step, number))
    assert [(s.node, s.state) for s in stages] == [("draft", "past"), ("review", "present"), ("done", "future")]
    assert stages[0].who["login"] == "amy"


def test_a_lifecycle_runs_once_a_record(office: Open) -> None:
    shop = office(STATES)
    number = shop.request()
    with shop.workspace.step(None) as step, pytest.raises(ActionRefused, match="runs already"):
        step.processes.start("handling", shop.record(step, number))


def test_history_tells_every_event(office: Open) -> None:
    shop = office(STATES)
    number = shop.request(amount=5)
    shop.act("amy", number, "submit", comment="please")
    shop.act("eva", number, "finish")
    assert shop.story(number) == [
        ("started", ""), ("entered", "draft"), ("action", "draft"), ("entered", "review"), ("action", "review"),
        ("entered", "done"), ("ended", ""),
    ]  # fmt: skip
