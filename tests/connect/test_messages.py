"""What goes out beside calls: events as signed webhooks, and mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.connect.signing import is_signed
from engine.model import build
from engine.work import incidents

DOING = """
process: handling
entity: product
start: {{on: update, when: old.stock != stock}}
nodes:
  tell: {{type: script_task, do: '{do}', to: done}}
  done: {{type: end_event}}
"""
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzaG9w"


def doing(script: str) -> str:
    return DOING.format(do=script)


# ---- events ----


def test_an_event_goes_to_the_connectors_that_listen_to_it(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(doing('emit "stock.changed" with code = code, stock = stock'), more="events: [stock.*]")
    office.change(office.product(), stock="2.5")
    office.settle()
    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("POST", "/")
    assert asked.body == {
        "type": "stock.changed", "timestamp": "2026-11-23T09:00:00+00:00", "data": {"code": "tea", "stock": 2.5}
    }  # fmt: skip


def test_times_go_out_with_an_offset_as_in_iso_8601(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(doing('emit "stock.changed" with at = now(), day = today(), wait = duration("PT1H")'), more="events: [stock.*]")
    office.change(office.product(), stock=1)
    office.settle()
    assert receiver.asked[0].body["data"] == {"at": "2026-11-23T10:00:00+01:00", "day": "2026-11-23", "wait": "PT1H"}


def test_nobody_is_told_of_events_that_nobody_listens_to(warehouse: Callable[..., Any], receiver: Any) -> None:
    office = warehouse(doing('emit "product.changed"'), more="events: [stock.*]")
    office.change(office.product(), stock=2)
    assert office.jobs() == []


def test_webhooks_are_signed_as_in_standard_webhooks(
    warehouse: Callable[..., Any], receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND_SECRET_SHOP_HOOK", SECRET)
    more = "events: [stock.changed]\nauth: {type: hmac_sha256, secret: SHOP_HOOK}"
    office = warehouse(doing('emit "stock.changed" with stock = stock'), more=more)
    office.change(office.product(), stock=2)
    office.settle()
    (asked,) = receiver.asked
    assert is_signed(SECRET, asked.headers, asked.raw, datetime.now(UTC))
    assert not is_signed(SECRET, asked.headers, asked.raw + b" ", datetime.now(UTC))
    assert not is_signed("another", asked.headers, asked.raw, datetime.now(UTC))


def test_a_signature_is_that_of_the_standards_own_example() -> None:
    headers = {
        "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "Webhook-Timestamp": "1614265330",
        "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    assert is_signed("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, b'{"test": 2432232314}', at)


# ---- mail ----


def test_send_writes_a_mail_to_an_address(warehouse: Callable[..., Any], post: Any) -> None:
    office = warehouse(doing("send changed to mail"))
    office.change(office.product(mail="kunde@example.com"), stock=5)
    assert post.mails == []
    office.settle()
    (mail,) = post.mails
    assert (mail["To"], mail["From"]) == ("kunde@example.com", "Tradewind <office@example.com>")
    assert (mail["Subject"], mail.get_payload().strip()) == ("tea has changed", "Stock: 5")
    assert mail["Message-ID"].endswith("@example.com>")


def test_send_needs_an_address(warehouse: Callable[..., Any], post: Any) -> None:
    office = warehouse(doing("send changed to mail"))
    number = office.product()
    with pytest.raises(Exception, match="there is no address to send to: 'mail' is null"):
        office.change(number, stock=5)


def test_what_is_no_address_is_refused_before_anything_is_sent(warehouse: Callable[..., Any], post: Any) -> None:
    office = warehouse(doing('send changed to "a@b.c\\nBcc: all@example.com"'))
    number = office.product()
    with pytest.raises(Exception, match="is no e-mail address"):
        office.change(number, stock=5)


def test_notify_reaches_people_in_the_app_and_by_mail(warehouse: Callable[..., Any], post: Any) -> None:
    office = warehouse(doing("notify user using changed"))
    office.change(office.product(), stock=5)
    office.settle()
    assert [mail["To"] for mail in post.mails] == ["amy@example.com"]
    assert [message.subject for message in office.read(lambda step: step.notifications.mine(), "amy")] == ["tea has changed"]


def test_without_a_mail_server_people_are_told_in_the_app_alone(warehouse: Callable[..., Any]) -> None:
    office = warehouse(doing("notify user using changed"))
    office.change(office.product(), stock=5)
    assert office.jobs() == []
    assert len(office.read(lambda step: step.notifications.mine(), "amy")) == 1


def test_a_mail_to_an_address_without_a_mail_server_is_an_incident_that_says_what_to_set(warehouse: Callable[..., Any]) -> None:
    office = warehouse(doing("send changed to mail"))
    office.change(office.product(mail="kunde@example.com"), stock=5)
    office.settle()
    (incident,) = office.read(incidents.listed, "tom")
    assert incident.what == "changed: kunde@example.com"
    assert "set TRADEWIND_SMTP_URL" in incident.error


def test_a_mailbox_that_is_full_for_now_is_tried_again_and_one_that_is_not_there_is_an_incident(
    warehouse: Callable[..., Any], post: Any
) -> None:
    office = warehouse(doing("send changed to mail"))
    office.change(office.product(mail="full@example.com"), stock=5)
    post.refuse = ["452 mailbox full", "550 no such mailbox"]
    office.work()
    (job,) = office.jobs()
    assert (job.status, job.error) == ("queued", "The mail server refused it: 452 mailbox full")
    office.work(seconds=15)
    (job,) = office.jobs()
    assert (job.status, job.error) == ("incident", "The mail server refused it: 550 no such mailbox")


def test_channels_that_this_version_lacks_are_told_at_check_time() -> None:
    files = {"workspace.yaml": "workspace: w\n", "templates/t.yaml": "template: t\nchannels: [app, wecom]\nbody: Hello\n"}
    (problem,) = build(files).problems
    assert (problem.code, problem.severity, problem.at.line) == ("TW1190", "warning", 2)
