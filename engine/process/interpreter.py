"""The interpreter: a pure function that moves the tokens of one process instance until all wait (BPMN 2.0, chapter
13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.model.ways import flow_way
from engine.process import joins, repetition
from engine.process.approval import open_seats
from engine.process.catching import START, catch_done, delivered, escalate_from, fail, throw, timer_starts
from engine.process.events import (
    Acted,
    Called,
    CallEnded,
    CallEscalated,
    CallProcess,
    CallService,
    Cancelled,
    Counted,
    CountItems,
    Decide,
    Decided,
    Delivered,
    Effect,
    Entered,
    Event,
    Moved,
    OpenScope,
    Probe,
    Probed,
    Resolved,
    ResolveUsers,
    RunScript,
    ScheduleTimer,
    ScriptDone,
    ScriptFailed,
    SeatGiven,
    SetStatus,
    SignerRemoved,
    SignersAdded,
    Started,
    Subscribe,
    TimerFired,
    Voted,
    WorkDone,
    WorkFailed,
)
from engine.process.graph import WAITING, Graph
from engine.process.human import count_votes, resolved, signer_removed, signers_added, timer_done, vote_kept
from engine.process.run import SUBSCRIBED, NoSuchToken, Run
from engine.process.state import Pending, State, Token

__all__ = ["MOST_MOVES", "NoSuchToken", "Outcome", "fire"]

MOST_MOVES = 1000
Answer = ScriptDone | ScriptFailed | Called | Decided | Resolved | Probed | Counted


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state after an event, and what is to be done, in order. If the last effect is a request, its answer is
    the next event.
    """

    state: State
    effects: tuple[Effect, ...]


def fire(
    graph: Graph, state: State, event: Event, *, most_moves: int = MOST_MOVES, called: bool = False
) -> Outcome:
    """Advance `state` until every token waits, or until data is needed.

    Pure: the same arguments give the same outcome, and nothing is written. More than `most_moves` nodes entered since
    the last event from outside is taken for an endless loop and ends in `Fail`. With `called`, a call activity waits
    for the process and catches the failures that nothing in it does.

    Raises NoSuchToken if `event` is for a token that has already moved on.
    """
    run = _Interpretation(graph, state, most_moves, called=called)
    run.take(event)
    while run.pending is None and not run.failed and not run.ended:
        token = run.next_ready()
        if token is not None and token.phase == "thrown":
            run.leave(token, run.node(token).to)
        elif token is not None:
            run.enter(token)
        elif (token := joins.released(run)) is not None:
            run.arrive(token)
        else:
            break
    if run.pending is None:
        run.settle()
    return Outcome(run.state(), tuple(run.effects))


