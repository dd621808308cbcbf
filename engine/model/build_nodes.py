"""Nodes of a process: forms, actions, people, timers and repetition, from their documents to the model (spec 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dsl import script
from dsl.feel import Expression
from dsl.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DAYS,
    MONTHS,
    NUMBER,
    STRING,
    ContextOf,
    ListOf,
    RecordOf,
    Scope,
    Type,
)
from dsl.script.writable import described, is_users
from engine.model.build_calls import build_inner, calling, undoing
from engine.model.build_events import EventBuilder
from engine.model.build_fields import FieldBuilder, declared
from engine.model.checker import Checker, label
from engine.model.literals import duration
from engine.model.model import Entity, Field, Settings, Text, Value
from engine.model.names import Declared
from engine.model.part import Part
from engine.model.processes import Action, Candidates, Flow, Foreach, Node, TaskForm

COMPLETE = Text({"en": "Complete", "zh": "完成"})
RESERVED = frozenset(
    {
        "record", "old", "user", "workspace", "initiator", "item", "assignees", "comment", "values", "error",
        "parent",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """What processes may name besides their own: fields to write, templates, other processes, roles."""

    settings: Settings
    entities: Mapping[str, Entity]
    slots: Mapping[str, Mapping[str, script.Slot]]
    templates: frozenset[str]
    startable: Mapping[str, script.Startable]
    roles: frozenset[str]
    connectors: Mapping[str, frozenset[str]]  # the operations of each

    def writable(self, entity: str | None, variables: Mapping[str, Type]) -> script.Writable:
        """What a script about an entity's record (None: about none) may write to and name."""
        return script.Writable(entity, self.slots.get, variables, self.templates, self.startable, self.connectors)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the nodes of one process have in common: whose records it is for, and what expressions may name."""

    entity: str | None
    fields: Mapping[str, Field]
    declared: Mapping[str, Declared]
    variables: Mapping[str, Type]
    scope: Scope
    lifecycle: Field | None
    has_lifecycle: bool  # declared, though perhaps wrongly


class NodeBuilder:
    """Builds the nodes of one process."""

    def __init__(self, checker: Checker, world: World, frame: Frame, path: str = "") -> None:
        self.checker = checker
        self.world = world
        self.frame = frame
        self.entity = frame.entity
        self.scope = frame.scope
        self.path = path  # of the sub-process whose nodes these are
        self.prefix = f"{path}." if path else ""
        self.events = EventBuilder(self)

    def build_all(self, part: Part) -> dict[str, Node]:
        """The nodes of a process or a sub-process, with those inside them, by path."""
        found: dict[str, Node] = {}
        for name, each in part.items("nodes"):
            node = self.build(name, each)
            found[node.name] = node
            if node.type == "sub_process":
                inner = build_inner(self, node, each)
                found[node.name] = replace(
                    node, inner=tuple(name for name, within in inner.items() if within.scope == node.name)
                )
                found |= inner
        return found

    def targets(self, part: Part) -> tuple[str, ...]:
        """The nodes that `to` names, by path."""
        return tuple(f"{self.prefix}{name}" for name in part.texts("to"))

    def build(self, key: str, part: Part) -> Node:
        type_ = part.string("type")
        name = f"{self.prefix}{key}"
        if part.value is None or not type_:
            return Node(name, "", label(None, key), scope=self.path, at=part.key_at)
        scope = self.scope_of(part)
        form = self.task_form(part, scope)
        done = self.done_scope(scope, form)
        base = Node(
            name,
            type_,
            label(part.get("label"), key),
            self.status(part),
            self.targets(part),
            tuple(self.flow(each, scope) for each in part.each("flows")),
            self.actions(part, scope, form),
            self.script(part.get("do"), scope),
            self.path,
            at=part.key_at,
        )
        attributes = {
            "form": form,
            **self.human(part, scope),
            **self.approval(part, scope, done),
            **self.events.build(part, scope),
            **self.repetition(part, scope, self.entered(part, scope, form)),
            **calling(self, part, scope),
            **undoing(self, part, scope),
        }
        return replace(base, **attributes)

    def scope_of(self, part: Part) -> Scope:
        """The scope of a node's expressions: in a `foreach`, with its item."""
        item = part.get("foreach")
        if item is None or item.get("item") is None:
            return self.scope
        name = str(item.value["item"])
        named = item.get("item")
        if named is not None:
            self.check_item(name, named)
        return self.scope.with_names({name: self.item_type(item)})

    def check_item(self, name: str, part: Part) -> None:
        if name in self.frame.fields or name in self.frame.declared or (name in RESERVED and name != "item"):
            what = "field" if name in self.frame.fields else "variable" if name in self.frame.declared else "name"
            self.checker.report(
                "TW1405", f"the item '{name}' would hide the {what} of that name", part.at, "choose another name"
            )

    def item_type(self, foreach: Part) -> Type:
        source = foreach.get("in")
        if source is None:
            return ANY
        quiet = Checker(self.checker.names, self.checker.roles)  # `foreach` itself reports what is wrong with its list
        expression = quiet.expression(source, self.scope)
        return expression.type.item if expression is not None and isinstance(expression.type, ListOf) else ANY

    def status(self, part: Part) -> str | None:
        status = part.get("status")
        if status is None:
            return None
        lifecycle = self.frame.lifecycle
        if lifecycle is None:
            if not self.frame.has_lifecycle:
                message = "a status is written to the lifecycle field, and the process has none"
                self.checker.report(
                    "TW1403", message, status.key_at, "add `lifecycle:` with the name of a choice field"
                )
        elif status.written not in lifecycle.options:
            message = f"'{lifecycle.name}' has no option"
            self.checker.unknown("TW1404", message, status.written, lifecycle.options, status.at)
        return status.written

    def flow(self, part: Part, scope: Scope) -> Flow:
        when = part.get("when")
        if when is not None and part.flag("else"):
            self.checker.report("TW1412", "a flow has `when` or `else`, not both", when.key_at)
        elif when is None and not part.flag("else") and part.get("to") is not None:
            self.checker.report(
                "TW1412", "a flow of a gateway has a condition", part.at, "add `when:`, or `else: true` to the last one"
            )
        return Flow(self.targets(part), self.checker.condition(when, scope))

    # ---- forms and actions ----

    def task_entity(self, part: Part, scope: Scope) -> str | None:
        """The entity of the record that a task is about: the process's, or that of `for`."""
        other = part.get("for")
        if other is None or part.string("type") not in ("user_task", "approval"):
            return self.entity
        quiet = Checker(self.checker.names, self.checker.roles)
        expression = quiet.expression(other, scope)
        return expression.type.entity if expression is not None and isinstance(expression.type, RecordOf) else None

    def task_form(self, part: Part, scope: Scope) -> TaskForm:
        form = part.get("form")
        entity = self.task_entity(part, scope)
        if form is None or not isinstance(form.value, Mapping):
            return TaskForm()
        return TaskForm(
            self.form_paths(form, "edit", entity, write=True),
            self.form_paths(form, "show", entity),
            self.form_paths(form, "require", entity),
        )

    def form_paths(self, form: Part, key: str, entity: str | None, *, write: bool = False) -> tuple[str, ...]:
        found = []
        for each in form.each(key):
            if entity is None or self.path_is_known(each, entity, write=write):
                found.append(str(each.value))
        return tuple(found)

    def path_is_known(self, part: Part, entity: str, *, write: bool) -> bool:
        """Whether a path of fields leads somewhere; what is to be written must be a field that people may write."""
        if self.checker.path(part, entity, str(part.value)) is None:
            return False
        fields = self.world.entities[entity].fields if write and entity in self.world.entities else {}
        field = fields.get(str(part.value).split(".")[0])
        if field is not None and (field.compute is not None or field.type == "related"):
            message = f"'{field.name}' is computed, so a form can't open it for writing"
            self.checker.report("TW1411", message, part.at, "list it under `show`")
        return True

    def done_scope(
        self, scope: Scope, form: TaskForm, inputs: Mapping[str, Declared] | None = None, entity: str | None = None
    ) -> Scope:
        """What scripts of an operation see besides: `comment`, and `values` that the person entered."""
        members = self.checker.names.members(entity or self.entity or "") or {}
        entered = {name: members[name] for name in form.edit if name in members}
        entered |= {name: self.checker.names.type_of(each) for name, each in (inputs or {}).items()}
        return scope.with_names({"comment": STRING, "values": ContextOf(entered)})

    def actions(self, part: Part, scope: Scope, form: TaskForm) -> dict[str, Action]:
        found = {name: self.action(name, each, part, scope, form) for name, each in part.items("actions")}
        if part.string("type") == "user_task" and not found and part.get("to") is not None:
            found["complete"] = Action("complete", COMPLETE, self.targets(part))
        return found

    def action(self, name: str, part: Part, node: Part, scope: Scope, task: TaskForm) -> Action:
        form = part.get("form")
        inputs: dict[str, Declared] = {}
        own = TaskForm()
        entity = self.task_entity(node, scope)
        if form is not None and isinstance(form.value, Mapping):
            inputs = {key: declared(key, each) for key, each in form.items()}
            builder = FieldBuilder(self.checker, self.world.settings, None, scope, inputs)
            own = TaskForm(inputs={key: builder.build(key, each) for key, each in form.items()})
        elif form is not None and entity is not None:
            own = TaskForm(edit=self.form_paths(part, "form", entity, write=True))
        shown = replace(own, edit=(*task.edit, *own.edit))
        confirm = part.get("confirm")
        return Action(
            name,
            label(part.get("label"), name),
            self.targets(part) or self.targets(node),
            self.checker.condition(part.get("when"), scope),
            roles_of(self.checker, self.world.roles, part),
            self.script(part.get("do"), self.done_scope(scope, shown, inputs, entity)),
            own,
            None if confirm is None or confirm.value is False else Text() if confirm.value is True else label(confirm),
            part.string("style"),
        )

    def script(self, part: Part | None, scope: Scope) -> script.Script | None:
        return self.checker.script(part, scope, self.world.writable(self.entity, self.frame.variables))

    # ---- people ----

    def human(self, part: Part, scope: Scope) -> dict[str, Any]:
        candidates = part.get("candidates")
        priority = part.get("priority")
        other = part.get("for") if part.string("type") in ("user_task", "approval") else None
        for_ = self.checker.expression(other, scope)
        if for_ is not None and other is not None and not isinstance(for_.type, RecordOf) and for_.type != ANY:
            self.checker.report("TW1408", f"`for` of a task is a record, and this is {for_.type}", other.at)
        return {
            "assign": self.users(part.get("assign"), scope),
            "candidates": Candidates(
                roles_of(self.checker, self.world.roles, candidates), candidates.texts("departments")
            )
            if candidates is not None
            else None,
            "due": self.moment(part.get("due"), scope),
            "priority": self.checker.value(priority, scope, NUMBER, lambda each: self.whole(each)),
            "for_": for_,
        }

    def whole(self, part: Part) -> int | None:
        if isinstance(part.value, int):
            return part.value
        self.checker.report(
            "TW1311", f"'{part.name}' must be a whole number, or an expression that begins with =", part.at
        )
        return None

    def users(self, part: Part | None, scope: Scope) -> Expression | None:
        """An expression that yields users."""
        expression = self.checker.expression(part, scope)
        if expression is not None and part is not None and not is_users(expression.type):
            hint = 'users are given by: owner, manager of(owner), users with role("…"), a field of type user'
            self.checker.report(
                "TW1407", f"'{part.name}' must give users, and this is {described(expression.type)}", part.at, hint
            )
        return expression

    def approval(self, part: Part, scope: Scope, done: Scope) -> dict[str, Any]:
        if part.string("type") != "approval":
            return {}
        policy = part.get("policy")
        ratio = policy.get("ratio") if policy is not None and isinstance(policy.value, Mapping) else None
        empty = part.get("empty")
        reject = part.string("reject")
        found: dict[str, Any] = {
            "policy": "ratio"
            if ratio is not None
            else part.string("policy", "any")
            if policy is None or isinstance(policy.value, str)
            else "any",
            "ratio": Decimal(str(ratio.value)) if ratio is not None else None,
            "weights": self.checker.expression(
                part.get("weights"), scope.with_names({"item": RecordOf("user")}), NUMBER
            ),
            "reject": "" if reject == "first" else reject,
            "allow": part.texts("allow") if part.get("allow") is not None else None,
            "self_": part.string("self", "allow"),
            "dedupe": part.string("dedupe", "none"),
            "empty": f"to:{self.prefix}{empty.string('to')}"
            if empty is not None and isinstance(empty.value, Mapping)
            else part.string("empty", "error"),
        }
        for key in ("on_approve", "on_reject"):
            way = part.get(key)
            if way is not None:
                found[key] = Flow(self.targets(way))
                found[f"{key}_do"] = self.script(way.get("do"), done)
        return found

    # ---- time, boundary events, repetition ----

    def moment(self, part: Part | None, scope: Scope) -> Value | None:
        """A literal duration, or an expression that yields one; `due` may be a date too."""
        found = self.checker.value(part, scope, None, self.duration)
        if found is None or found.expression is None or part is None:
            return found
        dates = (DATE, DATETIME) if part.name == "due" else ()
        if found.expression.type not in (DAYS, MONTHS, ANY, *dates):
            wanted = "a duration or a date" if dates else "a duration"
            message = f"'{part.name}' is {wanted}, and this is {described(found.expression.type)}"
            self.checker.report("TW1406", message, part.at, 'a number of days is made one by: duration("P1D") * n')
        elif part.name != "due":  # a task may go without
            self.checker.needed(part, found.expression, scope, f"'{part.name}'")
        return found

    def duration(self, part: Part) -> object:
        found = duration(str(part.value))
        if found is None:
            hint = "P2D is two days, PT4H four hours, P1M a month; an expression begins with ="
            self.checker.report("TW1406", f"'{part.written}' is not a duration", part.at, hint)
        elif isinstance(found, timedelta) and found < timedelta(0):
            self.checker.report("TW1406", f"'{part.written}' goes back in time", part.at)
        return found

    def entered(self, part: Part, scope: Scope, form: TaskForm) -> Scope:
        """What `collect` of a repeated activity sees: what a person entered by whichever action, a sub-process's variables."""
        if part.string("type") == "sub_process":
            own = {name: self.checker.names.type_of(declared(name, each)) for name, each in part.items("variables")}
            return scope.with_names(own)
        if part.string("type") not in ("user_task", "approval"):
            return scope
        forms = [each.get("form") for _, each in part.items("actions")]
        inputs = {key: declared(key, each) for found in forms if found is not None for key, each in found.items()}
        return self.done_scope(scope, form, inputs, self.task_entity(part, scope))

    def repetition(self, part: Part, scope: Scope, entered: Scope) -> dict[str, Any]:
        foreach, loop = part.get("foreach"), part.get("loop")
        limit = loop.get("max") if loop is not None else None
        return {
            "foreach": self.foreach(foreach, scope, entered) if foreach is not None else None,
            "loop_while": self.checker.condition(loop.get("while"), self.scope) if loop is not None else None,
            "loop_max": limit.value if limit is not None else None,
            "skip_when": self.checker.condition(part.get("skip_when"), self.scope),
        }

    def foreach(self, part: Part, scope: Scope, entered: Scope) -> Foreach | None:
        source_part = part.get("in")
        source = self.checker.expression(source_part, self.scope)
        if (
            source is not None
            and source_part is not None
            and not isinstance(source.type, ListOf)
            and source.type != ANY
        ):
            self.checker.report(
                "TW1409", f"`foreach` goes over a list, and this is {described(source.type)}", source_part.at
            )
        collect = {
            name: expression
            for name, each in part.items("collect")
            if (expression := self.checker.expression(each, entered)) is not None
        }
        for name, each in part.items("collect"):
            if name not in self.frame.declared:
                self.checker.unknown("TW1405", "the process has no variable", name, self.frame.declared, each.key_at)
        gathered = {name: ListOf(expression.type) for name, expression in collect.items()}
        until = self.checker.expression(
            part.get("until"), scope.with_names({"done": NUMBER, "total": NUMBER, **gathered}), BOOLEAN
        )
        if source is None:
            return None
        return Foreach(part.string("item"), source, part.flag("sequential"), until, collect)


def roles_of(checker: Checker, known: frozenset[str], part: Part) -> tuple[str, ...]:
    """The `roles` that a part of a document lists."""
    for each in part.each("roles"):
        if each.value not in known:
            checker.unknown("TW1506", "there is no role", str(each.value), known, each.at)
    return part.texts("roles")
