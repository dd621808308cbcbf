"""Scenario tests as people write them (spec 4.3): a bicycle workshop, every kind of step, and how failures are told."""

from __future__ import annotations

import textwrap

import pytest

from dsl.problems import render
from engine.model import build
from engine.scenario import TestResult, run_tests

WORKSHOP = {
    "workspace.yaml": "workspace: workshop\ntime_zone: Europe/Berlin\ncurrency: EUR\n",
    "entities/bike.yaml": """
entity: bike
title: frame
fields:
  frame: {type: text, required: true, unique: true}
  sold:  {type: date}
  price: {type: money, min: 0}
""",
    "entities/repair.yaml": """
entity: repair
title: number
number: {field: number, pattern: "R-{0000}"}
fields:
  number:   {type: text, readonly: true}
  bike:     {type: link, to: bike, required: true}
  hours:    {type: decimal, default: 0}
  promised: {type: date}
  secret:   {type: text}
  parts:
    type: lines
    fields:
      name:  {type: text, required: true}
      price: {type: money, default: 0}
  total:    {type: money, compute: sum(parts.price) + hours * 60}
  status:   {type: choice, options: [open, quoted, running, done, lost], readonly: true}
rules:
  cheap: {require: total < 5000, message: "Buy a new bike, {bike.frame} is not worth it"}
  long:  {require: hours <= 8, message: That is a long day, severity: warning}
""",
    "processes/repairing.yaml": """
process: repairing
label: Repairing
entity: repair
lifecycle: status
start: {on: create}
nodes:
  open:
    type: state
    status: open
    actions:
      quote: {roles: [desk], form: [hours], to: quoted}
      lose:
        roles: [desk]
        form: {why: {type: text, required: true}}
        do: 'require values.why != "no" else "Say why"'
        to: lost
  quoted:
    type: approval
    status: quoted
    assign: users with role("master")
    policy: any
    timers:
      nudge: {every: P1D, do: notify assignees using nudge}
    on_approve: {to: run}
    on_reject: {to: open}
  run:
    type: user_task
    status: running
    candidates: {roles: [mechanic]}
    form: {edit: [promised, parts]}
    actions:
      finish: {to: done}
      stop:   {when: hours > 1, to: open}
  done: {type: end_event, status: done}
  lost: {type: end_event, status: lost}
""",
    "processes/checkup.yaml": """
process: checkup
entity: bike
start: {on: manual, roles: [desk]}
variables: {days: {type: integer, default: 1}}
nodes:
  pause: {type: timer_event, for: '=duration("P" + string(days) + "D")', to: make}
  make: {type: script_task, do: create repair with bike = record, to: end}
  end: {type: end_event}
""",
    "roles/desk.yaml": """
role: desk
grants:
  bike: {read: all, create: true, update: all, delete: all}
  repair: {read: own, create: true, update: 'status = "open"', hide: [secret]}
""",
    "roles/mechanic.yaml": "role: mechanic\ngrants:\n  bike: {read: all}\n",
    "roles/master.yaml": "role: master\ngrants:\n  bike: {read: all}\n  repair: {read: all, update: all}\n",
    "templates/nudge.yaml": 'template: nudge\nchannels: [app, email]\nsubject: "{number} waits"\nbody: "{bike.frame}"\n',
    "data/bikes.yaml": "data: bikes\nentity: bike\nkey: frame\nrecords: [{frame: LOAN-1}]\n",
}
PEOPLE = """
departments: {shop: {parent: house, head: max}, house: {}}
users:
  dora: {roles: [desk], manager: max, department: shop, email: dora@shop.example}
  max:  {roles: [master], department: house}
  mia:  {roles: [mechanic]}
given:
  red: {entity: bike, frame: RED-7, price: 400, sold: 2026-01-31}
"""


def play(steps: str, head: str = PEOPLE) -> TestResult:
    """Run one test with these steps."""
    body = textwrap.indent(textwrap.dedent(steps).strip(), "  ")
    text = f"test: in the workshop\n{head.strip()}\nsteps:\n{body}\n"
    built = build({**WORKSHOP, "tests/one.yaml": text})
    assert built.model is not None, "\n".join(render(p) for p in built.problems)
    (result,) = run_tests(built.model)
    return result


