"""The pure interpreter: tokens through states, tasks, gateways, timers and repetitions, without a database."""

from __future__ import annotations

import pytest

from engine.model.model import Value
from engine.model.processes import Boundary, Foreach, Timer
from engine.process.events import (
    Acted,
    Cancelled,
    CancelTimers,
    CloseTasks,
    EndInstance,
    OpenTask,
    Reassign,
    ScheduleTimer,
    SetStatus,
    TimerFired,
    Voted,
)
from engine.process.interpreter import NoSuchToken, fire
from engine.process.state import State
from tests.process.play import Play, Refused, action, flow, node

P1D = Value(literal="P1D")
LIST = Foreach("l", source=None)  # type: ignore[arg-type]
IN_ORDER = Foreach("l", source=None, sequential=True)  # type: ignore[arg-type]
ALWAYS: object = "true"  # a condition; the driver of these tests answers it


def lifecycle() -> Play:
    return Play(
        node(
            "draft",
            "state",
            status="draft",
            actions={"submit": action("submit", "sent"), "note": action("note"), "drop": action("drop", "gone")},
        ),
        node("sent", "state", status="sent", actions={"done": action("done", "end")}),
        node("end", "end_event", status="closed"),
        node("gone", "end_event", status="cancelled"),
    )


# ---- states ----


def test_a_new_instance_waits_on_its_first_state_and_writes_the_status() -> None:
    play = lifecycle().start()
    assert play.at() == ["draft"]
    assert SetStatus("draft", "draft") in play.effects


def test_an_action_takes_the_token_to_its_target() -> None:
    play = lifecycle().start()
    play.fire(Acted(play.token("draft"), "submit"))
    assert play.at() == ["sent"]


def test_an_action_without_target_leaves_token_and_timers_where_they_are() -> None:
    play = lifecycle().start()
    before = play.state.tokens
    effects = play.fire(Acted(play.token("draft"), "note"))
    assert play.state.tokens == before
    assert not any(isinstance(e, CancelTimers) for e in effects)


def test_the_instance_ends_with_its_last_token() -> None:
    play = lifecycle().start()
    play.fire(Acted(play.token("draft"), "drop"))
    assert play.at() == []
    assert play.state.ended == "completed"
    assert play.effects[-2:] != []
    assert EndInstance("completed") in play.effects
    assert SetStatus("gone", "cancelled") in play.effects


def test_a_second_click_finds_that_the_token_has_moved_on() -> None:
    play = lifecycle().start()
    token = play.token("draft")
    play.fire(Acted(token, "submit"))
    with pytest.raises(NoSuchToken):
        fire(play.graph, play.state, Acted(token, "submit"))


def test_firing_changes_nothing_but_what_it_returns() -> None:
    play = lifecycle().start()
    event = Acted(play.token("draft"), "submit")
    assert fire(play.graph, play.state, event) == fire(play.graph, play.state, event)
    assert play.at() == ["draft"]


# ---- gateways ----


def test_an_exclusive_gateway_takes_the_flow_that_was_decided() -> None:
    play = Play(
        node("which", "exclusive_gateway", flows=(flow("a"), flow("b"))),
        node("a", "state"),
        node("b", "state"),
        flows={"which": 1},
    ).start()
    assert play.at() == ["b"]


def test_a_gateway_without_a_way_out_fails_and_says_where() -> None:
    play = Play(node("which", "exclusive_gateway", flows=(flow("a"),)), node("a", "state"), flows={"which": None})
    with pytest.raises(Refused, match="No condition of 'which' holds"):
        play.start()


def split_and_join() -> Play:
    return Play(
        node("split", "parallel_gateway", ("pick", "pack")),
        node("pick", "user_task", actions={"ok": action("ok", "join"), "skip": action("skip", "join")}),
        node("pack", "user_task", "join"),
        node("join", "parallel_gateway", "end"),
        node("end", "end_event"),
        people={"assign": (1,)},
    ).start()


def test_a_join_waits_for_every_way_in() -> None:
    play = split_and_join()
    assert play.at() == ["pack", "pick"]
    play.fire(Acted(play.token("pick"), "ok"))
    assert play.at() == ["join", "pack"]
    play.fire(Acted(play.token("pack"), "complete"))
    assert play.state.ended == "completed"


