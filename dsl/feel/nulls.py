"""Where an expression may be null although every name in it is right: what a place that needs a value has to know.

FEEL has no types that exclude null (DMN 1.5, 10.3.2.12: null belongs to every type), so this is an analysis beside the types: which
paths lead through something that may be empty, and which conditions have made sure that they do not.
"""

from __future__ import annotations

from collections.abc import Callable

from dsl.feel import ast
from dsl.feel.types import RecordOf, Scope, Type

Empty = Callable[[str, str], bool]  # whether a field (entity, name) may be empty
Sure = frozenset[str]  # the paths that are known not to be null


def empty_part(node: ast.Node, scope: Scope, empty: Empty, sure: Sure = frozenset()) -> ast.Node | None:
    """The first part that may make the whole null, by a null literal or a field that may be empty; None where no such part is known.

    `node` is a checked tree; what is not known (variables, results of functions, items of lists) is trusted.
    """
    match node:
        case ast.Literal(value=None):
            return node
        case ast.Name(name=name):
            record = scope.names.get("record")
            own = isinstance(record, RecordOf) and name in (scope.members(record.entity) or {})
            return node if own and isinstance(record, RecordOf) and name not in sure and empty(record.entity, name) else None
        case ast.Path(base=base, member=member):
            if path_of(node) in sure:
                return None
            entity = entity_at(base, scope)
            return empty_part(base, scope, empty, sure) or (node if entity and empty(entity, member) else None)
        case ast.Arithmetic(left=left, right=right):
            return empty_part(left, scope, empty, sure) or empty_part(right, scope, empty, sure)
        case ast.Negate(value=value):
            return empty_part(value, scope, empty, sure)
        case ast.If(condition=condition, then=then, otherwise=otherwise):
            yes, no = made_sure(condition, True), made_sure(condition, False)
            return empty_part(then, scope, empty, sure | yes) or empty_part(otherwise, scope, empty, sure | no)
    return None


def made_sure(condition: ast.Node, holds: bool) -> Sure:
    """The paths that are not null where the condition is true (or, with `holds` false, where it is not)."""
    match condition:
        case ast.Comparison(op="!=" | "=" as op, left=left, right=ast.Literal(value=None)) if holds == (op == "!="):
            return frozenset(filter(None, [path_of(left)]))
        case ast.Comparison(op="=" | "<" | "<=" | ">" | ">=", left=left, right=right) if holds and not null(left) and not null(right):
            sides = (left, right) if condition.op != "=" else (left,) if isinstance(right, ast.Literal) else ()
            return frozenset(filter(None, map(path_of, sides)))
        case ast.Between(value=value) if holds:
            return frozenset(filter(None, [path_of(value)]))
        case ast.Logic(op="and" | "or" as op, left=left, right=right) if holds == (op == "and"):
            return made_sure(left, holds) | made_sure(right, holds)
        case ast.Call(function=ast.Name(name="not"), args=(inner,)):
            return made_sure(inner, not holds)
    return frozenset()


def path_of(node: ast.Node) -> str:
    """The text of a plain path (`customer.region`), the same however it was written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.name
    if isinstance(node, ast.Path):
        base = path_of(node.base)
        return f"{base}.{node.member}".removeprefix("record.") if base else ""
    return ""


def entity_at(node: ast.Node, scope: Scope) -> str | None:
    """The entity of the record that a plain path leads to."""
    found: Type | None = None
    if isinstance(node, ast.Name) and node.name != "old":
        found = scope.names.get(node.name)
    elif isinstance(node, ast.Path):
        base = entity_at(node.base, scope)
        found = (scope.members(base) or {}).get(node.member) if base is not None else None
    return found.entity if isinstance(found, RecordOf) else None


def null(node: ast.Node) -> bool:
    return isinstance(node, ast.Literal) and node.value is None
