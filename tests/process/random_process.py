"""Draws processes that are sound by construction, and unsound ones by one known mistake in a sound one."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from dsl import feel
from engine.model.model import Text
from engine.model.processes import Flow, Node, Process
from tests.process.play import action, node

MISTAKES = ("and-merge", "xor-join", "or-merge", "or-join", "early end", "jump out")
HOLDS = feel.compile("true")


def flow(to: str) -> Flow:
    """A flow with a condition."""
    return Flow((to,), HOLDS)


@dataclass
class Draw:
    """`within` is the block around that runs branches at once; `spots` are where each mistake can be made: a change of a node."""

    random: Random
    left: int
    nodes: dict[str, Node] = field(default_factory=dict)
    spots: dict[str, list[tuple[str, Node]]] = field(default_factory=dict)
    last: int = 0

    def name(self, kind: str) -> str:
        self.last += 1
        return f"{kind}{self.last}"

    def put(self, made: Node) -> str:
        self.nodes[made.name] = made
        return made.name

    def mistake(self, kind: str, changed: Node) -> None:
        self.spots.setdefault(kind, []).append((changed.name, changed))

    def block(self, to: str, depth: int, within: str) -> str:
        """Nodes that lead to `to`; the first one's name."""
        first = to
        for _ in range(self.random.randint(1, 3)):
            first = self.piece(first, depth, within)
        return first

    def piece(self, to: str, depth: int, within: str) -> str:
        self.left -= 1
        kinds = ["task", "script"] if depth == 0 or self.left <= 0 else ["task", "xor", "and", "or", "loop", "event", "guarded"]
        if not within and depth > 0:
            kinds.append("leave")
        if within and depth > 0:
            kinds.append("abort")
        kind = self.random.choice(kinds)
        branches = self.random.randint(2, 3)
        if kind == "task":
            return self.put(node(self.name("task"), "user_task", actions={"go": action("go", to)}))
        if kind == "script":
            return self.put(node(self.name("script"), "script_task", to))
        if kind in ("xor", "event"):
            merge = self.put(node(self.name("merge"), "exclusive_gateway", to))
            ways = [self.block(merge, depth - 1, within) for _ in range(branches)]
            split = self.put(node(self.name("choose"), "exclusive_gateway", flows=tuple(flow(way) for way in ways)))
            if len({*ways}) > 1:
                self.mistake("xor-join", node(merge, "parallel_gateway", to))
                if within == "and":
                    self.mistake("early end", node(split, "exclusive_gateway", flows=(flow("done"), *(flow(w) for w in ways[1:]))))
            return split
        if kind in ("and", "or"):
            type_ = "parallel_gateway" if kind == "and" else "inclusive_gateway"
            join = self.put(node(self.name("join"), type_, to))
            ways = [self.block(join, depth - 1, kind) for _ in range(branches)]
            name = self.name("split")
            if kind == "and":
                self.put(node(name, type_, tuple(ways)))
            else:
                self.put(node(name, type_, flows=tuple(flow(way) for way in ways)))
            self.mistake(f"{kind}-merge", node(join, "exclusive_gateway", to))
            if kind == "or":
                self.mistake("or-join", node(join, "parallel_gateway", to))
            else:
                self.mistake("jump out", node(ways[0], "exclusive_gateway", flows=(flow(name), flow(join))))
            return name
        if kind == "loop":
            again, head = self.name("again"), self.name("head")
            body = self.block(again, depth - 1, within)
            self.put(node(again, "exclusive_gateway", flows=(flow(head), flow(to))))
            return self.put(node(head, "exclusive_gateway", body))
        if kind == "guarded":
            merge = self.put(node(self.name("merge"), "exclusive_gateway", to))
            other = self.block(merge, depth - 1, within)
            return self.put(node(self.name("task"), "user_task", actions={"go": action("go", merge), "other": action("other", other)}))
        end = self.put(node(self.name("end"), "end_event", terminate=kind == "abort"))
        return self.put(node(self.name("leave"), "exclusive_gateway", flows=(flow(end), flow(to))))


def draw(seed: int, size: int = 12, depth: int = 3, mistake: str = "") -> Process | None:
    """A sound process; with a `mistake`, one that has it once, or None where the draw has no place for it."""
    random = Random(seed)
    drawn = Draw(random, size)
    drawn.put(node("done", "end_event"))
    first = drawn.block("done", depth, "")
    while drawn.left > 0:
        first = drawn.piece(first, depth, "")
    start = node("start", "user_task", actions={"go": action("go", first)})
    nodes = {"start": start, **dict(reversed(drawn.nodes.items()))}
    if mistake:
        spots = drawn.spots.get(mistake)
        if not spots:
            return None
        name, changed = random.choice(spots)
        nodes[name] = changed
    return Process("p", Text(), None, nodes)
