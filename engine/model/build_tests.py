"""Scenario tests: what of a test document can be checked before it is run (spec 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from dsl.feel.types import ANY, RecordOf, Scope, Type
from dsl.source import Span
from engine.model.checker import Checker
from engine.model.literals import duration, moment
from engine.model.model import SYSTEM_FIELDS, Entity, Model, ScenarioTest
from engine.model.names import FUNCTIONS, USER
from engine.model.part import Part

DEPARTMENT = RecordOf("department")
OPERATIONS = frozenset(
    {
        "approve", "reject", "claim", "release", "transfer", "comment", "return", "delegate", "add_signer",
        "remove_signer", "copy", "withdraw", "take_back", "urge", "save_draft", "complete",
    }
)  # fmt: skip
COMMANDS = (
    "create", "set", "delete", "read", "find", "do", "start", "message", "answer", "wait", "expect", "expect_task",
    "expect_no_task", "expect_denied", "expect_error", "expect_message", "expect_call", "expect_count",
)  # fmt: skip


def build_test(checker: Checker, model: Model, part: Part, module: str, modules: frozenset[str]) -> ScenarioTest:
    TestChecker(checker, model, part).check(modules)
    name = part.document.name
    return ScenarioTest(name, part.texts("needs"), part.document.data, module, part.document)


class TestChecker:
    """Goes through a test in order, so that it knows which aliases there are at each step."""

    __test__ = False

    def __init__(self, checker: Checker, model: Model, part: Part) -> None:
        self.checker = checker
        self.model = model
        self.part = part
        self.aliases: dict[str, Type] = {}

    def check(self, modules: frozenset[str]) -> None:
        for each in self.part.each("needs"):
            if each.value not in modules:
                self.checker.unknown("TW1604", "there is no module", str(each.value), modules, each.at)
        now = self.part.get("now")
        if now is not None and self.moment(str(now.value)) is None:
            self.checker.report("TW1311", "`now` is a date and time, such as 2026-01-31T09:00:00", now.at)
        self.people()
        for name, each in self.part.items("given"):
            self.record(name, each)
        for step in self.part.each("steps"):
            self.step(step)

    def moment(self, text: str) -> object:
        try:
            return moment(text, self.model.settings.zone)
        except ValueError:
            return None

    # ---- people ----

    def people(self) -> None:
        users = {name for name, _ in self.part.items("users")}
        departments = self.departments()
        for name, each in self.part.items("users"):
            self.aliases[name] = USER
            for role in each.each("roles"):
                if role.value not in self.model.roles:
                    self.checker.unknown("TW1506", "there is no role", str(role.value), self.model.roles, role.at)
            self.one_of(each.get("manager"), users, "person")
        for name in departments:
            self.aliases.setdefault(name, DEPARTMENT)
        for _, each in self.part.items("departments"):
            self.one_of(each.get("head"), users, "person")

    def departments(self) -> list[str]:
        """The declared ones, and those that are only named, which are made too."""
        found = [name for name, _ in self.part.items("departments")]
        named = [each.string("department") for _, each in self.part.items("users")]
        named += [each.string("parent") for _, each in self.part.items("departments")]
        return [*found, *(name for name in dict.fromkeys(named) if name and name not in found)]

    def one_of(self, part: Part | None, known: set[str], what: str) -> None:
        if part is not None and part.value not in known:
            self.checker.unknown("TW1710", f"the test has no {what}", str(part.value), known, part.at)

    def person(self, part: Part | None) -> None:
        if part is not None:
            self.one_of(part, {name for name, _ in self.part.items("users")}, "person")

    # ---- records ----

    def entity(self, part: Part | None) -> Entity | None:
        if part is None:
            return None
        entity = self.model.entities.get(str(part.value))
        if entity is None or entity.parent is not None:
            self.checker.unknown("TW1711", "there is no entity", str(part.value), self.checker.names.queryable, part.at)
            return None
        return entity

    def record(self, alias: str, part: Part) -> None:
        entity = self.entity(part.get("entity"))
        if entity is not None:
            self.values(part, entity, given=True)
        self.aliases[alias] = RecordOf(entity.name) if entity is not None else ANY

    def values(self, part: Part, entity: Entity | None, *, given: bool = False) -> None:
        for name, each in part.items():
            if given and name == "entity":
                continue
            field = entity.fields.get(name) if entity is not None else None
            if entity is not None and field is None and name not in SYSTEM_FIELDS:
                self.checker.unknown("TW1203", f"{entity.name} has no field", name, entity.fields, each.key_at)
            if field is not None and field.lines is not None:
                for line in each.each():
                    self.values(line, field.lines)
            else:
                self.value(each)

    def value(self, part: Part) -> None:
        """A literal, or FEEL over the aliases."""
        if isinstance(part.value, str) and part.value.startswith("="):
            self.checker.compiled(part.text.slice(1), self.scope)
        elif isinstance(part.value, list):
            for each in part.each():
                self.value(each)
        elif isinstance(part.value, Mapping):
            for _, each in part.items():
                self.value(each)

    @property
    def scope(self) -> Scope:
        names = self.checker.names
        return Scope(dict(self.aliases), names.members, names.queryable, FUNCTIONS, decisions=names.decisions)

    # ---- steps ----

    def step(self, part: Part) -> None:
        self.person(part.get("as"))
        found = [key for key in COMMANDS if part.get(key) is not None]
        if len(found) > 1:
            self.checker.report(
                "TW1713",
                f"a step does one thing, and this one has {' and '.join(found)}",
                part.at,
                "make it several steps",
            )
        elif not found and part.get("as") is None:
            self.idle(part.at)
        for name, each in part.items("create"):
            self.record(name, each)
        for alias, each in part.items("set"):
            self.values(each, self.entity_of(alias, each))
        self.alias(part.get("delete"))
        self.alias(part.get("read"))
        for name, each in part.items("find"):
            self.find(name, each)
        self.deed(part.get("do"))
        self.start(part.get("start"))
        self.expectations(part)

    def idle(self, at: Span) -> None:
        self.checker.report("TW1713", "the step does nothing", at, f"it does one of: {', '.join(COMMANDS)}")

    def entity_of(self, alias: str, part: Part) -> Entity | None:
        type_ = self.known_alias(alias, part.key_at)
        return self.model.entities.get(type_.entity) if isinstance(type_, RecordOf) else None

    def known_alias(self, alias: str, at: Span) -> Type | None:
        if alias not in self.aliases:
            self.checker.unknown("TW1712", "the test has no record", alias, self.aliases, at)
        return self.aliases.get(alias)

    def alias(self, part: Part | None) -> None:
        if part is not None:
            alias, _, path = str(part.value).partition(".")
            if self.known_alias(alias, part.text.part(0, len(alias))) is not None and path:
                self.checker.compiled(part.text, self.scope)

    def find(self, name: str, part: Part) -> None:
        entity = self.entity(part.get("entity"))
        if entity is not None:
            self.checker.rows(part.get("filter"), self.scope, entity.name, in_sql=False)
        self.aliases[name] = RecordOf(entity.name) if entity is not None else ANY

    def deed(self, part: Part | None) -> None:
        """`order.submit`, or a map that names an action or a task."""
        if part is None:
            return
        named = part if isinstance(part.value, str) else part.get("action")
        if named is not None:
            self.action(named)
        task, operation, of = part.get("task"), part.get("operation"), part.get("of")
        self.alias(of)
        for key in ("values", "with"):
            values = part.get(key)
            if values is not None:
                self.value(values)
        if task is None:
            return
        nodes = [
            node for process in self.model.processes.values() for node in process.named(str(task.value))
        ]
        if not nodes:
            self.unknown_node(task)
        elif (
            operation is not None
            and operation.value not in OPERATIONS
            and not any(operation.value in node.actions for node in nodes)
        ):
            known = [name for node in nodes for name in node.actions] or sorted(OPERATIONS)
            self.checker.unknown(
                "TW1714", f"'{task.value}' has no action or operation", str(operation.value), known, operation.at
            )

    def action(self, part: Part) -> None:
        alias, _, action = str(part.value).partition(".")
        type_ = self.known_alias(alias, part.text.part(0, len(alias)))
        if not isinstance(type_, RecordOf):
            return
        known = [
            name
            for process in self.model.processes_of(type_.entity)
            for node in process.nodes.values()
            for name in node.actions
        ]
        if action not in known and not self.processes_unread:
            at = part.text.part(len(alias) + 1, len(part.text.text))
            self.checker.unknown("TW1714", f"no process of {type_.entity} has an action", action, known, at)

    def start(self, part: Part | None) -> None:
        if part is None:
            return
        process, for_ = part.get("process"), part.get("for")
        if process is not None and process.value not in self.model.processes:
            self.checker.unknown("TW1714", "there is no process", str(process.value), self.model.processes, process.at)
        if for_ is not None:
            self.value(for_)

    def expectations(self, part: Part) -> None:
        for _, each in part.items("expect"):
            self.checker.compiled(each.document.key_text(each.path), self.scope)
            self.value(each)
        for key in ("expect_task", "expect_no_task"):
            task = part.get(key)
            if task is not None:
                self.deed_task(task)
        for key in ("expect_denied", "expect_error"):
            deed = part.get(key)
            if deed is not None:
                outside = dict(self.aliases)
                if not any(command in deed.value for command in COMMANDS):
                    self.idle(deed.at)
                self.step(deed)
                self.aliases = outside
        self.message(part.get("expect_message"))
        self.call(part)
        count = part.get("expect_count")
        if count is not None:
            entity = self.entity(count.get("entity"))
            self.person(count.get("as"))
            if entity is not None:
                self.checker.rows(count.get("filter"), self.scope, entity.name, in_sql=False)
        wait = part.get("wait")
        if wait is not None and not str(wait.value).startswith("=") and not is_wait(str(wait.value)):
            hint = "P3D is three days, PT4H four hours"
            self.checker.report("TW1406", f"'{wait.value}' is not a duration", wait.at, hint)

    def deed_task(self, part: Part) -> None:
        node = part.get("node")
        self.person(part.get("for"))
        self.alias(part.get("of"))
        if node is not None and not any(process.named(str(node.value)) for process in self.model.processes.values()):
            self.unknown_node(node)

    def unknown_node(self, part: Part) -> None:
        if not self.processes_unread:
            known = [name for process in self.model.processes.values() for name in process.nodes]
            self.checker.unknown("TW1714", "no process has a node", str(part.value), known, part.at)

    @property
    def processes_unread(self) -> bool:
        """Whether a process could not be read, so that its nodes and actions are not known."""
        return any(kind == "process" for kind, _ in self.checker.unread)

    def call(self, part: Part) -> None:
        """What an outside system answers, and what it was asked."""
        for step in (part.get("answer"), part.get("expect_call")):
            if step is None:
                continue
            self.alias(step.get("of"))
            node, called, body = step.get("node"), step.get("call"), step.get("body")
            nodes = [n for process in self.model.processes.values() for n in process.named(node.written)] if node is not None else []
            if node is not None and not nodes:
                self.unknown_node(node)
            elif node is not None and all(each.type != "service_task" for each in nodes):
                self.checker.report("TW1714", f"'{node.written}' is no service task, so it waits for no answer", node.at)
            known = [f"{each.name}.{name}" for each in self.model.connectors.values() for name in each.operations]
            if called is not None and called.value not in known:
                self.checker.unknown("TW1714", "there is no operation", called.written, known, called.at)
            if body is not None:
                self.value(body)
        expected = part.get("expect_call")
        if expected is not None and (expected.get("call") is None) == (expected.get("event") is None):
            self.checker.report("TW1713", "`expect_call` names one of `call` and `event`", expected.at)

    def message(self, part: Part | None) -> None:
        template = part.get("template") if part is not None else None
        if template is not None and template.value not in self.model.templates:
            self.checker.unknown(
                "TW1714", "there is no template", str(template.value), self.model.templates, template.at
            )


def is_wait(text: str) -> bool:
    """Whether a text is a duration that goes forward."""
    found = duration(text)
    return found is not None and not (isinstance(found, timedelta) and found < timedelta(0))
