"""Business rule tasks: a decision table says how the process goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dsl.problems import render
from engine.errors import StepFailed
from engine.model import build
from tests.process.conftest import BASE

Open = Callable[[str], Any]
PROCESS = """
process: handling
entity: request
lifecycle: status
start: {on: create}
variables:
  level: {type: choice, options: [none, one, two]}
  days: {type: integer}
nodes:
  classify:
    type: business_rule_task
    decision: review_level
    with: {amount: amount, urgent: 'deadline != null'}
    result: {level: level, days: days + 1}
    to: route
  route:
    type: exclusive_gateway
    flows:
      - {when: 'level = "none"', to: done}
      - {else: true, to: review}
  review:
    type: user_task
    status: review
    assign: 'users with role("boss")'
    due: '=duration("P1D") * days'
    to: done
  stuck: {type: state, status: stuck, actions: {again: {to: classify}}}
  done: {type: end_event, status: done}
"""
PLAIN = PROCESS.replace("  stuck: {type: state, status: stuck, actions: {again: {to: classify}}}\n", "")


def test_the_outputs_of_a_decision_become_variables(office: Open) -> None:
    shop = office(PLAIN)
    small, large = shop.request(amount=50), shop.request(amount=7000)

    assert shop.look(small, "status") == "done"
    assert shop.look(large, "status") == "review"
    with shop.workspace.step("eva", readonly=True) as step:
        assert [(task.due - shop.clock()).days for task in step.tasks.todo()] == [6]


def test_history_tells_which_rules_decided(office: Open) -> None:
    shop = office(PROCESS.replace("to: route\n", "to: route\n    on_error: {to: stuck}\n", 1))
    number = shop.request(amount=50)

    with shop.workspace.step(None, readonly=True) as step:
        told = [entry.data for entry in step.history.of(shop.record(step, number)) if entry.text == "decided"]
    assert [(each["decision"], each["rules"]) for each in told] == [("review_level", [1])]


def test_a_decision_that_says_nothing_fails_the_step(office: Open) -> None:
    shop = office(PLAIN)

    with pytest.raises(StepFailed, match="the decision review_level gives nothing: -1 is none of the values that amount takes"):
        shop.request(amount=-1)


def test_on_error_takes_a_decision_that_says_nothing(office: Open) -> None:
    shop = office(PROCESS.replace("to: route\n", "to: route\n    on_error: {to: stuck, do: set note = error.code}\n", 1))
    number = shop.request(amount=-1)

    assert (shop.look(number, "status"), shop.look(number, "note")) == ("stuck", "no_decision")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("decision: review_level", "decision: review_levle", "TW2220: there is no decision 'review_levle'"),
        ("with: {amount: amount, ", "with: {", "TW2221: 'amount' is not given, an input of the decision 'review_level'"),
        ("{amount: amount,", "{amount: amount, amont: 1,", "TW2221: the decision 'review_level' has no input 'amont'"),
        ("'deadline != null'", "deadline", "TW2007: a boolean is needed here, not a date"),
        ("{level: level, days", "{leve: level, days", "TW1405: the process has no variable 'leve'"),
        ("days: days + 1", "days: level", "TW2009: a number is needed here, not a choice"),
        ("days: days + 1", "days: dayz + 1", "TW1204: request has no field 'dayz', and the process no variable of that name"),
    ],
)  # fmt: skip
def test_what_a_rule_task_asks_and_keeps_is_checked(old: str, new: str, told: str) -> None:
    process = PROCESS.replace("to: route\n", "to: route\n    on_error: {to: stuck}\n", 1)
    assert old in process
    problems = build({**BASE, "processes/handling.yaml": process.replace(old, new)}).problems

    assert [told in render(problem) for problem in problems if problem.severity == "error"] == [True]
