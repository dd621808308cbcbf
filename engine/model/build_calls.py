"""Activities that hold or call others: sub-processes, called processes, decisions, and what undoes them (spec 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsl.feel.types import ANY, RecordOf, Scope
from dsl.script.writable import described
from engine.model.build_fields import FieldBuilder, declared
from engine.model.build_rule_tasks import known, rule_task
from engine.model.part import Part
from engine.model.processes import Node

if TYPE_CHECKING:
    from engine.model.build_nodes import NodeBuilder


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
