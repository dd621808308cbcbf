"""Drives the interpreter inside a step: does its effects on records, tasks and jobs, and answers its questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from dsl import script
from dsl.feel import Expression, LimitExceeded
from engine.errors import ActionRefused, StepFailed, TradewindError
from engine.model.model import Value
from engine.model.processes import Foreach, Node, Process
from engine.process import events, instance, people
from engine.process.agenda import Agenda
from engine.process.definitions import graph_of
from engine.process.effects import ScriptEffects
from engine.process.graph import Graph
from engine.process.instance import Instance
from engine.process.interpreter import NoSuchToken, fire
from engine.process.names import Names, key, peek
from engine.process.operation import Operation
from engine.process.state import State, Token
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step

MOST_AUTOMATIC = 10_000  # nodes entered in one step, over all its instances
DEEPEST = 30  # processes started by processes, in one step


class Runner:
    """The processes of one step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.entered = 0
        self.firing: list[Instance] = []

    def start(self, process: Process, record: Record | None, variables: Mapping[str, object]) -> Instance:
        """A new instance on the current version, run until it waits."""
        step = self.step
        if len(self.firing) >= DEEPEST:
            raise StepFailed("Processes start each other without end: '{process}'", process=process.name)
        initiator = step.user or step.on_behalf or (record["owner"] if record is not None else None)
        case = Instance(
            id=0,
            process=process.name,
            version=process.version,
            entity=record.entity.name if record is not None else None,
            record_id=record.id if record is not None else None,
            initiator_id=initiator.id if initiator is not None else None,
            status="running",
            state=State(),
            started_at=step.now,
        )
        instance.create(step, case, lifecycle=process.lifecycle is not None)
        names = Names(record, {"record": record, "user": step.user, "initiator": initiator}, case.variables)
        for name, field in process.variables.items():
            if name in variables:
                case.variables[name] = variables[name]
            else:
                case.variables[name] = self.value(field.default, names)
        self.note(case, "started", record=record)
        self.fire(case, events.Started(), new=True)
        return case

    def fire(
        self, case: Instance, event: events.Event, operation: Operation | None = None, *, new: bool = False
    ) -> None:
        """Let an event happen to an instance, do everything that follows, and write the instance.

        Raises ActionRefused if its token has moved on, and what a script raised if nothing caught it.
        """
        self.firing.append(case)
        try:
            with self.step.as_engine():
                _Firing(self, case, operation, new=new).run(event)
                self.step.flush()  # as the engine: rules that warn ask a person, never a process
        except NoSuchToken as late:
            raise ActionRefused("This has been done already") from late
        finally:
            self.firing.pop()

    def value(self, value: Value | None, names: Names) -> Any:
        """The value of a literal or an expression."""
        if value is None:
            return None
        return value.literal if value.expression is None else self.evaluate(value.expression, names)

    def evaluate(self, expression: Expression, names: Names) -> Any:
        """An expression's value; null where it meets an error. Raises StepFailed if it takes too much."""
        try:
            return expression(names, self.step.host)
        except LimitExceeded as error:
            raise StepFailed("{text}: {reason}", text=expression.text, reason=str(error)) from error

    def note(self, case: Instance, event: str, node: str = "", *, record: Record | None = None, **more: object) -> None:
        """An entry in the record's history."""
        found = record or peek(self.step, case.entity, case.record_id)
        data = {"process": case.process, "instance": case.id, "event": event, "node": node, **more}
        self.step.history.add("process", found, event, **data)

    def count(self, node: str) -> None:
        self.entered += 1
        if self.entered > MOST_AUTOMATIC:
            raise StepFailed(
                "'{node}' was reached after {count} automatic steps: an endless loop", node=node, count=MOST_AUTOMATIC
            )


