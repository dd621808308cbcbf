"""What a name in an expression is: its type, or what a function does."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.feel import ast
from dsl.feel.check import Checker
from dsl.feel.lexer import KEYWORDS
from dsl.feel.surface import parse
from dsl.feel.types import ANY, ListOf, Scope, Type
from dsl.language.completion import Describe, no_label
from dsl.language.probing import entity_of, rows_of
from dsl.language.signatures import described, signatures
from dsl.source import Located


@dataclass(frozen=True, slots=True)
class Hover:
    """What stands from `start` to `end`: a type or a signature, and a label or description."""

    start: int
    end: int
    detail: str
    description: str = ""


def hover(text: str, offset: int, scope: Scope, *, entity: str = "", describe: Describe = no_label) -> Hover | None:
    """What the name at the offset is; None where none is, or where the text is no expression yet."""
    tree, _ = parse(text, scope)
    if tree is None:
        return None
    finder = _Finder(Located.plain(text), scope, rows_of(scope, entity))
    finder.offset, finder.describe = offset, describe
    finder.infer(tree)
    return finder.found


class _Finder(Checker):
    """Checks a text, and notes what it finds at an offset."""

    offset = 0
    describe: Describe = staticmethod(no_label)
    found: Hover | None = None

    def is_at(self, start: int, end: int) -> bool:
        return start <= self.offset < end or (self.offset == end == len(self.text.text))

    def on_Name(self, node: ast.Name) -> tuple[ast.Node, Type]:
        resolved, type_ = super().on_Name(node)
        if self.is_at(node.start, node.end) and node.name not in KEYWORDS:
            self.found = Hover(node.start, node.end, f"{node.name}: {type_}", self.describe(self.owner(resolved), node.name))
        return resolved, type_

    def owner(self, resolved: ast.Node) -> str:
        """The entity whose field a bare name is."""
        if isinstance(resolved, ast.Path) and isinstance(resolved.base, ast.Item):
            return entity_of(self.on_Item(resolved.base)[1])
        return entity_of(self.scope.names.get("record", ANY))

    def on_Path(self, node: ast.Path) -> tuple[ast.Node, Type]:
        resolved, type_ = super().on_Path(node)
        start = node.end - len(node.member)
        if self.is_at(start, node.end):
            base = self.quietly(node.base)
            entity = entity_of(base.item if isinstance(base, ListOf) else base)
            self.found = Hover(start, node.end, f"{node.member}: {type_}", self.describe(entity, node.member))
        return resolved, type_

    def quietly(self, node: ast.Node) -> Type:
        offset, self.offset = self.offset, -1
        found = self.infer(node)[1]
        self.offset = offset
        return found

    def on_Call(self, node: ast.Call) -> tuple[ast.Node, Type]:
        resolved, type_ = super().on_Call(node)
        if isinstance(node.function, ast.Name) and self.is_at(node.function.start, node.function.end):
            shown = signatures(node.function.name, self.scope)
            if shown and not self.is_bound(node.function.name):
                detail = "\n".join(signature.label for signature in shown)
                self.found = Hover(node.function.start, node.function.end, detail, described(node.function.name))
        return resolved, type_
