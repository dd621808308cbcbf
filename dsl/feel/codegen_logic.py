"""Code for three-valued logic, conditions, membership, names, members, and values written out (DMN 1.5, 10.3.2.8 to
.15)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsl.feel import ast
from dsl.feel.codegen import Bound, Generator, Operand, Row
from dsl.feel.codegen_terms import compare, leaf, term
from dsl.feel.values import MISSING, Range


def literal(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.Literal
    return g.constant(node.value)


def name(g: Generator, node: ast.Node) -> Operand:
    """A name: of the text, of an item whose members are not known before, or of the scope."""
    assert type(node) is ast.Name
    found, rows = g.lookup(node.name)
    if found is None and node.name in ("item", "?") and g.row(0) is not None:
        return item(g, ast.Item(node.start, node.end, 0))
    if found is not None:
        text = f"copy({found.text})" if found.partial else found.text
        if found.partial:
            g.runs = True
            g.line(f"run.spend(length({found.text}))")
    else:
        text = g.scoped(node.name)
        if (function := g.built_in(node.name)) is not None:
            text = g.assign(f"{text} if {text} is not None else {g.table(function)}").text
    if not rows:
        return Operand(text) if found is None or not found.partial else g.assign(text, "list")
    key = g.table(node.name)
    result = g.fresh("t")
    g.line(f"{result} = {_own(rows[0], key)}")
    for row in rows[1:]:
        with g.block(f"if {result} is MISSING:"):
            g.line(f"{result} = {_own(row, key)}")
    with g.block(f"if {result} is MISSING:"):
        g.line(f"{result} = {text}")
    return Operand(result)


def _own(row: str, key: str) -> str:
    return f"{row}.get({key}, MISSING) if T({row}) is C else own({row}, {key})"


def item(g: Generator, node: ast.Node) -> Operand:
    """An enclosing item; beyond those of the text, one of the items that the caller gave."""
    assert type(node) is ast.Item
    row = g.row(node.depth)
    if row is None:
        return _given(g, node)
    if not row.dynamic:
        return Operand(row.text)
    # `item` in a filter is the item, unless that has a member of this name (DMN 1.5, 10.3.2.5).
    return g.assign(f"{row.text}.get('item', {row.text}) if T({row.text}) is C else {row.text}")


def _given(g: Generator, node: ast.Item) -> Operand:
    depth = node.depth - len(g.rows())
    if g.rows() and g.rows()[-1] == "row":
        g.outer_rows.add(depth)
        return Operand(f"i{depth}")
    return Operand(g.scoped("?" if depth == 0 else "item"))


def path(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.Path
    row = g.row(node.base.depth) if type(node.base) is ast.Item else None
    base = g.expr(node.base) if row is None else Operand(row.text)
    key = g.table(node.member)
    slow = f"member({base.text}, {key}, {g.where(node)})"
    if base.constant or base.kind == "list":
        return g.assign(slow)
    if g.repeats:
        g.runs = True
        slow = f"run.{slow}"
    result = g.fresh("t")
    g.line(f"try: {result} = {base.text}[{key}] if T({base.text}) is C else {slow}")
    g.line(f"except KeyError: {result} = {slow}")
    return Operand(result)


def logic(g: Generator, node: ast.Node) -> Operand:
    """`and`, `or`: a chain of them is written in a loop; what follows a deciding operand is not evaluated."""
    assert type(node) is ast.Logic
    operands: list[ast.Node] = []
    first: ast.Node = node
    while type(first) is ast.Logic and first.op == node.op:
        operands.append(first.right)
        first = first.left
    stop, carry_on = ("False", "True") if node.op == "and" else ("True", "False")
    start = g.truth(g.expr(first), first)
    own = type(first) is ast.Comparison or type(first) is ast.Between  # a temporary that nothing else reads
    result = start.text if own else g.assign(start.text).text
    for operand in reversed(operands):
        with g.block(f"if {result} is not {stop}:"):
            value = g.truth(g.expr(operand), operand)
            g.line(f"{result} = {value.text} if {result} is {carry_on} or {value.text} is {stop} else None")
    return Operand(result, "truth")


def if_(g: Generator, node: ast.Node) -> Operand:
    """Only true takes `then`; false and null take `else`; any other condition gives null."""
    assert type(node) is ast.If
    condition = g.expr(node.condition)
    result = g.fresh("t")
    with g.block(f"if {condition.text} is True:"):
        first = g.into(result, node.then)
    if condition.kind not in ("truth", "boolean", "null"):
        with g.block(f"elif {condition.text} is not False and {condition.text} is not None:"):
            g.line(f"{result} = not_boolean({condition.text}, {g.where(node.condition)})")
        first = "any"
    with g.block("else:"):
        second = g.into(result, node.otherwise)
    return Operand(result, first if first == second else "any")


def in_(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.In
    return any_of(g, node.tests, g.expr(node.value), node)


def any_of(g: Generator, tests: Sequence[ast.Node], value: Operand, node: ast.Node, *, cell: bool = False) -> Operand:
    """Whether a value passes one of the tests; in a decision table's `cell`, a test that mentions `?` stands for
    itself."""
    constants = [g.fold(test) for test in tests]
    written = constants[0] if len(tests) == 1 and type(constants[0]) is list else constants
    types = {type(constant) for constant in written}
    if types == {Decimal} or types == {str}:
        symbol = "D" if types == {Decimal} else "S"
        slow = f"any_match({value.text}, {g.table(constants)})"
        return g.assign(
            f"{value.text} in {g.table(frozenset(written))} if T({value.text}) is {symbol} else {slow}", "truth"
        )
    result = g.fresh("t")
    first = True
    for test in tests:
        if first:
            g.line(f"{result} = {_test(g, test, value, cell).text}")
            first = False
            continue
        with g.block(f"if {result} is not True:"):
            passed = _test(g, test, value, cell)
            g.line(f"{result} = {passed.text} if {result} is False else True if {passed.text} is True else None")
    return Operand(result, "truth")


def _test(g: Generator, test: ast.Node, value: Operand, cell: bool) -> Operand:
    if type(test) is ast.UnaryTest:
        return compare(g, test.op, leaf(value), term(g, test.value), test)
    if type(test) is ast.UnaryTests:
        return unary_tests(g, test, value)
    if cell and mentions_item(test):
        return g.truth(g.expr(test), test)
    if type(test) is ast.RangeNode and _is_no_range(g.fold(test)) and test.low is not None and test.high is not None:
        first, last = g.expr(test.low), g.expr(test.high)
        ends = f"{first.text}, {last.text}, {test.low_included}, {test.high_included}"
        return g.assign(f"lies_between({value.text}, {ends}, {g.where(test)})", "truth")
    operand = g.expr(test)
    slow = f"passes({value.text}, {operand.text}, {g.where(test)})"
    g.meter(operand.text)
    if (
        operand.constant
        and type(operand.value) is Range
        and type(operand.value.start) is Decimal
        and type(operand.value.end) is Decimal
    ):
        range_ = operand.value
        low, high = g.constant(range_.start).text, g.constant(range_.end).text
        fast = (
            f"{low} {'<=' if range_.start_included else '<'} {value.text} {'<=' if range_.end_included else '<'} {high}"
        )
        return g.assign(f"{fast} if T({value.text}) is D else {slow}", "truth")
    return g.assign(slow, "truth")


def _is_no_range(folded: object) -> bool:
    """Whether a range is not known before the run, or is null because its ends make none."""
    return folded is MISSING or folded is None


def mentions_item(node: object, depth: int = 0) -> bool:
    """Whether an expression mentions `?`, the tested value."""
    if type(node) is ast.Item:
        return node.depth == depth
    if type(node) is ast.Name:
        return node.name == "?"
    if type(node) is ast.Filter:
        return mentions_item(node.base, depth) or mentions_item(node.condition, depth + 1)
    if type(node) is ast.Query:
        return mentions_item(node.condition, depth + 1)
    if type(node) is tuple:
        return any(mentions_item(part, depth) for part in node)
    return isinstance(node, ast.Node) and any(mentions_item(part, depth) for part in ast.parts(node))


def cell(g: Generator, node: ast.Node) -> Operand:
    """A decision table's cell: `?` is the value under that name in the scope, or the given item."""
    assert type(node) is ast.UnaryTests
    row = g.row(0)
    return unary_tests(g, node, Operand(row.text if row is not None else g.scoped("?")))


