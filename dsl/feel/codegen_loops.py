"""Code for filters, `for … return` and `some`, `every … satisfies` (DMN 1.5, 10.3.2.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from dsl.feel import ast
from dsl.feel.codegen import Bound, Generator, Operand, Row


def filter_(g: Generator, node: ast.Node) -> Operand:
    """`base[condition]`: by position where the condition is a number, else the items for which it is true."""
    assert type(node) is ast.Filter
    base = _partial(g, node.base) or g.expr(node.base)
    position = g.fold(node.condition)
    if type(position) is Decimal:
        return g.assign(f"at({base.text}, {g.table(position)}, {g.where(node)})")
    items = g.fresh("s")
    g.line(f"{items} = {base.text} if T({base.text}) is L else listed({base.text})")
    if not _depends(g, node.condition):
        with g.bound(Row(items, g.env, False)):
            condition = g.expr(node.condition)
        g.meter(items)
        return g.assign(f"selected({items}, {condition.text}, {g.where(node)}) if {base.text} is not None else None")
    _count(g, items)
    result, row = g.fresh("t"), g.fresh("x")
    sure = type(node.condition) in (ast.Comparison, ast.Logic, ast.In, ast.Between, ast.InstanceOf, ast.Quantified)
    g.line(f"{result} = []")
    # An empty list is gone through once all the same where the condition might be a position, since then the
    # result is null.
    with g.block(f"for {row} in {items}:" if sure else f"for {row} in {items} or EMPTY:"):
        with g.bound(Row(row, g.env, True)):
            condition = g.expr(node.condition)
        with g.block(f"if {condition.text} is True:"):
            if sure:
                g.line(f"{result}.append({row})")
            else:
                with g.block(f"if {row} is not MISSING:"):
                    g.line(f"{result}.append({row})")
        if condition.kind not in ("truth", "boolean", "null"):
            with g.block(f"elif {condition.text} is not False and {condition.text} is not None:"):
                g.line(f"{result} = selected({items}, {condition.text}, {g.where(node)})")
                g.line("break")
    return g.assign(f"{result} if {base.text} is not None else None")


def _partial(g: Generator, node: ast.Node) -> Operand | None:
    """The unfinished result of a `for`, which a filter may read in place."""
    if type(node) is ast.Name:
        found, rows = g.lookup(node.name)
        if found is not None and found.partial and not rows:
            return Operand(found.text, "list")
    return None


def _depends(g: Generator, node: object, depth: int = 0) -> bool:
    """Whether a condition can differ between items: it mentions the item, or a name that may be the item's member."""
    if type(node) is ast.Item:
        return node.depth == depth
    if type(node) is ast.Name:
        return True
    if type(node) is ast.Filter:
        return _depends(g, node.base, depth) or _depends(g, node.condition, depth + 1)
    if type(node) is ast.Query:
        return _depends(g, node.condition, depth + 1)
    if type(node) is ast.UnaryTests:
        return any(_depends(g, test, depth + 1) for test in node.tests)
    if type(node) is tuple:
        return any(_depends(g, part, depth) for part in node)
    return isinstance(node, ast.Node) and any(_depends(g, part, depth) for part in ast.parts(node))


def _count(g: Generator, items: str) -> None:
    """Make an inner loop count its rounds: an outer one is bounded by the length of its list."""
    if g.body.loops or g.body is not g.root:
        g.runs = True
        g.line(f"run.spend(length({items}))")


def _source(g: Generator, iterator: ast.Iterator, node: ast.Node) -> str:
    """The variable with the items that an iterator runs over; None if it cannot."""
    items = g.fresh("s")
    if iterator.until is not None:
        low, high = g.expr(iterator.source), g.expr(iterator.until)
        g.line(f"{items} = count_up({low.text}, {high.text}, {g.where(node)})")
        return items
    source = g.expr(iterator.source)
    where = g.where(iterator.source)
    g.line(f"{items} = {source.text} if T({source.text}) is L else iterate({source.text}, {where})")
    return items


def for_(g: Generator, node: ast.Node) -> Operand:
    """`for … return`: a list, of which `partial` is the part so far; null if an iterator has nothing to run over."""
    assert type(node) is ast.For
    result = g.fresh("t")
    saved = g.env
    g.env = Bound("partial", result, g.env, True)
    g.line(f"{result} = []")
    _iterate(g, node, 0, result, lambda: g.line(f"{result}.append({g.expr(node.result).text})"))
    g.env = saved
    return Operand(result)


def quantified(g: Generator, node: ast.Node) -> Operand:
    """`some` is true if one is, else null if one is null or no boolean; `every` is false if one is, likewise."""
    assert type(node) is ast.Quantified
    result = g.fresh("t")
    stop, otherwise = ("True", "False") if node.kind == "some" else ("False", "True")
    saved = g.env
    g.line(f"{result} = {otherwise}")

    def body() -> None:
        condition = g.truth(g.expr(node.condition), node.condition)
        with g.block(f"if {condition.text} is {stop}:"):
            g.line(f"{result} = {stop}")
            g.line("break")
        if condition.kind != "boolean":
            with g.block(f"if {condition.text} is None:"):
                g.line(f"{result} = None")

    _iterate(g, node, 0, result, body, stop)
    g.env = saved
    return Operand(result, "truth")


def _iterate(
    g: Generator, node: ast.For | ast.Quantified, index: int, result: str, body: Callable[[], None], stop: str = "None"
) -> None:
    """Nested loops, one an iterator; after an inner one, the outer stops too once the result says so."""
    iterator = node.iterators[index]
    items = _source(g, iterator, node)
    with g.block(f"if {items} is None:"):
        g.line(f"{result} = None")
        if index:
            g.line("break")
    row = g.fresh("x")
    if g.body.loops or g.body is not g.root:
        g.runs = True
        with g.block("else:"):
            g.line(f"run.spend(length({items}))")
    with g.block(f"for {row} in {items} or ():"):
        g.env = Bound(iterator.name, row, g.env)
        if index + 1 == len(node.iterators):
            body()
        else:
            _iterate(g, node, index + 1, result, body, stop)
            with g.block(f"if {result} is {stop}:"):
                g.line("break")
