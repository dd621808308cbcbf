"""Who else takes a seat in an approval's round: transfer, and signers who are added and removed (design: approvals)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import AccessDenied, ActionRefused
from engine.model.processes import Node
from engine.process import events
from engine.process.approval import Round
from engine.process.instance import Instance
from engine.process.names import key
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step

WHEN = ("before", "after", "parallel")


def round_of(case: Instance, token: int) -> Round:
    """The open round of an approval's token; raises ActionRefused if it has ended."""
    found = case.state.token(token)
    if found is None or found.round is None:
        raise ActionRefused("The round has ended", code="done")
    return found.round


def check_seat(case: Instance, node: Node, token: int, person: Record) -> None:
    """Raise ActionRefused, saying why, if the person may not take a seat in the round."""
    if not person["active"]:
        raise ActionRefused("{who} is deactivated", who=person.title())
    if any(seat.user == person.id and not seat.vote for seat in round_of(case, token).seats):
        raise ActionRefused("{who} has a seat in this round already", who=person.title())
    if person.id == case.initiator_id and node.self_ != "allow":
        raise ActionRefused("{who} started this and may not decide it", who=person.title())


def give(step: Step, case: Instance, node: Node, token: int, seat: int, person: Record) -> None:
    """The seat goes to another person (转办)."""
    check_seat(case, node, token, person)
    step.processes.runner.fire(case, events.SeatGiven(token, seat, key(person)))


def add(
    step: Step, case: Instance, node: Node, token: int, seat: int, people: list[Record], when: object, comment: str
) -> None:
    """Others are to vote before or after the seat, or beside it (加签)."""
    if when not in WHEN:
        raise ActionRefused("'when' must be one of {possible}", possible=", ".join(WHEN))
    if not people:
        raise ActionRefused("Say who is to sign: 'users' is missing")
    for person in people:
        check_seat(case, node, token, person)
    users = tuple(key(person) for person in people)
    step.processes.runner.note(case, "signers_added", node.name, users=list(users), when=when, comment=comment)
    step.processes.runner.fire(case, events.SignersAdded(token, seat, users, str(when)))


def remove(step: Step, case: Instance, node: Node, token: int, person: Record, comment: str) -> None:
    """Take out a seat that the step's user added, and that has not voted (减签)."""
    for index, seat in enumerate(round_of(case, token).seats):
        if seat.user == person.id and seat.when and not seat.vote:
            if step.user is not None and seat.by != step.user.id:
                raise AccessDenied("Only who added {who} may take them out", who=person.title())
            step.processes.runner.note(case, "signer_removed", node.name, user=person.id, comment=comment)
            step.processes.runner.fire(case, events.SignerRemoved(token, index))
            return
    raise ActionRefused("{who} has no added seat that is open", who=person.title())