def unary_tests(g: Generator, node: ast.UnaryTests, value: Operand) -> Operand:
    """`-`, or a list of tests, or `not(…)` of one."""
    if not node.tests:
        return g.constant(True)
    with g.bound(Row(value.text, g.env, False)):
        result = any_of(g, node.tests, value, node, cell=True)
    if not node.negated:
        return result
    return g.assign(f"None if {result.text} is None else not {result.text}", "truth")


def instance_of(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.InstanceOf
    value = g.expr(node.value)
    g.meter(value.text)
    return g.assign(f"conforms({value.text}, {g.table(node.type)}, {g.table(g.declared)})", "boolean")


def list_(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.ListNode
    return g.assign("[" + ", ".join(g.expr(part).text for part in node.items) + "]", "list")


def context(g: Generator, node: ast.Node) -> Operand:
    """A context; each entry sees those before it, and a function that is an entry sees itself. A repeated key
    gives null."""
    assert type(node) is ast.ContextNode
    keys = [key for key, _ in node.entries]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        message = g.table(f"the context has two entries '{twice}'")
        return g.assign(f"warn(warnings, 'value', {message}, {node.start}, {node.end})")
    saved = g.env
    parts: list[str] = []
    for key, value in node.entries:
        if type(value) is ast.FunctionNode:
            cell_name = g.fresh("s")
            g.line(f"{cell_name} = [None]")
            g.env = Bound(key, f"{cell_name}[0]", g.env)
            text = g.expr(value).text
            g.line(f"{cell_name}[0] = {text}")
        else:
            text = g.expr(value).text
        g.env = Bound(key, text, g.env if type(value) is not ast.FunctionNode else g.env.outer)  # type: ignore[union-attr]
        parts.append(f"{g.table(key)}: {text}")
    g.env = saved
    return g.assign("{" + ", ".join(parts) + "}")


def range_(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.RangeNode
    if node.low is None or node.high is None:
        end = node.high if node.low is None else node.low
        if end is None:
            return g.constant(None)
        op = ("<=" if node.high_included else "<") if node.low is None else (">=" if node.low_included else ">")
        return _open(g, op, end)
    low, high = g.expr(node.low), g.expr(node.high)
    flags = f"{node.low_included}, {node.high_included}"
    return g.assign(f"make_range({low.text}, {high.text}, {flags}, {g.where(node)})")


def unary_test(g: Generator, node: ast.Node) -> Operand:
    """`(< 10)` as a value."""
    assert type(node) is ast.UnaryTest
    return _open(g, node.op, node.value)


def _open(g: Generator, op: str, end: ast.Node) -> Operand:
    value = g.fold(end)
    if value is not MISSING:
        return g.constant(Range.comparison(op, value))
    return g.assign(f"comparison({op!r}, {g.expr(end).text})")
