"""Variables by scope: each sub-process has its own beside those of the process (BPMN 2.0, 10.3.1)."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from typing import Any

from engine.process.graph import Graph
from engine.process.instance import Instance
from engine.process.state import Done, Token


class Variables(ChainMap[str, Any]):
    """The variables that a token sees, the innermost first. An assignment goes to the scope that has the name, else to
    the process.
    """

    def __setitem__(self, name: str, value: Any) -> None:
        held = next((scope for scope in self.maps if name in scope), self.maps[-1])
        held[name] = value


def variables_at(case: Instance, token: int) -> Variables:
    """The variables of the scopes around a token, and of its own if it is that of a sub-process."""
    return Variables(*_scopes(case, token), case.variables)


def _scopes(case: Instance, token: int) -> Iterator[MutableMapping[str, Any]]:
    at: int = token
    while at:
        if str(at) in case.scopes:
            yield case.scopes[str(at)]
        found = case.state.token(at)
        at = found.scope if found is not None else 0


def items_at(case: Instance, graph: Graph, token: int, done: Done | None = None) -> dict[str, Any]:
    """The items of the repetitions around a token, by the names that their `foreach` gives them; of what is to be
    undone, that which it had.
    """
    found: dict[str, Any] = {}
    at = case.state.token(token)
    while at is not None:
        if at.parent and at.index >= 0:
            _add_item(found, case, graph, at)
        at = case.state.token(at.scope) if at.scope else None
    if done is not None and done.index >= 0:
        _add_item(found, case, graph, done)
    return found


def _add_item(found: dict[str, Any], case: Instance, graph: Graph, one: Token | Done) -> None:
    foreach = graph.nodes[one.node].foreach
    lists = case.lists.get(str(one.parent))
    if foreach is not None and lists is not None and foreach.item not in found:
        found[foreach.item] = lists["items"][one.index]
