"""Compile a resolved syntax tree to a Python function, once; evaluating it parses nothing and looks nothing up
twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import DecimalException
from typing import Any

from dsl.feel import ast, codegen_calls, codegen_logic, codegen_loops, codegen_terms
from dsl.feel.ast import Node
from dsl.feel.codegen import SYMBOLS, Emitter, Generator, Row
from dsl.feel.limits import LimitExceeded
from dsl.feel.runtime import Host, Names
from dsl.feel.trouble import Warning, Warnings, warn
from dsl.feel.types import ANY, Type

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


class Expression:
    """An expression ready to run. Immutable; calling it from several threads is safe.

    `paths` are what it reads, from names in scope: `{("customer", "credit_limit")}`.
    """

    __slots__ = ("_run", "ast", "paths", "text", "type")

    text: str
    type: Type
    ast: Node
    paths: frozenset[tuple[str, ...]]
    _run: Callable[[Names, Host | None, Warnings], object]

    def __init__(
        self,
        text: str,
        type: Type,
        node: Node,
        paths: frozenset[tuple[str, ...]],
        run: Callable[[Names, Host | None, Warnings], object],
    ) -> None:
        for name, value in (("text", text), ("type", type), ("ast", node), ("paths", paths), ("_run", run)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Expression does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("an Expression does not change")

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __call__(self, scope: Names, host: Host | None = None, warnings: list[Warning] | None = None) -> object:
        """The value for the names of `scope`; null (None) where FEEL says so, with the reasons appended to `warnings`.

        Raises LimitExceeded if the evaluation asks for more than the engine grants, and whatever the host raises.
        """
        try:
            return self._run(scope, host, warnings)
        except DecimalException as error:
            return warn(
                warnings, "value", f"the numbers are out of range ({error.__class__.__name__})", 0, len(self.text)
            )
        except RecursionError as error:
            raise LimitExceeded("functions call one another too deeply") from error


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
    run = _assembled(generator, node, "scope, host, w")
    return Expression(text, type, node, paths, run)


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
    return _assembled(generator, condition, "row, scope, items=(), host=None, w=None")


def source(node: ast.Node, *, business: bool = False) -> str:
    """The Python that a tree becomes, for tests and the curious."""
    generator = Generator(EMITTERS, None, business)
    return _source(generator, node, "scope, host, w")


def _assembled(g: Generator, node: ast.Node, parameters: str) -> Callable[..., Any]:
    code = compile(_source(g, node, parameters), "<feel>", "exec")
    namespace: dict[str, Any] = {"__builtins__": {}, **SYMBOLS, **g.constants}
    exec(code, namespace)  # generated from the tree; no text of the user's is in it
    function: Callable[..., Any] = namespace["expression"]
    return function


def _source(g: Generator, node: ast.Node, parameters: str) -> str:
    """The whole function: names fetched, helpers, statements; with the decimal context set around them where
    numbers are calculated."""
    result = g.expr(node)
    g.line(f"return {result.text}")
    head = [f"    {variable} = get({g.table(name)})" for name, variable in g.names.items()]
    if head:
        head.insert(0, "    get = scope.get")
    head += [f"    i{depth} = items[{depth}]" for depth in sorted(g.outer_rows)]
    if g.runs:
        head.append("    run = Run(host)")
    lines: Sequence[str] = [*head, *g.root.helpers, *g.root.lines]
    if g.calculates:
        guarded = [f"    {line}" for line in lines]
        before = ["    before = getcontext()", "    setcontext(CONTEXT)", "    try:"]
        lines = [*before, *guarded, "    finally:", "        setcontext(before)"]
    return "\n".join([f"def expression({parameters}):", *lines, ""])
