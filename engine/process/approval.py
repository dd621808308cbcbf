"""Rounds of an approval: seats, votes, and when a policy has decided (design: approvals, "Policies")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from engine.model.processes import Node

Verdict = Literal["approve", "reject", "empty", ""]


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver's place in a round. `auto` says why the engine voted for them: self, dedupe, clock; empty for their
    own vote. `weight` is what the vote counts under a ratio.

    A seat that a signer added (加签) names who added it, `by`, and to which seat, `of`: it votes `before` that seat, `after`
    its approval, or in `parallel`.
    """

    user: int
    vote: str = ""  # "", approve, reject, abstain, removed
    auto: str = ""
    weight: Decimal = Decimal(1)
    by: int = 0
    when: str = ""  # "", before, after, parallel
    of: int = -1


OUT = ("abstain", "removed")  # votes that leave the count


@dataclass(frozen=True, slots=True)
class Round:
    """What an approval node opens when a token enters: a seat for each approver, in the order of `assign`."""

    seats: tuple[Seat, ...]

    def vote(self, seat: int, vote: str, auto: str = "") -> Round:
        """The seat votes. Who was to vote after its approval is not needed without it."""
        seats = list(self.seats)
        seats[seat] = replace(seats[seat], vote=vote, auto=auto)
        round_ = Round(tuple(seats))
        for other in self.waiting_for(seat, "after") if vote != "approve" else ():
            round_ = round_.vote(other, "removed")
        return round_

    def add(self, seat: int, users: tuple[int, ...], when: str) -> Round:
        """Who holds the seat adds signers."""
        by = self.seats[seat].user
        return Round(self.seats + tuple(Seat(user, by=by, when=when, of=seat) for user in users))

    def waiting_for(self, seat: int, when: str) -> tuple[int, ...]:
        """The seats that were added to one and have not voted."""
        return tuple(i for i, each in enumerate(self.seats) if each.of == seat and each.when == when and not each.vote)

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
        voted = tuple(replace(seat, of=-1) for seat in self.seats if seat.vote)
        taken = {seat.user for seat in voted}
        return Round(voted + tuple(seat_for(user, weights) for user in users if user not in taken))


def seat_for(user: int, weights: Mapping[int, Decimal]) -> Seat:
    """A seat that has not voted; without `weights` it counts one."""
    return Seat(user, weight=weights.get(user, Decimal(1)))


def verdict(node: Node, round_: Round) -> Verdict:
    """What the round has decided so far, by the node's `policy` and `reject`; "" while it goes on, "empty" when all
    have abstained and `empty` does not approve. A round without seats is approved.

    Who abstains is out of the count. While somebody is to vote after another's approval, the round isn't approved, and
    under `any` the approval of who was added counts for the seat that it was added to. Neither verdict on a ratio can
    be turned by votes, or abstentions, still to come.
    """
    seats = [seat for seat in round_.seats if seat.vote not in OUT]
    if not seats:
        return "empty" if round_.seats and node.empty != "skip" else "approve"
    approved = sum(1 for seat in seats if seat.vote == "approve")
    rejected = sum(1 for seat in seats if seat.vote == "reject")
    counted = approved + rejected == len(seats)
    held = any(seat.vote == "approve" and round_.waiting_for(i, "after") for i, seat in enumerate(round_.seats))
    match node.policy:
        case "any":
            if (_deciding(round_) and not held) or (counted and not rejected):
                return "approve"
            return "reject" if rejected and (node.reject != "all" or counted) else ""
        case "ratio":
            needed = (node.ratio or Decimal(1)) * _weight(seats)
            if _weight(seats, "approve") >= needed and not held:
                return "approve"
            out_of_reach = _weight(seats) - _weight(seats, "reject") < needed
            return "reject" if out_of_reach and (node.reject != "after_all" or counted) else ""
        case _:
            if rejected and (node.reject != "after_all" or counted):
                return "reject"
            return "approve" if approved == len(seats) else ""


def _deciding(round_: Round) -> bool:
    """Whether a seat has approved that decides under `any`: nobody was added before or after whose vote it takes."""
    preceded = {seat.of for seat in round_.seats if seat.when == "after" and seat.vote != "removed"}
    return any(
        seat.vote == "approve" and seat.when != "before" and index not in preceded
        for index, seat in enumerate(round_.seats)
    )


def _weight(seats: Iterable[Seat], vote: str = "") -> Decimal:
    """What the seats, or those that voted so, weigh together."""
    return sum((seat.weight for seat in seats if vote in ("", seat.vote)), Decimal(0))


def open_seats(node: Node, round_: Round) -> tuple[int, ...]:
    """The seats that are asked now: all that have not voted and wait for no other, or the next in order under
    `sequential`.
    """
    seats = round_.seats
    waiting = tuple(
        index
        for index in _in_order(round_)
        if not seats[index].vote
        and not round_.waiting_for(index, "before")
        and not (seats[index].when == "after" and seats[index].of >= 0 and not seats[seats[index].of].vote)
    )
    return waiting[:1] if node.policy == "sequential" else waiting


def _in_order(round_: Round) -> Iterator[int]:
    """The seats in the order in which they vote one after the other; who was added in parallel comes last."""

    def place(index: int) -> Iterator[int]:
        for when in ("before", "", "after"):
            if not when:
                yield index
            for other, seat in enumerate(round_.seats):
                if when and seat.of == index and seat.when == when:
                    yield from place(other)

    for index, seat in enumerate(round_.seats):
        if seat.of < 0 or seat.when == "parallel":
            yield from place(index)
