"""Webhooks that come in: verified, done once, and given to a script."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from admin.web import create_app
from engine.connect.signing import signed

HOOKS = """hooks:
  order: {verify: hmac_sha256, secret: SHOP_HOOK, key: payload.id, do: 'create product with code = payload.code, stock = payload.stock'}
  plain: {verify: token, secret: SHOP_HOOK, do: 'create product with code = "plain"'}
  web: {verify: none, do: 'start process web_order with payload = payload'}
  open: {verify: none, do: 'create product with code = "open"'}
"""


WEB_ORDER = """
process: web_order
variables: {payload: {type: json}}
nodes:
  rest: {type: timer_event, for: PT1H, to: make}
  make:
    type: script_task
    to: done
    do: |
      for each l in payload.lines
        create product with code = l.code, stock = l.stock * 2
      end
  done: {type: end_event}
"""


@pytest.fixture
def office(busy_warehouse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TRADEWIND_SECRET_SHOP_HOOK", "s3cret")
    found = busy_warehouse(WEB_ORDER, more=HOOKS)
    found.client = create_app(found.workspace).test_client()
    return found


def send(office: Any, body: Any, *, hook: str = "order", headers: dict[str, str] | None = None, secret: str = "s3cret") -> Any:
    raw = json.dumps(body).encode()
    signature = signed(secret, "msg_1", office.clock(), raw) if headers is None else headers
    return office.client.post(f"/api/v1/hooks/shop/{hook}", data=raw, headers=signature)


def products(office: Any) -> list[tuple[str, Any]]:
    return office.read(lambda step: [(each["code"], each["stock"]) for each in step.records.find("product", None)])


def test_a_signed_webhook_is_given_to_its_script_with_exact_numbers(office: Any) -> None:
    answer = send(office, {"id": 7, "code": "tea", "stock": 0.1})
    assert (answer.status_code, answer.json) == (200, {"status": "done"})
    assert [(code, str(stock)) for code, stock in products(office)] == [("tea", "0.1")]


def test_a_webhook_that_comes_again_is_done_once(office: Any) -> None:
    answers = [send(office, {"id": 7, "code": "tea", "stock": 1}).json["status"] for _ in range(3)]
    assert answers == ["done", "repeated", "repeated"]
    assert len(products(office)) == 1


def test_a_webhook_whose_script_failed_may_come_again(office: Any) -> None:
    refused = send(office, {"id": 7, "code": "tea", "stock": 5000})
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert send(office, {"id": 7, "code": "tea", "stock": 5}).json == {"status": "done"}


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "another"},
        {"headers": {}},
        {"headers": {"webhook-id": "1", "webhook-timestamp": "soon", "webhook-signature": "v1,abc"}},
        {"headers": {"X-Hub-Signature-256": "sha256=00"}},
        {"hook": "plain", "headers": {"Authorization": "Bearer wrong"}},
        {"hook": "plain", "headers": {}},
    ],
)
def test_what_is_not_verified_is_refused_and_does_nothing(office: Any, how: dict[str, Any]) -> None:
    answer = send(office, {"id": 7, "code": "tea", "stock": 1}, **how)
    assert (answer.status_code, answer.json["code"]) == (401, "not_verified")
    assert products(office) == []


def test_a_signature_of_long_ago_is_refused(office: Any) -> None:
    raw = b'{"id": 1, "code": "tea", "stock": 1}'
    headers = signed("s3cret", "msg_1", office.clock(), raw)
    office.clock.move(timedelta(seconds=301))
    answer = office.client.post("/api/v1/hooks/shop/order", data=raw, headers=headers)
    assert answer.status_code == 401


def test_signatures_as_github_writes_them_are_known_too(office: Any) -> None:
    raw = b'{"id": 1, "code": "tea", "stock": 1}'
    value = hmac.new(b"s3cret", raw, hashlib.sha256).hexdigest()
    answer = office.client.post("/api/v1/hooks/shop/order", data=raw, headers={"X-Hub-Signature-256": f"sha256={value}"})
    assert answer.json == {"status": "done"}


def test_a_token_or_nothing_is_enough_where_the_connector_says_so(office: Any) -> None:
    assert send(office, {}, hook="plain", headers={"Authorization": "Bearer s3cret"}).json == {"status": "done"}
    assert send(office, {}, hook="open", headers={}).json == {"status": "done"}


def test_a_process_may_keep_the_payload_and_use_it_later_with_exact_numbers(office: Any) -> None:
    send(office, {"lines": [{"code": "tea", "stock": 0.1}, {"code": "rice", "stock": 3}]}, hook="web", headers={})
    office.work(hours=1)
    assert [(code, str(stock)) for code, stock in products(office)] == [("tea", "0.2"), ("rice", "6")]


def test_a_body_that_is_no_json_or_has_no_key_is_told(office: Any) -> None:
    raw = b"{broken"
    answer = office.client.post("/api/v1/hooks/shop/order", data=raw, headers=signed("s3cret", "m", office.clock(), raw))
    assert (answer.status_code, answer.json["code"]) == (400, "bad_payload")
    assert send(office, {"code": "tea"}).json["title"] == "The webhook has no key: payload.id is null"


def test_there_is_no_such_webhook(office: Any) -> None:
    assert send(office, {}, hook="nope").status_code == 404
    assert office.client.get("/api/v1/hooks/shop/order").status_code == 405
