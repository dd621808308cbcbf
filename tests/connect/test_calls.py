"""Calls of outside systems: after the commit, in order, tried again, and taken up by the process that waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import StepFailed
from engine.work import incidents, jobs
from engine.work.worker import fire_due

PUSH = """
process: handling
entity: product
start: {on: create}
variables: {ok: {type: boolean}, code_of: {type: integer}}
nodes:
  push:
    type: service_task
    call: shop.push
    with: {code: code, quantity: stock, count: '1'}
    result: {ok: result, code_of: status}
    to: note
  note: {type: script_task, do: 'set state = "ok {ok} {code_of}"', to: done}
  done: {type: end_event}
"""
CAUGHT = PUSH.replace("    to: note\n", "    to: note\n    on_error: {to: sorry}\n").replace(
    "  done:", '  sorry: {type: script_task, do: \'set state = "{error.code}: {error.message}"\', to: done}\n  done:'
)
ON_CHANGE = """
process: handling
entity: product
start: {on: update, when: old.stock != stock}
nodes:
  tell: {type: script_task, do: 'call shop.push with code = code, quantity = stock, count = 1', to: done}
  done: {type: end_event}
"""


def test_a_service_task_calls_after_the_commit_and_takes_the_answer(busy_warehouse: Callable[..., Any], receiver: Any) -> None:
    warehouse = busy_warehouse(PUSH)
    number = warehouse.product(code="green tea/1", stock="2.5")
    assert receiver.asked == []

    warehouse.work()

    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("PUT", "/stock/green%20tea%2F1?n=1&lang=en")
    assert asked.raw == b'{"quantity": 2.5}'
    assert asked.headers["content-type"] == "application/json; charset=utf-8"
    assert warehouse.look(number, "state") == "ok true 200"
    assert warehouse.jobs() == []


def test_a_step_that_is_undone_calls_nobody(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(ON_CHANGE)
    number = office.product()
    with pytest.raises(Exception, match="Too much"):
        office.change(number, stock=5000)
    office.settle()
    assert receiver.asked == []


def test_a_failing_call_is_made_again_with_the_same_key_after_growing_pauses(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    number = office.product()
    for _ in range(2):
        receiver.answer(503, {"why": "busy"})

    office.work()
    office.work(seconds=5)
    assert len(receiver.asked) == 1
    office.work(seconds=6)
    office.work(seconds=11)
    assert len(receiver.asked) == 2
    office.work(seconds=11)

    assert len(receiver.asked) == 3
    assert len({asked.headers["idempotency-key"] for asked in receiver.asked}) == 1
    assert office.look(number, "state") == "ok true 200"


def test_the_pause_that_the_other_side_asks_for_is_kept(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    office.product()
    receiver.answer(429, Retry_After="120")

    office.work()
    office.work(seconds=100)
    assert len(receiver.asked) == 1
    office.work(seconds=20)
    assert len(receiver.asked) == 2


def test_what_the_other_side_refuses_for_good_is_an_incident_at_once(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    number = office.product()
    receiver.answer(404, {"error": "no such product"})

    office.work()
    office.work(hours=2)

    assert len(receiver.asked) == 1
    (incident,) = office.read(incidents.listed, "tom")
    assert (incident.what, incident.node, incident.process) == ("shop.push", "push", "handling")
    assert incident.error == 'The answer is 404: {"error": "no such product"}'
    assert office.look(number, "state") is None


def test_an_operator_lets_an_incident_be_done_again(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    number = office.product()
    receiver.answer(404)
    office.work()
    (incident,) = office.read(incidents.listed, "tom")

    office.read(lambda step: incidents.retry(step, incident.id), "tom")
    office.work()

    assert office.look(number, "state") == "ok true 200"
    assert office.read(incidents.listed, "tom") == []


def test_an_operator_skips_an_incident_and_the_process_goes_on_without_an_answer(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    number = office.product()
    receiver.answer(404)
    office.work()
    (incident,) = office.read(incidents.listed, "tom")

    office.read(lambda step: incidents.skip(step, incident.id), "tom")

    assert office.look(number, "state") == "ok  "
    assert office.jobs() == []


def test_only_admins_see_to_incidents(warehouse: Callable[..., Any]) -> None:
    office = warehouse(PUSH)
    with pytest.raises(Exception, match="Only an admin"):
        office.read(incidents.listed, "amy")


def test_on_error_takes_a_failure_for_good(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(CAUGHT)
    number = office.product()
    receiver.answer(409, {"error": "locked"})

    office.work()

    assert office.look(number, "state") == 'http_409: The answer is 409: {"error": "locked"}'
    assert office.jobs() == []


def test_retry_says_how_often_and_how_soon(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(CAUGHT.replace("    to: note\n", "    to: note\n    retry: {times: 1, backoff: PT1M}\n", 1))
    number = office.product()
    for _ in range(3):
        receiver.answer(500)

    office.work()
    office.work(seconds=50)
    assert len(receiver.asked) == 1
    office.work(seconds=20)

    assert len(receiver.asked) == 2
    assert str(office.look(number, "state")).startswith("http_500")


def test_a_server_that_is_not_there_is_tried_again(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    office.publish({"connectors/shop.yaml": _shop_at("http://127.0.0.1:9"), "processes/handling.yaml": PUSH})
    office.product()
    office.work()
    (job,) = office.jobs()
    assert (job.status, job.attempts) == ("queued", 1)
    assert job.error.startswith("It cannot be reached: ")


def test_a_slow_answer_ends_the_attempt(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH.replace("    to: note\n", "    to: note\n    timeout: PT0.2S\n", 1))
    office.product()
    receiver.hold.clear()
    office.work()
    (job,) = office.jobs()
    assert job.error == "No answer within 0.2 seconds"


def test_addresses_inside_the_own_network_are_not_called_unless_the_connector_allows_it(
    warehouse: Callable[..., Any], receiver: Any
) -> None:
    office = warehouse(PUSH)
    inside = _shop_at(receiver.url).replace("private: true\n", "")
    office.publish({"connectors/shop.yaml": inside, "processes/handling.yaml": PUSH})
    office.product()
    office.work()
    (job,) = office.jobs()
    assert (job.status, receiver.asked) == ("incident", [])
    assert "'127.0.0.1' is at 127.0.0.1, inside the own network" in job.error


def test_redirects_are_not_followed(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    office.product()
    receiver.answer(302, Location="http://169.254.169.254/secrets")
    office.work()
    (job,) = office.jobs()
    assert (job.status, len(receiver.asked)) == ("incident", 1)
    assert "a redirect to http://169.254.169.254/secrets" in job.error


def test_calls_about_one_record_come_in_order_whatever_fails(busy_warehouse: Callable[..., Any], receiver: Any) -> None:
    warehouse = busy_warehouse(ON_CHANGE)
    first, second = warehouse.product(code="tea"), warehouse.product(code="rice")
    receiver.answer(503)
    for stock in (1, 2, 3):
        warehouse.change(first, stock=stock)
    warehouse.settle()
    assert [asked.body["quantity"] for asked in receiver.asked] == [1]

    warehouse.change(second, stock=9)
    warehouse.settle()
    assert [asked.body["quantity"] for asked in receiver.asked] == [1, 9]
    warehouse.work(seconds=15)
    warehouse.settle()

    assert [asked.body["quantity"] for asked in receiver.asked if "tea" in asked.path] == [1, 1, 2, 3]


def test_a_connector_is_not_called_more_often_at_once_than_it_allows(busy_warehouse: Callable[..., Any], receiver: Any) -> None:
    warehouse = busy_warehouse(PUSH, more="concurrency: 1")
    for code in ("a", "b", "c"):
        warehouse.product(code=code)
    warehouse.settle()
    assert (len(receiver.asked), receiver.most_at_once) == (3, 1)


def test_a_step_that_fails_after_the_answer_is_done_again_without_a_second_call(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH.replace('set state = "ok {ok} {code_of}"', 'require stock < 5 else "Too much"'))
    number = office.product(stock=7)

    office.work()
    (job,) = office.jobs()
    assert (job.status, job.error) == ("queued", "Too much")
    office.change(number, stock=3)
    office.work(seconds=15)

    assert len(receiver.asked) == 1
    assert office.jobs() == []


def test_a_call_that_cannot_be_made_of_its_values_undoes_the_step(warehouse: Callable[..., Any]) -> None:
    office = warehouse(PUSH.replace("code: code", "code: state"))
    with pytest.raises(StepFailed, match="The path of 'push' needs a value, and code gives none"):
        office.product()


def test_a_call_that_cannot_be_made_of_its_values_is_caught_like_any_other_failure(warehouse: Callable[..., Any]) -> None:
    office = warehouse(CAUGHT.replace("code: code", "code: state"))
    number = office.product()
    office.work()
    assert office.look(number, "state") == "null: The path of 'push' needs a value, and code gives none"


def test_without_a_body_an_operation_sends_all_that_it_is_given_records_as_their_fields(
    warehouse: Callable[..., Any], receiver: Any
) -> None:
    script = "call shop.send with product = record, tags = [\"a\", 1.50], at = date(\"2026-11-23\")"
    office = warehouse(ON_CHANGE.replace("call shop.push with code = code, quantity = stock, count = 1", script))
    number = office.product()
    office.change(number, stock="0.125", price="9.90")
    office.settle()
    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("POST", "/products")
    sent = asked.body
    assert (sent["tags"], sent["at"]) == (["a", 1.5], "2026-11-23")
    assert {name: sent["product"][name] for name in ("id", "code", "stock", "price")} == {
        "id": number, "code": "tea", "stock": 0.125, "price": 9.9
    }  # fmt: skip


def test_the_answer_of_a_cancelled_instance_is_left_alone(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH)
    office.product()
    office.read(lambda step: step.processes.cancel(1), "tom")
    office.settle()
    assert (receiver.asked, office.jobs()) == ([], [])


def test_timers_run_while_a_call_hangs(warehouse: Callable[..., Any], receiver: Any) -> None:
    timed = PUSH.replace("    to: note\n", "    to: note\n    timers: {late: {after: PT1M, to: note}}\n", 1)
    office = warehouse(timed)
    number = office.product()
    fire_due(office.workspace, office.clock() + jobs.LEASE, office.clock)
    assert office.look(number, "state") == "ok  "
    assert office.jobs() == []


def test_a_call_shows_who_sends_it_with_the_secret_of_that_name(
    warehouse: Callable[..., Any], receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_SECRET_SHOP_TOKEN", "s3cret")
    office = warehouse(PUSH, more="auth: {type: bearer, secret: SHOP_TOKEN}\nheaders: {X-Shop: main}")
    office.product()
    office.work()
    (asked,) = receiver.asked
    assert (asked.headers["authorization"], asked.headers["x-shop"]) == ("Bearer s3cret", "main")


def test_a_secret_that_is_not_set_is_an_incident_that_says_where_to_set_it(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(PUSH, more="auth: {type: bearer, secret: SHOP_TOKEN}")
    office.product()
    office.work()
    (job,) = office.jobs()
    assert (job.status, receiver.asked) == ("incident", [])
    assert "TRADEWIND_SECRET_SHOP_TOKEN" in job.error


def _shop_at(url: str) -> str:
    return f"""
connector: shop
url: {url}
private: true
operations:
  push: {{method: PUT, path: "/stock/{{code}}", query: {{n: =count}}, body: '{{quantity: quantity}}', result: body.ok}}
"""
