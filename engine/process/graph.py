"""A process as a graph: its nodes, and the ways in that a join waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.processes import Node, Process

HUMAN = frozenset({"state", "user_task", "approval"})
WAITING = HUMAN | {"timer_event"}


@dataclass(frozen=True, slots=True)
class Exit:
    """One way to leave a node: the flow's name and the nodes to which tokens go."""

    way: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """`ways` gives, for each parallel gateway, the ways in and the tokens that each must bring."""

    process: Process
    nodes: Mapping[str, Node] = field(hash=False)
    ways: Mapping[str, Mapping[str, int]] = field(hash=False)

    @property
    def first(self) -> str:
        return self.process.first


def compile_graph(process: Process) -> Graph:
    """The graph of a process.

    Each flow of a gateway and each boundary event is a way of its own, as in BPMN 2.0 (13.3.2). However an activity
    is completed (its
    actions, approved or rejected, or `to`), that is one way, since one completion brings one token.
    """
    ways: dict[str, dict[str, int]] = {
        name: {} for name, node in process.nodes.items() if node.type == "parallel_gateway"
    }
    for node in process.nodes.values():
        for exit_ in exits(node):
            for target, tokens in Counter(exit_.to).items():
                if target in ways:
                    ways[target][exit_.way] = max(tokens, ways[target].get(exit_.way, 0))
    return Graph(process, process.nodes, ways)


def exits(node: Node) -> Iterator[Exit]:
    """All ways to leave the node."""
    if node.to:
        yield Exit(node.name, node.to)
    for action in node.actions.values():
        if action.to:
            yield Exit(node.name, action.to)
    for flow in (node.on_approve, node.on_reject):
        if flow is not None and flow.to:
            yield Exit(node.name, flow.to)
    if node.empty.startswith("to:"):
        yield Exit(node.name, (node.empty[3:],))
    for index, flow in enumerate(node.flows):
        yield Exit(flow_way(node.name, index), flow.to)
    for timer in node.timers.values():
        if timer.to:
            yield Exit(boundary_way(node.name, timer.name), timer.to)
    if node.on_error is not None:
        yield Exit(boundary_way(node.name, "on_error"), node.on_error.to)


def flow_way(node: str, index: int) -> str:
    return f"{node}#{index}"


def boundary_way(node: str, name: str) -> str:
    return f"{node}!{name}"


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