def test_a_task_is_one_way_into_a_join_whichever_action_completes_it() -> None:
    play = split_and_join()
    play.fire(Acted(play.token("pack"), "complete"))
    play.fire(Acted(play.token("pick"), "skip"))
    assert play.state.ended == "completed"


def test_several_targets_make_several_tokens() -> None:
    play = Play(node("go", "script_task", ("a", "b")), node("a", "state"), node("b", "state")).start()
    assert play.at() == ["a", "b"]


def test_terminate_ends_the_other_tokens_and_closes_their_tasks() -> None:
    play = Play(
        node("split", "parallel_gateway", ("work", "stop")),
        node("work", "user_task", actions={"ok": action("ok", "stop")}),
        node("stop", "end_event", terminate=True),
        people={"assign": (1,)},
    ).start()
    assert play.at() == []
    assert any(isinstance(e, CloseTasks) for e in play.effects)


def test_an_error_end_ends_the_instance_as_failed() -> None:
    play = Play(node("broken", "end_event", error="NO_STOCK")).start()
    assert EndInstance("failed", "NO_STOCK", "'broken' was reached") in play.effects


def test_an_endless_automatic_loop_is_stopped_with_a_clear_message() -> None:
    play = Play(node("a", "script_task", "b"), node("b", "script_task", "a"))
    with pytest.raises(Refused, match="endless loop"):
        play.start()


# ---- scripts and errors ----


def test_a_failing_script_without_handler_fails_the_step() -> None:
    play = Play(node("reserve", "script_task", "end"), node("end", "end_event"), failing={"reserve.do": "Only 2 left"})
    with pytest.raises(Refused, match="Only 2 left"):
        play.start()


def test_a_failing_script_leaves_by_on_error() -> None:
    play = Play(
        node("reserve", "script_task", "end", on_error=Boundary(("out",))),
        node("out", "state"),
        node("end", "end_event"),
        failing={"reserve.do": "Only 2 left"},
    ).start()
    assert play.at() == ["out"]


def test_a_handler_catches_its_own_code_only() -> None:
    play = Play(
        node("reserve", "script_task", "end", on_error=Boundary(("end",), code="STOCK")),
        node("end", "end_event"),
        failing={"reserve.do": "other trouble"},
    )
    with pytest.raises(Refused, match="other trouble"):
        play.start()


def test_a_handler_that_fails_itself_fails_the_step() -> None:
    play = Play(
        node("reserve", "script_task", "end", on_error=Boundary(("end",), do="set a = 1")),  # type: ignore[arg-type]
        node("end", "end_event"),
        failing={"reserve.do": "first", "reserve.on_error": "second"},
    )
    with pytest.raises(Refused, match="second"):
        play.start()


# ---- user tasks ----


def test_a_skipped_activity_leaves_at_once_without_its_status() -> None:
    play = Play(
        node("check", "user_task", "end", skip_when=ALWAYS, status="checking", actions={"ok": action("ok", "never")}),
        node("never", "end_event"),
        node("end", "end_event"),
        truths={"skip": [True]},
    ).start()
    assert play.way_out("check") == "skipped"
    assert not any(isinstance(e, OpenTask | SetStatus) for e in play.effects)


def test_a_skipped_approval_leaves_by_on_approve() -> None:
    play = Play(
        node("ask", "approval", skip_when=ALWAYS, on_approve=flow("yes"), on_reject=flow("no")),
        node("yes", "state"),
        node("no", "state"),
        truths={"skip": [True]},
    ).start()
    assert play.at() == ["yes"]


# ---- timers ----


def reminded(**timer: object) -> Play:
    return Play(
        node(
            "work",
            "user_task",
            "end",
            timers={"late": Timer("late", "after", P1D, **timer)},  # type: ignore[arg-type]
            actions={"ok": action("ok", "end")},
        ),
        node("other", "state"),
        node("end", "end_event"),
        people={"assign": (1,), "reassign:late": (2,)},
    ).start()


def test_a_timer_event_waits_for_its_time() -> None:
    play = Play(node("pause", "timer_event", "end"), node("end", "end_event")).start()
    assert ScheduleTimer(play.token("pause"), "pause", "") in play.effects
    play.fire(TimerFired(play.token("pause"), ""))
    assert play.state.ended == "completed"


