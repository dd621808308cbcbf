"""Messages, signals, called processes, sub-processes and compensation, with the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ActionRefused

Open = Callable[..., Any]
HEAD = """
process: handling
entity: request
lifecycle: status
start: {on: create}
variables:
  reason: {type: text}
  seen: {type: integer, default: 0}
nodes:
"""


WAITS = f"""{HEAD}
  pay: {{type: receive_task, status: review, message: paid, key: subject, result: {{reason: payload.by}}, to: thank}}
  thank: {{type: script_task, do: 'set note = "paid by {{reason}}"', to: done}}
  done: {{type: end_event, status: done}}
"""


def test_a_message_reaches_who_waits_for_its_key(office: Open) -> None:
    shop = office(WAITS)
    pens, ink = shop.request(subject="Pens"), shop.request(subject="Ink")

    shop.send("paid", "Ink", by="cash")

    assert (shop.look(ink, "status"), shop.look(ink, "note")) == ("done", "paid by cash")
    assert shop.look(pens, "status") == "review"


def test_a_message_that_nobody_waits_for_is_refused(office: Open) -> None:
    shop = office(WAITS)
    shop.request(subject="Pens")

    with pytest.raises(ActionRefused, match="Nobody waits for the message paid with the key Ink"):
        shop.send("paid", "Ink")


def test_a_message_that_two_wait_for_is_refused_and_names_them(office: Open) -> None:
    shop = office(WAITS)
    shop.request(subject="Pens")
    shop.request(subject="Pens")

    with pytest.raises(ActionRefused, match="waited for by several: pay of handling 1, pay of handling 2"):
        shop.send("paid", "Pens")


SENDER = f"""{HEAD}
  split: {{type: parallel_gateway, to: [tell, pause]}}
  tell: {{type: send_task, message: ready, key: subject, with: {{by: '"amy"'}}, ttl: P1D, to: end}}
  pause: {{type: timer_event, for: PT2H, to: hear}}
  hear: {{type: receive_task, message: ready, key: subject, result: {{reason: payload.by}}, to: keep}}
  keep: {{type: script_task, do: 'set note = reason', to: end}}
  end: {{type: end_event, status: done}}
"""


def test_a_message_that_comes_before_its_receiver_is_kept_for_its_time(office: Open) -> None:
    shop = office(SENDER)
    number = shop.request()

    shop.wait(hours=2)

    assert shop.look(number, "note") == "amy"


def test_a_kept_message_is_gone_after_its_time(office: Open) -> None:
    shop = office(SENDER.replace("P1D", "PT1H"))
    number = shop.request()

    shop.wait(hours=2)

    assert shop.look(number, "note") is None


BOUNDARY = f"""{HEAD}
  draft:
    type: state
    status: draft
    actions: {{go: {{to: done}}}}
    on_message:
      touch: {{key: subject, do: 'set note = "touched by {{payload.who}}"'}}
      stop: {{key: subject, to: refused}}
    on_signal: {{closing: {{to: refused}}}}
  refused: {{type: end_event, status: refused}}
  done: {{type: end_event, status: done}}
"""


def test_a_boundary_message_interrupts_only_if_it_leads_somewhere(office: Open) -> None:
    shop = office(BOUNDARY)
    number = shop.request()

    shop.send("touch", "Pens", who="eva")
    shop.send("touch", "Pens", who="zoe")
    assert (shop.look(number, "status"), shop.look(number, "note")) == ("draft", "touched by zoe")

    shop.send("stop", "Pens")
    assert shop.look(number, "status") == "refused"
    with pytest.raises(ActionRefused, match="Nobody waits"):
        shop.send("touch", "Pens", who="eva")


SIGNALS = f"""{HEAD}
  which:
    type: exclusive_gateway
    flows:
      - {{when: subject = "Close", to: close}}
      - {{else: true, to: draft}}
  close: {{type: throw_event, signal: closing, to: done}}
  draft: {{type: state, status: draft, actions: {{go: {{to: done}}}}, on_signal: {{closing: {{to: refused}}}}}}
  refused: {{type: end_event, status: refused}}
  done: {{type: end_event, status: done}}
"""


def test_a_signal_reaches_everybody_who_waits_for_it(office: Open) -> None:
    shop = office(SIGNALS)
    first, second = shop.request(), shop.request()

    shop.request(subject="Close")

    assert [shop.look(number, "status") for number in (first, second)] == ["refused", "refused"]


GATEWAY = f"""{HEAD}
  ask:
    type: event_gateway
    status: review
    events:
      - {{message: answer, key: subject, result: {{reason: payload.text}}, to: keep}}
      - {{after: P3D, to: refused}}
  keep: {{type: script_task, do: set note = reason, to: done}}
  refused: {{type: end_event, status: refused}}
  done: {{type: end_event, status: done}}