def passes(steps: str, head: str = PEOPLE) -> None:
    result = play(steps, head)
    assert result.passed, f"line {result.line}: {result.message}"


def test_the_usual_course() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red, parts: [{name: chain, price: 25.50}]}
    - expect: {job.status: open, job.total: 25.5, job.owner: =dora, job.number: R-0001}
    - do: {action: job.quote, values: {hours: 2}, comment: as usual}
    - expect: {job.status: quoted, job.total: 145.5, 'count(job.parts)': 1}
    - expect_task: {node: quoted, for: max, of: job}
    - expect_no_task: {node: quoted, for: dora}
    - as: max
      do: {task: quoted, operation: approve}
    - expect_task: {node: run, for: mia}
    - as: mia
      read: job
    - do: {task: run, operation: finish, values: {promised: 2026-12-24}}
    - expect: {job.status: done, job.promised: 2026-12-24}
    - expect_no_task: {of: job}
    """)


def test_lines_that_are_set_replace_the_old_save_those_that_keep_their_id() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red, parts: [{name: chain, price: 25}, {name: bell, price: 5}]}
    - set: {job: {parts: [{id: '=job.parts[1].id', price: 30}, {name: lamp, price: 7}]}}
    - expect: {job.parts.name: [chain, lamp], job.total: 37}
    """)


def test_time_passes_only_by_waiting_and_timers_fire() -> None:
    passes(
        """
        - expect: {now(): "2026-11-23T09:00:00+01:00", 'today()': 2026-11-23}
        - as: dora
          create: {job: {entity: repair, bike: =red}}
        - do: {action: job.quote, values: {hours: 1}}
        - wait: PT23H59M
        - expect_message: {to: max, template: nudge, count: 0}
        - wait: PT1M
        - expect_message: {to: max, template: nudge}
        - wait: P2D
        - expect_message: {to: max, template: nudge, count: 3}
        """,
        "now: 2026-11-23T09:00:00\n" + PEOPLE,
    )


def test_what_is_not_permitted_is_denied() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red, secret: null}
    - expect_denied: {as: mia, read: job}
    - expect_denied: {as: mia, set: {job: {hours: 3}}}
    - expect_denied: {set: {job: {status: done}}}
    - expect_denied: {set: {job: {secret: x}}}
    - expect_denied: {read: job.secret}
    - expect_denied: {as: max, do: job.quote}
    - expect_denied: {as: max, do: {task: quoted, operation: approve}}
    - expect_denied: {as: max, create: {other: {entity: repair, bike: =red}}}
    - expect_denied: {as: max, start: {process: checkup, for: =red}}
    - do: {action: job.quote, values: {hours: 1}}
    - expect_denied: {do: job.quote}
    - expect_denied: {as: dora, do: {task: quoted, operation: approve}}
    - expect_denied: {set: {job: {hours: 3}}}
    """)


def test_what_is_permitted_may_still_fail_and_changes_nothing() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red}
    - expect_error: {set: {job: {parts: [{name: frame, price: 5000}]}}, code: cheap, text: RED-7 is not worth it}
    - expect_error: {do: {action: job.lose, values: {why: 'no'}}, text: Say why}
    - expect_error: {do: job.lose, code: required}
    - expect_error: {set: {job: {hours: many}}, code: type}
    - expect_error: {create: {again: {entity: bike, frame: RED-7}}, code: unique}
    - expect: {job.status: open, 'count(job.parts)': 0}
    """)


