"""Scripts, errors, timers and versions of running instances, with the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.errors import StepFailed, ValidationFailed
from engine.work import Worker, fire_due, jobs

Open = Callable[[str], Any]
HEAD = """
process: handling
entity: request
lifecycle: status
start: {on: create}
variables:
  tries: {type: integer, default: 0}
nodes:
"""
TAKE = f"""{HEAD}
  take:
    type: script_task
    do: |
      set note = "tried", tries = tries + 1
      update item where id = record.item.id set stock = stock - 5
      require item.stock >= 5 else "Only {{item.stock}} of {{item.name}} left"
    on_error: {{to: stuck, do: 'set note = "{{error.code}}: {{error.message}}"'}}
    to: done
  stuck: {{type: state, status: stuck, actions: {{again: {{to: take}}}}}}
  done: {{type: end_event, status: done}}
"""
WAITING = f"""{HEAD}
  draft:
    type: state
    status: draft
    actions: {{go: {{to: done}}, note: {{do: 'set note = "touched"'}}}}
    timers:
      remind: {{every: PT4H, do: notify owner using due}}
      late:   {{after: P2D, to: stuck}}
  stuck: {{type: state, status: stuck, actions: {{back: {{to: draft}}, go: {{to: done}}}}}}
  done: {{type: end_event, status: done}}
"""


def item(shop: Any, stock: int) -> Any:
    with shop.workspace.step(None) as step:
        return step.records.create("item", {"name": "Pen", "stock": stock}).id


def stock_of(shop: Any, number: int) -> int:
    with shop.workspace.step(None, readonly=True) as step:
        return int(step.records.get("item", number)["stock"])


def wait(shop: Any, **time: int) -> None:
    fire_due(shop.workspace, shop.clock() + timedelta(**time), shop.clock)


def test_a_failed_activity_is_undone_before_its_token_leaves_by_on_error(office: Open) -> None:
    shop = office(TAKE)
    pens = item(shop, 7)
    number = shop.request(item=pens)
    assert (shop.look(number, "status"), stock_of(shop, pens)) == ("stuck", 7)
    assert shop.look(number, "note") == "require: Only 2 of Pen left"


def test_the_person_is_shown_why_although_the_step_goes_on(office: Open) -> None:
    shop = office(TAKE)
    pens = item(shop, 7)
    with shop.workspace.step("amy") as step:
        step.records.create("request", {"subject": "Pens", "item": pens})
        assert step.told == ["Only 2 of Pen left"]


def test_a_broken_bound_is_caught_like_a_failed_script(office: Open) -> None:
    shop = office(TAKE)
    pens = item(shop, 3)
    number = shop.request(item=pens)
    assert (shop.look(number, "status"), stock_of(shop, pens)) == ("stuck", 3)


def test_without_on_error_the_whole_step_is_undone(office: Open) -> None:
    shop = office(f"""{HEAD}
  take:
    type: script_task
    do: |
      update item where id = record.item.id set stock = stock - 5
      require item.stock >= 5 else "Only {{item.stock}} of {{item.name}} left"
    to: done
  done: {{type: end_event, status: done}}
""")
    pens = item(shop, 7)
    with pytest.raises(StepFailed, match="Only 2 of Pen left"):
        shop.request(item=pens)
    with shop.workspace.step(None, readonly=True) as step:
        assert step.records.count("request") == 0
    assert stock_of(shop, pens) == 7


def test_rules_hold_for_what_processes_write(office: Open) -> None:
    shop = office(f"""{HEAD}
  grow: {{type: script_task, do: set amount = 2000000, to: done}}
  done: {{type: end_event, status: done}}
