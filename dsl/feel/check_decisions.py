"""Check calls of `decide`: that the decision is there, and that what it is asked with are its inputs (spec 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.feel import ast, typing
from dsl.feel.types import ANY, Choice, ContextOf, DecisionType, RecordOf, Type
from dsl.problems import Problem, did_you_mean

if TYPE_CHECKING:
    from dsl.feel.check import Checker

PARAMETERS = ("decision", "context")


def check_decision(c: Checker, node: ast.Call) -> tuple[ast.Node, Type]:
    """The call with the decision's name as a text, and the fields that it needs of a record as a context, so that what is read is known."""
    names = node.names or PARAMETERS[: len(node.args)]
    if sorted(names) != sorted(PARAMETERS) or len(node.args) != len(names):
        c.report("TW2008", "'decide' is called as decide(decision, context)", node)
        return node, ANY
    given = dict(zip(names, node.args, strict=True))
    named = given["decision"]
    context, type_ = c.infer(given["context"])
    name = named.name if isinstance(named, ast.Name) else named.value if isinstance(named, ast.Literal) else None
    if not isinstance(name, str):
        c.report("TW2220", "a decision is called by its name", named, "write decide(name_of_the_decision, {…})")
        return node, ANY
    found = replace(node, args=(ast.Literal(named.start, named.end, name), context), names=None)
    decision = c.scope.decisions.get(name)
    if decision is None:
        c.report("TW2220", f"there is no decision '{name}'", named, did_you_mean(name, c.scope.decisions))
        return found, ANY
    if decision.inputs is not None:
        found = replace(found, args=(found.args[0], inputs(c, decision, decision.inputs, context, type_)))
    return found, decision.result


def inputs(c: Checker, decision: DecisionType, wanted: Mapping[str, Type], context: ast.Node, type_: Type) -> ast.Node:
    """The context that a decision gets, after a check of its entries."""
    members = c.members(type_)
    if members is None:
        return context
    if not isinstance(type_, ContextOf | RecordOf):
        c.report("TW2221", f"'{decision.name}' is asked with a context of its inputs, not a {type_}", context)
        return context
    places = dict(context.entries) if isinstance(context, ast.ContextNode) else {}
    for name in wanted.keys() - members.keys():
        what = f"{type_.entity} has no field '{name}'" if isinstance(type_, RecordOf) else f"'{name}' is not given"
        c.report("TW2221", f"{what}, an input of the decision '{decision.name}'", context, f"its inputs are {', '.join(wanted)}")
    for name in places.keys() - wanted.keys():
        c.report("TW2221", f"the decision '{decision.name}' has no input '{name}'", places[name], did_you_mean(name, wanted))
    for name in wanted.keys() & members.keys():
        place = places.get(name, context)
        if not typing.fits(members[name], wanted[name]):
            c.report("TW2221", f"'{decision.name}' takes a {wanted[name]} as {name}, not a {members[name]}", place)
        elif name in places:
            c.expect_options(place, wanted[name])
        unknown_options(c, decision, name, members[name], wanted[name], place)
    if isinstance(type_, RecordOf) and root(context) not in (None, *wanted):
        at = (context.start, context.end)
        return ast.ContextNode(*at, tuple((name, ast.Path(*at, context, name)) for name in wanted if name in members))
    return context


def unknown_options(c: Checker, decision: DecisionType, name: str, given: Type, wanted: Type, place: ast.Node) -> None:
    """Warn of options of a choice that the decision does not allow."""
    if not isinstance(given, Choice) or not isinstance(wanted, Choice):
        return
    more = [each for each in given.options if each not in wanted.options]
    if more:
        message = f"the decision '{decision.name}' gives nothing where {name} is {' or '.join(more)}"
        at = c.text.part(place.start, place.end)
        c.problems.append(Problem("TW2221", message, at, "warning", f"add them to the values of its input '{name}'"))


def root(node: ast.Node) -> str | None:
    """The name that a path starts from ("" for an item's); None for what is no path, and should be evaluated only once."""
    while isinstance(node, ast.Path):
        node = node.base
    return node.name if isinstance(node, ast.Name) else "" if isinstance(node, ast.Item) else None