"""


def test_the_first_event_of_an_event_gateway_wins(office: Open) -> None:
    shop = office(GATEWAY)
    answered, forgotten = shop.request(subject="Pens"), shop.request(subject="Ink")

    shop.send("answer", "Pens", text="yes")
    shop.wait(days=4)

    assert (shop.look(answered, "status"), shop.look(answered, "note")) == ("done", "yes")
    assert shop.look(forgotten, "status") == "refused"
    with pytest.raises(ActionRefused, match="Nobody waits"):
        shop.send("answer", "Ink", text="late")


SCOPES = f"""{HEAD}
  pack:
    type: sub_process
    foreach: {{item: person, in: helpers, collect: {{reason: word}}}}
    variables: {{word: {{type: text, default: none}}}}
    nodes:
      say: {{type: script_task, do: 'set word = person.login, seen = seen + 1', to: done}}
      done: {{type: end_event}}
    to: sum
  sum: {{type: script_task, do: 'set note = string(seen) + " " + string(reason)', to: done}}
  done: {{type: end_event, status: done}}
"""


def test_each_repetition_of_a_sub_process_has_variables_of_its_own(office: Open) -> None:
    shop = office(SCOPES.replace("reason: {type: text}", "reason: {type: json}"))

    number = shop.request(helpers=[3, 4])

    assert shop.look(number, "note") == '2 ["amy", "ben"]'


CALLED = f"""{HEAD}
  check:
    type: call_activity
    process: checking
    with: {{limit: amount}}
    result: {{reason: verdict}}
    on_error: {{code: TOO_MUCH, to: refused}}
    to: keep
  keep: {{type: script_task, do: set note = reason, to: done}}
  refused: {{type: end_event, status: refused}}
  done: {{type: end_event, status: done}}
"""
CHECKING = """
process: checking
entity: request
variables:
  limit: {type: decimal}
  verdict: {type: text}
nodes:
  look:
    type: user_task
    assign: users with role("boss")
    actions: {fine: {do: 'set verdict = "fine"', to: end}, bad: {to: broken}}
  broken: {type: end_event, error: TOO_MUCH}
  end: {type: end_event}
"""


def test_a_called_process_gives_its_result_back(office: Open) -> None:
    shop = office(CALLED, checking=CHECKING)
    number = shop.request(amount=5)

    shop.do("eva", "fine", "look")

    assert (shop.look(number, "status"), shop.look(number, "note")) == ("done", "fine")


def test_an_error_of_a_called_process_is_caught_where_it_was_called(office: Open) -> None:
    shop = office(CALLED, checking=CHECKING)
    number = shop.request(amount=5)

    shop.do("eva", "bad", "look")

    assert shop.look(number, "status") == "refused"


UNDONE = f"""{HEAD}
  book:
    type: sub_process
    transaction: true
    nodes:
      flight: {{type: script_task, do: 'set note = "flight"', compensate: 'set note = note + " back"', to: hotel}}
      hotel: {{type: script_task, do: 'set note = note + " hotel"', compensate: 'set note = note + " away"', to: pay}}
      pay: {{type: user_task, assign: owner, actions: {{ok: {{to: end}}, no: {{to: broke}}}}}}
      broke: {{type: end_event, error: BROKE}}
      end: {{type: end_event}}
    on_error: {{to: refused}}
    to: done
  refused: {{type: end_event, status: refused}}
  done: {{type: end_event, status: done}}
"""


def test_a_transaction_that_fails_undoes_what_was_done_in_reverse_order(office: Open) -> None:
    shop = office(UNDONE)
    number = shop.request()

    shop.do("amy", "no", "pay")

    assert (shop.look(number, "status"), shop.look(number, "note")) == ("refused", "flight hotel away back")


WATCHED = f"""{HEAD}
  watch:
    type: sub_process
    event: {{message: hurry, key: subject}}
    interrupting: false
    nodes:
      mark: {{type: script_task, do: set seen = seen + 1, to: over}}
      over: {{type: end_event}}
  expire:
    type: sub_process
    event: {{after: P2D}}
    nodes:
      tell: {{type: script_task, do: 'set note = "hurried {{seen}} times"', to: gone}}
      gone: {{type: end_event, status: refused}}
  draft: {{type: state, status: draft, actions: {{go: {{to: done}}}}}}
  done: {{type: end_event, status: done}}
"""


def test_event_sub_processes_run_beside_or_instead_of_the_process(office: Open) -> None:
    shop = office(WATCHED)
    number = shop.request()

    shop.send("hurry", "Pens")
    shop.send("hurry", "Pens")
    assert shop.look(number, "status") == "draft"
    shop.wait(days=2)

    assert (shop.look(number, "status"), shop.look(number, "note")) == ("refused", "hurried 2 times")
