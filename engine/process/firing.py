"""Drives the interpreter through one event of an instance: does its effects on records, tasks and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from dsl import feel
from engine.connect.requests import prepared
from engine.errors import StepFailed
from engine.model.processes import Node
from engine.process import correlation, events, instance, outbox
from engine.process.agenda import Agenda
from engine.process.answering import Answering
from engine.process.definitions import graph_of
from engine.process.graph import Graph
from engine.process.instance import Instance
from engine.process.interpreter import fire
from engine.process.names import Names, peek
from engine.process.operation import Operation
from engine.process.scoping import items_at, variables_at
from engine.process.state import Done
from engine.process.timing import duration
from engine.records import Record

if TYPE_CHECKING:
    from engine.process.runner import Runner

AUTOMATIC = frozenset({"script_task", "business_rule_task", "service_task", "send_task"})
Saved = tuple[dict[str, Any], dict[str, dict[str, Any]]]  # variables and those of the scopes


class Firing:
    """One event of one instance: its effects in order, and what is to be written at the end."""

    def __init__(
        self,
        runner: Runner,
        case: Instance,
        operation: Operation | None,
        brought: Mapping[str, object],
        *,
        new: bool,
    ) -> None:
        self.runner = runner
        self.step = runner.step
        self.case = case
        self.graph: Graph = graph_of(runner.step, case.process, case.version)
        self.record = peek(runner.step, case.entity, case.record_id)
        self.operation = operation
        self.brought = brought
        self.agenda = Agenda(runner.step, case, new=new)
        self.cause: Exception | None = None
        self.undo: dict[int, tuple[AbstractContextManager[object], Saved]] = {}
        self.called = case.parent is not None and runner.is_caught(case)

    def run(self, event: events.Event) -> None:
        answering = Answering(self)
        answer: events.Event | None = event
        while answer is not None:
            outcome = fire(self.graph, self.case.state, answer, called=self.called)
            self.case.state = outcome.state
            answer = None
            for effect in outcome.effects:
                if isinstance(effect, events.REQUESTS):
                    answer = answering.answer(effect)
                else:
                    self.do(effect)
        for token in reversed(list(self.undo)):
            self.keep(token)
        self.agenda.write()
        instance.store(self.step, self.case)

    def do(self, effect: events.Effect) -> None:
        """Do one effect."""
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
            case events.CloseSeat():
                self.agenda.close_seat(effect.token, effect.seat, effect.outcome)
            case events.SeatVoted():
                self.agenda.vote(effect)
                self.note(effect.vote, effect.node, user=effect.user, automatic=effect.auto)
            case events.ScheduleTimer():
                self.agenda.schedule(effect, self.graph.nodes[effect.node], self.names(effect.token))
            case events.CancelTimers():
                self.agenda.cancel_timers(effect.token, starts=effect.starts)
            case events.Subscribe():
                correlation.subscribe(self, effect)
            case events.Unsubscribe():
                self.agenda.unsubscribe(effect.token, starts=effect.starts)
            case events.CallService():
                self.call_service(effect)
            case events.CancelWork():
                self.cancel_work(effect.token)
            case events.Escalate():
                correlation.escalate(self, effect.name)
            case events.Recovered():
                self.recover(effect)
            case events.Collected():
                self.collected(effect.token)
            case events.OpenScope():
                self.open_scope(effect)
            case events.CloseScope():
                self.close_scope(effect.token)
            case events.EndInstance():
                self.end(effect)
            case events.Fail():
                raise self.cause or StepFailed(effect.message, code=effect.code)

    # ---- effects ----

    def entered(self, effect: events.Entered) -> None:
        node = self.graph.nodes[effect.node]
        if not node.type.endswith("gateway"):
            self.note("entered", node.name, automatic=node.type in AUTOMATIC)

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

    def call_service(self, effect: events.CallService) -> None:
        """Write the call into the outbox. What fails before it is made fails as the call would, where something catches that."""
        node = self.graph.nodes[effect.node]
        assert node.call is not None
        names, evaluate, connector = self.names(effect.token), self.runner.evaluate, node.call[0]
        try:
            given = {name: evaluate(expression, names) for name, expression in node.with_.items()}
            payload = prepared(self.step, *node.call, given)
        except StepFailed as failure:
            if effect.node not in self.graph.guarded and not self.called:
                raise
            payload = {"refused": {"code": failure.code, "message": failure.text}}
        if node.idempotency_key is not None:
            payload["idempotency_key"] = feel.to_text(evaluate(node.idempotency_key, names))
        if node.retries is not None:
            payload["retries"] = node.retries
        if node.timeout is not None:
            payload["seconds"] = node.timeout.total_seconds()
        backoff = duration(self.runner.value(node.backoff, names))
        if isinstance(backoff, timedelta):
            payload["backoff"] = backoff.total_seconds()
        outbox.queue(self.step, "call", connector, payload, record=self.record, case=self.case, token=effect.token)

    def cancel_work(self, token: int) -> None:
        """The service or the process that the token called is not wanted any more."""
        job = self.step.schema.job
        calls = delete(job).where(job.c.instance == self.case.id, job.c.token == token, job.c.kind == "call")
        self.step.connection.execute(calls)
        for called in instance.load(self.step, instance.called_by(self.step, self.case.id, token), lock=True):
            self.runner.fire(called, events.Cancelled())

    def recover(self, effect: events.Recovered) -> None:
        held = self.undo.pop(effect.token, None)
        if held is not None and self.cause is not None:
            savepoint, saved = held
            savepoint.__exit__(type(self.cause), self.cause, None)
            self.restore(saved)
        self.case.lists.pop(str(effect.token), None)
        self.case.variables["error"] = {"code": effect.code, "message": effect.message}
        self.cause = None
        self.step.tell(effect.message)
        self.note("failed", effect.node, message=effect.message)

    def collected(self, token: int) -> None:
        """What the repetitions collected goes to the variables; their items stay while they may be undone."""
        self.keep(token)
        lists = self.case.lists[str(token)]
        variables_at(self.case, token).update(lists["collected"])
        if any(done.parent == token for done in self.case.state.done):
            self.case.lists[str(token)] = {"items": lists["items"], "collected": {}}
        else:
            del self.case.lists[str(token)]

    def open_scope(self, effect: events.OpenScope) -> None:
        node = self.graph.nodes[effect.node]
        if node.variables:
            names = self.names(effect.token)
            self.case.scopes[str(effect.token)] = {
                name: self.runner.value(field.default, names) for name, field in node.variables.items()
            }

    def close_scope(self, token: int) -> None:
        if not any(done.scope == token for done in self.case.state.done):
            self.case.scopes.pop(str(token), None)

    def end(self, effect: events.EndInstance) -> None:
        self.case.status = effect.outcome
        self.case.ended_at = self.step.now
        self.case.error, self.case.message = effect.error, effect.message
        self.case.lists.clear()
        self.case.scopes.clear()
        self.note("ended", outcome=effect.outcome, error=effect.error)

    # ---- for all effects and answers ----

    def node(self, effect: Any) -> Node:
        return self.graph.nodes[effect.node]

    def save(self) -> Saved:
        return dict(self.case.variables), {token: dict(held) for token, held in self.case.scopes.items()}

    def restore(self, saved: Saved) -> None:
        self.case.variables, self.case.scopes = saved

    def keep(self, token: int) -> None:
        """What the activity did stands: its savepoint is not needed any more."""
        held = self.undo.pop(token, None)
        if held is not None:
            held[0].__exit__(None, None, None)

    def note(self, event: str, node: str = "", **more: object) -> None:
        self.runner.note(self.case, event, node, record=self.record, **more)

    def names(
        self,
        token: int,
        operation: Operation | None = None,
        extra: Mapping[str, object] | None = None,
        done: Done | None = None,
    ) -> Names:
        """What expressions and scripts at a token see; of what is to be `done` away with, the item that it had."""
        special = self.step.names() | {"record": self.record, **(extra or {})}
        if operation is not None:
            special |= {"comment": operation.comment or None, "values": dict(operation.values)}
        special |= items_at(self.case, self.graph, token, done)
        lazy = {
            "initiator": lambda: peek(self.step, "user", self.case.initiator_id),
            "assignees": lambda: self.agenda.assignees(token),
        }
        return Names(self.record, special, variables_at(self.case, token), lazy)
