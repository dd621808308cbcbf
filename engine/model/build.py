"""From files to the model: read, fold, check and compile; pure, so the same files give the same model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsl import script
from dsl.dmn import Definitions
from dsl.documents import Document
from dsl.feel.types import ANY, BOOLEAN, NUMBER, STRING, ContextOf, DecisionType, Type
from dsl.problems import Problem, in_order
from dsl.source import Source, Span
from engine.model import availability
from engine.model.build_access import build_data, build_role, build_template
from engine.model.build_connectors import build_connector, build_schedule, check_calls
from engine.model.build_decisions import build_decision
from engine.model.build_entities import build_entity, check_tables
from engine.model.build_fields import declare
from engine.model.build_models import build_models, is_modeled
from engine.model.build_nodes import World
from engine.model.build_processes import build_process, declared_variables
from engine.model.build_reports import build_dashboard, build_report
from engine.model.build_tests import build_test
from engine.model.checker import Checker, label
from engine.model.dependencies import infer
from engine.model.layers import MODULES, Folded, Key, Layer, fold, read
from engine.model.model import (
    SYSTEM_FIELDS,
    DataSet,
    Decision,
    Dependency,
    Entity,
    Model,
    Module,
    Option,
    ScenarioTest,
    Settings,
)
from engine.model.names import Names
from engine.model.part import Part
from engine.model.process_check import check_process
from engine.model.processes import Process
from engine.model.soundness import check_soundness
from engine.model.validate import validate

ADMIN = "admin"
FIRST_LINE = re.compile(r"^([a-z]+): *([a-z][a-z0-9_]*) *(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build gives: the model (None if there are errors), problems by place, documents as read and as merged."""

    model: Model | None
    problems: list[Problem]
    documents: tuple[Document, ...] = ()
    effective: Mapping[Key, Mapping[str, object]] = field(default_factory=dict)
    merged: Mapping[Key, Document] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()


def build(files: Mapping[str, str]) -> Built:
    """Build the model from files, {path: text}, as `load_folder` gives them. Never raises for bad content."""
    documents, unreadable = read(files)
    folded = fold(documents)
    enabled = {layer.module for layer in folded.layers}
    problems = [problem for problem in unreadable if module_of(problem.at.source.path) in enabled]
    builder = Builder(folded, frozenset(names_of(unreadable)))
    model = builder.build()
    problems += [*folded.problems, *builder.checker.problems]
    if not documents and not problems:
        at = Span(Source("workspace.yaml", ""), 0, 0)
        problems.append(
            Problem("TW1601", "there are no documents here", at, hint="make a workspace with: tradewind init DIR")
        )
    elif folded_workspace(folded) is None and not any(p.severity == "error" for p in problems):
        at = Span(Source("workspace.yaml", ""), 0, 0)
        problems.append(
            Problem(
                "TW1601",
                "there is no workspace document, so its settings are the usual ones",
                at,
                "warning",
                "add `workspace: some_name`",
            )
        )
    failed = any(problem.severity == "error" for problem in problems)
    untouched = {id(document) for document in folded.layers[0].documents}  # built in, and not extended
    effective = {key: document.data for key, document in folded.documents.items() if id(document) not in untouched}
    return Built(
        None if failed else replace(model, digest=digest(files)),
        in_order(problems),
        tuple(documents),
        effective,
        folded.documents,
        folded.layers,
    )


def digest(files: Mapping[str, str]) -> str:
    """A fingerprint of the files: the same text under the same paths, the same digest."""
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            encoded = part.encode("utf-8", "surrogateescape")
            total.update(len(encoded).to_bytes(8, "big") + encoded)
    return total.hexdigest()


def module_of(path: str) -> str:
    return path.split("/")[1] if path.startswith(MODULES) else ""


def names_of(unreadable: Iterable[Problem]) -> Iterator[tuple[str, str]]:
    """Kind and name in the first line of each file that is no document: what it would have declared."""
    for problem in unreadable:
        named = FIRST_LINE.search(problem.at.source.text)
        if named is not None:
            yield named[1], named[2]


def folded_workspace(folded: Folded) -> Document | None:
    return next(folded.of("workspace"), None)


