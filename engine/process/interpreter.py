"""The interpreter: a pure function that moves the tokens of one process instance until all wait (BPMN 2.0, chapter
13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.model.processes import Node, Timer
from engine.process.approval import Round, Seat, open_seats, verdict
from engine.process.events import (
    REQUESTS,
    Acted,
    Cancelled,
    CancelTimers,
    CloseScope,
    CloseTasks,
    Counted,
    CountItems,
    Decide,
    Decided,
    Effect,
    EndInstance,
    EndRepetition,
    Entered,
    Event,
    Fail,
    Left,
    OpenTask,
    Probe,
    Probed,
    Reassign,
    Recovered,
    Resolved,
    ResolveUsers,
    RunScript,
    ScheduleTimer,
    ScriptDone,
    ScriptFailed,
    SeatGiven,
    SeatVoted,
    SetStatus,
    Started,
    TimerFired,
    Voted,
)
from engine.process.graph import WAITING, Graph, boundary_way, flow_way
from engine.process.state import Pending, State, Token

MOST_MOVES = 1000


class NoSuchToken(Exception):
    """The event is for a token that has already moved on, or does not wait for it: the caller lost a race."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state after an event, and what is to be done, in order. If the last effect is a request, its answer is
    the next event.
    """

    state: State
    effects: tuple[Effect, ...]


def fire(graph: Graph, state: State, event: Event, *, most_moves: int = MOST_MOVES) -> Outcome:
    """Advance `state` until every token waits, or until data is needed.

    Pure: the same arguments give the same outcome, and nothing is written. More than `most_moves` nodes entered since
    the last event
    from outside is taken for an endless loop and ends in `Fail`.

    Raises NoSuchToken if `event` is for a token that has already moved on.
    """
    run = _Run(graph, state, most_moves)
    run.take(event)
    while run.pending is None and not run.failed and (token := run.next_ready()) is not None:
        run.enter(token)
    run.settle()
    return Outcome(run.state(), tuple(run.effects))


class _Run:
    """The working copy of one call of `fire`."""

    def __init__(self, graph: Graph, state: State, most_moves: int) -> None:
        self.graph = graph
        self.tokens = {token.id: token for token in state.tokens}
        self.last = state.last
        self.pending = state.pending
        self.moves = state.moves
        self.most_moves = most_moves
        self.ended = state.ended
        self.failed = False
        self.effects: list[Effect] = []

    def state(self) -> State:
        return State(tuple(self.tokens.values()), self.last, self.pending, self.moves, self.ended)

    # ---- events ----

    def take(self, event: Event) -> None:
        if isinstance(event, ScriptDone | ScriptFailed | Decided | Resolved | Probed | Counted):
            self.answer(event)
            return
        if self.pending is not None:
            raise NoSuchToken(f"the question {self.pending.slot!r} is open")
        self.moves = 0
        match event:
            case Started():
                self.add(self.graph.first)
            case Cancelled():
                self.end("cancelled")
            case Acted(token=number, action=name):
                token = self.waiting(number, "state", "user_task")
                if name not in self.node(token).actions and (self.node(token).actions or name != "complete"):
                    raise NoSuchToken(f"{token.node} has no action {name!r}")
                self.ask(RunScript(token.id, token.node, f"action:{name}"), f"action:{name}")
            case Voted(token=number, seat=seat, vote=vote):
                token = self.waiting(number, "approval")
                assert token.round is not None
                if seat not in open_seats(self.node(token), token.round):
                    raise NoSuchToken(f"seat {seat} of {token.node} has voted")
                self.count_votes(replace(token, round=token.round.vote(seat, vote)))
            case SeatGiven(token=number, seat=seat, user=user):
                token = self.waiting(number, "approval")
                assert token.round is not None
                self.put(replace(token, round=token.round.give(seat, user)))
            case TimerFired(token=number, timer=name):
                self.timer(number, name)

    def answer(self, event: ScriptDone | ScriptFailed | Decided | Resolved | Probed | Counted) -> None:
        """Go on where the question was put."""
        pending = self.pending
        if pending is None or pending.token != event.token:
            raise NoSuchToken(f"nothing was asked for token {event.token}")
        self.pending = None
        token = self.tokens[event.token]
        node = self.node(token)
        kind, _, name = pending.slot.partition(":")
        match event:
            case ScriptFailed(code=code, message=message):
                self.fail(token, code, message, within_handler=kind == "on_error")
            case Probed(holds=holds) if kind == "skip":
                if holds:
                    self.complete(
                        token,
                        node.on_approve.to if node.on_approve and node.on_approve.to else node.to,
                        how="skipped",
                        looping=False,
                    )
                else:
                    self.arrive(token)
            case Probed(holds=holds) if kind == "while":
                self.turn(token, holds, pending)
            case Probed(holds=holds) if kind == "repetition":
                self.repeat(token, enough=holds)
            case Counted(total=total):
                self.spread(token, total)
            case Decided(flow=None):
                self.stop(
                    token,
                    "no_way_out",
                    f"No condition of '{token.node}' holds and it has no else: the process cannot go on",
                )
            case Decided(flow=int(index)):
                self.leave(token, node.flows[index].to, flow_way(node.name, index))
            case Resolved():
                self.resolved(token, kind, name, event)
            case ScriptDone():
                self.script_done(token, kind, name, pending)

    def script_done(self, token: Token, kind: str, name: str, pending: Pending) -> None:
        node = self.node(token)
        match kind:
            case "do":
                self.complete(token, node.to)
            case "action":
                action = node.actions.get(name)
                to = action.to if action is not None and action.to else node.to
                if node.type == "state":
                    if to:
                        self.leave(token, to, how=name)
                else:
                    self.complete(token, to, how=name)
            case "vote":
                self.seat(token)
            case "on_approve" | "on_reject":
                flow = node.on_approve if kind == "on_approve" else node.on_reject
                how = "approve" if kind == "on_approve" else "reject"
                self.complete(
                    token, flow.to if flow is not None and flow.to else node.to, how=how, rejected=kind == "on_reject"
                )
            case "on_error":
                self.leave(token, pending.targets, pending.way, how="error")
            case "timer":
                self.timer_done(token, node.timers[name])

    # ---- entering nodes ----

    def enter(self, token: Token) -> None:
        """A token comes to its node."""
        node = self.node(token)
        self.moves += 1
        if self.moves > self.most_moves:
            self.stop(
                token,
                "too_many_steps",
                f"'{node.name}' was reached after {self.most_moves} automatic steps: an endless loop",
            )
        elif node.type == "parallel_gateway" and not self.joined(token):
            self.put(replace(token, phase="joining"))
        elif token.parent:  # a repetition: the activity as a whole has been entered already
            self.begin(token)
        elif node.skip_when is not None and token.turn <= 1:
            self.ask(Probe(token.id, node.name, "skip"), "skip")
        else:
            self.arrive(token)

    def arrive(self, token: Token) -> None:
        """The token is on its node, which was not skipped."""
        node = self.node(token)
        self.effects.append(Entered(token.id, node.name, token.way))
        if node.status is not None:
            self.effects.append(SetStatus(node.name, node.status))
        if node.type in WAITING or node.foreach is not None:
            self.effects.extend(ScheduleTimer(token.id, node.name, name) for name in node.timers)
        if node.loop_while is not None and not token.turn:
            self.put(replace(token, turn=1))
            self.ask(Probe(token.id, node.name, "while"), "while", node.to, node.name)
        elif node.foreach is not None:
            self.ask(CountItems(token.id, node.name), "foreach")
        else:
            self.begin(token)

    def begin(self, token: Token) -> None:
        """Do what the node is for."""
        node = self.node(token)
        match node.type:
            case "state":
                self.put(replace(token, phase="waiting"))
            case "timer_event":
                self.put(replace(token, phase="waiting"))
                self.effects.append(ScheduleTimer(token.id, node.name, ""))
            case "user_task" | "approval":
                self.ask(ResolveUsers(token.id, node.name, "assign"), "assign")
            case "script_task" | "business_rule_task":
                self.ask(RunScript(token.id, node.name, "do"), "do")
            case "exclusive_gateway" if node.flows:
                self.ask(Decide(token.id, node.name), "flows")
            case "exclusive_gateway" | "parallel_gateway":
                self.leave(token, node.to)
            case "end_event":
                self.leave(token, ())
                if node.error is not None:
                    self.end("failed", node.error)
                elif node.terminate:
                    self.end("completed")
            case _:
                self.stop(
                    token, "unknown_node", f"'{node.name}' is of type {node.type}, which this version does not run"
                )

    def joined(self, token: Token) -> bool:
        """Whether every way into the join has brought its tokens; the others are then consumed, and `token` goes on
        for all.
        """
        ways = self.graph.ways[token.node]
        here = [
            t
            for t in self.tokens.values()
            if t.node == token.node and t.scope == token.scope and (t.phase == "joining" or t.id == token.id)
        ]
        used: list[Token] = []
        for way, needed in ways.items():
            arrived = [t for t in here if t.way == way][:needed]
            if len(arrived) < needed:
                return False
            used.extend(arrived)
        for other in used:
            if other.id != token.id:
                del self.tokens[other.id]
        return True

    # ---- human tasks and approvals ----

    def resolved(self, token: Token, kind: str, name: str, event: Resolved) -> None:
        node = self.node(token)
        if kind == "reassign":
            self.reassigned(token, node.timers[name], event)
        elif node.type == "user_task":
            self.put(replace(token, phase="waiting"))
            self.effects.append(OpenTask(token.id, node.name, event.users))
        else:
            self.open_round(token, event, admins=kind == "admin")

    def open_round(self, token: Token, event: Resolved, *, admins: bool) -> None:
        node = self.node(token)
        if not event.users:
            if node.empty == "admin" and not admins:
                self.ask(ResolveUsers(token.id, node.name, "admin"), "admin")
                return
            if node.empty.startswith("to:"):
                self.complete(token, (node.empty[3:],), how="nobody")
                return
            if node.empty != "skip":
                self.fail(token, "nobody_found", f"Nobody was found to decide '{node.name}'")
                return
        seats = tuple(
            Seat(user, "approve", event.votes[user]) if user in event.votes else Seat(user) for user in event.users
        )
        for index, seat in enumerate(seats):
            if seat.auto:
                self.effects.append(SeatVoted(token.id, node.name, index, seat.user, seat.vote, seat.auto))
        token = replace(token, phase="waiting", round=Round(seats))
        self.put(token)
        if verdict(node, Round(seats)):
            self.count_votes(token)
        else:
            self.seat(token)

    def count_votes(self, token: Token) -> None:
        """After a vote: the round ends by the policy, or goes on."""
        assert token.round is not None
        self.put(token)
        decided = verdict(self.node(token), token.round)
        slot = {"approve": "on_approve", "reject": "on_reject", "": "vote"}[decided]
        self.ask(RunScript(token.id, token.node, slot), slot)

    def seat(self, token: Token) -> None:
        """Open tasks for the seats that are asked now; the driver keeps those that are open already."""
        assert token.round is not None
        for index in open_seats(self.node(token), token.round):
            self.effects.append(OpenTask(token.id, token.node, (token.round.seats[index].user,), index))

    # ---- timers ----

    def timer(self, number: int, name: str) -> None:
        token = self.tokens.get(number)
        if token is None or token.phase not in ("waiting", "many"):
            raise NoSuchToken(f"token {number} has moved on")
        node = self.node(token)
        if not name and node.type == "timer_event":
            self.complete(token, node.to, how="timer")
            return
        if name not in node.timers:
            raise NoSuchToken(f"{node.name} has no timer {name!r}")
        self.ask(RunScript(token.id, node.name, f"timer:{name}"), f"timer:{name}")

    def timer_done(self, token: Token, timer: Timer) -> None:
        if timer.reassign is not None:
            self.ask(ResolveUsers(token.id, token.node, f"reassign:{timer.name}"), f"reassign:{timer.name}")
        else:
            self.timer_leaves(token, timer)

    def reassigned(self, token: Token, timer: Timer, event: Resolved) -> None:
        held = [token, *self.repetitions(token)] if token.phase == "many" else [token]
        for one in held:
            if one.round is not None:
                self.put(replace(one, round=one.round.hand_to(event.users)))
                self.effects.append(CloseTasks(one.id, "reassigned"))
                self.seat(self.tokens[one.id])
            elif one.phase == "waiting":
                self.effects.append(Reassign(one.id, one.node, event.users))
        self.timer_leaves(self.tokens[token.id], timer)

    def timer_leaves(self, token: Token, timer: Timer) -> None:
        if timer.operation and token.round is not None:
            before = token.round
            after = before.vote_all(timer.operation, "clock")
            for index, (old, new) in enumerate(zip(before.seats, after.seats, strict=True)):
                if old != new:
                    self.effects.append(SeatVoted(token.id, token.node, index, new.user, new.vote, new.auto))
            self.count_votes(replace(token, round=after))
        elif timer.to and timer.keep:
            for target in reversed(timer.to):
                self.add(target, boundary_way(token.node, timer.name), token.scope)
        elif timer.to:
            self.leave(token, timer.to, boundary_way(token.node, timer.name), how=timer.name)

    # ---- repetition ----

    def turn(self, token: Token, holds: bool, pending: Pending) -> None:
        """The condition of a `loop` was tested before its first or next turn."""
        node = self.node(token)
        first = token.phase == "ready"
        if not holds or token.turn > (node.loop_max or self.most_moves):
            self.leave(token, pending.targets, pending.way)
        elif first:
            self.spread_or_begin(token)
        else:
            self.close(token, "done")
            del self.tokens[token.id]
            again = self.add(token.node, token.way, token.scope)
            self.put(replace(again, turn=token.turn))

    def spread_or_begin(self, token: Token) -> None:
        if self.node(token).foreach is not None:
            self.ask(CountItems(token.id, token.node), "foreach")
        else:
            self.begin(token)

    def spread(self, token: Token, total: int) -> None:
        """Start the repetitions of a `foreach`: all, or the first if they are sequential."""
        node = self.node(token)
        assert node.foreach is not None
        token = replace(token, phase="many", total=total)
        self.put(token)
        if not total:
            self.finish_many(token)
            return
        for index in reversed(range(1 if node.foreach.sequential else total)):
            self.put(replace(self.add(token.node, scope=token.scope), parent=token.id, index=index))

    def repeat(self, child: Token, *, enough: bool) -> None:
        """A repetition has ended."""
        self.close(child, "done")
        del self.tokens[child.id]
        parent = replace(self.tokens[child.parent], done=self.tokens[child.parent].done + 1)
        self.put(parent)
        foreach = self.node(parent).foreach
        assert foreach is not None
        if enough or parent.done == parent.total:
            self.finish_many(parent)
        elif foreach.sequential:
            self.put(replace(self.add(parent.node, scope=parent.scope), parent=parent.id, index=child.index + 1))

    def finish_many(self, token: Token) -> None:
        """The activity leaves when its last repetition has ended, or `until` holds: the rest is cancelled."""
        node = self.node(token)
        self.drop_repetitions(token)
        self.effects.append(CloseScope(token.id, node.name))
        flow = node.on_reject if token.rejected else node.on_approve
        self.complete(
            token, node.to if flow is None or not flow.to else flow.to, how="reject" if token.rejected else "done"
        )

    # ---- leaving nodes ----

    def complete(
        self, token: Token, to: tuple[str, ...], *, how: str = "done", rejected: bool = False, looping: bool = True
    ) -> None:
        """The activity has done its work: end the repetition, take the next turn, or leave."""
        node = self.node(token)
        if token.parent:
            parent = self.tokens[token.parent]
            if rejected and not parent.rejected:
                parent = replace(parent, rejected=True)
                self.put(parent)
            self.ask(EndRepetition(token.id, node.name, parent.id, parent.done + 1, parent.total), "repetition")
        elif node.loop_while is not None and looping:
            self.put(replace(token, turn=token.turn + 1, phase="waiting"))
            self.ask(Probe(token.id, node.name, "while"), "while", to, node.name)
        else:
            self.leave(token, to, how=how)

    def leave(self, token: Token, to: tuple[str, ...], way: str = "", *, how: str = "done") -> None:
        """The token goes; what belonged to its stay is closed. Tokens for the next nodes run at once, in their
        order.
        """
        self.drop_repetitions(token)
        self.close(token, "not_needed")
        self.effects.append(Left(token.id, token.node, to, how))
        del self.tokens[token.id]
        for target in reversed(to):
            self.add(target, way or token.node, token.scope)

    def fail(self, token: Token, code: str, message: str, *, within_handler: bool = False) -> None:
        """An activity failed: its token leaves by `on_error`, else the step fails."""
        whole = self.tokens[token.parent] if token.parent else token
        node = self.node(whole)
        handler = node.on_error
        if handler is None or within_handler or handler.code not in (None, code):
            self.stop(token, code, message)
            return
        self.drop_repetitions(whole)
        self.effects.append(Recovered(whole.id, node.name, code, message))
        way = boundary_way(node.name, "on_error")
        if handler.do is not None:
            self.ask(RunScript(whole.id, node.name, "on_error"), "on_error", handler.to, way)
        else:
            self.leave(whole, handler.to, way, how="error")

    def stop(self, token: Token, code: str, message: str) -> None:
        self.effects.append(Fail(token.node, code, message))
        self.failed = True

    def end(self, outcome: str, error: str = "") -> None:
        """End all tokens and the instance."""
        for token in list(self.tokens.values()):
            self.close(token, "not_needed")
        self.tokens.clear()
        self.ended = outcome
        self.effects.append(EndInstance(outcome, error))

    def settle(self) -> None:
        """An instance without tokens has completed."""
        if not self.tokens and not self.ended and not self.failed:
            self.end("completed")

    # ---- tokens ----

    def node(self, token: Token) -> Node:
        return self.graph.nodes[token.node]

    def put(self, token: Token) -> None:
        self.tokens[token.id] = token

    def add(self, node: str, way: str = "", scope: int = 0) -> Token:
        """A new token, which runs before those that were there."""
        self.last += 1
        token = Token(self.last, node, way=way, scope=scope)
        self.tokens = {token.id: token, **self.tokens}
        return token

    def next_ready(self) -> Token | None:
        return next((token for token in self.tokens.values() if token.phase == "ready"), None)

    def waiting(self, number: int, *types: str) -> Token:
        token = self.tokens.get(number)
        if token is None or token.phase != "waiting" or self.node(token).type not in types:
            raise NoSuchToken(f"token {number} has moved on")
        return token

    def repetitions(self, token: Token) -> list[Token]:
        return [child for child in self.tokens.values() if child.parent == token.id]

    def drop_repetitions(self, token: Token) -> None:
        for child in self.repetitions(token):
            self.close(child, "not_needed")
            del self.tokens[child.id]

    def close(self, token: Token, outcome: str) -> None:
        node = self.node(token)
        if node.type in ("user_task", "approval") and token.phase == "waiting":
            self.effects.append(CloseTasks(token.id, outcome))
        if token.phase in ("waiting", "many") and (node.timers or node.type == "timer_event"):
            self.effects.append(CancelTimers(token.id))

    def ask(self, request: Effect, slot: str, targets: tuple[str, ...] = (), way: str = "") -> None:
        assert isinstance(request, REQUESTS)
        self.effects.append(request)
        self.pending = Pending(request.token, slot, targets, way)