""")
    with pytest.raises(ValidationFailed, match="too much"):
        shop.request()


def test_timers_fire_at_their_own_times_in_order(office: Open) -> None:
    shop = office(WAITING)
    number = shop.request()
    wait(shop, hours=12)
    assert len(shop.messages("amy")) == 3
    wait(shop, days=2)
    assert shop.look(number, "status") == "stuck"
    assert (
        len(shop.messages("amy")) == 12
    )  # the last reminder was due with the interrupting timer, and queued before it
    wait(shop, days=3)
    assert len(shop.messages("amy")) == 12


def test_an_action_without_target_leaves_the_timers_running(office: Open) -> None:
    shop = office(WAITING)
    number = shop.request()
    wait(shop, hours=3)
    shop.act("amy", number, "note")
    wait(shop, hours=1)
    assert len(shop.messages("amy")) == 1


def test_entering_a_node_anew_starts_its_timers_anew(office: Open) -> None:
    shop = office(WAITING)
    number = shop.request()
    wait(shop, days=2)
    shop.act("amy", number, "back")
    before = len(shop.messages("amy"))
    wait(shop, hours=3)
    assert len(shop.messages("amy")) == before


def test_a_cycle_that_was_missed_fires_once_and_keeps_its_schedule(office: Open) -> None:
    shop = office(WAITING)
    shop.request()
    worker = Worker(shop.workspace)
    shop.clock.move(timedelta(hours=9))  # nobody was there at 4 and at 8 hours
    while worker.run_once():
        pass
    assert len(shop.messages("amy")) == 1
    shop.clock.move(timedelta(hours=3))
    worker.run_once()
    assert len(shop.messages("amy")) == 2


def test_the_embedded_worker_wakes_by_itself(office: Open) -> None:
    shop = office(WAITING)
    shop.request()
    worker = Worker(shop.workspace)
    shop.clock.move(timedelta(hours=4))
    worker.start()
    try:
        for _ in range(100):
            if shop.messages("amy"):
                break
            worker._stopping.wait(0.05)
    finally:
        worker.stop()
    assert len(shop.messages("amy")) == 1


def test_a_timer_that_fails_again_and_again_becomes_an_incident(office: Open) -> None:
    shop = office(WAITING.replace("notify owner using due", 'fail "no way"'))
    shop.request()
    worker = Worker(shop.workspace)
    shop.clock.move(timedelta(hours=4))
    for _ in range(jobs.RETRIES + 3):
        worker.run_once()
        shop.clock.move(timedelta(minutes=61))
    with shop.workspace.step(None, readonly=True) as step:
        found = jobs.incidents(step.connection, step.schema.job)
    assert [row["error"] for row in found] == ["no way"]


def test_messages_are_in_the_receivers_language(office: Open) -> None:
    shop = office(WAITING.replace("notify owner using due", 'notify users with role("boss") using due'))
    shop.request()
    wait(shop, hours=4)
    assert (shop.messages("eva"), shop.messages("zoe")) == (["Pens待处理"], ["Pens waits"])


def test_what_the_clock_does_it_does_for_the_initiator(office: Open) -> None:
    shop = office(WAITING.replace("notify owner using due", 'create request with subject = "again"'))
    shop.request(by="amy")
    wait(shop, hours=4)
    with shop.workspace.step(None, readonly=True) as step:
        made = step.records.find("request", 'subject = "again"')[0]
        entry = next(e for e in step.history.of(made) if e.kind == "created")
    assert made["owner"]["login"] == "amy"
    assert (entry.user, entry.on_behalf["login"], entry.origin) == (None, "amy", "clock")


def test_a_date_decides_when_a_timer_event_goes_on(office: Open) -> None:
    shop = office(f"""{HEAD}
  pause: {{type: timer_event, until: deadline, to: done}}
  done: {{type: end_event, status: done}}
""")
    number = shop.request(deadline="2026-11-25")
    wait(shop, hours=38)
    assert shop.look(number, "status") is None
    wait(shop, hours=1)
    assert shop.look(number, "status") == "done"


def test_the_clock_may_reject(office: Open) -> None:
    shop = office(f"""{HEAD}
  ask:
    type: approval
    assign: users with role("boss")
    timers: {{give_up: {{after: P1D, operation: reject}}}}
    on_approve: {{to: done}}
    on_reject: {{to: refused}}
  done:    {{type: end_event, status: done}}
  refused: {{type: end_event, status: refused}}