class Builder:
    """Builds the kinds of documents in the order in which they refer to each other."""

    def __init__(self, folded: Folded, unread: frozenset[tuple[str, str]] = frozenset()) -> None:
        self.folded = folded
        self.names = Names()
        self.checker = Checker(self.names, frozenset(document.name for document in folded.of("role")), unread)
        self.parts: dict[Key, Part] = {}

    def build(self) -> Model:
        for key, document in self.folded.documents.items():
            validated = validate(document)
            self.checker.problems.extend(validated.problems)
            self.parts[key] = Part(document, (), validated.data)
            availability.check_kind(self.checker, document)
        settings = self.settings()
        self.declare()
        decisions, decision_models = self.decisions()
        entities, dependencies = self.entities(settings)
        world = self.world(settings, entities)
        connectors = {name: build_connector(self.checker, world, part) for name, part in self.of("connector")}
        schedules = {name: build_schedule(self.checker, world, part) for name, part in self.of("schedule")}
        processes = self.processes(world)
        for _, part in self.of("connector"):
            check_calls(self.checker, part)
        reports = {name: build_report(self.checker, part, entities) for name, part in self.of("report")}
        dashboards = {name: build_dashboard(self.checker, part, entities, reports) for name, part in self.of("dashboard")}
        roles = {name: build_role(self.checker, part, entities, processes) for name, part in self.of("role")}
        model = Model(
            settings,
            entities,
            processes,
            roles,
            {name: build_template(self.checker, part) for name, part in self.of("template")},
            self.data(entities),
            {name: module(part) for name, part in self.of("module") if self.folded.modules[("module", name)] == name},
            dependencies=dependencies,
            decisions=decisions,
            connectors=connectors,
            schedules=schedules,
            reports=reports,
            dashboards=dashboards,
            decision_models=decision_models,
        )
        return replace(model, tests=self.tests(model))

    def of(self, kind: str) -> list[tuple[str, Part]]:
        return [(name, part) for (each, name), part in self.parts.items() if each == kind]

    def settings(self) -> Settings:
        part = next((part for _, part in self.of("workspace")), None)
        if part is None:
            return Settings("workspace", label(None, "workspace"))
        zone_part = part.get("time_zone") or part.get("timezone")
        locale = part.string("locale") or part.string("default_locale") or "en"
        limits, branding, values = part.get("limits"), part.get("branding"), part.get("settings")
        settings = Settings(
            part.document.name,
            label(part.get("label"), part.document.name),
            locale,
            self.zone(zone_part),
            part.string("currency", "CNY"),
            tuple(layer.module for layer in self.folded.layers if layer.module),
            dict(limits.value) if limits is not None else {},
            dict(branding.value) if branding is not None else {},
            dict(values.value) if values is not None else {},
        )
        own = {name: type_of(value) for name, value in settings.values.items()}
        members = {
            "name": STRING,
            "label": STRING,
            "locale": STRING,
            "currency": STRING,
            "time_zone": STRING,
            "settings": ContextOf(own),
        }
        self.names.workspace = ContextOf(members)
        return settings

    def zone(self, part: Part | None) -> ZoneInfo:
        name = str(part.value) if part is not None else "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            assert part is not None
            self.checker.report(
                "TW1609", f"there is no time zone '{name}'", part.at, "write one such as Asia/Shanghai or Europe/Berlin"
            )
            return ZoneInfo("UTC")

    def declare(self) -> None:
        for name, part in self.of("entity"):
            declare(self.names, name, part.get("fields"))
        self.names.entities["user"]["roles"].options = tuple(name for name, _ in self.of("role"))

    def decisions(self) -> tuple[dict[str, Decision], tuple[Definitions, ...]]:
        """The decisions, and their models. They depend on nothing but declarations, and anything may ask them, so they come first."""
        for kind, name in self.checker.unread:
            if kind == "decision":
                self.names.decisions[name] = DecisionType(name, None, ANY)
        found, modeled = {}, {}
        for name, part in self.of("decision"):
            if is_modeled(part):
                modeled[name] = part
                continue
            self.names.decisions[name], decision = build_decision(self.checker, part, self.folded.modules["decision", name])
            if decision is not None:
                found[name] = decision
        models = build_models(self.checker, modeled, found, {name: self.folded.modules["decision", name] for name in modeled})
        self.names.decisions.update(models.types)
        return found | dict(models.decisions), models.definitions

    def entities(self, settings: Settings) -> tuple[dict[str, Entity], tuple[Dependency, ...]]:
        found: dict[str, Entity] = {}
        for name, part in self.of("entity"):
            for entity in build_entity(self.checker, settings, part, self.folded.modules["entity", name]):
                found[entity.name] = entity
        check_tables(self.checker, found)
        return infer(self.checker, self.with_roles(found))

    def with_roles(self, entities: dict[str, Entity]) -> dict[str, Entity]:
        """The entities, users with the model's roles to choose from."""
        user = entities["user"]
        options = {name: Option(name, label(part.get("label"), name)) for name, part in self.of("role")}
        fields = {**user.fields, "roles": replace(user.fields["roles"], options=options)}
        return {**entities, "user": replace(user, fields=fields)}

    def world(self, settings: Settings, entities: Mapping[str, Entity]) -> World:
        startable = {}
        for name, part in self.of("process"):
            variables = {key: self.names.type_of(each) for key, each in declared_variables(part).items()}
            startable[name] = script.Startable(part.string("entity") or None, variables)
        return World(
            settings,
            entities,
            {name: slots(self.names, entity) for name, entity in entities.items()},
            frozenset(name for name, _ in self.of("template")),
            startable,
            self.checker.roles,
            {name: frozenset(key for key, _ in part.items("operations")) for name, part in self.of("connector")},
        )

    def processes(self, world: World) -> dict[str, Process]:
        found = {}
        lifecycles: dict[str, str] = {}
        for name, part in self.of("process"):
            before = len(self.checker.problems)
            process = build_process(self.checker, world, part, self.folded.modules["process", name])
            check_process(self.checker, process, part)
            if all(problem.severity != "error" for problem in self.checker.problems[before:]):
                check_soundness(self.checker, process, part)
            found[name] = process
            if process.lifecycle is not None and process.entity is not None:
                other = lifecycles.setdefault(process.entity, name)
                if other != name:
                    message = f"{process.entity} has the lifecycle of process '{other}' already"
                    self.checker.report(
                        "TW1402", message, part.document.at(("lifecycle",)), "a record has one lifecycle"
                    )
        return found

    def data(self, entities: Mapping[str, Entity]) -> tuple[DataSet, ...]:
        found = (
            build_data(self.checker, part, entities, self.folded.modules["data", name])
            for name, part in self.of("data")
        )
        return tuple(each for each in found if each is not None)

    def tests(self, model: Model) -> tuple[ScenarioTest, ...]:
        modules = frozenset(model.modules)
        return tuple(
            build_test(self.checker, model, part, self.folded.modules["test", name], modules)
            for name, part in self.of("test")
        )


def slots(names: Names, entity: Entity) -> dict[str, script.Slot]:
    """The fields of an entity as scripts assign to them."""
    members = names.members(entity.name) or {}
    found = {
        name: script.Slot(members[name], "" if name == "owner" else "is kept by the engine")
        for name in SYSTEM_FIELDS
        if name in members
    }
    for name, each in entity.fields.items():
        kept = (
            "is computed"
            if each.compute is not None
            else "is the reverse side of a link"
            if each.type == "related"
            else ""
        )
        found[name] = script.Slot(members[name], kept, each.required)
    if entity.parent is not None:
        found["parent"] = script.Slot(members["parent"], "is kept by the engine")
    return found


def module(part: Part) -> Module:
    return Module(
        part.document.name, label(part.get("label"), part.document.name), part.string("version"), part.texts("depends")
    )


def type_of(value: object) -> Type:
    """The type of a literal of the workspace's settings."""
    match value:
        case bool():
            return BOOLEAN
        case int() | Decimal():
            return NUMBER
        case str():
            return STRING
        case Mapping():
            return ContextOf({str(name): type_of(each) for name, each in value.items()})
    return ANY
