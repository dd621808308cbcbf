"""Starts and fires the processes of a step, and delivers to each other what they send, when they wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dsl.feel import Expression, LimitExceeded
from engine.errors import ActionRefused, StepFailed
from engine.model.model import Value
from engine.model.processes import Process
from engine.process import events, instance
from engine.process.definitions import graph_of
from engine.process.firing import Firing
from engine.process.instance import Instance
from engine.process.names import Names, peek
from engine.process.operation import Operation
from engine.process.run import NoSuchToken
from engine.process.state import State
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step

MOST_AUTOMATIC = 10_000  # nodes entered in one step, over all its instances
DEEPEST = 30  # processes started by processes, in one step
NOTHING: Mapping[str, object] = {}


class Runner:
    """The processes of one step. `later` holds what processes sent, to be delivered when they wait."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.entered = 0
        self.firing: list[Instance] = []
        self.later: deque[Callable[[], object]] = deque()

    def start(
        self,
        process: Process,
        record: Record | None,
        variables: Mapping[str, object],
        *,
        parent: tuple[Instance, int] | None = None,
    ) -> Instance:
        """A new instance on the current version, run until it waits. `parent` is the instance and token that call it."""
        step = self.step
        if len(self.firing) >= DEEPEST:
            raise StepFailed("Processes start each other without end: '{process}'", process=process.name)
        case = Instance(
            id=0,
            process=process.name,
            version=process.version,
            entity=record.entity.name if record is not None else None,
            record_id=record.id if record is not None else None,
            initiator_id=self._initiator(record, parent),
            status="running",
            state=State(),
            started_at=step.now,
            parent=parent[0].id if parent is not None else None,
            parent_token=parent[1] if parent is not None else None,
        )
        instance.create(step, case, lifecycle=process.lifecycle is not None)
        initiator = peek(step, "user", case.initiator_id)
        names = Names(record, {"record": record, "user": step.user, "initiator": initiator}, case.variables)
        for name, field in process.variables.items():
            case.variables[name] = variables[name] if name in variables else self.value(field.default, names)
        self.note(case, "started", record=record)
        self.fire(case, events.Started(), new=True)
        return case

    def _initiator(self, record: Record | None, parent: tuple[Instance, int] | None) -> int | None:
        if parent is not None:
            return parent[0].initiator_id
        person = self.step.user or self.step.on_behalf or (record["owner"] if record is not None else None)
        return person.id if person is not None else None

    def fire(
        self,
        case: Instance,
        event: events.Event,
        operation: Operation | None = None,
        *,
        brought: Mapping[str, object] = NOTHING,
        new: bool = False,
    ) -> None:
        """Let an event happen to an instance, do everything that follows, and write the instance.

        `brought` is what the event brings with it, by name: a message's `payload`, a called process's variables.

        Raises ActionRefused if its token has moved on, and what a script raised if nothing caught it.
        """
        if case.status == "suspended" and not isinstance(event, events.Cancelled):
            raise ActionRefused("The process is suspended; an operator has to resume it first", code="suspended")
        self.firing.append(case)
        try:
            with self.step.as_engine():
                Firing(self, case, operation, brought, new=new).run(event)
                self.step.flush()  # as the engine: rules that warn ask a person, never a process
        except NoSuchToken as late:
            raise ActionRefused("This has been done already") from late
        finally:
            self.firing.pop()
        if case.status != "running":
            self._tell_caller(case)
        if not self.firing:
            self.deliver()

    def deliver(self) -> None:
        """Let what processes sent to each other arrive; what follows from it may send more."""
        with self.step.as_engine():
            while self.later:
                self.later.popleft()()

    def _tell_caller(self, case: Instance) -> None:
        """Whose call activity waits for the instance goes on; one that is calling just now has its answer already."""
        number, token = case.parent, case.parent_token
        if number is None or token is None or case.status == "cancelled" or any(c.id == number for c in self.firing):
            return
        event = events.CallEnded(token, case.error, case.message) if case.status == "failed" else events.CallEnded(token)

        def tell() -> None:
            for caller in instance.load(self.step, [number], lock=True):
                if caller.status == "running":
                    self.fire(caller, event, brought=case.variables)

        self.later.append(tell)

    def is_caught(self, case: Instance) -> bool:
        """Whether a call activity, here or further up, catches the failure of the instance."""
        while case.parent is not None and case.parent_token is not None:
            number = case.parent
            caller = next((c for c in self.firing if c.id == number), None) or instance.load(self.step, [number])[0]
            token = caller.state.token(case.parent_token)
            graph = graph_of(self.step, caller.process, caller.version)
            if token is not None and token.node in graph.guarded:
                return True
            case = caller
        return False

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
