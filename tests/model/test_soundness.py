"""Unsound processes are told where they break, by the shortest way there; what BPMN allows raises no alarm."""

from __future__ import annotations

import pytest

HEAD = "process: flow\nnodes:\n"


def lines(*nodes: str) -> str:
    return HEAD + "".join(f"  {each}\n" for each in nodes)


TASK = "{type: user_task, assign: initiator, to: %s}"
A, B = "a: " + TASK, "b: " + TASK
END = "done: {type: end_event}"
SPLIT = "split: {type: parallel_gateway, to: [a, b]}"
CHOOSE = "choose: {type: exclusive_gateway, flows: [{when: initiator.id > 1, to: a}, {else: true, to: b}]}"
JOIN = "join: {type: parallel_gateway, to: done}"
MERGE = "merge: {type: exclusive_gateway, to: [done]}"


def test_a_parallel_join_of_what_was_chosen_waits_for_ever(messages, problems):
    document = lines(CHOOSE, A % "join", B % "join", JOIN, END)

    assert problems(flow=document) == [("flow.yaml:6:3", "TW1440")]
    assert messages(flow=document)[0].startswith(
        "'join' can wait for ever, as nothing can come from 'b' any more: choose → a;"
    )


def test_branches_that_meet_without_a_join_go_on_twice(messages, problems):
    document = lines(SPLIT, A % "merge", B % "merge", MERGE, END)

    assert [code for _, code in problems(flow=document)] == ["TW1441"]
    assert "'done' can be reached twice at once: split → " in messages(flow=document)[0]


def test_a_node_behind_what_never_ends_well_is_dead(problems):
    broken = "pack: {type: sub_process, nodes: {x: {type: end_event, error: BROKEN}}, on_error: {to: a}, to: b}"

    assert problems(flow=lines(broken, A % "done", B % "done", END)) == [("flow.yaml:5:3", "TW1442")]


@pytest.mark.parametrize(
    "nodes",
    [
        (SPLIT, A % "join", B % "join", JOIN, END),
        (CHOOSE, A % "merge", B % "merge", MERGE, END),
        (SPLIT, A % "done", B % "done", END),
        (SPLIT, A % "done", B % "stop", END, "stop: {type: end_event, terminate: true}"),
        (A % "b", "b: {type: user_task, assign: initiator, to: done, timers: {late: {after: P1D, keep: true, to: tell}}}",
         "tell: {type: user_task, assign: initiator, to: done}", END),
        ("split: {type: inclusive_gateway, flows: [{when: initiator.id > 1, to: a}, {when: initiator.id > 2, to: b}, {else: true, to: b}]}",
         A % "join", B % "join", "join: {type: inclusive_gateway, to: done}", END),
        ("split: {type: parallel_gateway, to: [a, b]}", A % "join", B % "join",
         "join: {type: complex_gateway, join: done >= 1, to: done}", END),
        ("wait: {type: event_gateway, events: [{after: P1D, to: a}, {signal: go, to: b}]}", A % "merge", B % "merge", MERGE, END),
    ],
)  # fmt: skip
def test_what_always_ends_raises_no_alarm(problems, nodes):
    assert problems(flow=lines(*nodes)) == []


def test_sub_processes_are_proved_by_themselves(problems):
    inner = ", ".join((SPLIT, A % "merge", B % "merge", "merge: {type: exclusive_gateway, to: end}", "end: {type: end_event}"))
    document = lines("pack: {type: sub_process, to: done, nodes: {" + inner + "}}", END)

    assert [code for _, code in problems(flow=document)] == ["TW1441"]