class _Interpretation(Run):
    """One call of `fire`: events and answers, and tokens that enter nodes."""

    def __init__(self, graph: Graph, state: State, most_moves: int, *, called: bool) -> None:
        super().__init__(graph, state, called=called)
        self.most_moves = most_moves

    # ---- events ----

    def take(self, event: Event) -> None:
        if isinstance(event, Answer):
            self.answer(event)
            return
        if self.pending is not None:
            raise NoSuchToken(f"the question {self.pending.slot!r} is open")
        self.moves = 0
        match event:
            case Started():
                self.listen(0, "")
                self.add(self.graph.first)
            case Cancelled():
                self.end("cancelled")
            case Acted() | Voted() | SeatGiven() | SignersAdded() | SignerRemoved():
                self.acted(event)
            case TimerFired():
                self.timer(event)
            case Delivered():
                delivered(self, event)
            case CallEscalated(token=number, name=name):
                escalate_from(self, self.whole(self.staying(number, "call_activity")), name)
            case Moved():
                self.moved(event)
            case CallEnded() | WorkDone() | WorkFailed():
                self.returned(event)

    def acted(self, event: Acted | Voted | SeatGiven | SignersAdded | SignerRemoved) -> None:
        """A person has done something."""
        match event:
            case Acted(token=number, action=name):
                token = self.staying(number, "state", "user_task")
                if name not in self.node(token).actions and (self.node(token).actions or name != "complete"):
                    raise NoSuchToken(f"{token.node} has no action {name!r}")
                self.ask(RunScript(token.id, token.node, f"action:{name}"), f"action:{name}")
            case Voted(token=number, seat=seat, vote=vote):
                token = self.staying(number, "approval")
                assert token.round is not None
                if seat not in open_seats(self.node(token), token.round):
                    raise NoSuchToken(f"seat {seat} of {token.node} has voted")
                count_votes(self, replace(token, round=token.round.vote(seat, vote)))
            case SeatGiven(token=number, seat=seat, user=user):
                token = self.staying(number, "approval")
                assert token.round is not None
                self.put(replace(token, round=token.round.give(seat, user)))
            case SignersAdded(token=number, seat=seat):
                token = self.staying(number, "approval")
                assert token.round is not None
                if seat not in open_seats(self.node(token), token.round):
                    raise NoSuchToken(f"seat {seat} of {token.node} is not asked")
                signers_added(self, token, event)
            case SignerRemoved(token=number, seat=seat):
                token = self.staying(number, "approval")
                assert token.round is not None
                if not token.round.seats[seat].when or token.round.seats[seat].vote:
                    raise NoSuchToken(f"seat {seat} of {token.node} was not added, or has voted")
                signer_removed(self, token, event)

    def timer(self, event: TimerFired) -> None:
        if timer_starts(self, event):
            return
        token = self.staying(event.token)
        node, name = self.node(token), event.timer
        if not name and node.type == "timer_event":
            self.complete(token, node.to, how="timer")
        elif name.startswith("event:"):
            delivered(self, Delivered(token.id, name))
        elif name in node.timers:
            self.ask(RunScript(token.id, node.name, f"timer:{name}"), f"timer:{name}")
        else:
            raise NoSuchToken(f"{node.name} has no timer {name!r}")

    def returned(self, event: CallEnded | WorkDone | WorkFailed) -> None:
        """What the token called has come to an end."""
        token = self.staying(event.token)
        if token.phase != "calling":
            raise NoSuchToken(f"token {token.id} has moved on")
        self.put(replace(token, phase="waiting"))
        if isinstance(event, WorkDone) or not event.code:
            self.ask(RunScript(token.id, token.node, "work"), "work")
        else:
            token = self.tokens[token.id]
            fail(self, token, event.code, event.message, raised=isinstance(event, CallEnded))

    def moved(self, event: Moved) -> None:
        token = self.tokens.get(event.token)
        target = self.graph.nodes.get(event.to)
        if token is None or target is None or token.parent or target.scope != self.node(token).scope:
            raise NoSuchToken(f"token {event.token} cannot be moved to {event.to!r}")
        self.discard(token)
        self.add(event.to, scope=token.scope)

    # ---- answers ----

    def answer(self, event: Answer) -> None:
        """Go on where the question was put."""
        pending = self.pending
        if pending is None or pending.token != event.token:
            raise NoSuchToken(f"nothing was asked for token {event.token}")
        self.pending = None
        token = self.tokens[event.token]
        kind, _, name = pending.slot.partition(":")
        match event:
            case ScriptFailed(code=code, message=message):
                fail(self, token, code, message, within_handler=kind == "on_error")
            case Probed(holds=holds):
                self.probed(token, kind, holds, pending)
            case Counted(total=total):
                repetition.spread(self, token, total)
            case Decided(flows=flows):
                self.decided(token, flows)
            case Called(ended=ended):
                if ended:
                    self.ask(RunScript(token.id, token.node, "work"), "work")
                else:
                    self.put(replace(token, phase="calling"))
            case Resolved():
                resolved(self, token, kind, name, event)
            case ScriptDone():
                self.script_done(token, kind, name, pending)

    def probed(self, token: Token, kind: str, holds: bool, pending: Pending) -> None:
        node = self.node(token)
        match kind:
            case "skip" if holds:
                self.leave(token, node.on_approve.to if node.on_approve and node.on_approve.to else node.to, how="skipped")
            case "skip":
                self.arrive(token)
            case "while":
                if (turn := repetition.again(self, token, holds, pending, self.most_moves)) is not None:
                    self.repeat_or_begin(turn)
            case "repetition":
                repetition.ended(self, token, enough=holds)
            case "join" if holds:
                joins.activated(self, token)
                self.arrive(token)

    def decided(self, token: Token, flows: tuple[int, ...]) -> None:
        node = self.node(token)
        if not flows:
            message = f"No condition of '{token.node}' holds and it has no else: the process cannot go on"
            self.stop(token, "no_way_out", message)
        else:
            self.depart(token, {flow_way(node.name, index): node.flows[index].to for index in flows})

    def script_done(self, token: Token, kind: str, name: str, pending: Pending) -> None:
        node = self.node(token)
        match kind:
            case "do" | "work":
                self.complete(token, node.to)
            case "action":
                action = node.actions.get(name)
                to = action.to if action is not None and action.to else node.to
                if node.type != "state":
                    self.complete(token, to, how=name)
                elif to:
                    self.leave(token, to, how=name)
            case "vote":
                vote_kept(self, token)
            case "on_approve" | "on_reject":
                flow = node.on_approve if kind == "on_approve" else node.on_reject
                how = "approve" if kind == "on_approve" else "reject"
                to = flow.to if flow is not None and flow.to else node.to
                self.complete(token, to, how=how, rejected=kind == "on_reject")
            case "on_error":
                self.leave(token, pending.targets, pending.way, how="error")
            case "undo":
                self.undo_next(token)
            case "catch":
                catch_done(self, token, name)
            case "timer":
                timer = node.timers[name]
                if timer.reassign is not None:
                    self.ask(ResolveUsers(token.id, token.node, f"reassign:{name}"), f"reassign:{name}")
                else:
                    timer_done(self, token, timer)

    # ---- entering nodes ----

    def enter(self, token: Token) -> None:
        """A token comes to its node."""
        node = self.node(token)
        self.moves += 1
        if self.moves > self.most_moves:
            message = f"'{node.name}' was reached after {self.most_moves} automatic steps: an endless loop"
            self.stop(token, "too_many_steps", message)
        elif node.type == "parallel_gateway" and not joins.joined(self, token):
            self.put(replace(token, phase="joining"))
        elif joins.waits(self, token):
            pass
        elif token.parent and token.index >= 0:  # a repetition: the activity as a whole has been entered already
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
            self.attend(token)
        if node.loop_while is not None and not token.turn:
            self.put(replace(token, turn=1))
            self.ask(Probe(token.id, node.name, "while"), "while", node.to, node.name)
        else:
            self.repeat_or_begin(token)

    def repeat_or_begin(self, token: Token) -> None:
        if self.node(token).foreach is not None:
            self.ask(CountItems(token.id, token.node), "foreach")
        else:
            self.begin(token)

    def begin(self, token: Token) -> None:
        """Do what the node is for."""
        node = self.node(token)
        match node.type:
            case "state" | "timer_event" | "receive_task" | "event_gateway":
                self.wait(token)
            case "user_task" | "approval":
                self.ask(ResolveUsers(token.id, node.name, "assign"), "assign")
            case "throw_event" if node.escalation is not None or node.compensates is not None:
                throw(self, token)
            case "script_task" | "business_rule_task" | "send_task" | "throw_event":
                self.ask(RunScript(token.id, node.name, "do"), "do")
            case "service_task":
                self.put(replace(token, phase="calling"))
                self.effects.append(CallService(token.id, node.name))
            case "call_activity":
                self.ask(CallProcess(token.id, node.name), "call")
            case "sub_process":
                self.effects.append(OpenScope(token.id, node.name))
                if node.catch is None:
                    self.open_scope(token)
                else:
                    slot = f"catch:{START}{node.name}"
                    self.ask(RunScript(token.id, node.name, slot), slot)
            case "exclusive_gateway" | "inclusive_gateway" | "complex_gateway" if node.flows:
                self.ask(Decide(token.id, node.name, node.type != "exclusive_gateway"), "flows")
            case "exclusive_gateway" | "parallel_gateway" | "inclusive_gateway" | "complex_gateway":
                self.leave(token, node.to)
            case "end_event":
                self.finish(token)
            case _:
                message = f"'{node.name}' is of type {node.type}, which this version does not run"
                self.stop(token, "unknown_node", message)

    def wait(self, token: Token) -> None:
        """The token stays until something happens."""
        node = self.node(token)
        self.put(replace(token, phase="waiting"))
        if node.type == "timer_event":
            self.effects.append(ScheduleTimer(token.id, node.name, ""))
        if node.type == "receive_task":
            self.effects.append(Subscribe(token.id, node.name, ""))
        for index, event in enumerate(node.events):
            if event.kind == "timer":
                self.effects.append(ScheduleTimer(token.id, node.name, f"event:{index}"))
            elif event.kind in SUBSCRIBED:
                self.effects.append(Subscribe(token.id, node.name, f"event:{index}"))

    def finish(self, token: Token) -> None:
        """An end event: of its token, of its whole scope, or with an error."""
        node = self.node(token)
        if node.error is not None:
            fail(self, token, node.error, f"'{node.name}' was reached", raised=True)
        elif not node.terminate:
            self.leave(token, ())
        elif not token.scope:
            self.leave(token, ())
            if not self.ended:
                self.end("completed")
        else:
            for other in self.within(token.scope):
                if other.id != token.id and other.id in self.tokens:
                    self.discard(other)
            self.leave(token, ())
