"""Code for arithmetic and comparison: the fast path inline behind type tests, the slow path through `operators`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dsl.feel import ast
from dsl.feel.codegen import Generator, Operand
from dsl.feel.limits import MAX_TEXT
from dsl.feel.values import MISSING, Months

_SLOW = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow_"}
_SLOW_TEST = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_PYTHON_TEST = {"=": "==", "!=": "!="}
_METHODS = {"+": "add_", "-": "sub_", "*": "mul_", "/": "div_"}
_TYPES: Mapping[type, str] = {Decimal: "D", str: "S", bool: "B", date: "DATE", timedelta: "DAYS", Months: "M"}
_MAX_TERMS = 10
_UNKNOWN, _NONE = "?", "!"


class Term(NamedTuple):
    """Arithmetic that can be written as one Python expression.

    `fast` holds if every operand in `guards` is of `type` (a symbol of generated code; `?` not known yet, `!`
    there is no fast form).
    """

    fast: str
    slow: str
    guards: tuple[str, ...]
    type: str
    size: int = 1


def term(g: Generator, node: ast.Node) -> Term:
    """The node as a term; what is no arithmetic is evaluated first."""
    if (type(node) is ast.Arithmetic or type(node) is ast.Negate) and g.fold(node) is MISSING and g.has_room:
        return operation(g, node)
    return leaf(g.expr(node))


def leaf(operand: Operand) -> Term:
    """An operand that is already there."""
    if operand.constant:
        return Term(operand.text, operand.text, (), _TYPES.get(type(operand.value), _NONE))
    if operand.kind in ("number", "string"):
        return Term(operand.text, operand.text, (), "D" if operand.kind == "number" else "S")
    if operand.kind in ("list", "null"):
        return Term(operand.text, operand.text, (), _NONE)
    return Term(operand.text, operand.text, (operand.text,), _UNKNOWN)


def operation(g: Generator, node: ast.Arithmetic | ast.Negate) -> Term:
    """Arithmetic as a term. Chains that lean to the left (`a + b + c …`) are written in a loop, so that their
    length does not matter."""
    if type(node) is ast.Negate:
        value = term(g, node.value)
        known = "D" if value.type in (_UNKNOWN, "D") else _NONE
        fast = f"(-{value.fast})" if g.inline else f"neg_({value.fast})"
        return Term(fast, f"neg({value.slow}, {g.where(node)})", value.guards, known, value.size + 1)
    spine: list[ast.Arithmetic] = []
    first: ast.Node = node
    while type(first) is ast.Arithmetic and g.fold(first) is MISSING:
        spine.append(first)
        first = first.left
    result = term(g, first)
    for step in reversed(spine):
        if result.size > _MAX_TERMS:
            result = leaf(settle(g, result))
        right = term(g, step.right)
        if right.size > _MAX_TERMS:
            right = leaf(settle(g, right))
        result = _combined(g, step, result, right)
    return result


def _combined(g: Generator, node: ast.Arithmetic, left: Term, right: Term) -> Term:
    op = node.op
    types = {left.type, right.type} - {_UNKNOWN} or {"D"}
    fits = types == {"D"} or (types == {"S"} and op == "+")
    if op == "**" or (op == "/" and not _nonzero(g, right)):
        fits = False
    slow = f"{_SLOW[op]}({left.slow}, {right.slow}, {g.where(node)})"
    guards = tuple(dict.fromkeys(left.guards + right.guards))
    fast = f"({left.fast} {op} {right.fast})"
    if not g.inline and types != {"S"}:
        fast = f"{_METHODS.get(op)}({left.fast}, {right.fast})"
    known = types.pop() if fits else _NONE
    return Term(fast, slow, guards, known, left.size + right.size)


def _nonzero(g: Generator, divisor: Term) -> bool:
    return divisor.fast in g.constants and bool(g.constants[divisor.fast])


def guarded(term_: Term) -> str:
    """The test whether the fast form holds."""
    return " and ".join(f"T({text}) is {term_.type}" for text in term_.guards)


def settle(g: Generator, result: Term) -> Operand:
    """The statements that compute a term."""
    if result.type in (_NONE, _UNKNOWN):
        return g.assign(result.slow)
    kind = {"D": "number", "S": "string"}.get(result.type, "any")
    if result.type == "S":
        return _settle_text(g, result)
    if not result.guards:
        return g.assign(result.fast, kind)  # type: ignore[arg-type]
    settled = g.assign(f"{result.fast} if {guarded(result)} else {result.slow}")
    if result.slow.startswith("add("):
        g.meter(settled.text, "S")
    return settled


def _settle_text(g: Generator, result: Term) -> Operand:
    name = g.fresh("t")
    with g.block(f"if {guarded(result) or 'True'}:"):
        g.line(f"{name} = {result.fast}")
        with g.block(f"if length({name}) > {MAX_TEXT}:"):
            g.line(f"check_text(length({name}))")
        g.meter(name, "S")
    with g.block("else:"):
        g.line(f"{name} = {result.slow}")
    return Operand(name, "any" if result.guards else "string")


def arithmetic(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.Arithmetic or type(node) is ast.Negate
    return settle(g, operation(g, node))


def comparison(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.Comparison
    return compare(g, node.op, term(g, node.left), term(g, node.right), node)


def compare(g: Generator, op: str, left: Term, right: Term, node: ast.Node) -> Operand:
    """`left op right` as true, false or null."""
    if op in ("=", "!=") and "None" in (left.fast, right.fast):
        other = left if right.fast == "None" else right
        value = settle(g, other).text if other.size > 1 else other.fast
        return g.assign(f"{value} {'is' if op == '=' else 'is not'} None", "boolean")
    python = _PYTHON_TEST.get(op, op)
    slow = f"{_SLOW_TEST[op]}({left.slow}, {right.slow}, {g.where(node)})"
    fast = f"{left.fast} {python} {right.fast}"
    types = {left.type, right.type} - {_UNKNOWN}
    guards = tuple(dict.fromkeys(left.guards + right.guards))
    if not types:
        first, second = left.fast, right.fast
        if op in ("=", "!=") and left.size == 1:
            g.meter(first)
        kinds = "PLAIN" if op in ("=", "!=") else "ORDERED"
        return g.assign(f"{fast} if T({first}) is T({second}) and T({first}) in {kinds} else {slow}", "truth")
    if len(types) > 1 or _NONE in types or (types == {"B"} and python not in ("==", "!=")):
        return g.assign(slow, "truth")
    if not guards:
        return g.assign(fast, "boolean")
    test = guarded(Term(fast, slow, guards, types.pop()))
    return g.assign(f"{fast} if {test} else {slow}", "truth")


def between(g: Generator, node: ast.Node) -> Operand:
    assert type(node) is ast.Between
    value, low, high = (term(g, part) for part in (node.value, node.low, node.high))
    slow = f"between({value.slow}, {low.slow}, {high.slow}, {g.where(node)})"
    types = {value.type, low.type, high.type} - {_UNKNOWN}
    guards = tuple(dict.fromkeys(value.guards + low.guards + high.guards))
    if len(types) != 1 or _NONE in types or not guards or types == {"B"}:
        return g.assign(slow, "truth")
    fast = f"{low.fast} <= {value.fast} <= {high.fast}"
    return g.assign(f"{fast} if {guarded(Term(fast, slow, guards, types.pop()))} else {slow}", "truth")
