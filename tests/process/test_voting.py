"""The pure interpreter on approvals: who is asked, how votes are counted, signers, and nobody found, without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.model.model import Value
from engine.model.processes import Timer
from engine.process.events import (
    CloseSeat,
    SeatGiven,
    SignerRemoved,
    SignersAdded,
    TimerFired,
    Voted,
)
from engine.process.interpreter import NoSuchToken
from tests.process.play import Play, Refused, flow, node

P1D = Value(literal="P1D")
ALWAYS: object = "true"  # a condition; the driver of these tests answers it


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


# ---- policies ----


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


# ---- the clock ----


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
