"""What an expression reads: paths from names in scope, such as `("customer", "credit_limit")` or `("lines", "amount")`."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.feel import ast

Origin = tuple[str, ...] | None  # where a value comes from; None for one that was made


class Reads:
    """Walks a resolved tree and notes every path that is read, filters' and loops' items included."""

    def __init__(self, rows: bool = False) -> None:
        self.found: set[tuple[str, ...]] = set()
        self.rows = rows  # whether what queries' rows are asked for is noted too, and members of values that were made

    def visit(self, node: ast.Node, names: Mapping[str, Origin], items: tuple[Origin, ...]) -> Origin:
        """Note what `node` reads; the answer is where its value comes from."""
        if type(node) is ast.Literal:
            return None
        match node:
            case ast.Name():
                if node.name in names:
                    return names[node.name]
                self.found.add((node.name,))
                return (node.name,)
            case ast.Item():
                return items[node.depth] if node.depth < len(items) else None
            case ast.Path():
                base = self.visit(node.base, names, items)
                if base is None:
                    self.found |= {("", node.member)} if self.rows else set()
                    return None
                self.found.add((*base, node.member))
                return (*base, node.member)
            case ast.Filter():
                base = self.visit(node.base, names, items)
                self.visit(node.condition, names, (base, *items))
                return base
            case ast.Query():
                row = (f"?{node.entity}",) if self.rows else None
                if node.condition is not None:
                    self.visit(node.condition, names, (row, *items))
                return row if node.kind.startswith("lookup") else None
            case ast.For():
                self.visit(node.result, self.bound(node.iterators, names, items), items)
                return None
            case ast.Quantified():
                self.visit(node.condition, self.bound(node.iterators, names, items), items)
                return None
            case ast.ContextNode():
                inner = dict(names)
                for key, value in node.entries:
                    inner[key] = self.visit(value, inner, items)
                return None
            case ast.FunctionNode():
                self.visit(node.body, {**names, **{name: None for name, _ in node.params}}, items)
                return None
            case ast.If():
                self.visit(node.condition, names, items)
                then, otherwise = self.visit(node.then, names, items), self.visit(node.otherwise, names, items)
                return then if then == otherwise else None
            case ast.Call():
                if not isinstance(node.function, ast.Name):
                    self.visit(node.function, names, items)
                origins = [self.visit(arg, names, items) for arg in node.args]
                return origins[0] if len(origins) == 1 else None
        self.children(node, names, items)
        return None

    def bound(self, iterators: tuple[ast.Iterator, ...], names: Mapping[str, Origin], items: tuple[Origin, ...]) -> Mapping[str, Origin]:
        inner = dict(names) | {"partial": None}
        for each in iterators:
            inner[each.name] = self.visit(each.source, inner, items)
            if each.until is not None:
                self.visit(each.until, inner, items)
        return inner

    def children(self, node: ast.Node, names: Mapping[str, Origin], items: tuple[Origin, ...]) -> None:
        for value in ast.parts(node):
            for child in value if isinstance(value, tuple) else (value,):
                if isinstance(child, ast.Node) and not isinstance(child, ast.TypeName):
                    self.visit(child, names, items)


def row_paths(node: ast.Node, entity: str) -> frozenset[tuple[str, ...]]:
    """All paths that a condition on rows of an entity reads, in the rows of its queries too.

    A path begins with `?` and the name of the row's entity, with a name in scope, or with "" where the walk lost sight of what it is from.
    """
    reads = Reads(rows=True)
    reads.visit(node, {}, ((f"?{entity}",),))
    return frozenset(reads.found)


def paths(node: ast.Node) -> frozenset[tuple[str, ...]]:
    """All paths that a resolved expression reads; a path's beginnings are in it too."""
    reads = Reads()
    reads.visit(node, {}, ())
    return frozenset(reads.found)
