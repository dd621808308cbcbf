"""Rounds of an approval: seats, votes, and when a policy has decided (design: approvals, "Policies")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from engine.model.processes import Node

Verdict = Literal["approve", "reject", ""]


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver's place in a round. `auto` says why the engine voted for them: self, clock; empty for their own
    vote.
    """

    user: int
    vote: str = ""  # "", approve, reject
    auto: str = ""


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

    def hand_to(self, users: tuple[int, ...]) -> Round:
        """The seats that have not voted go to other people; those who voted keep their vote and get no second seat."""
        voted = tuple(seat for seat in self.seats if seat.vote)
        taken = {seat.user for seat in voted}
        return Round(voted + tuple(Seat(user) for user in users if user not in taken))


def verdict(node: Node, round_: Round) -> Verdict:
    """What the round has decided so far, by the node's `policy` and `reject`; "" while it goes on. A round without
    seats is approved.
    """
    seats = round_.seats
    approved = sum(1 for seat in seats if seat.vote == "approve")
    rejected = sum(1 for seat in seats if seat.vote == "reject")
    if not seats:
        return "approve"
    match node.policy:
        case "any":
            if approved:
                return "approve"
            return "reject" if rejected and (node.reject != "all" or rejected == len(seats)) else ""
        case "ratio":
            needed = (node.ratio or Decimal(1)) * len(seats)
            if approved >= needed:
                return "approve"
            return "reject" if len(seats) - rejected < needed else ""
        case _:
            if rejected and (node.reject != "after_all" or approved + rejected == len(seats)):
                return "reject"
            return "approve" if approved == len(seats) else ""


def open_seats(node: Node, round_: Round) -> tuple[int, ...]:
    """The seats that are asked now: all that have not voted, or the next in order under `sequential`."""
    waiting = tuple(index for index, seat in enumerate(round_.seats) if not seat.vote)
    return waiting[:1] if node.policy == "sequential" else waiting
