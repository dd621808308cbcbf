"""A process as a graph: its nodes, the ways into its joins, and what catches where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.model.processes import Node, Process
from engine.model.ways import JOINING, exits

HUMAN = frozenset({"state", "user_task", "approval"})
WAITING = HUMAN | {"timer_event", "receive_task", "event_gateway", "service_task", "call_activity", "sub_process"}


@dataclass(frozen=True, slots=True)
class Graph:
    """`ways` gives, for each gateway that joins, the ways in and the tokens that each must bring; `reach`, for each
    inclusive or complex one, by which of its ways a token at a node could still come.

    `triggered` lists the event sub-processes of each scope, and `guarded` the nodes whose failure something catches.
    """

    process: Process
    nodes: Mapping[str, Node] = field(hash=False)
    ways: Mapping[str, Mapping[str, int]] = field(hash=False)
    reach: Mapping[str, Mapping[str, frozenset[str]]] = field(hash=False)
    triggered: Mapping[str, tuple[Node, ...]] = field(hash=False)
    guarded: frozenset[str]

    @property
    def first(self) -> str:
        return self.process.first


@lru_cache(maxsize=1024)
def compile_graph(process: Process) -> Graph:
    """The graph of a process.

    Each flow of a gateway and each boundary event is a way of its own, as in BPMN 2.0 (13.3.2). However an activity
    is completed (its actions, approved or rejected, or `to`), that is one way, since one completion brings one token.
    """
    nodes = process.nodes
    ways: dict[str, dict[str, int]] = {name: {} for name, node in nodes.items() if node.type in JOINING}
    for node in nodes.values():
        for exit_ in exits(node):
            for target, tokens in Counter(exit_.to).items():
                if target in ways:
                    ways[target][exit_.way] = max(tokens, ways[target].get(exit_.way, 0))
    reach = {
        name: _reaching(process, name)
        for name in ways
        if nodes[name].type != "parallel_gateway" and len(ways[name]) > 1
    }
    triggered: dict[str, tuple[Node, ...]] = {}
    for node in nodes.values():
        if node.is_event_sub_process:
            triggered[node.scope] = (*triggered.get(node.scope, ()), node)
    guarded = frozenset(name for name, node in nodes.items() if _is_guarded(node, nodes, triggered))
    return Graph(process, nodes, ways, reach, triggered, guarded)


def _reaching(process: Process, join: str) -> dict[str, frozenset[str]]:
    """For every node from which the join can be reached without passing it before: by which of its ways in."""
    before: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for node in process.nodes.values():
        for exit_ in exits(node):
            for target in exit_.to:
                if target == join:
                    found.setdefault(node.name, set()).add(exit_.way)
                else:
                    before.setdefault(target, set()).add(node.name)
    todo = list(found)
    while todo:
        name = todo.pop()
        if name == join:
            continue
        for each in before.get(name, ()):
            if not found[name] <= found.setdefault(each, set()):
                found[each] |= found[name]
                todo.append(each)
    return {name: frozenset(ways) for name, ways in found.items() if name != join}


def _is_guarded(node: Node, nodes: Mapping[str, Node], triggered: Mapping[str, tuple[Node, ...]]) -> bool:
    """Whether something in the process would catch the node's failure: its own `on_error`, or that of a scope."""
    at: Node | None = node
    while at is not None:
        if at.on_error is not None:
            return True
        if any(each.catch is not None and each.catch.kind == "error" for each in triggered.get(at.scope, ())):
            return True
        at = nodes.get(at.scope)
    return False


def main_path(graph: Graph, start: str) -> tuple[str, ...]:
    """The nodes on the way from `start` to an end, taking the first exit that leads there: what is likely to come,
    for the progress bar.
    """
    found: list[str] = []
    seen: set[str] = set()

    def walk(name: str) -> bool:
        if name in seen or name not in graph.nodes:
            return False
        seen.add(name)
        found.append(name)
        node = graph.nodes[name]
        ways = [target for exit_ in exits(node) for target in exit_.to]
        if node.type == "end_event" or not ways:
            return True
        if any(walk(target) for target in ways):
            return True
        found.pop()
        return False

    return tuple(found) if walk(start) else (start,)
