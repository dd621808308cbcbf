"""Compile a resolved syntax tree to a Python function, once; evaluating it parses nothing and looks nothing up
twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import localcontext
from functools import partial
from typing import Any, cast

from dsl.feel import ast, codegen_calls, codegen_logic, codegen_loops, codegen_terms
from dsl.feel.ast import Node
from dsl.feel.codegen import Emitter, Generator, Row
from dsl.feel.codegen_symbols import SYMBOLS
from dsl.feel.operators import ARITHMETIC
from dsl.feel.runtime import Host, Names
from dsl.feel.trouble import Warnings
from dsl.feel.types import ANY, Type
from dsl.feel.values import MISSING

EMITTERS: Mapping[type, Emitter] = {
    ast.Literal: codegen_logic.literal,
    ast.Name: codegen_logic.name,
    ast.Item: codegen_logic.item,
    ast.Path: codegen_logic.path,
    ast.Filter: codegen_loops.filter_,
    ast.Call: codegen_calls.call,
    ast.Query: codegen_calls.query,
    ast.Negate: codegen_terms.arithmetic,
    ast.Arithmetic: codegen_terms.arithmetic,
    ast.Comparison: codegen_terms.comparison,
    ast.Logic: codegen_logic.logic,
    ast.Between: codegen_terms.between,
    ast.In: codegen_logic.in_,
    ast.UnaryTest: codegen_logic.unary_test,
    ast.UnaryTests: codegen_logic.cell,
    ast.InstanceOf: codegen_logic.instance_of,
    ast.If: codegen_logic.if_,
    ast.For: codegen_loops.for_,
    ast.Quantified: codegen_loops.quantified,
    ast.ListNode: codegen_logic.list_,
    ast.ContextNode: codegen_logic.context,
    ast.RangeNode: codegen_logic.range_,
    ast.FunctionNode: codegen_calls.function,
}


class Expression(partial[object]):
    """An expression ready to run: `expression(scope, host=None, warnings=None)`. Immutable, and safe to call from several threads.

    The call gives the value for the names of `scope`; null (None) where FEEL says so, with the reasons appended to `warnings`. It raises
    LimitExceeded if the evaluation asks for more than the engine grants, and whatever the host raises. `paths` are what it reads, from
    names
    in scope: `{("customer", "credit_limit")}`. It is a `partial` without arguments because the interpreter calls those fastest.
    """

    __slots__ = ("ast", "paths", "text", "type")

    text: str
    type: Type
    ast: Node
    paths: frozenset[tuple[str, ...]]

    def __new__(
        cls, run: Callable[..., object], text: str, type: Type, node: Node, paths: frozenset[tuple[str, ...]]
    ) -> Expression:
        self = super().__new__(cls, run)
        for name, value in (("text", text), ("type", type), ("ast", node), ("paths", paths)):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Expression does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("an Expression does not change")

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def build(
    node: ast.Node,
    text: str,
    type: Type = ANY,
    paths: frozenset[tuple[str, ...]] = frozenset(),
    *,
    business: bool = False,
    declared: Mapping[str, ast.TypeName] | None = None,
) -> Expression:
    """Compile a resolved tree. `declared` are types that `instance of` and parameters may name beside FEEL's own."""
    generator = Generator(EMITTERS, declared, business)
    with localcontext(ARITHMETIC):
        value = generator.fold(node)
    run = _assembled(generator, node, "scope, host=None, warnings=None") if value is MISSING else _always(value)
    return Expression(run, text, type, node, paths)


def _always(value: object) -> Callable[..., object]:
    """What a constant compiles to, which defaults and most cells are: there is no code to generate."""

    def expression(scope: Names, host: Host | None = None, warnings: Warnings = None) -> object:
        return value

    return expression


Condition = Callable[..., object]


def build_row_condition(
    condition: ast.Node, *, business: bool = True, declared: Mapping[str, ast.TypeName] | None = None
) -> Condition:
    """A query's or filter's condition as `(row, scope, items=(), host=None, warnings=None)`; `Item(0)` is the
    row, the others are `items`.

    A decision table's cell works too: its `?` is the row.
    """
    generator = Generator(EMITTERS, declared, business)
    generator.env = Row("row", None, False)
    return _assembled(generator, condition, "row, scope, items=(), host=None, warnings=None")


def fold(node: ast.Node) -> object:
    """The value of a tree that depends on nothing; MISSING if it does, or cannot be computed."""
    with localcontext(ARITHMETIC):
        return Generator(EMITTERS, None, False).fold(node)


def source(node: ast.Node, *, business: bool = False) -> str:
    """The Python that a tree becomes, for tests and the curious."""
    generator = Generator(EMITTERS, None, business)
    return _source(generator, node, "scope, host=None, warnings=None")


def _assembled(g: Generator, node: ast.Node, parameters: str) -> Callable[..., Any]:
    code = compile(_source(g, node, parameters), "<feel>", "exec")
    namespace: dict[str, Any] = {"__builtins__": {}, **SYMBOLS, **g.constants}
    exec(code, namespace)  # generated from the tree; no text of the user's is in it
    # Out of its own globals: a cycle would keep expressions that nobody needs until a full collection.
    function: Callable[..., Any] = namespace.pop("expression")
    return function


def _source(g: Generator, node: ast.Node, parameters: str) -> str:
    """The whole function: names fetched, helpers, statements; with the decimal context set around them where that pays."""
    g.inline = _weight(node) > _MAX_METHODS
    with localcontext(ARITHMETIC):  # for constants, which are computed now
        g.line(f"return {g.expr(node).text}")
    head = _fetched(g)
    head += [f"    i{depth} = items[{depth}]" for depth in sorted(g.outer_rows)]
    if g.runs:
        head.append("    run = Run(host)")
    lines = [f"    {line}" for line in [*head, *g.root.helpers, *g.root.lines]]
    before, after = ["    try:"], ["    except Failures:", "        return failed(warnings)"]
    if g.inline:
        before = ["    before = getcontext()", "    setcontext(CONTEXT)", "    try:"]
        after += ["    finally:", "        setcontext(before)"]
    return "\n".join([f"def expression({parameters}):", *before, *lines, *after, ""])


def _fetched(g: Generator) -> list[str]:
    """The scope's values in variables. A method called in place costs no more than a subscript and a test for dicts."""
    return [f"    {variable} = scope.get({g.table(name)})" for name, variable in g.names.items()]


_MAX_METHODS = 5
_WEIGHTLESS = frozenset({ast.Literal, ast.Name, ast.Item, ast.TypeName, str, bool, type(None)})
_LOOPS = frozenset({ast.For, ast.Quantified, ast.Filter, ast.FunctionNode})


def _weight(node: object) -> int:
    """How much arithmetic a run does, roughly: setting the decimal context costs as much as five operations by its methods."""
    chain = 0
    while type(node) is ast.Arithmetic:
        chain += 1 + _weight(node.right)
        node = node.left
    kind = type(node)
    if kind in _WEIGHTLESS:
        return chain
    inner = int(kind is ast.Negate)
    for part in node if type(node) is tuple else ast.parts(cast(ast.Node, node)):
        if type(part) not in _WEIGHTLESS:
            inner += _weight(part)
    return chain + (inner * 20 if kind in _LOOPS else inner)
