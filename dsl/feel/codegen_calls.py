"""Code for calls, functions as values, and queries (DMN 1.5, 10.3.2.13.2, 10.3.4)."""

from __future__ import annotations

from dsl.feel import ast
from dsl.feel.builtin import Overload, caller, single
from dsl.feel.builtin_lists import total_or_zero
from dsl.feel.builtins import BUILT_INS, CLOCK
from dsl.feel.codegen import Body, Bound, Generator, Operand

_SUM = Overload("sum", BUILT_INS["sum"][0].params, total_or_zero)


def call(g: Generator, node: ast.Node) -> Operand:
    """A call of a built-in function, of the host's, or of a function value."""
    assert type(node) is ast.Call
    if type(node.function) is not ast.Name:
        return _call_value(g, node, g.expr(node.function).text)
    name = node.function.name
    found, _ = g.lookup(name)
    if found is not None:
        return _call_value(g, node, g.expr(node.function).text)
    if name in CLOCK:
        return _clock(g, node, name)
    if name in BUILT_INS:
        return _built_in(g, node, name)
    function, args, where = g.expr(node.function).text, _arguments(g, node), g.where(node)
    other = f"call_host(host, {g.table(name)}, {args}, {where})"
    with_names = "" if node.names is None else f"{g.table(node.names)}, "
    use = "call_value" if node.names is None else "call_named"
    return g.assign(f"{use}({function}, {with_names}{args}, {where}) if {function} is not None else {other}")


def _arguments(g: Generator, node: ast.Call) -> str:
    return "(" + "".join(f"{g.expr(arg).text}, " for arg in node.args) + ")"


def _call_value(g: Generator, node: ast.Call, function: str) -> Operand:
    args = _arguments(g, node)
    names = "" if node.names is None else f"{g.table(node.names)}, "
    use = "call_value" if node.names is None else "call_named"
    return _metered(g, g.assign(f"{use}({function}, {names}{args}, {g.where(node)})"), f", *{args}")


def _clock(g: Generator, node: ast.Call, name: str) -> Operand:
    if node.args:
        return _unfit(g, node, name)
    g.runs = True
    return g.assign(f"run.{name}()")


def _built_in(g: Generator, node: ast.Call, name: str) -> Operand:
    if name == "not" and len(node.args) == 1 and node.names is None:
        value = g.expr(node.args[0]).text
        slow = f"{g.table(caller(name, 1, None))}({g.where(node)}, {value})"
        return g.assign(f"not {value} if T({value}) is B else {slow}", "truth")
    if name == "sum" and g.business and node.args and node.names in (None, ("list",)):
        function: object = single(_SUM)
    else:
        function = caller(name, len(node.args), node.names)
    if function is None:
        return _unfit(g, node, name)
    args = "".join(f", {g.expr(arg).text}" for arg in node.args)
    return _metered(g, g.assign(f"{g.table(function)}({g.where(node)}{args})"), args)


def _metered(g: Generator, result: Operand, args: str) -> Operand:
    """A call's result; in a loop, the work on long arguments and results counts."""
    if g.repeats:
        g.runs = True
        g.line(f"run.meter({result.text}{args})")
    return result


def _unfit(g: Generator, node: ast.Call, name: str) -> Operand:
    given = "no arguments" if not node.args else f"{len(node.args)} arguments"
    if node.names is not None:
        given = "the arguments " + ", ".join(node.names)
    return g.assign(f"warn(warnings, 'name', {g.table(f'{name} does not take {given}')}, {node.start}, {node.end})")


def function(g: Generator, node: ast.Node) -> Operand:
    """A function as a value. A factory binds the variables around it, since loops change them afterwards."""
    assert type(node) is ast.FunctionNode
    g.runs = True
    captured = sorted({text.partition("[")[0] for text in [*g.locals().values(), *g.rows()] if text[0] in "xtsp"})
    factory, code = g.fresh("make"), g.fresh("f")
    outer = Body(2, [], [])
    inner = Body(3, [], [])
    params = [g.fresh("p") for _ in node.params]
    env = g.env
    for (name, _), param in zip(node.params, params, strict=True):
        env = Bound(name, param, env)
    with g.function(inner), g.bound(env):
        g.line("run.spend(1)")
        g.line(f"return {g.expr(node.body).text}")
    outer.lines += [f"        def {code}({', '.join(params)}):", *inner.helpers, *inner.lines, f"        return {code}"]
    g.root.helpers += [f"    def {factory}({', '.join(captured)}):", *outer.lines]
    names, types = g.table(tuple(name for name, _ in node.params)), g.table(tuple(type_ for _, type_ in node.params))
    made = f"{factory}({', '.join(captured)})"
    return g.assign(f"FeelFunction({names}, {types}, {made}, declared={g.table(g.declared)})")


def query(g: Generator, node: ast.Node) -> Operand:
    """`lookup(entity, condition)` and the like, which the host runs; it sees the names and items around."""
    assert type(node) is ast.Query
    bound = g.locals()
    scope = "scope"
    if bound:
        names = ", ".join(f"{g.table(name)}: {text}" for name, text in bound.items())
        scope = f"Locals({{{names}}}, scope)"
    rows = "".join(f"{row}, " for row in g.rows())
    beyond = " + items" if g.rows() and g.rows()[-1] == "row" else ""
    return g.assign(f"run_query(host, {g.table(node)}, {scope}, ({rows}){beyond}, {g.where(node)})")
