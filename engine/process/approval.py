"""Rounds of an approval: seats, votes, and when a policy has decided (design: approvals, "Policies")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from engine.model.processes import Node

Verdict = Literal["approve", "reject", "empty", ""]


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver's place in a round. `auto` says why the engine voted for them: self, dedupe, clock; empty for their
    own vote. `weight` is what the vote counts under a ratio.
    """

    user: int
    vote: str = ""  # "", approve, reject, abstain
    auto: str = ""
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Round:
    """What an approval node opens when a token enters: a seat for each approver, in the order of `assign`."""

    seats: tuple[Seat, ...]

    def vote(self, seat: int, vote: str, auto: str = "") -> Round:
        seats = list(self.seats)
        seats[seat] = replace(seats[seat], vote=vote, auto=auto)
        return Round(tuple(seats))

    def give(self, seat: int, user: int) -> Round:
        """The seat goes to another person."""
        seats = list(self.seats)
        seats[seat] = replace(seats[seat], user=user)
        return Round(tuple(seats))

    def vote_all(self, vote: str, auto: str) -> Round:
        """Every seat that has not voted votes so, by the engine."""
        return Round(tuple(seat if seat.vote else replace(seat, vote=vote, auto=auto) for seat in self.seats))

    def hand_to(self, users: tuple[int, ...], weights: Mapping[int, Decimal]) -> Round:
        """The seats that have not voted go to other people; those who voted keep their vote and get no second seat."""
        voted = tuple(seat for seat in self.seats if seat.vote)
        taken = {seat.user for seat in voted}
        return Round(voted + tuple(seat_for(user, weights) for user in users if user not in taken))


def seat_for(user: int, weights: Mapping[int, Decimal]) -> Seat:
    """A seat that has not voted; without `weights` it counts one."""
    return Seat(user, weight=weights.get(user, Decimal(1)))


def verdict(node: Node, round_: Round) -> Verdict:
    """What the round has decided so far, by the node's `policy` and `reject`; "" while it goes on, "empty" when all
    have abstained and `empty` does not approve. A round without seats is approved.

    Who abstains is out of the count. Neither verdict on a ratio can be turned by votes, or abstentions, still to come.
    """
    seats = [seat for seat in round_.seats if seat.vote != "abstain"]
    if not seats:
        return "empty" if round_.seats and node.empty != "skip" else "approve"
    approved = sum(1 for seat in seats if seat.vote == "approve")
    rejected = sum(1 for seat in seats if seat.vote == "reject")
    counted = approved + rejected == len(seats)
    match node.policy:
        case "any":
            if approved:
                return "approve"
            return "reject" if rejected and (node.reject != "all" or counted) else ""
        case "ratio":
            needed = (node.ratio or Decimal(1)) * _weight(seats)
            if _weight(seats, "approve") >= needed:
                return "approve"
            out_of_reach = _weight(seats) - _weight(seats, "reject") < needed
            return "reject" if out_of_reach and (node.reject != "after_all" or counted) else ""
        case _:
            if rejected and (node.reject != "after_all" or counted):
                return "reject"
            return "approve" if approved == len(seats) else ""


def _weight(seats: Iterable[Seat], vote: str = "") -> Decimal:
    """What the seats, or those that voted so, weigh together."""
    return sum((seat.weight for seat in seats if vote in ("", seat.vote)), Decimal(0))


def open_seats(node: Node, round_: Round) -> tuple[int, ...]:
    """The seats that are asked now: all that have not voted, or the next in order under `sequential`."""
    waiting = tuple(index for index, seat in enumerate(round_.seats) if not seat.vote)
    return waiting[:1] if node.policy == "sequential" else waiting
