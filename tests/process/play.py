"""Plays a process in the pure interpreter: its questions are answered from what the test says of the world."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random

from engine.model.model import Text
from engine.model.processes import Action, Flow, Node, Process
from engine.process.events import (
    Called,
    CallProcess,
    Counted,
    CountItems,
    Decide,
    Decided,
    Effect,
    EndRepetition,
    Event,
    Fail,
    Join,
    Left,
    OpenTask,
    Probe,
    Probed,
    Resolved,
    ResolveUsers,
    RunScript,
    ScriptDone,
    ScriptFailed,
    Started,
)
from engine.process.graph import compile_graph
from engine.process.interpreter import fire
from engine.process.state import State, from_json, to_json


def node(name: str, type: str, to: str | tuple[str, ...] = (), **more: object) -> Node:
    return Node(name=name, type=type, label=Text(), to=(to,) if isinstance(to, str) else to, **more)  # type: ignore[arg-type]


def action(name: str, *to: str) -> Action:
    return Action(name=name, label=Text(), to=to)


def flow(*to: str) -> Flow:
    return Flow(to=to)


class Refused(Exception):
    """The step failed; the message is the process's."""


class Play:
    """One instance. `people` by slot, `scripts` that fail by slot, `flows` by gateway, `truths` by slot and `items`
    are the world's data; `needed` is how many ways a complex join waits for, `ending` which calls end at once.
    """

    def __init__(
        self,
        *nodes: Node,
        people: Mapping[str, tuple[int, ...]] | None = None,
        votes: Mapping[int, str] | None = None,
        weights: Mapping[int, Decimal] | None = None,
        failing: Mapping[str, str] | None = None,
        flows: Mapping[str, int | tuple[int, ...] | None] | None = None,
        truths: Mapping[str, list[bool]] | None = None,
        items: int = 0,
        needed: int = 0,
        ending: tuple[str, ...] = (),
        called: bool = False,
        choose: Random | None = None,
    ) -> None:
        self.graph = compile_graph(Process("p", Text(), None, {n.name: n for n in nodes}))
        self.people = dict(people or {})
        self.votes = dict(votes or {})
        self.weights = dict(weights or {})
        self.failing = dict(failing or {})
        self.flows = dict(flows or {})
        self.truths = {slot: list(answers) for slot, answers in (truths or {}).items()}
        self.items = items
        self.needed = needed
        self.ending = ending
        self.called = called
        self.choose = choose
        self.state = State()
        self.effects: list[Effect] = []

    def start(self) -> Play:
        self.fire(Started())
        return self

    def fire(self, event: Event) -> list[Effect]:
        """The event and all answers that it needs; the state passes through JSON afterwards, as it does in the
        database.
        """
        effects: list[Effect] = []
        while True:
            outcome = fire(self.graph, self.state, event, called=self.called)
            self.state = outcome.state
            effects.extend(outcome.effects)
            failed = next((e for e in outcome.effects if isinstance(e, Fail)), None)
            if failed is not None:
                raise Refused(failed.message)
            if self.state.pending is None:
                break
            event = self.answer(outcome.effects[-1])
        self.state = from_json(to_json(self.state))
        self.effects.extend(effects)
        return effects

    def answer(self, request: Effect) -> Event:
        match request:
            case RunScript(token=token, node=name, slot=slot):
                message = self.failing.get(f"{name}.{slot}")
                return ScriptFailed(token, "script", message) if message is not None else ScriptDone(token)
            case Decide(token=token, node=name):
                chosen = self.flows.get(name) if self.choose is None else self.chosen(name)
                return Decided(token, () if chosen is None else (chosen,) if isinstance(chosen, int) else chosen)
            case ResolveUsers(token=token, slot=slot):
                return Resolved(token, self.people.get(slot, ()), self.votes, self.weights)
            case Probe(token=token, slot=slot):
                return Probed(token, self.truths.get(slot, [False]).pop(0))
            case CountItems(token=token):
                return Counted(token, self.items)
            case Join(token=token, arrived=arrived):
                return Probed(token, len(arrived) >= self.needed)
            case CallProcess(token=token, node=name):
                return Called(token, ended=name in self.ending)
            case EndRepetition(token=token):
                answers = self.truths.get("until", [])
                return Probed(token, answers.pop(0) if answers else False)
        raise AssertionError(request)

    def chosen(self, name: str) -> tuple[int, ...]:
        """Flows of a gateway by lot: one, or some of an inclusive one's."""
        assert self.choose is not None
        gateway = self.graph.nodes[name]
        most = len(gateway.flows) if gateway.type == "inclusive_gateway" else 1
        return tuple(sorted(self.choose.sample(range(len(gateway.flows)), self.choose.randint(1, most))))

    # ---- what a test asks ----

    def at(self) -> list[str]:
        return sorted(token.node for token in self.state.tokens)

    def token(self, name: str, index: int = -1) -> int:
        return next(t.id for t in self.state.tokens if t.node == name and t.index == index)

    def ran(self) -> list[str]:
        return [f"{e.node}.{e.slot}" for e in self.effects if isinstance(e, RunScript)]

    def asked(self) -> list[int]:
        return [user for e in self.effects if isinstance(e, OpenTask) for user in e.users]

    def way_out(self, name: str) -> str:
        return next(e.how for e in reversed(self.effects) if isinstance(e, Left) and e.node == name)
