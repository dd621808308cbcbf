"""Where a value is needed, `check` tells of null, and of what may be null; a guard silences it."""

from __future__ import annotations

import pytest

ENTITY = """entity: item
fields:
  name: {type: text, required: true}
  alias: {type: text}
  due: {type: date}
  ordered: {type: date, required: true}
  next: {type: link, to: item}
  size: {type: decimal, default: 1}
  state: {type: choice, options: [open, closed], readonly: true}
"""
PROCESS = """process: chase
entity: item
lifecycle: state
start: {on: create}
nodes:
  open:
    type: state
    status: open
    timers:
      late: {until: 'UNTIL', to: done}
    actions:
      close:
        to: done
        do: |
          SCRIPT
  done: {type: end_event, status: closed}
"""


def process(until: str = "ordered", script: str = 'log "closed"') -> str:
    return PROCESS.replace("UNTIL", until).replace("SCRIPT", "\n          ".join(script.splitlines()))


@pytest.mark.parametrize(
    "until",
    [
        "due",
        "record.due",
        "next.ordered",
        'due + duration("P1D")',
        "if size > 1 then due else ordered",
        "if size > 1 then ordered else null",
    ],
)
def test_a_timer_that_reads_what_may_be_empty_is_warned_of(problems, until):
    assert [code for _, code in problems(item=ENTITY, chase=process(until))] == ["TW2224"]


@pytest.mark.parametrize(
    "until",
    [
        "ordered", "record.ordered", "if due = null then ordered else due", "if record.due != null and size > 1 then due else ordered",
        "if next.due > ordered then next.due else ordered", "created_at",
    ],
)  # fmt: skip
def test_a_timer_that_always_has_a_time_is_not(problems, until):
    assert problems(item=ENTITY, chase=process(until)) == []


@pytest.mark.parametrize(
    "script", ["set name = null", 'set name = if size > 1 then "big" else null', "create item with name = null, ordered = today()"]
)
def test_a_script_that_empties_a_required_field_is_wrong(problems, script):
    ((_, code),) = problems(item=ENTITY, chase=process(script=script))

    assert code == "TW2130"


@pytest.mark.parametrize("script", ["set alias = null", "set name = if alias = null then name else alias"])
def test_a_script_may_empty_what_need_not_be_filled(problems, script):
    assert problems(item=ENTITY, chase=process(script=script)) == []


def test_what_fills_a_required_field_may_not_be_empty(problems):
    item = ENTITY + "  label2: {type: text, required: true, fill: =alias}\n"

    assert [code for _, code in problems(item=item)] == ["TW2224"]
