"""Connectors, webhooks and schedules: what a check finds before anybody is called."""

from __future__ import annotations

import pytest

SHOP = """
connector: shop
url: https://shop.example/api
operations:
  push: {method: PUT, path: "/stock/{code}", query: {n: =pieces}, body: '{quantity: available + 1}', result: body.ok}
  all:  {method: POST, path: /all}
"""
ORDER = "entity: order\nfields:\n  code: {type: text, required: true}\n  quantity: {type: integer, required: true}\n"


def calling(statement: str) -> dict[str, str]:
    return {"order": ORDER, "shop": SHOP, "nightly": f"schedule: nightly\ncron: 0 3 * * *\ndo: {statement}\n"}


def test_a_call_gives_what_the_operation_names(problems):
    assert problems(**calling('call shop.push with code = "a", available = 1, pieces = 2')) == []


def test_a_call_that_gives_too_little_or_what_nobody_uses_is_told_where_it_stands(messages):
    assert messages(**calling("call shop.push with cod = 1, available = 1, pieces = 2")) == [
        "the operation 'push' does not use 'cod'; leave it out, or name it in the operation",
        "the operation 'push' needs 'code'; give it: with code = …",
    ]


def test_an_operation_without_a_body_takes_whatever_it_is_given(problems):
    assert problems(**calling("call shop.all with x = 1, y = 2")) == []


def test_a_value_of_the_wrong_type_is_told_where_the_operation_uses_it(problems):
    assert problems(**calling('call shop.push with code = "a", available = "x", pieces = 2')) == [("shop.yaml:4:85", "TW2005")]


@pytest.mark.parametrize(("call", "column"), [("shop.nope", 15), ("nope.push", 10)])
def test_there_is_no_such_operation(problems, call, column):
    assert problems(**calling(f"call {call}")) == [(f"nightly.yaml:3:{column}", "TW2126")]


def test_a_service_task_is_checked_like_a_call(problems):
    flow = """
process: flow
entity: order
variables: {ok: {type: boolean}}
nodes:
  push: {type: service_task, call: shop.push, with: {code: code, available: quantity}, result: {ok: result, no: body}, to: done}
  again: {type: service_task, call: shop.nope, timeout: PT10M, to: done}
  done: {type: end_event}
"""
    found = problems(order=ORDER, shop=SHOP, flow=flow)
    assert [each for each in found if each[1] != "TW1426"] == [
        ("flow.yaml:5:36", "TW1903"),
        ("flow.yaml:5:109", "TW1405"),
        ("flow.yaml:6:42", "TW2126"),
        ("flow.yaml:6:57", "TW1907"),
    ]


@pytest.mark.parametrize(
    ("changed", "to", "found"),
    [
        ("url: https://shop.example/api\n", "", ("shop.yaml:1:12", "TW1901")),
        ("https://shop.example/api", "shop.example", ("shop.yaml:2:6", "TW1901")),
        ("https://shop.example/api", "ftp://shop.example", ("shop.yaml:2:6", "TW1901")),
        ("https://shop.example/api", "https://me:secret@shop.example", ("shop.yaml:2:6", "TW1901")),
        ("/all}", "all}", ("shop.yaml:5:30", "TW1106")),
        ("operations:", "auth: {type: bearer}\noperations:", ("shop.yaml:3:7", "TW1902")),
        ("operations:", "auth: {type: basic, secret: A}\noperations:", ("shop.yaml:3:7", "TW1902")),
        ("operations:", "auth: {type: bearer, secret: A, user: me}\noperations:", ("shop.yaml:3:33", "TW1902")),
        ("/all}", "/all, timeout: PT5M}", ("shop.yaml:5:45", "TW1907")),
        ("/all}", "/all, result: answer.ok}", ("shop.yaml:5:44", "TW1204")),
        ("operations:", "hooks: {paid: {do: log \"x\"}}\noperations:", ("shop.yaml:3:9", "TW1902")),
        ("operations:", "hooks: {paid: {verify: none, secret: A, do: log \"x\"}}\noperations:", ("shop.yaml:3:9", "TW1902")),
        ("operations:", "hooks: {paid: {verify: token, do: log \"x\"}}\noperations:", ("shop.yaml:3:9", "TW1902")),
        ("operations:", "hooks: {paid: {verify: none, key: pay.id, do: log \"x\"}}\noperations:", ("shop.yaml:3:35", "TW1204")),
        ("operations:", "events: [order approved]\noperations:", ("shop.yaml:3:10", "TW1106")),
    ],
)
def test_what_a_connector_lacks_is_told_at_its_place(problems, changed, to, found):
    assert problems(shop=SHOP.replace(changed, to, 1)) == [found]


@pytest.mark.parametrize(
    ("schedule", "place"),
    [
        ("cron: 0 8 * *\ndo: log \"x\"", "n.yaml:2:7"),
        ("cron: 61 8 * * *\ndo: log \"x\"", "n.yaml:2:7"),
        ("cron: 0 8 30 2 *\ndo: log \"x\"", "n.yaml:2:7"),
        ("cron: 0 0 8 * * *\ndo: log \"x\"", "n.yaml:2:7"),
        ("cron: 0 8 * * *", "n.yaml:1:11"),
        ("cron: 0 8 * * *\nprocess: flow", "n.yaml:3:10"),
    ],
)
def test_a_schedule_has_times_and_one_thing_to_do(problems, schedule, place):
    flow = "process: flow\nentity: order\nnodes:\n  note: {type: script_task, do: log \"x\", to: done}\n  done: {type: end_event}\n"
    assert problems(order=ORDER, flow=flow, n=f"schedule: n\n{schedule}\n") == [(place, "TW1906")]


def test_a_process_that_the_clock_starts_has_times_and_no_record(problems):
    flow = "process: flow\n{}nodes:\n  note: {{type: script_task, do: log \"x\", to: done}}\n  done: {{type: end_event}}\n"
    for head, place in [
        ("start: {on: schedule}\n", "flow.yaml:2:8"),
        ("start: {on: manual, cron: 0 8 * * *}\n", "flow.yaml:2:8"),
        ("entity: order\nstart: {on: schedule, cron: 0 8 * * *}\n", "flow.yaml:3:8"),
    ]:
        assert problems(order=ORDER, flow=flow.format(head)) == [(place, "TW1906")]
    assert problems(order=ORDER, flow=flow.format("start: {on: schedule, cron: 0 8 * * *}\n")) == []


def test_a_webhook_may_hand_its_payload_to_a_process_as_a_variable_of_that_name(problems):
    hooks = "hooks: {order: {verify: none, do: start process web_order with payload = payload}}\noperations:"
    process = """
process: web_order
variables: {payload: {type: json}}
nodes:
  note: {type: script_task, do: 'log "{payload.id}"', to: wait}
  wait: {type: receive_task, message: paid, key: payload.id, result: {payload: payload.order}, to: done}
  done: {type: end_event}
"""
    assert problems(shop=SHOP.replace("operations:", hooks, 1), web_order=process) == []


def test_what_a_template_names_is_checked_against_what_a_schedule_sends(problems):
    template = 'template: note\nbody: "{nothing} and {workspace.name}"\n'
    found = problems(note=template, n='schedule: n\ncron: 0 8 * * *\ndo: send note to "a@example.com"\n')
    assert found == [("note.yaml:2:9", "TW1204")]
