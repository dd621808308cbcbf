"""The pure interpreter: tokens through states, tasks, gateways, timers and repetitions, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.model import Value
from engine.model.processes import Boundary, Foreach, Timer
from engine.process.events import (
    Acted,
    Cancelled,
    CancelTimers,
    CloseSeat,
    CloseTasks,
    EndInstance,
    OpenTask,
    Reassign,
    ScheduleTimer,
    SeatGiven,
    SetStatus,
    SignerRemoved,
    SignersAdded,
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


def approval(policy: str = "any", *people: int, **more: object) -> Play:
    votes, weights = more.pop("votes", None), more.pop("weights", None)
    return Play(
        node("ask", "approval", policy=policy, on_approve=flow("yes"), on_reject=flow("no"), **more),
        node("yes", "end_event"),
        node("no", "end_event"),
        people={"assign": people, "admin": (99,), "reassign:escalate": (7, 8)},
        votes=votes,  # type: ignore[arg-type]
        weights=weights,  # type: ignore[arg-type]
    ).start()


def vote(play: Play, **votes: str) -> Play:
    """The seats vote in this order: `vote(play, s1="approve")`."""
    for seat, given in votes.items():
        play.fire(Voted(play.token("ask"), int(seat[1:]), given))
    return play


def ended_by(play: Play) -> str:
    return play.way_out("ask")


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


# ---- approvals ----


def test_any_is_decided_by_the_first_vote() -> None:
    play = approval("any", 1, 2)
    assert play.asked() == [1, 2]
    play.fire(Voted(play.token("ask"), 1, "approve"))
    assert ended_by(play) == "approve"


def test_any_with_reject_all_needs_every_rejection() -> None:
    play = approval("any", 1, 2, reject="all")
    play.fire(Voted(play.token("ask"), 0, "reject"))
    assert play.at() == ["ask"]
    play.fire(Voted(play.token("ask"), 1, "reject"))
    assert ended_by(play) == "reject"


def test_all_waits_for_every_seat() -> None:
    play = approval("all", 1, 2)
    play.fire(Voted(play.token("ask"), 0, "approve"))
    assert play.at() == ["ask"]
    play.fire(Voted(play.token("ask"), 1, "approve"))
    assert ended_by(play) == "approve"


def test_all_ends_with_the_first_rejection() -> None:
    play = approval("all", 1, 2)
    play.fire(Voted(play.token("ask"), 1, "reject"))
    assert ended_by(play) == "reject"


def test_all_with_after_all_counts_every_vote_first() -> None:
    play = approval("all", 1, 2, reject="after_all")
    play.fire(Voted(play.token("ask"), 1, "reject"))
    assert play.at() == ["ask"]
    play.fire(Voted(play.token("ask"), 0, "approve"))
    assert ended_by(play) == "reject"


def test_sequential_asks_one_after_the_other() -> None:
    play = approval("sequential", 1, 2)
    assert play.asked() == [1]
    play.fire(Voted(play.token("ask"), 0, "approve"))
    assert play.asked() == [1, 2]
    play.fire(Voted(play.token("ask"), 1, "approve"))
    assert ended_by(play) == "approve"


def test_a_ratio_is_rejected_when_it_cannot_be_reached_any_more() -> None:
    play = approval("ratio", 1, 2, 3, ratio=Decimal("0.6"))
    play.fire(Voted(play.token("ask"), 0, "reject"))
    assert play.at() == ["ask"]
    play.fire(Voted(play.token("ask"), 1, "reject"))
    assert ended_by(play) == "reject"


def test_a_ratio_with_after_all_rejects_when_the_last_vote_is_in() -> None:
    play = vote(approval("ratio", 1, 2, 3, ratio=Decimal("0.6"), reject="after_all"), s0="reject", s1="reject")
    assert play.at() == ["ask"]
    assert ended_by(vote(play, s2="approve")) == "reject"


def test_a_heavy_vote_reaches_the_ratio_alone() -> None:
    play = approval("ratio", 1, 2, 3, ratio=Decimal("0.6"), weights={1: Decimal(3)})
    assert ended_by(vote(play, s0="approve")) == "approve"


def test_against_a_heavy_vote_the_others_cannot_reach_the_ratio() -> None:
    play = approval("ratio", 1, 2, 3, ratio=Decimal("0.6"), weights={1: Decimal("2.5")})
    assert ended_by(vote(play, s0="reject")) == "reject"


def test_a_seat_handed_on_keeps_its_weight() -> None:
    play = approval("ratio", 1, 2, 3, ratio=Decimal("0.6"), weights={1: Decimal(3)})
    play.fire(SeatGiven(play.token("ask"), 0, 9))
    assert ended_by(vote(play, s0="approve")) == "approve"


@pytest.mark.parametrize(
    ("policy", "more", "votes", "how"),
    [
        ("any", {}, {"s0": "abstain", "s1": "approve"}, "approve"),
        ("any", {"reject": "all"}, {"s0": "abstain", "s1": "reject", "s2": "reject"}, "reject"),
        ("all", {}, {"s0": "approve", "s1": "abstain", "s2": "approve"}, "approve"),
        ("all", {"reject": "after_all"}, {"s0": "reject", "s1": "approve", "s2": "abstain"}, "reject"),
        ("sequential", {}, {"s0": "approve", "s1": "abstain", "s2": "approve"}, "approve"),
        ("ratio", {"ratio": Decimal("0.5")}, {"s0": "approve", "s1": "abstain"}, "approve"),
        ("ratio", {"ratio": Decimal(1)}, {"s0": "abstain", "s1": "abstain", "s2": "approve"}, "approve"),
    ],
)
def test_who_abstains_is_out_of_the_count(
    policy: str, more: dict[str, object], votes: dict[str, str], how: str
) -> None:
    *first, last = votes.items()
    play = vote(approval(policy, 1, 2, 3, **more), **dict(first))
    assert play.at() == ["ask"]
    assert ended_by(vote(play, **dict([last]))) == how


@pytest.mark.parametrize(("empty", "how"), [("skip", "approve"), ("to:no", "nobody")])
def test_when_all_abstain_the_node_is_empty(empty: str, how: str) -> None:
    play = approval("all", 1, 2, empty=empty)
    assert ended_by(vote(play, s0="abstain", s1="abstain")) == how


def test_when_all_abstain_admins_may_be_asked() -> None:
    play = vote(approval("all", 1, empty="admin"), s0="abstain")
    assert play.asked() == [1, 99]
    assert ended_by(vote(play, s1="approve")) == "approve"


def test_admins_who_abstain_are_not_asked_again() -> None:
    play = vote(approval("all", 1, empty="admin"), s0="abstain")
    with pytest.raises(Refused, match="All abstained from deciding 'ask'"):
        vote(play, s1="abstain")


def test_all_may_not_abstain_where_nobody_else_is_to_decide() -> None:
    play = approval("all", 1, 2)
    with pytest.raises(Refused, match="All abstained from deciding 'ask'"):
        vote(play, s0="abstain", s1="abstain")


def added(play: Play, when: str, *users: int, seat: int = 0) -> Play:
    play.fire(SignersAdded(play.token("ask"), seat, users, when))
    return play


def test_a_signer_before_votes_first_and_the_task_comes_back() -> None:
    play = added(approval("all", 1, 2), "before", 7)
    assert CloseSeat(play.token("ask"), 0, "waiting") in play.effects
    with pytest.raises(NoSuchToken):
        vote(play, s0="approve")
    vote(play, s2="approve")
    assert play.asked()[-2:] == [1, 2]
    assert ended_by(vote(play, s0="approve", s1="approve")) == "approve"


@pytest.mark.parametrize("policy", ["any", "all", "sequential"])
def test_the_rejection_of_a_signer_before_ends_by_the_policy(policy: str) -> None:
    assert ended_by(vote(added(approval(policy, 1, 2), "before", 7), s2="reject")) == "reject"


def test_under_any_a_signers_approval_before_leaves_the_decision_to_the_seat() -> None:
    play = vote(added(approval("any", 1), "before", 7), s1="approve")
    assert play.at() == ["ask"]
    assert ended_by(vote(play, s0="approve")) == "approve"


@pytest.mark.parametrize(("policy", "more"), [("any", {}), ("all", {}), ("ratio", {"ratio": Decimal("0.5")})])
def test_the_round_is_not_over_before_a_signer_after(policy: str, more: dict[str, object]) -> None:
    play = added(approval(policy, 1, **more), "after", 7)
    assert play.asked() == [1, 1]
    vote(play, s0="approve")
    assert (play.at(), play.asked()[-1]) == (["ask"], 7)
    assert ended_by(vote(play, s1="approve")) == "approve"


def test_under_any_the_signer_after_decides() -> None:
    assert ended_by(vote(added(approval("any", 1), "after", 7), s0="approve", s1="reject")) == "reject"


def test_without_my_approval_the_signer_after_is_not_needed() -> None:
    play = vote(added(approval("all", 1, 2, reject="after_all"), "after", 7), s0="reject")
    assert 7 not in play.asked()
    assert ended_by(vote(play, s1="approve")) == "reject"


def test_a_parallel_signer_is_one_more_seat() -> None:
    play = vote(added(approval("all", 1), "parallel", 7), s0="approve")
    assert play.at() == ["ask"]
    assert ended_by(vote(play, s1="approve")) == "approve"


def test_in_sequence_signers_stand_beside_the_seat_they_were_added_to() -> None:
    play = approval("sequential", 1, 2)
    added(added(added(play, "after", 5), "parallel", 6), "before", 4)
    assert vote(play, s4="approve", s0="approve", s2="approve", s1="approve", s3="approve").at() == []
    assert list(dict.fromkeys(play.asked())) == [1, 4, 5, 2, 6]


def test_a_signer_taken_out_may_end_the_round() -> None:
    play = vote(added(approval("all", 1), "parallel", 7), s0="approve")
    play.fire(SignerRemoved(play.token("ask"), 1))
    assert ended_by(play) == "approve"


def test_a_signer_before_taken_out_gives_the_task_back() -> None:
    play = added(approval("all", 1), "before", 7)
    play.fire(SignerRemoved(play.token("ask"), 1))
    assert ended_by(vote(play, s0="approve")) == "approve"


def test_who_was_asked_first_or_has_voted_is_not_taken_out() -> None:
    play = vote(added(approval("all", 1, 2), "parallel", 7), s2="approve")
    for seat in (0, 2):
        with pytest.raises(NoSuchToken):
            play.fire(SignerRemoved(play.token("ask"), seat))
    assert play.at() == ["ask"]


def test_a_seat_votes_once() -> None:
    play = approval("all", 1, 2)
    play.fire(Voted(play.token("ask"), 0, "approve"))
    with pytest.raises(NoSuchToken):
        play.fire(Voted(play.token("ask"), 0, "reject"))


def test_the_initiators_own_seat_may_be_approved_automatically() -> None:
    play = approval("all", 1, 2, votes={1: "self"})
    assert play.asked() == [2]
    play.fire(Voted(play.token("ask"), 1, "approve"))
    assert ended_by(play) == "approve"


@pytest.mark.parametrize(("empty", "at", "asked"), [("skip", [], []), ("admin", ["ask"], [99])])
def test_nobody_found_goes_the_way_that_empty_says(empty: str, at: list[str], asked: list[int]) -> None:
    play = approval("any", empty=empty)
    assert (play.at(), play.asked()) == (at, asked)


def test_nobody_found_may_lead_to_another_node() -> None:
    play = approval("any", empty="to:no")
    assert ended_by(play) == "nobody"


def test_nobody_found_is_an_error_by_default() -> None:
    with pytest.raises(Refused, match="Nobody was found to decide 'ask'"):
        approval("any")


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


def test_the_clock_may_approve() -> None:
    play = approval("all", 1, 2, timers={"give_up": Timer("give_up", "after", P1D, operation="approve")})
    play.fire(TimerFired(play.token("ask"), "give_up"))
    assert ended_by(play) == "approve"


def test_escalation_replaces_the_seats_that_have_not_voted() -> None:
    play = approval("all", 1, 2, timers={"escalate": Timer("escalate", "after", P1D, reassign=ALWAYS)})  # type: ignore[arg-type]
    play.fire(Voted(play.token("ask"), 0, "approve"))
    play.fire(TimerFired(play.token("ask"), "escalate"))
    assert play.asked() == [1, 2, 2, 7, 8]  # the second seat was offered again after the first vote, then handed on
    token = play.state.token(play.token("ask"))
    assert token is not None
    assert token.round is not None
    assert [(seat.user, seat.vote) for seat in token.round.seats] == [(1, "approve"), (7, ""), (8, "")]


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
    assert ended_by(play) == "reject"


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
