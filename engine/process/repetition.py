"""Activities that are repeated: `foreach` (multi-instance) and `loop` (BPMN 2.0, 13.3.7 and 13.3.6)."""

from __future__ import annotations

from dataclasses import replace

from engine.process.events import Collected
from engine.process.run import Run
from engine.process.state import Pending, Token


def again(run: Run, token: Token, holds: bool, pending: Pending, most: int) -> Token | None:
    """The condition of a `loop` was tested before its first or next turn; the token that begins the turn, if there is
    one.
    """
    node = run.node(token)
    first = token.phase == "ready"
    if not holds or token.turn > (node.loop_max or most):
        run.leave(token, pending.targets, pending.way)
        return None
    if first:
        return token
    run.discard(token)
    next_turn = replace(run.add(token.node, token.way, token.scope), turn=token.turn)
    run.put(next_turn)
    return None


def spread(run: Run, token: Token, total: int) -> None:
    """Start the repetitions of a `foreach`: all, or the first if they are sequential."""
    node = run.node(token)
    assert node.foreach is not None
    token = replace(token, phase="many", total=total)
    run.put(token)
    if not total:
        finish(run, token)
        return
    for index in reversed(range(1 if node.foreach.sequential else total)):
        run.put(replace(run.add(token.node, scope=token.scope), parent=token.id, index=index))


def ended(run: Run, child: Token, *, enough: bool) -> None:
    """A repetition has ended."""
    parent = replace(run.tokens[child.parent], done=run.tokens[child.parent].done + 1)
    run.put(parent)
    run.empty(child)
    run.close(run.tokens[child.id], "done")
    del run.tokens[child.id]
    foreach = run.node(parent).foreach
    assert foreach is not None
    if enough or parent.done == parent.total:
        finish(run, parent)
    elif foreach.sequential:
        run.put(replace(run.add(parent.node, scope=parent.scope), parent=parent.id, index=child.index + 1))


def finish(run: Run, token: Token) -> None:
    """The activity leaves when its last repetition has ended, or `until` holds: the rest is cancelled."""
    node = run.node(token)
    run.empty(token)
    run.effects.append(Collected(token.id, node.name))
    flow = node.on_reject if token.rejected else node.on_approve
    run.complete(
        token, node.to if flow is None or not flow.to else flow.to, how="reject" if token.rejected else "done"
    )