class _Firing:
    """One event of one instance: its effects in order, and what is to be written at the end."""

    def __init__(self, runner: Runner, case: Instance, operation: Operation | None, *, new: bool) -> None:
        self.runner = runner
        self.step = runner.step
        self.case = case
        self.graph: Graph = graph_of(runner.step, case.process, case.version)
        self.record = peek(runner.step, case.entity, case.record_id)
        self.operation = operation
        self.agenda = Agenda(runner.step, case, new=new)
        self.cause: Exception | None = None
        self.undo: dict[int, tuple[AbstractContextManager[object], dict[str, Any]]] = {}

    def run(self, event: events.Event) -> None:
        answer: events.Event | None = event
        while answer is not None:
            outcome = fire(self.graph, self.case.state, answer)
            self.case.state = outcome.state
            answer = None
            for effect in outcome.effects:
                answer = self.do(effect)
        for token in reversed(list(self.undo)):
            self.keep(token)
        self.agenda.write()
        instance.store(self.step, self.case)

    def do(self, effect: events.Effect) -> events.Event | None:
        """Do one effect; a request gives its answer."""
        match effect:
            case events.Entered():
                self.runner.count(effect.node)
                self.entered(effect)
            case events.Left():
                pass
            case events.SetStatus():
                self.set_status(effect)
            case events.OpenTask():
                self.open_task(effect)
            case events.CloseTasks():
                self.agenda.close(effect.token, effect.outcome)
            case events.Reassign():
                self.agenda.reassign(effect.token, effect.users)
                self.note("reassigned", effect.node, users=list(effect.users))
            case events.SeatVoted():
                self.agenda.vote(effect)
                self.note(effect.vote, effect.node, user=effect.user, automatic=effect.auto)
            case events.ScheduleTimer():
                self.agenda.schedule(effect, self.graph.nodes[effect.node], self.names(effect.token))
            case events.CancelTimers():
                self.agenda.cancel_timers(effect.token)
            case events.Recovered():
                self.recover(effect)
            case events.CloseScope():
                self.keep(effect.token)
                self.case.variables |= self.case.lists.pop(str(effect.token), {}).get("collected", {})
            case events.EndInstance():
                self.end(effect)
            case events.Fail():
                raise self.cause or StepFailed(effect.message, code=effect.code)
            case events.RunScript():
                return self.attempt(effect.token, self.node(effect), lambda: self.run_script(effect))
            case events.ResolveUsers():
                return self.attempt(effect.token, self.node(effect), lambda: self.resolve(effect))
            case events.CountItems():
                return self.attempt(effect.token, self.node(effect), lambda: self.count_items(effect))
            case events.Decide():
                return self.decide(effect)
            case events.Probe():
                return self.probe(effect)
            case events.EndRepetition():
                return self.end_repetition(effect)
        return None

    # ---- effects ----

    def entered(self, effect: events.Entered) -> None:
        node = self.graph.nodes[effect.node]
        if not node.type.endswith("gateway"):
            self.note("entered", node.name, automatic=node.type in ("script_task", "business_rule_task"))

    def set_status(self, effect: events.SetStatus) -> None:
        field = self.graph.process.lifecycle
        if field is not None and self.record is not None and self.record[field] != effect.status:
            self.step.records.write(self.record, {field: effect.status})

    def open_task(self, effect: events.OpenTask) -> None:
        node = self.graph.nodes[effect.node]
        names = self.names(effect.token)
        target = self.runner.evaluate(node.for_, names) if node.for_ is not None else None
        self.agenda.open(
            effect,
            node,
            target=target if isinstance(target, Record) else self.record,
            due=self.runner.value(node.due, names),
            priority=self.runner.value(node.priority, names),
        )

    def recover(self, effect: events.Recovered) -> None:
        held = self.undo.pop(effect.token, None)
        if held is not None:
            savepoint, variables = held
            assert self.cause is not None
            savepoint.__exit__(type(self.cause), self.cause, None)
            self.case.variables = variables
        self.case.lists.pop(str(effect.token), None)
        self.case.variables["error"] = {"code": effect.code, "message": effect.message}
        self.cause = None
        self.step.tell(effect.message)
        self.note("failed", effect.node, message=effect.message)

    def end(self, effect: events.EndInstance) -> None:
        self.case.status = effect.outcome
        self.case.ended_at = self.step.now
        self.case.lists.clear()
        self.note("ended", outcome=effect.outcome, error=effect.error)

    # ---- requests ----

    def attempt(self, token: int, node: Node, work: Callable[[], events.Event]) -> events.Event:
        """Do `work`; if it fails, it is undone where the node has an `on_error` to leave by, and the failure is the
        answer.
        """
        whole = self.whole(token)
        variables = dict(self.case.variables)
        undoing = node.on_error is not None and whole not in self.undo
        if undoing:
            self.step.settle()  # what earlier activities wrote is theirs to answer for
        try:
            with self.step.savepoint() if undoing else nullcontext():
                return work()
        except (script.ScriptFailed, TradewindError) as failure:
            self.case.variables = variables
            self.cause = failure if isinstance(failure, TradewindError) else _told(failure)
            return events.ScriptFailed(token, failure.code, str(failure))

    def run_script(self, effect: events.RunScript) -> events.Event:
        step, operation = self.step, self.operation
        entered = (
            operation
            if effect.slot in ("vote", "on_approve", "on_reject") or effect.slot.startswith("action:")
            else None
        )
        if entered is not None:
            entered.write(step)
        if effect.slot == "do" and self.node(effect).decision is not None:
            self.apply_rules(effect)
        found = _script_of(self.node(effect), effect.slot)
        if found is not None:
            limits = {k: v for k, v in step.model.settings.limits.items() if k in ("statements", "records", "seconds")}
            names = self.names(effect.token, entered)
            found.run(names, ScriptEffects(step, self.record, self.case.variables), limits=script.Limits(**limits))
        if entered is not None:
            entered.check()
        if found is not None or (entered is not None and entered.fields):
            if self.node(effect).on_error is not None:
                step.settle()  # the activity ends here, so that its `on_error` sees broken rules
            else:
                step.flush()
        return events.ScriptDone(effect.token)

    def apply_rules(self, effect: events.RunScript) -> None:
        """Ask the decision of a business rule task, and keep what its `result` takes of the answer."""
        node, names = self.node(effect), self.names(effect.token)
        decision = self.step.model.decisions.get(node.decision or "")
        if decision is None:
            raise StepFailed("'{node}' asks the decision {decision}, which is not there any more", code="no_decision", node=node.name,
                             decision=node.decision)  # fmt: skip
        given = {name: self.runner.evaluate(expression, names) for name, expression in node.with_.items()}
        decided = decision.table.decide(given, self.step.host)
        if decided.value is None and decided.warnings:
            raise StepFailed("'{node}': the decision {decision} gives nothing: {reason}", code="no_decision", node=node.name,
                             decision=decision.name, reason=decided.warnings[-1].message)  # fmt: skip
        self.note("decided", node.name, decision=decision.name, rules=list(decided.rules))
        outputs = self.names(effect.token, extra=decision.table.outputs(decided.value))
        kept = {name: self.runner.evaluate(expression, outputs) for name, expression in node.result.items()}
        self.case.variables |= kept

    def resolve(self, effect: events.ResolveUsers) -> events.Event:
        node, (kind, _, timer) = self.node(effect), effect.slot.partition(":")
        if kind == "admin":
            return events.Resolved(effect.token, tuple(key(user) for user in people.admins(self.step)))
        expression = node.timers[timer].reassign if kind == "reassign" else node.assign
        if expression is None:
            return events.Resolved(effect.token, ())
        found = people.people(self.runner.evaluate(expression, self.names(effect.token)))
        if kind == "assign" and node.type == "approval":
            return events.Resolved(effect.token, *people.seats(self.step, node, self.case, found))
        if not found:
            raise StepFailed("Nobody was found for '{node}': {text} gives no active person", code="nobody_found",
                             node=node.name, text=expression.text)  # fmt: skip
        return events.Resolved(effect.token, tuple(key(user) for user in found))

    def count_items(self, effect: events.CountItems) -> events.Event:
        node = self.node(effect)
        foreach = _foreach(node)
        items = self.runner.evaluate(foreach.source, self.names(effect.token))
        if items is None:
            raise StepFailed("The list of '{node}' is null: {text}", node=node.name, text=foreach.source.text)
        items = list(items) if isinstance(items, list | tuple) else [items]
        collected: dict[str, list[Any]] = {name: [] for name in foreach.collect}
        self.case.lists[str(effect.token)] = {"items": items, "collected": collected}
        if node.on_error is not None:
            savepoint = self.step.savepoint()
            savepoint.__enter__()
            self.undo[effect.token] = (savepoint, dict(self.case.variables))
        return events.Counted(effect.token, len(items))

    def decide(self, effect: events.Decide) -> events.Event:
        names = self.names(effect.token)
        otherwise = None
        for index, flow in enumerate(self.node(effect).flows):
            if flow.when is None:
                otherwise = index
            elif self.runner.evaluate(flow.when, names) is True:
                return events.Decided(effect.token, index)
        return events.Decided(effect.token, otherwise)

    def probe(self, effect: events.Probe) -> events.Event:
        node = self.node(effect)
        condition = node.skip_when if effect.slot == "skip" else node.loop_while
        assert condition is not None
        return events.Probed(effect.token, self.runner.evaluate(condition, self.names(effect.token)) is True)

    def end_repetition(self, effect: events.EndRepetition) -> events.Event:
        foreach = _foreach(self.node(effect))
        collected = self.case.lists[str(effect.parent)]["collected"]
        names = self.names(effect.token, self.operation)
        for name, expression in foreach.collect.items():
            collected[name].append(self.runner.evaluate(expression, names))
        if foreach.until is None:
            return events.Probed(effect.token, False)
        counts = {"done": effect.done, "total": effect.total, **collected}
        return events.Probed(
            effect.token, self.runner.evaluate(foreach.until, self.names(effect.token, extra=counts)) is True
        )

    # ---- helpers ----

    def node(self, effect: Any) -> Node:
        return self.graph.nodes[effect.node]

    def token(self, number: int) -> Token:
        found = self.case.state.token(number)
        assert found is not None
        return found

    def whole(self, token: int) -> int:
        """The token of the activity that a repetition belongs to."""
        found = self.case.state.token(token)
        return found.parent if found is not None and found.parent else token

    def keep(self, token: int) -> None:
        held = self.undo.pop(token, None)
        if held is not None:
            held[0].__exit__(None, None, None)

    def note(self, event: str, node: str = "", **more: object) -> None:
        self.runner.note(self.case, event, node, record=self.record, **more)

    def names(self, token: int, operation: Operation | None = None, extra: Mapping[str, object] | None = None) -> Names:
        """What expressions and scripts at a token see."""
        special = self.step.names() | {"record": self.record, **(extra or {})}
        if operation is not None:
            special |= {"comment": operation.comment or None, "values": dict(operation.values)}
        found = self.case.state.token(token)
        if found is not None and found.parent:
            node = self.graph.nodes[found.node]
            special[_foreach(node).item] = self.case.lists[str(found.parent)]["items"][found.index]
        lazy = {
            "initiator": lambda: peek(self.step, "user", self.case.initiator_id),
            "assignees": lambda: self.agenda.assignees(token),
        }
        return Names(self.record, special, self.case.variables, lazy)


def _script_of(node: Node, slot: str) -> script.Script | None:
    kind, _, name = slot.partition(":")
    match kind:
        case "do":
            return node.do
        case "action":
            return node.actions[name].do if name in node.actions else None
        case "timer":
            return node.timers[name].do
        case "on_approve":
            return node.on_approve_do
        case "on_reject":
            return node.on_reject_do
        case "on_error":
            return node.on_error.do if node.on_error is not None else None
    return None


def _foreach(node: Node) -> Foreach:
    assert node.foreach is not None
    return node.foreach


def _told(failure: script.ScriptFailed) -> StepFailed:
    """A script's failure as an error for the person: the message is the script's own."""
    return StepFailed(failure.message, code="failed")
