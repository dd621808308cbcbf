"""Activities that hold or call others: sub-processes, called processes, decisions, and what undoes them (spec 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dsl.feel.types import ANY, NUMBER, RecordOf, Scope, Type
from dsl.script import Called
from dsl.script.writable import described
from engine.model.build_fields import FieldBuilder, declared
from engine.model.build_rule_tasks import known, rule_task
from engine.model.checker import Checker
from engine.model.literals import duration
from engine.model.part import Part
from engine.model.processes import Node

if TYPE_CHECKING:
    from engine.model.build_nodes import NodeBuilder

LONGEST_CALL = timedelta(minutes=4)  # shorter than the lease of a job (engine.work.jobs)
ANSWER: Mapping[str, Type] = {"body": ANY, "status": NUMBER, "headers": ANY}
"""What is known of an outside system's answer: its body (JSON as FEEL values, other content as text), HTTP status and headers."""


def build_inner(outer: NodeBuilder, node: Node, part: Part) -> dict[str, Node]:
    """The nodes of a sub-process, which see its variables and the item that it is repeated for."""
    own = {name: declared(name, each) for name, each in part.items("variables")}
    types = {name: outer.checker.names.type_of(each) for name, each in own.items()}
    scope = outer.scope_of(part).with_names(types)
    frame = replace(
        outer.frame, declared={**outer.frame.declared, **own}, variables={**outer.frame.variables, **types}, scope=scope
    )
    return type(outer)(outer.checker, outer.world, frame, node.name).build_all(part)


def calling(nodes: NodeBuilder, part: Part, scope: Scope) -> dict[str, Any]:
    """What a node asks of a decision, a called process or its own sub-process."""
    match part.string("type"):
        case "business_rule_task":
            return rule_task(nodes.checker, part, scope, nodes.frame.declared)
        case "call_activity":
            return call_activity(nodes, part, scope)
        case "service_task":
            return service_task(nodes, part, scope)
        case "receive_task":
            return {}  # its `result` belongs to what it catches
        case "complex_gateway":
            names = {"arrived": ANY, "done": ANY, "total": ANY}
            return {"join": nodes.checker.condition(part.get("join"), scope.with_names(names))}
        case "sub_process":
            own = {name: declared(name, each) for name, each in part.items("variables")}
            builder = FieldBuilder(nodes.checker, nodes.world.settings, None, scope, own)
            return {
                "variables": {name: builder.build(name, each) for name, each in part.items("variables")},
                "interrupting": part.flag("interrupting", True),
                "transaction": part.flag("transaction"),
            }
    return {}


def call_activity(nodes: NodeBuilder, part: Part, scope: Scope) -> dict[str, Any]:
    """Which process is called, for which record, and what passes between the two."""
    named, checker = part.get("process"), nodes.checker
    called = nodes.world.startable.get(named.written) if named is not None else None
    if named is None or called is None:
        if named is not None:
            checker.unknown("TW1430", "there is no process", named.written, nodes.world.startable, named.at)
        return {}
    given = {}
    for name, each in part.items("with"):
        if name not in called.variables:
            checker.unknown("TW1405", f"{named.written} has no variable", name, called.variables, each.key_at)
        expected = known(called.variables.get(name, ANY))
        expression = checker.expression(each, scope, expected)
        if expression is not None:
            given[name] = expression
    for_ = checker.expression(part.get("for"), scope)
    check_record(nodes, part, called.entity, for_.type if for_ is not None else None)
    answer = scope.with_names(called.variables)
    return {"process": named.written, "with_": given, "for_": for_, "result": nodes.events.result(part, answer)}


def service_task(nodes: NodeBuilder, part: Part, scope: Scope) -> dict[str, Any]:
    """Which operation of which connector is called, what it is given, and what of the answer is kept."""
    checker, named, retry = nodes.checker, part.get("call"), part.get("retry")
    given = {name: value for name, each in part.items("with") if (value := checker.expression(each, scope)) is not None}
    times, backoff = (retry.get("times"), retry.get("backoff")) if retry is not None else (None, None)
    found: dict[str, Any] = {
        "with_": given,
        "result": nodes.events.result(part, scope.with_names({**ANSWER, "result": ANY})),
        "retries": int(times.value) if times is not None else None,
        "backoff": nodes.moment(backoff, scope),
        "timeout": call_time(checker, part.get("timeout")),
        "idempotency_key": checker.expression(part.get("idempotency_key"), scope),
    }
    if named is None:
        return found
    connector, _, operation = named.written.partition(".")
    known_here = nodes.world.connectors.get(connector)
    if known_here is None:
        checker.unknown("TW2126", "there is no connector", connector, nodes.world.connectors, named.text.part(0, len(connector)))
    elif operation not in known_here:
        at = named.text.part(len(connector) + 1, len(named.text.text))
        checker.unknown("TW2126", f"connector '{connector}' has no operation", operation, known_here, at)
    else:
        types = {name: expression.type for name, expression in given.items()}
        checker.called.setdefault(named.written, []).append(Called(named.written, types, named.at))
    return {**found, "call": (connector, operation)}


def call_time(checker: Checker, part: Part | None) -> timedelta | None:
    """How long a call may take: a few minutes at most, since a job is leased for not much longer."""
    if part is None:
        return None
    found = duration(part.written)
    if not isinstance(found, timedelta) or not timedelta(0) < found <= LONGEST_CALL:
        checker.report("TW1907", f"'{part.written}' is no time that a call may take", part.at, "write one up to PT4M, such as PT30S")
        return None
    return found


def check_record(nodes: NodeBuilder, part: Part, entity: str | None, given: Any) -> None:
    """A called process gets a record of its entity: that of `for`, else the caller's."""
    named, other = part.get("process"), part.get("for")
    assert named is not None
    if other is None:
        if entity is not None and entity != nodes.entity:
            message = f"{named.written} is for a {entity}, and this process is for {nodes.entity or 'no record'}"
            nodes.checker.report("TW1430", message, named.at, f"add `for:` with a {entity}")
    elif entity is None:
        nodes.checker.report("TW1430", f"{named.written} is for no record", other.key_at, "leave `for` out")
    elif given is not None and given not in (ANY, RecordOf(entity)):
        message = f"{named.written} is for a {entity}, and this is {described(given)}"
        nodes.checker.report("TW1430", message, other.at)


def undoing(nodes: NodeBuilder, part: Part, scope: Scope) -> dict[str, Any]:
    """What undoes an activity: a script, or another activity that no flow leads to."""
    compensate = part.get("compensate")
    if compensate is None or part.string("type") == "throw_event":
        return {}
    if isinstance(compensate.value, Mapping):
        return {"undone_by": f"{nodes.prefix}{compensate.string('node')}"}
    return {"undo": nodes.script(compensate, scope)}
