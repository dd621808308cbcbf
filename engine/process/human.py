"""Human tasks and approvals in the interpreter: who is asked, how votes count (design: approvals)."""

from __future__ import annotations

from dataclasses import replace

from engine.model.processes import Timer
from engine.model.ways import boundary_way
from engine.process.approval import Round, open_seats, verdict
from engine.process.catching import catch_leaves, fail
from engine.process.events import (
    CloseSeat,
    CloseTasks,
    OpenTask,
    Reassign,
    Resolved,
    ResolveUsers,
    RunScript,
    SeatVoted,
    SignerRemoved,
    SignersAdded,
)
from engine.process.run import Run
from engine.process.state import Token


def resolved(run: Run, token: Token, kind: str, name: str, event: Resolved) -> None:
    """The people asked for are known."""
    node = run.node(token)
    if kind == "reassign":
        reassigned(run, token, node.timers[name], event)
    elif node.type == "user_task":
        run.put(replace(token, phase="waiting"))
        run.effects.append(OpenTask(token.id, node.name, event.users))
    else:
        open_round(run, token, event, admins=kind == "admin")


def open_round(run: Run, token: Token, event: Resolved, *, admins: bool) -> None:
    """An approval begins: a seat for each approver. Admins who decide because all have abstained join the round."""
    node = run.node(token)
    before = (token.round or Round(())).seats
    round_ = Round(before).hand_to(event.users, event.weights)
    if len(round_.seats) == len(before) and (before or node.empty != "skip"):
        nobody(run, token, admins=admins)
        return
    for index, seat in enumerate(round_.seats):
        if index >= len(before) and seat.user in event.votes:
            auto = event.votes[seat.user]
            round_ = round_.vote(index, "approve", auto)
            run.effects.append(SeatVoted(token.id, node.name, index, seat.user, "approve", auto))
    token = replace(token, phase="waiting", round=round_)
    run.put(token)
    if verdict(node, round_):
        count_votes(run, token)
    else:
        seat_all(run, token)


def nobody(run: Run, token: Token, *, admins: bool = False) -> None:
    """Nobody was found to decide, or all have abstained: what `empty` says. `admins` have been asked for already."""
    node = run.node(token)
    if node.empty == "admin" and not admins:
        run.ask(ResolveUsers(token.id, node.name, "admin"), "admin")
    elif node.empty.startswith("to:"):
        run.complete(token, (node.empty[3:],), how="nobody")
    elif token.round is not None:
        fail(run, token, "nobody_found", f"All abstained from deciding '{node.name}'")
    else:
        fail(run, token, "nobody_found", f"Nobody was found to decide '{node.name}'")


def count_votes(run: Run, token: Token) -> None:
    """After a vote: the round ends by the policy, or goes on."""
    assert token.round is not None
    run.put(token)
    decided = verdict(run.node(token), token.round)
    slot = {"approve": "on_approve", "reject": "on_reject"}.get(decided, "vote")
    run.ask(RunScript(token.id, token.node, slot), slot)


def vote_kept(run: Run, token: Token) -> None:
    """What a vote brought is written, and the policy has not decided: others are asked, or nobody is left."""
    assert token.round is not None
    if verdict(run.node(token), token.round) == "empty":
        nobody(run, token)
    else:
        seat_all(run, token)


def seat_all(run: Run, token: Token) -> None:
    """Open tasks for the seats that are asked now; the driver keeps those that are open already."""
    assert token.round is not None
    for index in open_seats(run.node(token), token.round):
        run.effects.append(OpenTask(token.id, token.node, (token.round.seats[index].user,), index))


def signers_added(run: Run, token: Token, event: SignersAdded) -> None:
    """Others join the round; a seat that others vote before waits for them."""
    assert token.round is not None
    token = replace(token, round=token.round.add(event.seat, event.users, event.when))
    run.put(token)
    if event.when == "before":
        run.effects.append(CloseSeat(token.id, event.seat, "waiting"))
    seat_all(run, token)


def signer_removed(run: Run, token: Token, event: SignerRemoved) -> None:
    """An added seat is taken out, with those that were added to it: perhaps that decides the round."""
    assert token.round is not None
    round_ = token.round
    leaving = [event.seat]
    for seat in leaving:
        leaving += [i for i, each in enumerate(round_.seats) if each.of == seat and each.when != "parallel" and not each.vote]
        round_ = round_.vote(seat, "removed")
        run.effects.append(CloseSeat(token.id, seat, "removed"))
    count_votes(run, replace(token, round=round_))


def reassigned(run: Run, token: Token, timer: Timer, event: Resolved) -> None:
    """The clock has given the open tasks to other people."""
    held = [token, *run.repetitions(token)] if token.phase == "many" else [token]
    for one in held:
        if one.round is not None:
            run.put(replace(one, round=one.round.hand_to(event.users, event.weights)))
            run.effects.append(CloseTasks(one.id, "reassigned"))
            seat_all(run, run.tokens[one.id])
        elif one.phase == "waiting":
            run.effects.append(Reassign(one.id, one.node, event.users))
    timer_done(run, run.tokens[token.id], timer)


def timer_done(run: Run, token: Token, timer: Timer) -> None:
    """A boundary timer has run its script: it votes, or takes its way."""
    if timer.operation and token.round is not None:
        before = token.round
        after = before.vote_all(timer.operation, "clock")
        for index, (old, new) in enumerate(zip(before.seats, after.seats, strict=True)):
            if old != new:
                run.effects.append(SeatVoted(token.id, token.node, index, new.user, new.vote, new.auto))
        count_votes(run, replace(token, round=after))
    else:
        catch_leaves(run, token, timer.to, timer.name, boundary_way(token.node, timer.name), keep=timer.keep)