def test_a_boundary_timer_with_a_target_interrupts() -> None:
    play = reminded(to=("other",))
    effects = play.fire(TimerFired(play.token("work"), "late"))
    assert play.at() == ["other"]
    assert any(isinstance(e, CloseTasks) for e in effects)
    assert any(isinstance(e, CancelTimers) for e in effects)


def test_a_boundary_timer_that_keeps_adds_a_token() -> None:
    play = reminded(to=("other",), keep=True)
    play.fire(TimerFired(play.token("work"), "late"))
    assert play.at() == ["other", "work"]


def test_a_boundary_timer_may_hand_the_task_to_others() -> None:
    play = reminded(reassign=ALWAYS)
    effects = play.fire(TimerFired(play.token("work"), "late"))
    assert Reassign(play.token("work"), "work", (2,)) in effects


def test_a_timer_of_a_node_that_was_left_does_nothing() -> None:
    play = reminded(to=("other",))
    token = play.token("work")
    play.fire(Acted(token, "ok"))
    with pytest.raises(NoSuchToken):
        play.fire(TimerFired(token, "late"))


# ---- repetition ----


def each(how: Foreach = LIST, *, items: int = 3, until: list[bool] | None = None) -> Play:
    return Play(
        node("ship", "user_task", "end", foreach=how, actions={"ok": action("ok")}),
        node("end", "end_event"),
        people={"assign": (1,)},
        items=items,
        truths={"until": until or []},
    ).start()


def test_foreach_opens_a_task_for_each_item_and_leaves_after_the_last() -> None:
    play = each()
    assert play.at() == ["ship"] * 4
    for index in range(3):
        assert not play.state.ended
        play.fire(Acted(play.token("ship", index), "ok"))
    assert play.state.ended == "completed"


def test_sequential_foreach_goes_one_by_one() -> None:
    play = each(IN_ORDER)
    assert len(play.asked()) == 1
    play.fire(Acted(play.token("ship", 0), "ok"))
    assert len(play.asked()) == 2
    assert play.token("ship", 1)


def test_until_cancels_the_rest() -> None:
    play = each(until=[True])
    effects = play.fire(Acted(play.token("ship", 1), "ok"))
    assert play.state.ended == "completed"
    assert sum(isinstance(e, CloseTasks) and e.outcome == "not_needed" for e in effects) == 2


def test_an_empty_list_leaves_at_once() -> None:
    assert each(items=0).state.ended == "completed"


def test_a_repeated_approval_leaves_by_on_reject_if_any_was_rejected() -> None:
    play = Play(
        node("ask", "approval", foreach=LIST, on_approve=flow("yes"), on_reject=flow("no")),
        node("yes", "end_event"),
        node("no", "end_event"),
        people={"assign": (1,)},
        items=2,
    ).start()
    play.fire(Voted(play.token("ask", 0), 0, "reject"))
    play.fire(Voted(play.token("ask", 1), 0, "approve"))
    assert play.way_out("ask") == "reject"


def test_an_error_in_one_repetition_interrupts_the_activity() -> None:
    play = Play(
        node("ship", "script_task", "end", foreach=LIST, on_error=Boundary(("out",))),
        node("out", "state"),
        node("end", "end_event"),
        items=3,
        failing={"ship.do": "no truck"},
    ).start()
    assert play.at() == ["out"]


def test_a_loop_repeats_while_its_condition_holds() -> None:
    play = Play(
        node("try", "script_task", "end", loop_while=ALWAYS, loop_max=10),
        node("end", "end_event"),
        truths={"while": [True, True, False]},
    ).start()
    assert play.ran() == ["try.do", "try.do"]
    assert play.state.ended == "completed"


def test_a_loop_stops_at_its_maximum() -> None:
    play = Play(
        node("try", "script_task", "end", loop_while=ALWAYS, loop_max=2),
        node("end", "end_event"),
        truths={"while": [True] * 9},
    ).start()
    assert play.ran() == ["try.do", "try.do"]


# ---- ending from outside ----


def test_cancelling_closes_everything() -> None:
    play = split_and_join()
    play.fire(Cancelled())
    assert play.at() == []
    assert EndInstance("cancelled") in play.effects
    assert play.state == State(last=play.state.last, ended="cancelled")
