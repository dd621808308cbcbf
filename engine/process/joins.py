"""Gateways that wait for several ways in: parallel, inclusive and complex (BPMN 2.0, 13.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.process.events import Join
from engine.process.run import Run
from engine.process.state import Reset, Token


def joined(run: Run, token: Token) -> bool:
    """Whether every way into a parallel join has brought its tokens; the others are then consumed, and `token` goes on
    for all.
    """
    here = [t for t in _here(run, token) if t.phase == "joining" or t.id == token.id]
    used: list[Token] = []
    for way, needed in run.graph.ways[token.node].items():
        arrived = [t for t in here if t.way == way][:needed]
        if len(arrived) < needed:
            return False
        used.extend(arrived)
    _consume(run, used, token)
    return True


def waits(run: Run, token: Token) -> bool:
    """Whether the token has come to an inclusive or complex join, and is kept there for now or swallowed."""
    if token.node not in run.graph.reach:
        return False
    node = run.node(token)
    reset = next((r for r in run.resets if (r.node, r.scope) == (node.name, token.scope) and token.way in r.ways), None)
    if reset is not None:
        _swallow(run, reset, token)
        return True
    run.put(replace(token, phase="joining"))
    if node.join is not None:
        group = _group(run, token)
        arrived = tuple(dict.fromkeys(t.way for t in group))
        run.ask(Join(token.id, node.name, arrived, len(run.graph.ways[node.name])), "join")
    return True


def activated(run: Run, token: Token) -> None:
    """The condition of a complex gateway holds: it lets one token through, and swallows what still comes."""
    group = _group(run, token)
    ways = {t.way for t in group}
    _consume(run, _one_of_each(group), token)
    missing = tuple(way for way in run.graph.ways[token.node] if way not in ways)
    if missing:
        run.resets.append(Reset(token.node, token.scope, missing))


def released(run: Run) -> Token | None:
    """A token that may pass its inclusive or complex join now, as nothing else can come; asked when nothing else moves.

    Inclusive joins that wait only for one another are no reason to wait for ever: the first lets its tokens pass.
    """
    _forget_resets(run)
    groups: dict[tuple[str, int], list[Token]] = {}
    for token in run.tokens.values():
        if token.phase == "joining" and token.node in run.graph.reach:
            groups.setdefault((token.node, token.scope), []).append(token)
    ripe = next((group for group in groups.values() if not _may_come(run, group)), None)
    if ripe is None and groups and all(token.phase in ("joining", "inside") for token in run.tokens.values()):
        ripe = next(iter(groups.values()))
    if ripe is None:
        return None
    if run.node(ripe[0]).join is not None:
        message = f"The condition of the join '{ripe[0].node}' does not hold, and nothing else can come to it"
        run.stop(ripe[0], "no_way_out", message)
        return None
    _consume(run, _one_of_each(ripe), ripe[0])
    return ripe[0]


def _may_come(run: Run, group: list[Token]) -> bool:
    """Whether a token can still come by a way that has brought none. One that could as well come by a way that has
    brought one is not waited for (13.4.3): in a loop, it belongs to the next round.
    """
    first = group[0]
    arrived = frozenset(t.way for t in group)
    missing = run.graph.ways[first.node].keys() - arrived
    return _reaches(run, first.node, first.scope, missing, arrived, {t.id for t in group})


def _reaches(
    run: Run, join: str, scope: int, ways: Iterable[str], arrived: Iterable[str] = (), but: Iterable[int] = ()
) -> bool:
    reach, wanted, had, others = run.graph.reach[join], frozenset(ways), frozenset(arrived), set(but)
    return any(
        t.id not in others and not t.parent and wanted & by and not had & by
        for t in run.within(scope)
        if (by := reach.get(t.node, frozenset()))
    )


def _forget_resets(run: Run) -> None:
    """A complex gateway that nothing can reach any more by the ways it swallows is as it was."""
    run.resets = [reset for reset in run.resets if _reaches(run, reset.node, reset.scope, reset.ways)]


def _swallow(run: Run, reset: Reset, token: Token) -> None:
    run.resets.remove(reset)
    left = tuple(way for way in reset.ways if way != token.way)
    if left:
        run.resets.append(replace(reset, ways=left))
    del run.tokens[token.id]
    run.emptied(token.scope)


def _here(run: Run, token: Token) -> list[Token]:
    return [t for t in run.tokens.values() if t.node == token.node and t.scope == token.scope]


def _group(run: Run, token: Token) -> list[Token]:
    return [t for t in _here(run, token) if t.phase == "joining"]


def _one_of_each(group: list[Token]) -> list[Token]:
    return list({t.way: t for t in reversed(group)}.values())


def _consume(run: Run, used: list[Token], kept: Token) -> None:
    for other in used:
        if other.id != kept.id:
            del run.tokens[other.id]
