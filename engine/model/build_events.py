"""Events of nodes: timers, what is caught at a boundary, at an event gateway or by an event sub-process, and what is
thrown (spec 3.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dsl.feel import Expression
from dsl.feel.types import ANY, DATE, DATETIME, Scope
from dsl.script.writable import described
from engine.model.build_rule_tasks import known
from engine.model.checker import Checker
from engine.model.model import Value
from engine.model.names import ERROR
from engine.model.part import Part
from engine.model.processes import Boundary, Catch, Timer

if TYPE_CHECKING:
    from engine.model.build_nodes import NodeBuilder

TIMES = ("after", "until", "every")
BOUNDARIES = {"on_message": "message", "on_signal": "signal", "on_escalation": "escalation"}
STARTING = ("message", "signal", "error", "escalation", *TIMES)  # what an event sub-process starts by
THROWN = ("signal", "message", "escalation", "compensate")


class EventBuilder:
    """Builds the events of one process's nodes."""

    def __init__(self, nodes: NodeBuilder) -> None:
        self.nodes = nodes
        self.checker: Checker = nodes.checker

    def build(self, part: Part, scope: Scope) -> dict[str, Any]:
        """What a node's document says of events, as attributes of the node."""
        type_ = part.string("type")
        found: dict[str, Any] = {
            "timers": {
                name: timer
                for name, each in part.items("timers")
                if (timer := self.timer(name, each, part, scope)) is not None
            },
            "catches": self.boundaries(part, scope),
            "on_error": self.on_error(part.get("on_error"), scope),
        }
        match type_:
            case "timer_event":
                found["until"] = self.until(part.get("until"), scope)
                found["for_duration"] = self.nodes.moment(part.get("for"), scope)
                found["working"] = part.string("calendar") == "working"
            case "event_gateway":
                found["events"] = tuple(
                    catch for each in part.each("events") if (catch := self.event(each, scope)) is not None
                )
            case "receive_task":
                found["catch"] = self.caught("message", part.string("message"), part, scope)
            case "sub_process" if (event := part.get("event")) is not None:
                found["catch"] = self.starting(event, scope)
            case "throw_event" | "send_task":
                found |= self.thrown(part, scope)
            case "end_event":
                found["terminate"] = part.flag("terminate")
                found["error"] = part.string("error") or None
        return found

    # ---- time ----

    def until(self, part: Part | None, scope: Scope) -> Expression | None:
        """An expression that yields a date, or a date and time."""
        expression = self.checker.expression(part, scope)
        if expression is not None and part is not None and expression.type not in (DATE, DATETIME, ANY):
            hint = f'write @"{part.written}"' if part.written[:4].isdigit() else ""
            message = f"'until' is a date, or a date and time, and this is {described(expression.type)}"
            self.checker.report("TW1406", message, part.at, hint)
        else:
            self.checker.needed(part, expression, scope, "'until'")
        return expression

    def timer(self, name: str, part: Part, node: Part, scope: Scope) -> Timer | None:
        """A boundary timer."""
        operation = part.string("operation")
        if operation in ("approve", "reject") and node.string("type") != "approval":
            message = f"only an approval can be decided by the clock, not a {node.string('type')}"
            self.checker.report("TW1410", message, part.document.at((*part.path, "operation")))
        if all(part.get(key) is None for key in ("do", "to", "reassign", "operation")):
            hint = "add `do`, `to` or `reassign`"
            self.checker.report("TW1410", f"the timer '{name}' does nothing", part.key_at, hint)
        done = self.nodes.script(part.get("do"), scope)
        reassign = self.nodes.users(part.get("reassign"), scope)
        timing = self.timing(f"the timer '{name}'", part, scope)
        if timing is None:
            return None
        kind, value = timing
        return Timer(name, kind, value, done, self.nodes.targets(part), part.flag("keep"), reassign, operation,
                     part.string("calendar") == "working")  # fmt: skip

    def timing(self, what: str, part: Part, scope: Scope) -> tuple[Any, Value] | None:
        """When a timer fires: its kind, and the duration or date."""
        kinds = [kind for kind in TIMES if part.get(kind) is not None]
        if len(kinds) != 1:
            self.checker.report("TW1410", f"{what} has one of `after`, `until` and `every`", part.key_at)
            return None
        given = part.get(kinds[0])
        if kinds[0] != "until":
            value = self.nodes.moment(given, scope)
            return (kinds[0], value) if value is not None else None
        expression = self.until(given, scope)
        return ("until", Value(expression=expression)) if expression is not None else None

    # ---- catching ----

    def boundaries(self, part: Part, scope: Scope) -> dict[str, Catch]:
        """Messages, signals and escalations that are caught while the node is at work."""
        found = {}
        for key, kind in BOUNDARIES.items():
            for name, each in part.items(key):
                if isinstance(each.value, Mapping) and each.get("to") is None and each.get("do") is None and not each.get("result"):
                    message = f"the {kind} '{name}' does nothing when it comes"
                    self.checker.report("TW1410", message, each.key_at, "add `do`, `to` or `result`")
                found[f"{kind}:{name}"] = self.caught(kind, name, each, scope)
        return found

    def caught(self, kind: Any, name: str | None, part: Part, scope: Scope) -> Catch:
        """A message, a signal, an escalation or an error; what it brings is `payload`, or `error`."""
        inner = scope.with_names({"error": ERROR} if kind == "error" else {"payload": ANY})
        return Catch(
            kind,
            name or None,
            self.checker.expression(part.get("key"), scope),
            None,
            self.result(part, inner),
            self.nodes.script(part.get("do"), inner) if part.string("type") == "" else None,
            self.nodes.targets(part) if part.string("type") == "" else (),
            part.flag("keep"),
        )

    def event(self, part: Part, scope: Scope) -> Catch | None:
        """One of the events of an event gateway."""
        kinds = [key for key in ("message", "signal", "after", "until") if part.get(key) is not None]
        if len(kinds) != 1:
            self.checker.report("TW1410", "an event has one of `message`, `signal`, `after` and `until`", part.at)
            return None
        if kinds[0] in ("message", "signal"):
            return self.caught(kinds[0], part.string(kinds[0]), part, scope)
        return self.clock("the event", part, scope)

    def clock(self, what: str, part: Part, scope: Scope) -> Catch | None:
        timing = self.timing(what, part, scope)
        if timing is None:
            return None
        kind, value = timing
        timer = Timer("", kind, value, working=part.string("calendar") == "working")
        return Catch("timer", timer=timer, do=self.nodes.script(part.get("do"), scope), to=self.nodes.targets(part))

    def starting(self, part: Part, scope: Scope) -> Catch | None:
        """What an event sub-process starts by."""
        kinds = [key for key in STARTING if key in part.value]
        if len(kinds) != 1:
            self.checker.report("TW1410", f"an event sub-process starts by one of {', '.join(STARTING)}", part.key_at)
            return None
        if kinds[0] in TIMES:
            return self.clock("the event sub-process", part, scope)
        given = part.get(kinds[0])
        name = None if given is None or given.value is True else part.string(kinds[0])
        return self.caught(kinds[0], name, part, scope)

    def result(self, part: Part, scope: Scope) -> dict[str, Expression]:
        """What variables take of what an event, a call or a service brings, each of its type."""
        found = {}
        for name, each in part.items("result"):
            declared = self.nodes.frame.declared.get(name)
            if declared is None:
                self.checker.unknown("TW1405", "the process has no variable", name, self.nodes.frame.declared, each.key_at)
            expected = known(self.checker.names.type_of(declared)) if declared is not None else None
            expression = self.checker.expression(each, scope, expected)
            if expression is not None:
                found[name] = expression
        return found

    def on_error(self, part: Part | None, scope: Scope) -> Boundary | None:
        if part is None:
            return None
        done = self.nodes.script(part.get("do"), scope.with_names({"error": ERROR}))
        return Boundary(self.nodes.targets(part), done, part.string("code") or None)

    # ---- throwing ----

    def thrown(self, part: Part, scope: Scope) -> dict[str, Any]:
        """What a throw event or a send task sends."""
        sending = part.string("type") == "send_task"
        ways = ("message", "template") if sending else THROWN
        kinds = [key for key in ways if part.get(key) is not None]
        if len(kinds) != 1:
            message = f"a {part.string('type')} has one of {', '.join(f'`{way}`' for way in ways)}"
            self.checker.report("TW1410", message, part.key_at)
            return {}
        found: dict[str, Any] = {
            "message": part.string("message") or None,
            "key": self.checker.expression(part.get("key"), scope),
            "ttl": self.nodes.moment(part.get("ttl"), scope),
            "with_": {
                name: expression
                for name, each in part.items("with")
                if (expression := self.checker.expression(each, scope)) is not None
            },
        }
        compensate = part.get("compensate")
        if compensate is not None:
            found["compensates"] = "" if compensate.value is True else f"{self.nodes.prefix}{compensate.value}"
        if not sending:
            found |= {"signal": part.string("signal") or None, "escalation": part.string("escalation") or None}
        elif part.get("template") is not None:
            found |= self.template(part, scope)
        return found

    def template(self, part: Part, scope: Scope) -> dict[str, Any]:
        """Whom a send task writes to, and what."""
        named, assign = part.get("template"), part.get("assign")
        assert named is not None
        if named.written not in self.nodes.world.templates:
            self.checker.unknown("TW2114", "there is no template", named.written, self.nodes.world.templates, named.at)
        if assign is None:
            self.checker.report("TW1424", "nobody would get the message", named.key_at, "add `assign:` with the users")
        self.checker.sent.setdefault(named.written, []).append(scope)
        return {"template": named.written}
