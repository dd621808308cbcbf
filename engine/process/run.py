"""The working copy of an instance's state in one call of the interpreter: tokens that come, stay and go, in scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.model.processes import Node
from engine.model.ways import boundary_way
from engine.process.events import (
    REQUESTS,
    CancelTimers,
    CancelWork,
    CloseScope,
    CloseTasks,
    Effect,
    EndInstance,
    EndRepetition,
    Fail,
    Left,
    Probe,
    RunScript,
    ScheduleTimer,
    Subscribe,
    Unsubscribe,
)
from engine.process.graph import Graph
from engine.process.state import Done, Pending, State, Token

STAYING = frozenset({"waiting", "many", "inside", "calling", "undoing"})
SUBSCRIBED = ("message", "signal")  # the kinds of events that others bring


class NoSuchToken(Exception):
    """The event is for a token that has already moved on, or does not wait for it: the caller lost a race."""


class Run:
    """The working copy of one call of `fire`."""

    def __init__(self, graph: Graph, state: State, *, called: bool) -> None:
        self.graph = graph
        self.called = called
        self.tokens = {token.id: token for token in state.tokens}
        self.last = state.last
        self.pending = state.pending
        self.moves = state.moves
        self.ended = state.ended
        self.done = list(state.done)
        self.resets = list(state.resets)
        self.failed = False
        self.effects: list[Effect] = []

    def state(self) -> State:
        return State(
            tuple(self.tokens.values()),
            self.last,
            self.pending,
            self.moves,
            self.ended,
            tuple(self.done),
            tuple(self.resets),
        )

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

    def spread(self, to: tuple[str, ...], way: str, scope: int) -> None:
        """Tokens for these nodes, which run at once, in their order."""
        for target in reversed(to):
            self.add(target, way, scope)

    def next_ready(self) -> Token | None:
        return next((token for token in self.tokens.values() if token.phase in ("ready", "thrown")), None)

    def staying(self, number: int, *types: str) -> Token:
        """The token that waits at a node of one of these types; raises NoSuchToken."""
        token = self.tokens.get(number)
        if token is None or token.phase not in STAYING or (types and self.node(token).type not in types):
            raise NoSuchToken(f"token {number} has moved on")
        return token

    def whole(self, token: Token) -> Token:
        """The token of the activity that a repetition belongs to, else itself."""
        return self.tokens[token.parent] if token.parent and token.index >= 0 else token

    def repetitions(self, token: Token) -> list[Token]:
        return [child for child in self.tokens.values() if child.parent == token.id and child.index >= 0]

    def within(self, scope: int) -> list[Token]:
        """The tokens in a scope: a sub-process, or 0 for the process itself."""
        return [token for token in self.tokens.values() if token.scope == scope]

    def scopes(self, scope: int) -> Iterator[Token]:
        """The tokens of the sub-processes around a scope, the innermost first."""
        while scope:
            token = self.tokens[scope]
            yield token
            scope = token.scope

    def ask(self, request: Effect, slot: str, targets: tuple[str, ...] = (), way: str = "") -> None:
        assert isinstance(request, REQUESTS)
        assert self.pending is None
        self.effects.append(request)
        self.pending = Pending(request.token, slot, targets, way)

    # ---- what a stay brings with it ----

    def attend(self, token: Token) -> None:
        """Start the timers and subscriptions of the boundary events."""
        node = self.node(token)
        self.effects.extend(ScheduleTimer(token.id, node.name, name) for name in node.timers)
        for slot, catch in node.catches.items():
            if catch.kind in SUBSCRIBED:
                self.effects.append(Subscribe(token.id, node.name, slot))

    def open_scope(self, token: Token) -> None:
        """The tokens of a sub-process start: at its first node, with its event sub-processes listening."""
        node = self.node(token)
        self.put(replace(token, phase="inside"))
        self.listen(token.id, node.name)
        first = next(name for name in node.inner if not self.graph.nodes[name].is_event_sub_process)
        self.add(first, scope=token.id)

    def listen(self, scope: int, path: str) -> None:
        """Start the timers and subscriptions of a scope's event sub-processes."""
        for node in self.graph.triggered.get(path, ()):
            assert node.catch is not None
            if node.catch.kind == "timer":
                self.effects.append(ScheduleTimer(scope, node.name, f"start:{node.name}"))
            elif node.catch.kind in SUBSCRIBED:
                self.effects.append(Subscribe(scope, node.name, f"start:{node.name}"))

    def deafen(self, scope: int, path: str, *, starts: bool = True) -> None:
        """The event sub-processes of a scope can start no more."""
        kinds = {node.catch.kind for node in self.graph.triggered.get(path, ()) if node.catch is not None}
        if "timer" in kinds:
            self.effects.append(CancelTimers(scope, starts))
        if kinds & set(SUBSCRIBED):
            self.effects.append(Unsubscribe(scope, starts))

    def close(self, token: Token, outcome: str) -> None:
        """End what belongs to a token's stay at its node."""
        if token.phase not in STAYING:
            return
        node = self.node(token)
        if node.type in ("user_task", "approval") and token.phase == "waiting":
            self.effects.append(CloseTasks(token.id, outcome))
        if token.phase == "calling":
            self.effects.append(CancelWork(token.id))
        own = token.parent == 0 or token.index < 0  # boundary events belong to the activity as a whole
        if node.type == "timer_event" or (own and node.timers) or any(each.timer for each in node.events):
            self.effects.append(CancelTimers(token.id))
        catches = (*node.events, *(node.catches.values() if own else ()))
        if node.type == "receive_task" or any(each.kind in SUBSCRIBED for each in catches):
            self.effects.append(Unsubscribe(token.id))
        if token.phase == "inside":
            self.deafen(token.id, node.name)
            self.effects.append(CloseScope(token.id, node.name))

    def discard(self, token: Token) -> None:
        """The token is taken away with all that runs inside it."""
        self.empty(token)
        self.close(self.tokens[token.id], "not_needed")
        del self.tokens[token.id]

    def empty(self, token: Token) -> None:
        """Take away what runs inside a token: repetitions, the tokens of its sub-process, what it undoes."""
        for child in [t for t in self.tokens.values() if t.parent == token.id or t.scope == token.id]:
            if child.id in self.tokens:
                self.discard(child)

    # ---- leaving ----

    def complete(
        self, token: Token, to: tuple[str, ...], *, how: str = "done", rejected: bool = False, looping: bool = True
    ) -> None:
        """The activity has done its work: end the repetition, take the next turn, or leave."""
        node = self.node(token)
        if self.may_be_undone(token):
            index, parent = (token.index, token.parent) if token.index >= 0 else (-1, 0)
            self.done.append(Done(node.name, token.id, token.scope, parent, index))
        if token.parent and token.index < 0:  # what undid another activity
            self.discard(token)
            self.put(replace(self.tokens[token.parent], phase="undoing"))
            self.undo_next(self.tokens[token.parent])
        elif token.parent:
            parent_token = self.tokens[token.parent]
            if rejected and not parent_token.rejected:
                parent_token = replace(parent_token, rejected=True)
                self.put(parent_token)
            request = EndRepetition(
                token.id, node.name, parent_token.id, parent_token.done + 1, parent_token.total
            )
            self.ask(request, "repetition")
        elif node.loop_while is not None and looping:
            self.put(replace(token, turn=token.turn + 1, phase="waiting" if token.phase == "ready" else token.phase))
            self.ask(Probe(token.id, node.name, "while"), "while", to, node.name)
        else:
            self.leave(token, to, how=how)

    def leave(self, token: Token, to: tuple[str, ...], way: str = "", *, how: str = "done") -> None:
        """The token goes by one way; what belonged to its stay is closed, and tokens for the next nodes run at once."""
        self.depart(token, {way or token.node: to}, how)

    def depart(self, token: Token, ways: Mapping[str, tuple[str, ...]], how: str = "done") -> None:
        """The token goes, by these ways to these nodes."""
        self.empty(token)
        self.close(self.tokens[token.id], "not_needed")
        targets = tuple(target for to in ways.values() for target in to)
        self.effects.append(Left(token.id, token.node, targets, how))
        del self.tokens[token.id]
        for way, to in reversed(tuple(ways.items())):
            self.spread(to, way, token.scope)
        if not targets:
            self.emptied(token.scope)

    def emptied(self, scope: int) -> None:
        """A token of the scope has ended: without others, so has its sub-process."""
        owner = self.tokens.get(scope)
        if owner is not None and owner.phase == "inside" and not self.within(scope):
            self.complete(owner, self.node(owner).to)

    def stop(self, token: Token, code: str, message: str) -> None:
        """The step fails."""
        self.effects.append(Fail(token.node, code, message))
        self.failed = True

    def end(self, outcome: str, error: str = "", message: str = "") -> None:
        """End all tokens and the instance."""
        for token in self.within(0):
            if token.id in self.tokens:
                self.discard(token)
        self.tokens.clear()
        self.deafen(0, "", starts=False)
        self.done.clear()
        self.resets.clear()
        self.ended = outcome
        self.effects.append(EndInstance(outcome, error, message))

    def settle(self) -> None:
        """An instance without tokens has completed."""
        if not self.tokens and not self.ended and not self.failed:
            self.end("completed")

    # ---- undoing (BPMN 2.0, 13.5.5) ----

    def may_be_undone(self, token: Token) -> bool:
        node = self.node(token)
        return (
            node.undo is not None
            or node.undone_by is not None
            or (node.type == "sub_process" and any(each.scope == token.id for each in self.done))
        )

    def undo(self, token: Token, undoes: tuple[int, ...], after: str = "") -> None:
        """Compensate these completed activities, one after the other; then the token goes on."""
        self.put(replace(token, phase="undoing", undoes=undoes, after=after))
        self.undo_next(self.tokens[token.id])

    def undo_next(self, token: Token) -> None:
        """Undo the next of the activities that the token compensates; after the last, it goes on."""
        if not token.undoes:
            self.put(replace(token, phase="ready" if token.after == "enter" else "thrown", after=""))
            if token.after == "on_error":
                self.handle_error(self.tokens[token.id])
            return
        number, *rest = token.undoes
        entry = next(each for each in self.done if each.token == number)
        self.done.remove(entry)
        node = self.graph.nodes[entry.node]
        token = replace(token, undoes=tuple(rest))
        self.put(token)
        if node.undo is not None:
            self.ask(RunScript(token.id, node.name, "undo", entry), "undo")
        elif node.undone_by is not None:
            self.put(replace(self.add(node.undone_by, scope=token.scope), parent=token.id))
        else:
            inner = tuple(each.token for each in reversed(self.done) if each.scope == entry.token)
            self.put(replace(token, undoes=(*inner, *rest)))
            self.undo_next(self.tokens[token.id])

    def handle_error(self, token: Token) -> None:
        """The token leaves by its node's `on_error`."""
        node = self.node(token)
        handler = node.on_error
        assert handler is not None
        way = boundary_way(node.name, "on_error")
        if handler.do is not None:
            self.ask(RunScript(token.id, node.name, "on_error"), "on_error", handler.to, way)
        else:
            self.leave(token, handler.to, way, how="error")