def test_a_warning_asks_and_is_confirmed() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red}
    - expect_error: {set: {job: {hours: 9}}, text: long day}
    - confirm: true
      set: {job: {hours: 9}}
    - expect: {job.hours: 9}
    """)


def test_an_action_whose_condition_does_not_hold_is_denied() -> None:
    passes("""
    - as: dora
      create:
        job: {entity: repair, bike: =red}
    - do: {action: job.quote, values: {hours: 1}}
    - as: max
      do: {task: quoted, operation: approve}
    - expect_denied: {as: mia, do: {task: run, operation: stop}}
    """)


def test_a_process_started_by_hand_makes_a_record_that_is_found() -> None:
    passes("""
    - as: dora
      start: {process: checkup, for: =red, with: {days: 2}}
    - wait: P1D
    - expect_count: {entity: repair, is: 0}
    - wait: P1D
    - find: {made: {entity: repair, filter: bike = red}}
    - expect: {made.status: open, made.owner: =dora}
    - expect_count: {entity: repair, filter: bike = red, is: 1, as: dora}
    - expect_count: {entity: repair, is: 0, as: mia}
    """)


def test_people_are_aliases_with_their_departments() -> None:
    passes("""
    - expect:
        dora.manager: =max
        dora.department.name: shop
        dora.department.parent.name: house
        dora.department.head: =max
        dora.email: dora@shop.example
        red.sold: 2026-01-31
    """)


def test_a_value_may_look_records_up() -> None:
    passes("""
    - as: dora
      create: {job: {entity: repair, bike: '=lookup(bike, frame = "RED-7")'}}
    - expect: {job.bike: =red, 'count of(repair, bike = red)': 1}
    """)


def test_the_workspaces_own_data_is_there() -> None:
    passes("- expect_count: {entity: bike, is: 2}")


def test_deleting_archives() -> None:
    passes("""
    - as: dora
      delete: red
    - expect: {red.archived: true}
    - expect_count: {entity: bike, filter: 'frame = "RED-7"', is: 0}
    """)


def test_each_test_has_a_database_of_its_own() -> None:
    one = (
        "test: {}\nsteps:\n  - create: {{mine: {{entity: bike, frame: A}}}}\n  - expect_count: {{entity: bike, is: 2}}\n"
    )
    built = build({**WORKSHOP, "tests/a.yaml": one.format("first"), "tests/b.yaml": one.format("second")})
    assert built.model is not None
    assert [result.passed for result in run_tests(built.model)] == [True, True]


def test_match_chooses_by_name_and_file() -> None:
    one = "test: {}\nsteps:\n  - expect_count: {{entity: bike, is: 1}}\n"
    built = build({**WORKSHOP, "tests/a.yaml": one.format("first"), "tests/b.yaml": one.format("second")})
    assert built.model is not None
    assert [r.name for r in run_tests(built.model, match="sec")] == ["second"]
    assert [r.name for r in run_tests(built.model, match="a.yaml")] == ["first"]


@pytest.mark.parametrize(
    ("step", "line", "message"),
    [
        ("- expect: {red.price: 401}", 10, "red.price: expected: 401; actual: 400"),
        (
            "- expect_task: {node: run, for: mia}",
            10,
            "expected: an open task node run for mia; actual: no task is open",
        ),
        ("- expect_denied: {as: dora, read: red}", 10, "expected: denied; actual: done"),
        ("- expect_error: {as: dora, read: red}", 10, "expected: an error; actual: done"),
        ("- expect_error: {as: mia, set: {red: {price: 1}}}", 10, "expected: permitted, but an error; actual: denied"),
        ("- expect_count: {entity: bike, is: 5}", 10, "expected: 5 of bike; actual: 2"),
        ("- expect_message: {to: max, template: nudge}", 10, "expected: a message template nudge to max; actual: 0"),
        ("- as: mia\n  set: {red: {price: 1}}", 11, "expected: done; actual: You may not change this Bike"),
        ("- find: {x: {entity: repair, filter: hours > 3}}", 10, "expected: a repair where hours > 3; actual: none"),
        ("- message: {name: paid, key: 1}", 10, "Nobody waits for the message paid with the key 1"),
    ],
)
def test_a_failure_says_what_was_expected_what_was_found_and_where(step: str, line: int, message: str) -> None:
    result = play(step)
    assert (result.passed, result.path, result.line) == (False, "tests/one.yaml", line)
    assert message in result.message


def test_a_record_that_others_link_to_cannot_be_deleted_which_is_no_denial() -> None:
    passes("""
    - as: dora
      create: {job: {entity: repair, bike: =red}}
    - expect_error: {delete: red, text: cannot be deleted}
    - expect_denied: {as: mia, delete: red}
    """)


def test_a_given_record_that_is_refused_says_which_value() -> None:
    result = play("- expect: {red.price: 400}", "given:\n  red: {entity: bike, frame: 7}")
    assert (result.passed, result.line, result.message) == (False, 3, "expected: done; actual: frame: This must be a text")