""")
    number = shop.request()
    wait(shop, days=1)
    assert shop.look(number, "status") == "refused"
    assert shop.todo("eva") == []


def test_escalation_gives_the_task_to_others(office: Open) -> None:
    shop = office(f"""{HEAD}
  ask:
    type: approval
    assign: manager of(initiator)
    timers: {{escalate: {{after: P1D, reassign: 'lookup all(user, login = "zoe")'}}}}
    on_approve: {{to: done}}
    on_reject: {{to: done}}
  done: {{type: end_event, status: done}}
""")
    shop.request()
    assert (shop.todo("eva"), shop.todo("zoe")) == (["ask"], [])
    wait(shop, days=1)
    assert (shop.todo("eva"), shop.todo("zoe")) == ([], ["ask"])


def test_a_running_instance_stays_on_its_version(office: Open) -> None:
    shop = office(WAITING)
    old = shop.request()
    shop.publish(WAITING.replace("go: {to: done}", "leave: {to: done}"))
    new = shop.request()
    shop.act("amy", old, "go")
    shop.act("amy", new, "leave")
    assert (shop.look(old, "status"), shop.look(new, "status")) == ("done", "done")


def test_two_branches_join(office: Open) -> None:
    shop = office(f"""{HEAD}
  split: {{type: parallel_gateway, to: [one, two]}}
  one:  {{type: user_task, assign: owner, actions: {{ok: {{to: join}}}}}}
  two:  {{type: user_task, assign: manager of(owner), actions: {{ok: {{to: join}}}}}}
  join: {{type: parallel_gateway, to: done}}
  done: {{type: end_event, status: done}}
""")
    number = shop.request()
    shop.do("amy", "ok")
    assert shop.look(number, "status") is None
    shop.do("eva", "ok")
    assert shop.look(number, "status") == "done"


def test_a_script_may_start_another_process_for_another_record(office: Open) -> None:
    shop = office(f"""{HEAD}
  copy:
    type: script_task
    skip_when: subject = "copy"
    do: create request with subject = "copy", amount = amount
    to: done
  done: {{type: end_event, status: done}}
""")
    shop.request(amount=3)
    with shop.workspace.step(None, readonly=True) as step:
        assert [(r["subject"], r["status"]) for r in step.records.find("request")] == [
            ("Pens", "done"),
            ("copy", "done"),
        ]


def test_records_that_start_each_other_without_end_are_stopped(office: Open) -> None:
    shop = office(f"""{HEAD}
  copy: {{type: script_task, do: create request with subject = "copy", to: done}}
  done: {{type: end_event, status: done}}
""")
    with pytest.raises(StepFailed, match="start each other without end"):
        shop.request()


def test_what_each_person_enters_in_a_repeated_task_is_collected(office: Open) -> None:
    shop = office("""
process: asking
entity: request
lifecycle: status
start: {on: create}
variables: {offers: {type: json}, offered_by: {type: json}}
nodes:
  ask:
    type: user_task
    status: review
    foreach: {item: helper, in: helpers, collect: {offers: values.offer}}
    assign: helper
    actions: {answer: {form: {offer: {type: money, required: true}}}}
    to: note_down
  note_down: {type: script_task, do: 'set note = "{sum(offers)}"', to: done}
  done: {type: end_event, status: done}
""")
    with shop.workspace.step(None) as step:
        helpers = [step.access.user_by_login(login) for login in ("ben", "zoe")]
    number = shop.request(helpers=helpers)

    shop.do("ben", "answer", values={"offer": "12.50"})
    shop.do("zoe", "answer", values={"offer": "11"})

    assert (shop.look(number, "status"), shop.look(number, "note")) == ("done", "23.5")
