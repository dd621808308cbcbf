"""Processes: what they bind, start and keep, from effective documents to the model (spec 3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from dsl.feel import Expression
from dsl.feel.types import ANY, Scope, Type
from engine.model.availability import check_process as check_available
from engine.model.build_events import EventBuilder
from engine.model.build_fields import FieldBuilder, declared
from engine.model.build_nodes import RESERVED, Frame, NodeBuilder, World, roles_of
from engine.model.checker import Checker, label
from engine.model.crontab import cron
from engine.model.model import SYSTEM_FIELDS, Field
from engine.model.names import ERROR, USER, USERS, Declared
from engine.model.part import Part
from engine.model.processes import Process, Start

RUN_BY_PROCESS: Mapping[str, Type] = {"initiator": USER, "assignees": USERS}


def build_process(checker: Checker, world: World, part: Part, module: str) -> Process:
    return ProcessBuilder(checker, world, part).build(module)


def declared_variables(part: Part) -> dict[str, Declared]:
    return {name: declared(name, each) for name, each in part.items("variables")}


def version_of(data: object) -> str:
    """A digest of the effective document: the same process, the same version."""
    return hashlib.sha256(json.dumps(data, default=str, ensure_ascii=False).encode()).hexdigest()[:16]


class ProcessBuilder:
    """Builds one process; `scope` is what all its expressions may name."""

    def __init__(self, checker: Checker, world: World, part: Part) -> None:
        self.checker = checker
        self.world = world
        self.part = part
        self.name = part.document.name
        self.entity = self.bound_entity()
        self.declared = declared_variables(part)
        self.variable_types = {name: checker.names.type_of(each) for name, each in self.declared.items()}
        always: dict[str, Type] = {**self.variable_types, **RUN_BY_PROCESS}
        if catches_errors(part):
            always["error"] = ERROR  # kept once an activity has failed
        self.scope = checker.names.scope(self.entity, always)
        self.fields: Mapping[str, Field] = (
            world.entities[self.entity or ""].fields if self.entity in world.entities else {}
        )

    def bound_entity(self) -> str | None:
        entity = self.part.get("entity")
        if entity is None:
            return None
        queryable = self.checker.names.queryable
        if entity.value not in queryable:
            self.checker.unknown("TW1401", "there is no entity", str(entity.value), queryable, entity.at)
            return None
        return str(entity.value)

    def build(self, module: str) -> Process:
        check_available(self.checker, self.part)
        self.check_variable_names()
        lifecycle = self.lifecycle()
        frame = Frame(
            self.entity,
            self.fields,
            self.declared,
            self.variable_types,
            self.scope,
            lifecycle,
            self.part.get("lifecycle") is not None,
        )
        builder = NodeBuilder(self.checker, self.world, frame)
        nodes = builder.build_all(self.part)
        return Process(
            self.name,
            label(self.part.get("label"), self.name),
            self.entity,
            nodes,
            version_of(self.part.value),
            module,
            lifecycle.name if lifecycle is not None else None,
            self.start(builder.events),
            self.variables(),
            self.part.document.at(("process",)),
        )

    # ---- the process itself ----

    def check_variable_names(self) -> None:
        for name, each in self.part.items("variables"):
            self.check_free(name, each, "variable")

    def check_free(self, name: str, part: Part, what: str) -> None:
        if name in self.fields or (self.entity is not None and name in SYSTEM_FIELDS):
            self.checker.report(
                "TW1405", f"the {what} '{name}' would hide the field of that name", part.key_at, "choose another name"
            )
        elif name in RESERVED:
            self.checker.report(
                "TW1405",
                f"the {what} '{name}' would hide what '{name}' means in every expression",
                part.key_at,
                "choose another name",
            )

    def variables(self) -> dict[str, Field]:
        builder = FieldBuilder(self.checker, self.world.settings, None, self.scope, self.declared)
        return {name: builder.build(name, each) for name, each in self.part.items("variables")}

    def lifecycle(self) -> Field | None:
        part = self.part.get("lifecycle")
        if part is None:
            return None
        if self.entity is None:
            if self.part.get("entity") is None:
                self.checker.report("TW1402", "a lifecycle is of an entity's records", part.at, "add `entity:`")
            return None
        field = self.fields.get(part.value)
        if field is None:
            self.checker.unknown("TW1203", f"{self.entity} has no field", str(part.value), self.fields, part.at)
            return None
        if field.type != "choice":
            self.checker.report(
                "TW1402", f"a lifecycle field is a choice, and '{field.name}' is of type {field.type}", part.at
            )
            return None
        return field

    def start(self, events: EventBuilder) -> Start | None:
        part = self.part.get("start")
        if part is None or not part.string("on"):
            return None
        wanted = {"message": "message", "signal": "signal"}.get(part.string("on"))
        if wanted is not None and part.get(wanted) is None:
            self.checker.report("TW1401", f"a process that starts by a {wanted} says which", part.at, f"add `{wanted}:`")
        if part.string("on") in ("create", "update") and self.part.get("entity") is None:
            message = "a process that starts when a record is saved has an entity"
            self.checker.report("TW1401", message, part.document.at((*part.path, "on")), "add `entity:`")
        self.check_clock(part)
        payload = self.checker.names.scope(None, {"payload": ANY})
        scope = self.scope.with_names({"payload": ANY}) if part.string("on") == "message" else self.scope
        return Start(
            part.string("on"),  # type: ignore[arg-type]
            self.checker.condition(part.get("when"), scope),
            cron(self.checker, part.get("cron")),
            roles_of(self.checker, self.world.roles, part),
            part.string("message") or part.string("signal") or None,
            self.checker.expression(part.get("key"), payload),
            self.created(part, payload),
            events.result(part, scope),
        )

    def check_clock(self, part: Part) -> None:
        """The clock starts by a cron expression, and brings no record."""
        on = part.string("on")
        if (on == "schedule") != (part.get("cron") is not None):
            hint = 'add `cron: "0 8 * * 1-5"`' if on == "schedule" else "leave it out, or write `on: schedule`"
            self.checker.report("TW1906", "`on: schedule` and `cron` go together", part.at, hint)
        if on == "schedule" and self.entity is not None:
            hint = "write a schedule whose `do` starts this process for each record that needs it"
            self.checker.report("TW1906", "the clock brings no record, and this process is for one", part.at, hint)

    def created(self, part: Part, scope: Scope) -> dict[str, Expression]:
        """The fields of the record that a message makes."""
        found = {}
        for name, each in part.items("create"):
            field = self.fields.get(name)
            if field is None:
                self.checker.unknown("TW1203", f"{self.entity} has no field", name, self.fields, each.key_at)
            expression = self.checker.expression(each, scope)
            if expression is not None:
                found[name] = expression
        return found


def catches_errors(part: Part) -> bool:
    """Whether a process, or a sub-process inside, catches errors, so that `error` may be read afterwards."""
    for _, node in part.items("nodes"):
        event = node.get("event")
        starts = event is not None and isinstance(event.value, Mapping) and "error" in event.value
        if node.get("on_error") is not None or starts or catches_errors(node):
            return True
    return False
