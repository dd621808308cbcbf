"""The service for processes of records: actions of states, starts, progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import AccessDenied, ActionRefused, FieldError, NotFound, ValidationFailed
from engine.model.model import Text
from engine.model.processes import Action, Node, Process, TaskForm
from engine.process import correlation, events, instance
from engine.process.definitions import graph_of
from engine.process.instance import Instance
from engine.process.names import Names, peek
from engine.process.operation import enter
from engine.process.permission import may_act
from engine.process.progress import Stage, stages
from engine.process.runner import Runner
from engine.process.state import Token
from engine.process.timing import duration
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """A button on a record for this person now. `enabled` is false where `when` does not hold; `reason` is then the
    condition's text.
    """

    name: str
    label: Text
    node: str
    style: str
    confirm: Text | None
    form: TaskForm
    enabled: bool = True
    reason: str = ""


class Processes:
    """Processes in one step, with the permissions of its user."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.runner = Runner(step)

    # ---- actions of states ----

    def actions(self, record: Record) -> list[AvailableAction]:
        """What this user may do with the record now, in order of declaration."""
        found = []
        for case, _, node in self._waiting(record):
            names = self.names(record, case)
            for action in node.actions.values():
                if may_act(self.step, record, action):
                    enabled = self._holds(action, names)
                    reason = "" if enabled or action.when is None else action.when.text
                    found.append(
                        AvailableAction(
                            action.name,
                            action.label,
                            node.name,
                            action.style,
                            action.confirm,
                            action.form,
                            enabled,
                            reason,
                        )
                    )
        return found

    def act(
        self, record: Record, action: str, *, values: Mapping[str, object] | None = None, comment: str = ""
    ) -> Record:
        """Do an action of the state that the record is in; returns the record.

        Raises AccessDenied without the permission, ActionRefused if the record is not in such a state or `when` does
        not hold.
        """
        step = self.step
        step.settle()
        offers = [
            (case, token, node) for case, token, node in self._waiting(record, lock=True) if action in node.actions
        ]
        allowed = [offer for offer in offers if may_act(step, record, offer[2].actions[action])]
        if not allowed:
            known = self._declared(record, action)
            if not offers and not known:
                raise ActionRefused("{entity} has no action '{action}'", entity=record.entity.name, action=action)
            if offers or not any(may_act(step, record, found) for found in known):
                raise AccessDenied("You may not do '{action}'", action=action)
            raise ActionRefused("'{action}' is not possible in the record's present state", action=action)
        for case, token, node in allowed:
            found = node.actions[action]
            if self._holds(found, self.names(record, case)):
                operation = enter(step, action, (found.form,), record, values, comment)
                self.runner.note(case, "action", node.name, record=record, action=action, comment=comment)
                self.runner.fire(case, events.Acted(token.id, action), operation)
                return record
        raise ActionRefused("'{action}' is not possible now: it needs {condition}", action=action,
                            condition=allowed[0][2].actions[action].when.text)  # type: ignore[union-attr]  # fmt: skip

    def _declared(self, record: Record, action: str) -> list[Action]:
        return [
            node.actions[action]
            for process in self.step.model.processes_of(record.entity.name)
            for node in process.nodes.values()
            if node.type == "state" and action in node.actions
        ]

    def _waiting(self, record: Record, *, lock: bool = False) -> list[tuple[Instance, Token, Node]]:
        """The states that the record is in."""
        step = self.step
        found = []
        for case in instance.load(step, instance.running_of(step, record), lock=lock):
            graph = graph_of(step, case.process, case.version)
            for token in case.state.tokens:
                node = graph.nodes[token.node]
                if node.type == "state" and token.phase == "waiting":
                    found.append((case, token, node))
        return found

    def names(self, record: Record | None, case: Instance) -> Names:
        """What conditions of the record see, outside a firing."""
        special = self.step.names() | {"record": record}
        lazy = {"initiator": lambda: peek(self.step, "user", case.initiator_id)}
        return Names(record, special, case.variables, lazy)

    def _holds(self, action: Action, names: Names) -> bool:
        return action.when is None or self.runner.evaluate(action.when, names) is True

    # ---- instances ----

    def start(
        self, process: str, record: Record | None = None, variables: Mapping[str, object] | None = None
    ) -> Instance:
        """Start a process by hand.

        Raises NotFound, AccessDenied, and ActionRefused if the record's lifecycle runs already.
        """
        found = self.step.model.processes.get(process)
        if found is None:
            raise NotFound("There is no process '{process}'", process=process)
        if not self._may_start(found, record):
            raise AccessDenied("You may not start '{process}'", process=process)
        if found.entity is not None and (record is None or record.entity.name != found.entity):
            raise ActionRefused("'{process}' is started for a {entity}", process=process, entity=found.entity)
        unknown = [name for name in variables or {} if name not in found.variables]
        if unknown:
            raise ValidationFailed(
                FieldError(name, "unknown_field", "The process has no such variable") for name in unknown
            )
        self.step.settle()
        given = self.step.records.read_inputs(
            {name: field for name, field in found.variables.items() if name in (variables or {})}, variables or {}
        )
        if found.start is not None and found.start.when is not None and not self.step.engine:
            names = Names(record, self.step.names() | {"record": record}, given)
            if self.runner.evaluate(found.start.when, names) is not True:
                raise ActionRefused("This is not possible now: it needs {condition}", condition=found.start.when.text)
        return self.begin(found, record, given)

    def begin(self, process: Process, record: Record | None, variables: Mapping[str, object]) -> Instance:
        """Start a process with the engine's authority."""
        if process.lifecycle is not None and record is not None and self._runs(process, record):
            raise ActionRefused("'{process}' runs already for this record", process=process.name)
        return self.runner.start(process, record, variables)

    def _may_start(self, process: Process, record: Record | None) -> bool:
        """By the start's roles; without roles, those who may update the record, or anybody where there is none."""
        step = self.step
        if step.user is None or step.engine or "admin" in step.access.roles:
            return True
        if process.start is None or process.start.on != "manual":
            return False
        if record is not None and not step.access.can("read", record):
            return False
        if process.start.roles:
            return bool(set(process.start.roles) & set(step.access.roles))
        return record is None or step.access.can("update", record)

    def _runs(self, process: Process, record: Record) -> bool:
        running = instance.load(self.step, instance.running_of(self.step, record))
        return any(case.process == process.name for case in running)

    def instance(self, number: int) -> Instance:
        """An instance whose record this user may read; raises NotFound."""
        found = instance.load(self.step, [number])
        if not found:
            raise NotFound("There is no process instance {id}", id=number)
        if found[0].entity is not None and found[0].record_id is not None:
            self.step.records.get(found[0].entity, found[0].record_id)
        return found[0]

    def message(
        self, name: str, key: object = None, payload: Mapping[str, object] | None = None, *, ttl: object = None
    ) -> None:
        """Let a message from outside reach the process that waits for its name and key, or start one (spec 3.2).

        Raises ActionRefused if nobody waits, or several, and as if nobody did if the user may not read the record.
        """
        if ttl is not None and duration(ttl) is None:
            raise ValidationFailed([FieldError("ttl", "bad_value", "This is no duration such as P1D")])
        self.step.settle()
        with self.step.as_engine():
            record = correlation.receiver(self.step, name, key)
        if record is not None and self.step.user is not None and not self.step.access.can("read", record):
            raise ActionRefused("Nobody waits for the message {name} with the key {key}", name=name, key=key,
                                code="unmatched")  # fmt: skip
        with self.step.as_engine():
            correlation.send(self.runner, name, key, payload or {}, ttl=ttl)
        self.runner.deliver()

    def cancel(self, number: int, comment: str = "") -> Instance:
        """End an instance from outside; for admins."""
        step = self.step
        if step.user is not None and "admin" not in step.access.roles:
            raise AccessDenied("Only an admin may cancel a process")
        found = instance.load(step, [number], lock=True)
        if not found or found[0].status != "running":
            raise NotFound("There is no running process instance {id}", id=number)
        self.runner.note(found[0], "cancelled", comment=comment)
        self.runner.fire(found[0], events.Cancelled())
        return found[0]

    # ---- starts by records ----

    def on_created(self, record: Record) -> None:
        """Start the processes that a new record starts."""
        self._started_by("create", record, None)

    def on_updated(self, record: Record, old: Mapping[str, Any] | Record | None) -> None:
        """Start the processes that a change starts; `old` is the record before it."""
        self._started_by("update", record, old)

    def _started_by(self, on: str, record: Record, old: object) -> None:
        for process in self.step.model.processes_of(record.entity.name):
            start = process.start
            if start is None or start.on != on:
                continue
            if on == "update" and record.before() is None and start.when is None:
                continue  # a new record is no changed one, unless a condition waits for its state
            names = Names(record, self.step.names() | {"record": record, "old": old}, {})
            with self.step.as_engine():
                wanted = start.when is None or self.runner.evaluate(start.when, names) is True
                if wanted and (on == "create" or process.lifecycle is None or not self._runs(process, record)):
                    self.runner.start(process, record, {})

    # ---- progress ----

    def progress(self, record: Record) -> list[Stage]:
        """The stages of the record's lifecycle (or of its latest process): those passed, the present ones, and what
        is likely to come.
        """
        return stages(self.step, record)
