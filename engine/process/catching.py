"""What happens to a token from outside its flow: boundary events, event sub-processes, errors, escalations, undoing
(BPMN 2.0, 13.5).
"""

from __future__ import annotations

from dataclasses import replace

from engine.model.processes import Catch, Node
from engine.model.ways import boundary_way, flow_way
from engine.process.events import Delivered, Escalate, Recovered, RunScript, TimerFired
from engine.process.run import NoSuchToken, Run
from engine.process.state import Token

START = "start:"  # the slot of what starts an event sub-process


def delivered(run: Run, event: Delivered) -> None:
    """A message or a signal has come."""
    if event.slot.startswith(START):
        trigger(run, event.token, event.slot.removeprefix(START))
        return
    token = run.staying(event.token)
    caught(run, token, event.slot)
    run.ask(RunScript(token.id, token.node, f"catch:{event.slot}"), f"catch:{event.slot}")


def caught(run: Run, token: Token, slot: str) -> Catch:
    """What waits at the token under the slot; raises NoSuchToken."""
    node = run.node(token)
    found: Catch | None
    if slot.startswith("event:"):
        index = int(slot.removeprefix("event:"))
        found = node.events[index] if index < len(node.events) else None
    elif not slot:
        found = node.catch if node.type == "receive_task" else None
    else:
        found = node.catches.get(slot)
    if found is None:
        raise NoSuchToken(f"{node.name} does not wait for {slot!r}")
    return found


def catch_done(run: Run, token: Token, slot: str) -> None:
    """What the event brought is kept, and its script has run."""
    if slot.startswith(START):
        run.open_scope(token)
        return
    node, catch = run.node(token), caught(run, token, slot)
    if not slot:
        run.complete(token, node.to)
    elif slot.startswith("event:"):
        run.leave(token, catch.to, flow_way(node.name, int(slot.removeprefix("event:"))), how=catch.name or catch.kind)
    else:
        way = boundary_way(node.name, slot)
        catch_leaves(run, token, catch.to, catch.name or catch.kind, way, keep=catch.keep)


def catch_leaves(run: Run, token: Token, to: tuple[str, ...], how: str, way: str, *, keep: bool) -> None:
    """A boundary event takes its way: the token with it, unless the event does not interrupt."""
    if to and keep:
        run.spread(to, way, token.scope)
    elif to:
        run.leave(token, to, way, how=how)


def trigger(run: Run, scope: int, name: str, *, undoes: tuple[int, ...] = ()) -> None:
    """An event sub-process of the scope starts; one that interrupts takes all other tokens of the scope away."""
    node = run.graph.nodes.get(name)
    if run.ended or node is None or (scope and (scope not in run.tokens or run.tokens[scope].phase != "inside")):
        raise NoSuchToken(f"the scope {scope} of {name} is over")
    if node.interrupting:
        if _is_interrupted(run, scope):
            raise NoSuchToken(f"the scope of {name} was interrupted before")
        for token in run.within(scope):
            if token.id in run.tokens:
                run.discard(token)
        run.deafen(scope, node.scope)
    token = run.add(name, scope=scope)
    if undoes:
        run.undo(token, undoes, after="enter")


def timer_starts(run: Run, event: TimerFired) -> bool:
    """Whether the timer is that of an event sub-process, which then starts."""
    if not event.timer.startswith(START):
        return False
    trigger(run, event.token, event.timer.removeprefix(START))
    return True


# ---- errors ----


def fail(
    run: Run, token: Token, code: str, message: str, *, within_handler: bool = False, raised: bool = False
) -> None:
    """An activity failed, or an end event has `raised` an error: what is nearest in the scopes around catches it.

    Uncaught, a raised error ends the instance; a failure fails the step, unless the process was called and its caller
    catches.
    """
    failed = run.whole(token)
    at = failed
    undoes: tuple[int, ...] = ()
    while True:
        node = run.node(at)
        if node.transaction:
            undoes = (*_to_undo(run, at.id), *undoes)
        if node.on_error is not None and not within_handler and node.on_error.code in (None, code):
            run.empty(at)
            run.effects.append(Recovered(failed.id, node.name, code, message))
            _handle(run, run.tokens[at.id], undoes)
            return
        within_handler = False
        starts = None if node.is_event_sub_process else _starting(run, at.scope, "error", code)
        if starts is not None:
            run.effects.append(Recovered(failed.id, node.name, code, message))
            trigger(run, at.scope, starts.name, undoes=undoes)
            return
        if not at.scope:
            break
        at = run.whole(run.tokens[at.scope])
    if raised or run.called:
        run.end("failed", code, message)
    else:
        run.stop(token, code, message)


def _handle(run: Run, token: Token, undoes: tuple[int, ...]) -> None:
    if undoes:
        run.undo(token, undoes, after="on_error")
    else:
        run.handle_error(token)


def _starting(run: Run, scope: int, kind: str, name: str) -> Node | None:
    """The event sub-process of a scope that an error or escalation of this name starts; one that names it first."""
    found = [
        node
        for node in run.graph.triggered.get(run.node(run.tokens[scope]).name if scope else "", ())
        if node.catch is not None and node.catch.kind == kind and node.catch.name in (None, name)
    ]
    if not found or _is_interrupted(run, scope):
        return None
    return min(found, key=lambda node: node.catch is None or node.catch.name is None)


def _is_interrupted(run: Run, scope: int) -> bool:
    """Whether an event sub-process has taken over the scope."""
    return any(node.is_event_sub_process and node.interrupting for node in map(run.node, run.within(scope)))


# ---- escalations and compensation ----


def throw(run: Run, token: Token) -> None:
    """An event is thrown; the token leaves when what it set off inside the process has begun."""
    node = run.node(token)
    run.put(replace(token, phase="thrown"))
    if node.escalation is not None:
        _escalate(run, token.scope, node.escalation, token)
    elif node.compensates is not None:
        run.undo(token, _to_undo(run, _undoing_scope(run, token), node.compensates))


def escalate_from(run: Run, activity: Token, name: str) -> None:
    """The process that an activity called has raised an escalation."""
    if not _escalated(run, activity, name):
        _escalate(run, activity.scope, name, activity)


def _escalate(run: Run, scope: int, name: str, source: Token) -> None:
    """An escalation goes to the nearest scope around that waits for it, else to who called the process."""
    while True:
        starts = _starting(run, scope, "escalation", name)
        if starts is not None:
            trigger(run, scope, starts.name)
            return
        if not scope:
            run.effects.append(Escalate(source.id, name))
            return
        owner = run.whole(run.tokens[scope])
        if _escalated(run, owner, name):
            return
        scope = owner.scope


def _escalated(run: Run, activity: Token, name: str) -> bool:
    """Whether a boundary event of the activity catches the escalation."""
    node = run.node(activity)
    slot = next((slot for slot in (f"escalation:{name}", "escalation:") if slot in node.catches), None)
    if slot is not None:
        run.ask(RunScript(activity.id, node.name, f"catch:{slot}"), f"catch:{slot}")
    return slot is not None


def _undoing_scope(run: Run, token: Token) -> int:
    """The scope whose activities a throw event undoes: that around it; in an event sub-process, that of its parent."""
    for owner in run.scopes(token.scope):
        return owner.scope if run.node(owner).is_event_sub_process else owner.id
    return 0


def _to_undo(run: Run, scope: int, only: str = "") -> tuple[int, ...]:
    """What was completed in a scope and can be undone, the last first."""
    return tuple(each.token for each in reversed(run.done) if each.scope == scope and only in ("", each.node))
