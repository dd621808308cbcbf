"""Soundness of processes (spec 3.3): it is always possible to finish, nothing is left behind, no node is dead.

The definition is that of workflow nets (W.M.P. van der Aalst et al., Soundness of Workflow Nets, Formal Aspects of Computing 23(3),
2011), over the tokens alone: conditions are abstracted, so that every way out of a gateway may be taken. Beyond it, as in BPMN, a
process may have several ends, and it has ended when no token is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from dsl.feel import LimitExceeded
from engine.model.checker import Checker
from engine.model.nets import FAILED, Explored, Join, Net, Transition, explore, reduce
from engine.model.part import Part
from engine.model.processes import Node, Process
from engine.model.ways import JOINING, boundary_way, exits, flow_way, origin, own_name

BOUND = 20_000  # markings: about a second
SPLITS = 10  # flows of an inclusive gateway whose combinations are all tried; of more, each alone and all together


def check_soundness(checker: Checker, process: Process, part: Part) -> None:
    """Report what makes the process, or a sub-process of it, unsound; for graphs in which every name leads somewhere."""
    scopes = ["", *(node.name for node in process.nodes.values() if node.type == "sub_process")]
    completes: dict[str, bool] = {}
    for scope in sorted(scopes, key=lambda path: -path.count(".") if path else 1):
        net = net_of(process, scope, completes)
        if net is None:
            continue
        reduce(net)
        found = explore(net, BOUND)
        completes[scope] = found.completes or found.fault is not None  # what is told once need not be told outside too
        report(checker, process, part, scope, found)


def report(checker: Checker, process: Process, part: Part, scope: str, found: Explored) -> None:
    fault = found.fault
    if fault is None:
        if not found.whole:
            message = f"'{scope or process.name}' has too many ways to go through to prove that it always ends"
            hint = "put parallel parts into sub-processes, which are checked by themselves"
            checker.report("TW1443", message, part.at if not scope else at(part, scope).key_at, hint, "warning")
            return
        for name in dead(process, scope, found):
            hint = "what comes before it never lets a token through"
            checker.report("TW1442", f"no run ever comes to '{own_name(name)}'", at(part, name).key_at, hint)
        return
    path = " → ".join(own_name(name) for name in steps(fault.path))
    places = [place.partition(" ")[::2] for place in fault.places if not place.endswith("~")]
    if fault.kind == "twice":
        name = places[0][0]
        message = f"'{own_name(name)}' can be reached twice at once: {path}"
        hint = f"let the branches meet before '{own_name(name)}' in a gateway of the kind that split them"
        checker.report("TW1441", message, at(part, name).key_at, hint)
    elif fault.kind == "stuck":
        waiting = [name for name, _ in places if process.nodes[name].type in JOINING]
        name = waiting[0] if waiting else places[0][0]
        come = {way for place, way in places if place == name}
        missing = [origin(way) for way in ways_into(process, name) if way not in come]
        lacking = f", as nothing can come from {' and '.join(map(repr, dict.fromkeys(missing)))} any more" if missing else ""
        message = f"'{own_name(name)}' can wait for ever{lacking}: {path}"
        hint = "join by an exclusive_gateway what an exclusive_gateway split, by an inclusive_gateway what an inclusive one did"
        checker.report("TW1440", message, at(part, name).key_at, hint)
    elif process.lifecycle is None or all(node.type != "state" for node in process.nodes.values()):
        name = places[0][0]  # of lifecycles that rest in their states, `check_ending` has told already
        message = f"from '{own_name(name)}' no way leads to an end: {path}"
        checker.report("TW1427", message, at(part, name).key_at, "add a way to an end_event")


def dead(process: Process, scope: str, found: Explored) -> Iterator[str]:
    """The nodes of a scope that no run comes to; what undoes others is reached by no flow."""
    undoing = {node.undone_by for node in process.nodes.values()}
    for name, node in process.nodes.items():
        if node.scope == scope and name not in found.alive and name not in undoing and not node.is_event_sub_process:
            yield name


# ---- the net ----


def net_of(process: Process, scope: str, completes: dict[str, bool]) -> Net | None:
    """The net of the nodes in a scope; None where it has none, or a node of a kind that moves no tokens."""
    undoing = {node.undone_by for node in process.nodes.values()}
    nodes = [
        node for name, node in process.nodes.items() if node.scope == scope and name not in undoing and not node.is_event_sub_process
    ]
    if not nodes:
        return None
    ways: dict[str, list[str]] = {node.name: [] for node in nodes}
    for node in nodes:
        for exit_ in exits(node):
            for target in exit_.to:
                if target in ways and exit_.way not in ways[target]:
                    ways[target].append(exit_.way)
    first = nodes[0].name
    net = Net(f"{first} ")
    ways[first].insert(0, "")
    for node in nodes:
        own = ways[node.name]
        places = [place(node.name, way) for way in own]
        real = [way for way in own if way]  # a process starts at its first node without passing a join there
        if node.type in JOINING and len(real) > 1:
            add_join(net, node, [place(node.name, way) for way in real])
            if "" in own:
                for gives in splits(node):
                    net.add(transition({place(node.name, "")}, gives, node.name))
            continue
        for each in places:
            add_node(net, node, each, completes)
    return net


def add_join(net: Net, node: Node, places: list[str]) -> None:
    if node.type == "parallel_gateway":
        for gives in splits(node):
            net.add(transition({*places}, gives, node.name))
        return
    holds = condition(node) if node.type == "complex_gateway" and node.join is not None else None
    net.joins[node.name] = Join(node.name, tuple(places), tuple(frozenset(gives) for gives in splits(node)), holds)


def add_node(net: Net, node: Node, here: str, completes: dict[str, bool]) -> None:
    """What a token in the place may do: leave by any way; a boundary event that does not interrupt lets one more go, once."""
    if node.type == "end_event":
        if node.terminate or node.error is not None:
            gives = frozenset({FAILED}) if node.error is not None else frozenset[str]()
            net.add(Transition(frozenset({here}), gives, (node.name,), clears=True))
        else:
            net.add(Transition(frozenset({here}), frozenset(), (node.name,)))
        return
    spawned = beside_it(node)
    left = list(leaving(node, completes))
    if not left and not spawned:  # a lifecycle may rest in its last state
        net.add(Transition(frozenset({here}), frozenset(), (node.name,)))
        return
    beside = f"{here}+" if spawned else here
    for out in left:
        net.add(transition({here}, out, node.name))
        if spawned:
            net.add(transition({beside}, out, node.name))
    for way, to in spawned.items():
        net.add(transition({here}, [beside, *(place(target, way) for target in to)], node.name))
    if not left:
        net.add(Transition(frozenset({beside}), frozenset(), (node.name,)))


def beside_it(node: Node) -> dict[str, tuple[str, ...]]:
    """Where the boundary events lead that do not interrupt, by their way."""
    timers = {name: timer.to for name, timer in node.timers.items() if timer.keep}
    catches = {name: catch.to for name, catch in node.catches.items() if catch.keep}
    return {boundary_way(node.name, name): to for name, to in {**timers, **catches}.items() if to}


def leaving(node: Node, completes: dict[str, bool]) -> Iterator[list[str]]:
    """The places that get a token by each way of leaving a node that is no join."""
    if node.type in JOINING or node.type == "exclusive_gateway":
        yield from splits(node)
        return
    kept = beside_it(node)
    ended = node.type != "sub_process" or completes.get(node.name, True)
    for exit_ in exits(node):
        if exit_.way not in kept and (ended or exit_.way != node.name):
            yield [place(target, exit_.way) for target in exit_.to]


def splits(node: Node) -> Iterator[list[str]]:
    """The sets of places to which a gateway may give tokens."""
    if not node.flows:
        yield [place(target, node.name) for target in node.to]
        return
    flows = [[place(target, flow_way(node.name, index)) for target in flow.to] for index, flow in enumerate(node.flows)]
    if node.type in ("exclusive_gateway", "event_gateway"):
        yield from flows
        return
    asked = [gives for gives, flow in zip(flows, node.flows, strict=True) if flow.when is not None]
    yield from (gives for gives, flow in zip(flows, node.flows, strict=True) if flow.when is None)
    sizes = range(1, len(asked) + 1) if len(asked) <= SPLITS else (1, len(asked))
    for size in sizes:
        for chosen in combinations(asked, size):
            yield [target for gives in chosen for target in gives]


def condition(node: Node) -> Callable[[int, int], bool | None]:
    """A complex join's condition over how many ways have come; None where it needs more than that to be known."""

    def holds(arrived: int, total: int) -> bool | None:
        assert node.join is not None
        if not {path[0] for path in node.join.paths} <= {"done", "total"}:
            return None
        try:
            found = node.join({"done": arrived, "total": total})
        except LimitExceeded:
            return None
        return found is True

    return holds


def transition(takes: set[str], gives: list[str], name: str) -> Transition:
    twice = next((each for each in gives if gives.count(each) > 1), "")
    return Transition(frozenset(takes), frozenset(gives), (name,), twice=twice)


# ---- names ----


def place(node: str, way: str) -> str:
    return f"{node} {way}"


def steps(path: tuple[str, ...]) -> Iterator[str]:
    """The nodes of a path, each run of the same one once."""
    before = ""
    for name in path:
        if name != before:
            yield name
        before = name


def ways_into(process: Process, name: str) -> list[str]:
    return [exit_.way for node in process.nodes.values() for exit_ in exits(node) if name in exit_.to]


def at(part: Part, path: str) -> Part:
    """The part of a node, by its path."""
    for step in path.split("."):
        found = part.get("nodes")
        below = found.get(step) if found is not None else None
        if below is None:
            return part
        part = below
    return part
