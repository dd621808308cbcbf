"""Answers the interpreter's questions: runs scripts, decides at gateways, finds people, calls processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dsl import script
from dsl.feel import Expression
from engine.errors import StepFailed, TradewindError
from engine.model.processes import Foreach, Node
from engine.model.ways import origin
from engine.process import correlation, events, people
from engine.process.catching import START
from engine.process.effects import ScriptEffects
from engine.process.names import Names, key
from engine.process.notify import notify
from engine.process.scoping import variables_at
from engine.records import Record

if TYPE_CHECKING:
    from engine.process.firing import Firing

ENTERED = ("vote", "on_approve", "on_reject", "action")  # the slots that see what a person entered
NOTHING: Mapping[int, str] = {}


class Answering:
    """The answers in one firing."""

    def __init__(self, firing: Firing) -> None:
        self.firing = firing
        self.runner = firing.runner
        self.step = firing.step
        self.case = firing.case

    def answer(self, effect: events.Request) -> events.Event:
        """Do what a request asks, and say how it went."""
        match effect:
            case events.RunScript():
                return self.attempt(effect, lambda: self.run_script(effect))
            case events.CallProcess():
                return self.attempt(effect, lambda: self.call_process(effect))
            case events.ResolveUsers():
                return self.attempt(effect, lambda: self.resolve(effect))
            case events.CountItems():
                return self.attempt(effect, lambda: self.count_items(effect))
            case events.Decide():
                return self.decide(effect)
            case events.Join():
                return self.join(effect)
            case events.Probe():
                return self.probe(effect)
            case events.EndRepetition():
                return self.end_repetition(effect)

    def attempt(self, effect: Any, work: Callable[[], events.Event]) -> events.Event:
        """Do `work`; if it fails, it is undone where something catches the failure, and the failure is the answer."""
        firing = self.firing
        saved = firing.save()
        caught = firing.called or effect.node in firing.graph.guarded
        undoing = caught and self.whole(effect.token) not in firing.undo
        if undoing:
            self.step.settle()  # what earlier activities wrote is theirs to answer for
        try:
            with self.step.savepoint() if undoing else nullcontext():
                return work()
        except (script.ScriptFailed, TradewindError) as failure:
            firing.restore(saved)
            firing.cause = failure if isinstance(failure, TradewindError) else _told(failure)
            return events.ScriptFailed(effect.token, failure.code, str(failure))

    # ---- scripts ----

    def run_script(self, effect: events.RunScript) -> events.Event:
        step, node = self.step, self.firing.node(effect)
        kind, _, name = effect.slot.partition(":")
        operation = self.firing.operation if kind in ENTERED else None
        if operation is not None:
            operation.write(step)
        if kind == "do" and node.decision is not None:
            self.apply_rules(effect, node)
        elif kind == "do" and node.type in ("send_task", "throw_event"):
            self.send(effect, node)
        elif kind == "work":
            self.take(effect.token, node.result, self.firing.brought)
        elif kind == "catch" and (catch := _caught(node, name)) is not None:
            self.take(effect.token, catch.result, self.firing.brought)
        found = _script_of(node, kind, name)
        if found is not None:
            limits = {k: v for k, v in step.model.settings.limits.items() if k in ("statements", "records", "seconds")}
            extra = self.firing.brought if kind in ("catch", "work") else None
            names = self.firing.names(effect.token, operation, extra, effect.done)
            effects = ScriptEffects(step, self.firing.record, variables_at(self.case, effect.token))
            found.run(names, effects, limits=script.Limits(**limits))
        if operation is not None:
            operation.check()
        if found is not None or (operation is not None and operation.fields):
            if effect.node in self.firing.graph.guarded:
                step.settle()  # the activity ends here, so that its `on_error` sees broken rules
            else:
                step.flush()
        return events.ScriptDone(effect.token)

    def take(self, token: int, result: Mapping[str, Expression], brought: Mapping[str, object]) -> None:
        """Keep what `result` takes of what was brought."""
        if not result:
            return
        names = self.firing.names(token, extra=brought)
        kept = {name: self.runner.evaluate(expression, names) for name, expression in result.items()}
        variables_at(self.case, token).update(kept)

    def apply_rules(self, effect: events.RunScript, node: Node) -> None:
        """Ask the decision of a business rule task, and keep what its `result` takes of the answer."""
        names = self.firing.names(effect.token)
        decision = self.step.model.decisions.get(node.decision or "")
        if decision is None:
            raise StepFailed("'{node}' asks the decision {decision}, which is not there any more", code="no_decision", node=node.name,
                             decision=node.decision)  # fmt: skip
        given = {name: self.runner.evaluate(expression, names) for name, expression in node.with_.items()}
        decided = decision.table.decide(given, self.step.host)
        if decided.value is None and decided.warnings:
            raise StepFailed("'{node}': the decision {decision} gives nothing: {reason}", code="no_decision", node=node.name,
                             decision=decision.name, reason=decided.warnings[-1].message)  # fmt: skip
        self.firing.note("decided", node.name, decision=decision.name, rules=list(decided.rules))
        self.take(effect.token, node.result, decision.table.outputs(decided.value))

    def send(self, effect: events.RunScript, node: Node) -> None:
        """Send what a send task or a throw event says: to people by a template, to processes a message or a signal."""
        names = self.firing.names(effect.token)
        if node.template is not None:
            users = people.people(self.runner.evaluate(node.assign, names)) if node.assign is not None else []
            notify(self.step, users, node.template, names, self.firing.record)
        elif node.signal is not None:
            correlation.broadcast_later(self.runner, node.signal)
        elif node.message is not None:
            correlation.send_later(self.runner, node, names)

    # ---- called processes ----

    def call_process(self, effect: events.CallProcess) -> events.Event:
        """Start the process that a call activity names; it may end at once."""
        node, names = self.firing.node(effect), self.firing.names(effect.token)
        process = self.step.model.processes.get(node.process or "")
        if process is None:
            raise StepFailed("'{node}' calls the process {process}, which is not there any more", code="no_process",
                             node=node.name, process=node.process)  # fmt: skip
        record = self.firing.record if node.for_ is None else self.runner.evaluate(node.for_, names)
        if process.entity is None:
            record = None
        elif not isinstance(record, Record) or record.entity.name != process.entity:
            raise StepFailed("'{node}' calls {process}, which needs a {entity}", code="no_record", node=node.name,
                             process=process.name, entity=process.entity)  # fmt: skip
        given = {name: self.runner.evaluate(expression, names) for name, expression in node.with_.items()}
        child = self.runner.start(process, record, given, parent=(self.case, effect.token))
        if child.status == "failed":
            return events.ScriptFailed(effect.token, child.error, child.message)
        self.firing.brought = child.variables
        return events.Called(effect.token, child.status != "running")

    # ---- people ----

    def resolve(self, effect: events.ResolveUsers) -> events.Event:
        node, (kind, _, timer) = self.firing.node(effect), effect.slot.partition(":")
        if kind == "admin":
            return self.seated(effect, people.admins(self.step))
        expression = node.timers[timer].reassign if kind == "reassign" else node.assign
        if expression is None:
            return events.Resolved(effect.token, ())
        found = people.people(self.runner.evaluate(expression, self.firing.names(effect.token)))
        if kind == "assign" and node.type == "approval":
            found, votes = people.seats(self.step, node, self.case, found)
            return self.seated(effect, found, votes)
        if not found:
            raise StepFailed("Nobody was found for '{node}': {text} gives no active person", code="nobody_found",
                             node=node.name, text=expression.text)  # fmt: skip
        return self.seated(effect, found)

    def seated(self, effect: events.ResolveUsers, users: list[Record], votes: Mapping[int, str] = NOTHING) -> events.Event:
        """These people are asked, with what their votes count: in `weights`, `item` is the approver."""
        node = self.firing.node(effect)
        weights: dict[int, Decimal] = {}
        for user in users if node.weights is not None else ():
            assert node.weights is not None
            weight = self.runner.evaluate(node.weights, self.firing.names(effect.token, extra={"item": user}))
            if not isinstance(weight, Decimal | int) or weight <= 0:
                raise StepFailed("The vote of {who} at '{node}' must count more than zero: {text}", code="bad_weight",
                                 who=user.title(), node=node.name, text=node.weights.text)  # fmt: skip
            weights[key(user)] = Decimal(weight)
        return events.Resolved(effect.token, tuple(key(user) for user in users), votes, weights)

    # ---- gateways and repetition ----

    def decide(self, effect: events.Decide) -> events.Event:
        names = self.firing.names(effect.token)
        found: list[int] = []
        otherwise: list[int] = []
        for index, flow in enumerate(self.firing.node(effect).flows):
            if flow.when is None:
                otherwise = [index]
            elif self.runner.evaluate(flow.when, names) is True:
                found.append(index)
                if not effect.every:
                    break
        return events.Decided(effect.token, tuple(found or otherwise))

    def join(self, effect: events.Join) -> events.Event:
        condition = self.firing.node(effect).join
        assert condition is not None
        arrived = [origin(way) for way in effect.arrived]
        names = self.firing.names(
            effect.token, extra={"arrived": arrived, "done": len(arrived), "total": effect.total}
        )
        return events.Probed(effect.token, self.runner.evaluate(condition, names) is True)

    def probe(self, effect: events.Probe) -> events.Event:
        node = self.firing.node(effect)
        condition = node.skip_when if effect.slot == "skip" else node.loop_while
        assert condition is not None
        return events.Probed(effect.token, self.runner.evaluate(condition, self.firing.names(effect.token)) is True)

    def count_items(self, effect: events.CountItems) -> events.Event:
        firing, node = self.firing, self.firing.node(effect)
        foreach = _foreach(node)
        items = self.runner.evaluate(foreach.source, firing.names(effect.token))
        if items is None:
            raise StepFailed("The list of '{node}' is null: {text}", node=node.name, text=foreach.source.text)
        items = list(items) if isinstance(items, list | tuple) else [items]
        collected: dict[str, list[Any]] = {name: [] for name in foreach.collect}
        self.case.lists[str(effect.token)] = {"items": items, "collected": collected}
        if node.on_error is not None:
            savepoint = self.step.savepoint()
            savepoint.__enter__()
            firing.undo[effect.token] = (savepoint, firing.save())
        return events.Counted(effect.token, len(items))

    def end_repetition(self, effect: events.EndRepetition) -> events.Event:
        foreach = _foreach(self.firing.node(effect))
        collected = self.case.lists[str(effect.parent)]["collected"]
        names = self.firing.names(effect.token, self.firing.operation)
        for name, expression in foreach.collect.items():
            collected[name].append(self.runner.evaluate(expression, names))
        if foreach.until is None:
            return events.Probed(effect.token, False)
        counts = {"done": effect.done, "total": effect.total, **collected}
        enough: Names = self.firing.names(effect.token, extra=counts)
        return events.Probed(effect.token, self.runner.evaluate(foreach.until, enough) is True)

    def whole(self, token: int) -> int:
        """The token of the activity that a repetition belongs to."""
        found = self.case.state.token(token)
        return found.parent if found is not None and found.parent else token


def _script_of(node: Node, kind: str, name: str) -> script.Script | None:
    match kind:
        case "do":
            return node.do
        case "action":
            return node.actions[name].do if name in node.actions else None
        case "timer":
            return node.timers[name].do
        case "catch":
            catch = _caught(node, name)
            return catch.do if catch is not None else None
        case "on_approve":
            return node.on_approve_do
        case "on_reject":
            return node.on_reject_do
        case "on_error":
            return node.on_error.do if node.on_error is not None else None
        case "undo":
            return node.undo
    return None


def _caught(node: Node, slot: str) -> Any:
    """The catching event under a slot (see `events.Subscribe`)."""
    if slot.startswith("event:"):
        return node.events[int(slot.removeprefix("event:"))]
    return node.catch if not slot or slot.startswith(START) else node.catches[slot]


def _foreach(node: Node) -> Foreach:
    assert node.foreach is not None
    return node.foreach


def _told(failure: script.ScriptFailed) -> StepFailed:
    """A script's failure as an error for the person: the message is the script's own."""
    return StepFailed(failure.message, code="failed")
