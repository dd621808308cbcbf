"""What a process's scripts do to the world (`dsl.script.Effects`), with the engine's authority, inside the step."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from dsl.feel import ast
from dsl.script import Names
from engine.process import outbox
from engine.process.notify import notify, send
from engine.records import Record

if TYPE_CHECKING:
    from datetime import datetime

    from engine.workspace import Step


class ScriptEffects:
    """Effects of one script. `variables` are those that its token sees, and are assigned in place."""

    def __init__(self, step: Step, record: Record | None, variables: MutableMapping[str, Any]) -> None:
        self.step = step
        self.record = record
        self.variables = variables

    # ---- expressions (dsl.feel.Host) ----

    def now(self) -> datetime:
        return self.step.host.now()

    def call(self, name: str, args: Sequence[object]) -> object:
        return self.step.host.call(name, args)

    def query(self, query: ast.Query, scope: Any, items: Sequence[object]) -> object:
        return self.step.host.query(query, scope, items)

    # ---- statements ----

    def set_field(self, record: Any, field: str, value: object) -> None:
        self.step.records.write(record, {field: value})

    def set_variable(self, name: str, value: object) -> None:
        self.variables[name] = value

    def create(self, entity: str, values: dict[str, object]) -> object:
        return self.step.records.create(entity, values)

    def update_where(
        self, entity: str, condition: ast.Node | None, values: Mapping[str, ast.Node], scope: Names
    ) -> int:
        return self.step.records.update_where(entity, condition, values, scope)

    def update_record(self, record: Any, values: Mapping[str, object]) -> None:
        self.step.records.write(record, values)

    def delete_where(self, entity: str, condition: ast.Node, scope: Names) -> int:
        return self.step.records.delete_where(entity, condition, scope)

    def delete_record(self, record: Any) -> None:
        self.step.records.archive(record)

    def notify(self, users: Sequence[object], template: str, scope: Names) -> None:
        notify(self.step, users, template, scope, self.record)

    def send(self, template: str, addresses: Sequence[str], scope: Names) -> None:
        send(self.step, addresses, template, scope, self.record)

    def start_process(self, name: str, record: object, variables: dict[str, object]) -> None:
        self.step.processes.start(name, record if isinstance(record, Record) else None, variables)

    def call_connector(self, connector: str, operation: str, values: dict[str, object]) -> None:
        outbox.call(self.step, connector, operation, values, self.record)

    def emit(self, name: str, values: dict[str, object]) -> None:
        outbox.emit(self.step, name, values, self.record)

    def log(self, text: str) -> None:
        self.step.history.add("log", self.record, text)
