"""The steps of a scenario test (spec 4.3), played through the same services as the UI and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.clock import MovableClock
from engine.errors import (
    AccessDenied,
    ActionRefused,
    NeedsConfirmation,
    NotFound,
    TradewindError,
    ValidationFailed,
)
from engine.process.names import key
from engine.process.tasks import Task
from engine.process.timing import duration, later, moment
from engine.records import Record
from engine.scenario import outside
from engine.scenario.failure import Wrong
from engine.scenario.values import Aliases, evaluate, resolved, same, shown
from engine.work import fire_due

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace

Body = Mapping[str, Any]
BESIDE = ("as", "confirm")  # what may stand beside a step
DENIED = (AccessDenied, ActionRefused, NotFound)


class Play:
    """One test on its own database. `who` acts until another step names somebody else; nobody is the system."""

    def __init__(self, workspace: Workspace, clock: MovableClock) -> None:
        self.workspace = workspace
        self.clock = clock
        self.zone = workspace.model.settings.zone
        self.who: str | None = None
        self.known: dict[str, tuple[str, int]] = {}  # alias -> entity and id

    # ---- before the first step ----

    def people(self, users: Body, departments: Body) -> None:
        """The people and departments of the test; a department that is only named is made too."""
        named = {body.get("department") for body in users.values()} | {d.get("parent") for d in departments.values()}
        with self.workspace.step(None) as step:
            for name in [*departments, *sorted(n for n in named if n is not None and n not in departments)]:
                self.remember(name, step.records.create("department", {"name": name}))
            for login, body in users.items():
                values = {"login": login, "name": body.get("name", login), "roles": body.get("roles", [])}
                if body.get("email") is not None:
                    values["email"] = body["email"]
                if body.get("locale") is not None:
                    values["locale"] = body["locale"]
                if body.get("department") is not None:
                    values["department"] = self.record(step, body["department"])
                present = step.access.user_by_login(login)  # of the workspace's own data
                made = step.records.update(present, values) if present else step.records.create("user", values)
                self.remember(login, made)
            for login, body in users.items():
                if body.get("manager") is not None:
                    step.records.update(self.record(step, login), {"manager": self.record(step, body["manager"])})
            for name, body in departments.items():
                values = {key: self.record(step, body[key]) for key in ("parent", "head") if body.get(key) is not None}
                if values:
                    step.records.update(self.record(step, name), values)

    def given(self, alias: str, body: Body) -> None:
        """A record that is there before the first step, made by the system; its processes start for its owner."""
        self.create({alias: body}, None, confirm=True)

    # ---- steps ----

    def step(self, body: Body) -> None:
        """Play one step. Raises Wrong if it does not do what the test says."""
        if "as" in body:
            self.who = str(body["as"])
        for verb, what in body.items():
            if verb in BESIDE:
                continue
            if verb not in CHECKS and verb not in VERBS:
                raise Wrong(f"there is no step '{verb}'", (verb,))
            try:
                if verb in CHECKS:
                    CHECKS[verb](self, what)
                else:
                    self.perform(verb, what, self.who, confirm=body.get("confirm") is True)
            except Wrong as wrong:
                raise Wrong(wrong.message, (verb, *wrong.path)) from wrong
            except TradewindError as error:
                raise Wrong(f"expected: done; actual: {said(error)}", (verb,)) from error

    def perform(self, verb: str, what: Any, who: str | None, *, confirm: bool) -> None:
        """Do a step as somebody; what is due then is done too."""
        VERBS[verb](self, what, who, confirm)
        fire_due(self.workspace, self.clock(), self.clock)

    # ---- what people do ----

    def create(self, what: Body, who: str | None, confirm: bool) -> None:
        for alias, body in what.items():
            with self.acting(who, confirm) as step:
                values = {key: self.value(step, value) for key, value in body.items() if key != "entity"}
                if "entity" not in body:
                    raise Wrong(f"'{alias}' does not say its entity", (alias,))
                made = step.records.create(body["entity"], values)
            self.remember(alias, made)

    def set(self, what: Body, who: str | None, confirm: bool) -> None:
        for alias, body in what.items():
            with self.acting(who, confirm) as step:
                values = {key: self.value(step, value) for key, value in body.items()}
                step.records.update(self.visible(step, alias), values)

    def delete(self, what: Any, who: str | None, confirm: bool) -> None:
        with self.acting(who, confirm) as step:
            step.records.archive(self.visible(step, str(what)))

    def read(self, what: Any, who: str | None, confirm: bool) -> None:
        """Read a record, or one of its fields: refused if it is hidden."""
        alias, *path = str(what).split(".")
        with self.acting(who, confirm) as step:
            record: Any = self.visible(step, alias)
            for name in path:
                if isinstance(record, list):
                    record = record[0] if record else None
                if not isinstance(record, Record):
                    break
                if not step.access.can("read", record):
                    raise AccessDenied("You may not read '{what}'", what=what)
                if name in record.entity.fields and name not in record.visible_fields():
                    raise AccessDenied("You may not read '{what}'", what=what)
                record = record[name]

    def find(self, what: Body, who: str | None, confirm: bool) -> None:
        """An alias for the record that a filter finds; of several the one made last. The system looks."""
        for alias, body in what.items():
            with self.workspace.step(None) as step:
                filter_ = body.get("filter")
                found = step.records.find(body["entity"], filter_, self.aliases(step))
                if not found:
                    raise Wrong(f"expected: a {body['entity']} where {filter_}; actual: none", (alias,))
                self.remember(alias, max(found, key=key))

    def do(self, what: Any, who: str | None, confirm: bool) -> None:
        body: dict[str, Any] = {"action": what} if isinstance(what, str) else dict(what)
        with self.acting(who, confirm) as step:
            values = {key: self.value(step, value) for key, value in (body.pop("values", None) or {}).items()}
            comment = str(body.pop("comment", None) or "")
            if "task" in body:
                self.operate(step, body, values, comment)
                return
            alias, _, action = str(body.pop("action", "")).rpartition(".")
            if not alias:
                raise Wrong("say what to do as 'alias.action', or name a task")
            if body:
                raise Wrong(f"an action takes values and comment, not '{next(iter(body))}'")
            step.processes.act(self.visible(step, alias), action, values=values, comment=comment)

    def operate(self, step: Step, body: dict[str, Any], values: Body, comment: str) -> None:
        node, operation = str(body.pop("task")), str(body.pop("operation", "complete"))
        of = body.pop("of", None)
        tasks = self.tasks(step, node, of)
        mine = [task for task in tasks if step.user is None or step.tasks.is_for(task)]
        if not mine:
            who = step.user["login"] if step.user is not None else "the system"
            held = f"; it is open for {self.holders(step, tasks)}" if tasks else ""
            raise ActionRefused("{who} has no open task '{node}'{held}", who=who, node=node, held=held)
        if len({(task.entity, task.record_id) for task in mine}) > 1 and of is None:
            raise Wrong(f"several tasks '{node}' are open: say `of`")
        arguments = {key: self.value(step, value) for key, value in body.items()}
        step.tasks.do(mine[0], operation, values=values, comment=comment, **arguments)

    def start(self, what: Body, who: str | None, confirm: bool) -> None:
        with self.acting(who, confirm) as step:
            target = what.get("for")
            if isinstance(target, str) and target in self.known:
                record: Any = self.record(step, target)
            else:
                record = self.value(step, target)
            variables = {key: self.value(step, value) for key, value in (what.get("with") or {}).items()}
            step.processes.start(what["process"], record, variables)

    def message(self, what: Body, who: str | None, confirm: bool) -> None:
        """A message from outside, which nobody in particular sends."""
        with self.acting(None, confirm) as step:
            payload = {key: self.value(step, value) for key, value in (what.get("payload") or {}).items()}
            step.processes.message(str(what["name"]), self.value(step, what.get("key")), payload)

    def wait(self, what: Any, who: str | None, confirm: bool) -> None:
        span = duration(str(what))
        if span is None:
            raise Wrong(f"'{what}' is no duration such as P3D or PT4H")
        fire_due(self.workspace, later(self.clock(), span, self.zone), self.clock)

    # ---- what must hold ----

    def expect(self, what: Body) -> None:
        wrong: list[tuple[str, str]] = []
        with self.workspace.step(None) as step:
            aliases = self.aliases(step)
            for text, literal in what.items():
                try:
                    actual, why = evaluate(step, text, aliases)
                    expected = resolved(step, literal, aliases)
                except Wrong as problem:
                    raise Wrong(f"{text}: {problem.message}", (text,)) from problem
                if not same(actual, expected, self.zone):
                    told = f" ({why})" if why else ""
                    wrong.append((text, f"{text}: expected: {shown(expected)}; actual: {shown(actual)}{told}"))
        if wrong:
            raise Wrong("\n".join(message for _, message in wrong), (wrong[0][0],))

    def expect_task(self, what: Body) -> None:
        with self.workspace.step(None) as step:
            found = self.tasks_for(step, what)
            if not found:
                others = self.tasks(step, what.get("node"), what.get("of"))
                actual = (
                    f"it is open for {self.holders(step, others)}" if others else self.open_now(step, what.get("of"))
                )
                raise Wrong(f"expected: an open task {_task(what)}; actual: {actual}")

    def expect_no_task(self, what: Body) -> None:
        with self.workspace.step(None) as step:
            found = self.tasks_for(step, what)
            if found:
                raise Wrong(f"expected: no open task {_task(what)}; actual: {self.holders(step, found)} has one")

    def expect_denied(self, what: Body) -> None:
        error = self.attempt(what)
        if error is None:
            raise Wrong("expected: denied; actual: done")
        if not _is_denial(error, what):
            raise Wrong(f"expected: denied; actual: permitted, but it failed: {said(error)}")

    def expect_error(self, what: Body) -> None:
        error = self.attempt({key: value for key, value in what.items() if key not in ("code", "text")})
        if error is None:
            raise Wrong("expected: an error; actual: done")
        if _is_denial(error, what):
            raise Wrong(f"expected: permitted, but an error; actual: denied: {said(error)}")
        code, text = what.get("code"), what.get("text")
        if code is not None and str(code) not in _codes(error):
            raise Wrong(f"expected: code {code}; actual: {', '.join(_codes(error))}: {said(error)}", ("code",))
        if text is not None and str(text) not in said(error):
            raise Wrong(f"expected: a message with {text!r}; actual: {said(error)}", ("text",))

    def attempt(self, what: Body) -> TradewindError | None:
        """Play a step that is to fail; its error, or None if it was done."""
        who = str(what["as"]) if "as" in what else self.who
        verbs = [key for key in what if key not in BESIDE]
        if len(verbs) != 1 or verbs[0] not in VERBS:
            raise Wrong(f"one step is to be tried here, such as do, set or create; not {', '.join(verbs) or 'none'}")
        try:
            self.perform(verbs[0], what[verbs[0]], who, confirm=what.get("confirm") is True)
        except TradewindError as error:
            return error
        except Wrong as wrong:
            raise Wrong(wrong.message, (verbs[0], *wrong.path)) from wrong
        return None

    def expect_count(self, what: Body) -> None:
        who = str(what["as"]) if "as" in what else None
        with self.acting(who, confirm=False) as step:
            with step.as_engine():
                aliases = self.aliases(step)
                expected = resolved(step, what["is"], aliases)
            actual = len(step.records.find(what["entity"], what.get("filter"), aliases))
        if not same(actual, expected, self.zone):
            where = f" where {what['filter']}" if what.get("filter") else ""
            raise Wrong(f"expected: {shown(expected)} of {what['entity']}{where}; actual: {actual}")

    # ---- helpers ----

    def acting(self, who: str | None, confirm: bool) -> Any:
        if who is not None and (who not in self.known or self.known[who][0] != "user"):
            raise Wrong(f"there is no user '{who}' in this test")
        return self.workspace.step(self.known[who][1] if who is not None else None, confirm=confirm)

    def remember(self, alias: str, record: Record) -> None:
        self.known[alias] = (record.entity.name, key(record))

    def record(self, step: Step, alias: str) -> Record:
        """The record of an alias, as the system sees it."""
        if alias not in self.known:
            raise Wrong(f"there is no alias '{alias}'")
        with step.as_engine():
            return step.records.get(*self.known[alias])

    def visible(self, step: Step, alias: str) -> Record:
        """The record of an alias, as the one who acts sees it: not found if hidden."""
        if alias not in self.known:
            raise Wrong(f"there is no alias '{alias}'")
        return step.records.get(*self.known[alias])

    def person(self, step: Step, given: object) -> Record:
        name = str(given).removeprefix("=")
        record = self.record(step, name)
        if record.entity.name != "user":
            raise Wrong(f"'{name}' is no user")
        return record

    def aliases(self, step: Step) -> Aliases:
        return Aliases(step, self.known)

    def value(self, step: Step, value: object) -> object:
        """A value of the document, evaluated by the system."""
        with step.as_engine():
            return resolved(step, value, self.aliases(step))

    def tasks(self, step: Step, node: str | None, of: object) -> list[Task]:
        found: list[Task] = step.tasks.open_tasks(node)
        if of is None:
            return found
        wanted = self.record(step, str(of).removeprefix("="))
        about = (wanted.entity.name, wanted.id)
        return [task for task in found if (task.entity, task.record_id) == about or task.target == wanted]

    def tasks_for(self, step: Step, what: Body) -> list[Task]:
        found = self.tasks(step, what.get("node"), what.get("of"))
        if what.get("for") is None:
            return [task for task in found if task.holder is not None or step.tasks.candidates(task)]
        person = self.person(step, what["for"])
        return [task for task in found if step.tasks.is_for(task, person)]

    def holders(self, step: Step, tasks: list[Task]) -> str:
        people = [p for task in tasks for p in ([task.holder] if task.holder else step.tasks.candidates(task))]
        return ", ".join(dict.fromkeys(str(p["login"]) for p in people if p is not None)) or "nobody"

    def open_now(self, step: Step, of: object) -> str:
        nodes = list(dict.fromkeys(task.node for task in self.tasks(step, None, of)))
        return f"open are {', '.join(nodes)}" if nodes else "no task is open"


VERBS: Mapping[str, Callable[[Play, Any, str | None, bool], None]] = {
    "create": Play.create,
    "set": Play.set,
    "delete": Play.delete,
    "read": Play.read,
    "find": Play.find,
    "do": Play.do,
    "start": Play.start,
    "message": Play.message,
    "wait": Play.wait,
    "answer": outside.answer,
}
CHECKS: Mapping[str, Callable[[Play, Any], None]] = {
    "expect": Play.expect,
    "expect_task": Play.expect_task,
    "expect_no_task": Play.expect_no_task,
    "expect_denied": Play.expect_denied,
    "expect_error": Play.expect_error,
    "expect_message": outside.expect_message,
    "expect_call": outside.expect_call,
    "expect_count": Play.expect_count,
}


def start_of(now: object, zone: Any) -> datetime | None:
    """The clock's start: a date and time, or the midnight of a date, in the workspace's zone unless it says its own."""
    return moment(now, zone) if isinstance(now, str) else None


def _task(what: Body) -> str:
    return " ".join(f"{key} {what[key]}" for key in ("node", "for", "of") if key in what)


def _is_denial(error: TradewindError, step: Body) -> bool:
    """No permission, a field that is locked, or not open to that person now; a record still in use is merely an error."""
    if "delete" in step and isinstance(error, ActionRefused):
        return False
    if isinstance(error, ValidationFailed) and not isinstance(error, NeedsConfirmation):
        return any(one.code in ("readonly", "hidden") for one in error.errors)
    return isinstance(error, DENIED)


def _codes(error: TradewindError) -> list[str]:
    """The codes by which an error may be expected: its own, those of its fields, and a rule's name alone."""
    found = [error.code]
    for one in getattr(error, "errors", ()):
        found += [one.code, one.code.removeprefix("rule:")]
    return list(dict.fromkeys(found))


def said(error: TradewindError) -> str:
    errors = getattr(error, "errors", ())
    if errors:
        return "; ".join(f"{one.path}: {one.text}" if one.path else one.text for one in errors)
    return error.text
