"""The ways out of the nodes of a process: sequence flows and boundary events (BPMN 2.0, 8.4.13 and 13.3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.processes import Node

JOINING = frozenset({"parallel_gateway", "inclusive_gateway", "complex_gateway"})


@dataclass(frozen=True, slots=True)
class Exit:
    """One way to leave a node: the flow's name and the nodes to which tokens go."""

    way: str
    to: tuple[str, ...]


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
    for index, event in enumerate(node.events):
        yield Exit(flow_way(node.name, index), event.to)
    for timer in node.timers.values():
        if timer.to:
            yield Exit(boundary_way(node.name, timer.name), timer.to)
    for slot, catch in node.catches.items():
        if catch.to:
            yield Exit(boundary_way(node.name, slot), catch.to)
    if node.on_error is not None:
        yield Exit(boundary_way(node.name, "on_error"), node.on_error.to)


def flow_way(node: str, index: int) -> str:
    return f"{node}#{index}"


def boundary_way(node: str, name: str) -> str:
    return f"{node}!{name}"


def origin(way: str) -> str:
    """The node that a way comes from, by its own name, without the sub-processes around it."""
    return own_name(way.partition("#")[0].partition("!")[0])


def own_name(path: str) -> str:
    """A node's name without the sub-processes around it."""
    return path.rpartition(".")[2]
