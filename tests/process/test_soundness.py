"""Sound processes pass, unsound ones are told apart, with the shortest way into the trouble."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from engine.model.model import Text
from engine.model.nets import Explored, explore, reduce
from engine.model.processes import Process
from engine.model.soundness import BOUND, dead, net_of
from engine.process.events import Acted
from tests.process.play import Play, action, node
from tests.process.random_process import MISTAKES, draw, flow


def verdict(process: Process, *, reduced: bool = True, bound: int = BOUND) -> str:
    """sound, stuck, twice, endless or dead."""
    net = net_of(process, "", {})
    assert net is not None
    if reduced:
        reduce(net)
    found: Explored = explore(net, bound)
    assert found.whole
    if found.fault is not None:
        return found.fault.kind
    return "dead" if list(dead(process, "", found)) else "sound"


@pytest.mark.parametrize("size", [4, 12, 60])
def test_what_is_sound_by_construction_raises_no_alarm(size: int) -> None:
    found = Counter(verdict(process) for seed in range(150) if (process := draw(seed, size)) is not None)

    assert found.keys() == {"sound"}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_sound_process_is_never_missed(mistake: str) -> None:
    drawn = [process for seed in range(400) if (process := draw(seed, 12, mistake=mistake)) is not None]

    assert len(drawn) > 20
    assert "sound" not in {verdict(process) for process in drawn}


def test_reduction_changes_no_verdict() -> None:
    """Of wild graphs too, as no block builds them."""
    both = [(verdict(process), verdict(process, reduced=False, bound=500_000)) for process in map(wild, range(600))]

    assert {*Counter(full for _, full in both)} >= {"sound", "stuck", "twice"}
    assert [pair for pair in both if (pair[0] == "sound") != (pair[1] == "sound")] == []


def wild(seed: int) -> Process:
    random = Random(seed)
    names = [f"n{i}" for i in range(random.randint(3, 8))] + ["done"]
    cyclic = random.random() < 0.5
    kinds = ["user_task", "parallel_gateway", "exclusive_gateway", "exclusive_gateway" if cyclic else "inclusive_gateway"]
    nodes = {"start": node("start", "user_task", actions={"go": action("go", names[0])})}
    for i, name in enumerate(names[:-1]):
        after = names[i + 1 :] if not cyclic or random.random() < 0.8 else names
        to = random.sample(after, min(len(after), random.randint(1, 2)))
        kind = random.choice(kinds)
        if kind == "user_task":
            nodes[name] = node(name, kind, actions={"go": action("go", to[0])})
        elif kind == "parallel_gateway":
            nodes[name] = node(name, kind, tuple(to))
        else:
            nodes[name] = node(name, kind, flows=tuple(flow(each) for each in to))
    reached, todo = {"start"}, ["start"]
    while todo:
        for target in nodes[todo.pop()].targets:
            if target not in reached and target != "done":
                reached.add(target)
                todo.append(target)
    return Process("p", Text(), None, {**{k: n for k, n in nodes.items() if k in reached}, "done": node("done", "end_event")})


def test_every_run_of_a_sound_process_ends_with_no_token_left() -> None:
    for seed in range(120):
        process = draw(seed, 12)
        assert process is not None
        for run in range(3):
            assert played(process, Random(seed * 10 + run)) == []


def test_a_process_with_a_mistake_gets_stuck_or_goes_on_twice() -> None:
    """That a fault is found means that a run comes to it: the interpreter is stuck on some run of what is said to be stuck."""
    drawn = [process for seed in range(200) if (process := draw(seed, 6, mistake="xor-join")) is not None]
    processes = [process for process in drawn if verdict(process) == "stuck"]

    stuck = [any(played(process, Random(run)) for run in range(100)) for process in processes]

    assert len(stuck) > 10
    assert all(stuck)


def played(process: Process, random: Random) -> list[str]:
    """The nodes at which tokens are left after a random run."""
    play = Play(*process.nodes.values(), choose=random).start()
    for _ in range(400):
        waiting = [token for token in play.state.tokens if token.phase == "waiting"]
        if not waiting:
            break
        token = random.choice(waiting)
        play.fire(Acted(token.id, random.choice([*process.nodes[token.node].actions])))
    return play.at()
