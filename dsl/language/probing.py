"""What a place in an unfinished expression may hold: a stand-in is put there, the rest completed, and the whole checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dsl.feel import ast, typing
from dsl.feel.check import Bound, Checker, Row
from dsl.feel.lexer import KEYWORDS, Token, raw_tokens
from dsl.feel.surface import parse
from dsl.feel.types import ANY, Choice, ListOf, RecordOf, Scope, Type
from dsl.source import Located

HERE = "stand_in_for_what_is_missing"
CLOSING = {"(": ")", "[": "]", "{": "}"}
UNFINISHED = {"if": "then null else null", "then": "else null", "for": "return null", "some": "satisfies true",
              "every": "satisfies true", "between": "and null"}  # fmt: skip
FINISHED_BY = {"then": "if", "else": "then", "return": "for", "satisfies": "some"}


@dataclass(slots=True)
class Place:
    """What may stand at a place: the members of what is before a dot, or names, each with the entity whose field it is (or
    ""); `options` are those of the choice that it is compared with.
    """

    after_dot: bool = False
    names: dict[str, tuple[Type, str]] = field(default_factory=dict)
    options: tuple[str, ...] = ()


def probe(text: str, start: int, end: int, scope: Scope, entity: str = "") -> Place | None:
    """The place of `text[start:end]`; None where no value can stand (after a value, an operator comes)."""
    for completed in _completed(text, start, end):
        tree, _ = parse(completed, scope)
        if tree is not None:
            prober = _Prober(Located.plain(completed), scope, rows_of(scope, entity))
            prober.infer(tree)
            return prober.place
    return None


def rows_of(scope: Scope, entity: str) -> tuple[Bound | Row, ...]:
    """The frames of a condition about an entity's rows."""
    return (Row(RecordOf(entity), scope.members(entity) or {}, ("record", "item")),) if entity else ()


def _completed(text: str, start: int, end: int) -> Iterator[str]:
    """The text with the stand-in: with what follows it, and with what would close what is open."""
    before, after = text[:start] + HERE, text[end:]
    yield before + after
    yield before + " " + " ".join(_missing(raw_tokens(text[:start])))
    yield before + " else null"


def _missing(tokens: Iterable[Token]) -> list[str]:
    """What closes the brackets and words that are open after the tokens, the innermost first."""
    stack: list[str] = []
    for token in tokens:
        if token.text in CLOSING and token.kind == "symbol":
            stack.append(token.text)
        elif token.kind == "symbol" and token.text in (")", "]", "}"):
            while stack and stack[-1] not in CLOSING:
                stack.pop()
            if stack:
                stack.pop()
        elif token.kind == "name" and token.text in KEYWORDS:
            opened = FINISHED_BY.get(token.text, "between" if token.text == "and" else "")
            if stack and (stack[-1] == opened or (opened == "some" and stack[-1] == "every")):
                stack.pop()
            if token.text in UNFINISHED:
                stack.append(token.text)
    return [CLOSING.get(each) or UNFINISHED[each] for each in reversed(stack)]


class _Prober(Checker):
    """Checks the completed text, and notes what the checker knows when it comes to the stand-in."""

    place: Place | None = None

    def on_Name(self, node: ast.Name) -> tuple[ast.Node, Type]:
        if node.name == HERE and self.place is None:
            self.place = Place(names={name: (type_, entity) for name, type_, entity in self._visible()})
        return super().on_Name(node)

    def on_Path(self, node: ast.Path) -> tuple[ast.Node, Type]:
        if node.member.startswith(HERE):
            _, type_ = self.infer(node.base)
            item = type_.item if isinstance(type_, ListOf) else type_
            members = self.members(item) or {}
            self.place = Place(True, {name: (member, entity_of(item)) for name, member in members.items()})
        return super().on_Path(node)

    def compare(self, op: str, left: tuple[ast.Node, Type], right: tuple[ast.Node, Type], node: ast.Node) -> None:
        for one, other in ((left, right), (right, left)):
            self._note_options(one, other)
        super().compare(op, left, right, node)

    def options(self, choice: tuple[ast.Node, Type], other: tuple[ast.Node, Type]) -> None:
        self._note_options(choice, other)
        super().options(choice, other)

    def _note_options(self, choice: tuple[ast.Node, Type], other: tuple[ast.Node, Type]) -> None:
        type_ = typing.item_of(choice[1]) if isinstance(choice[1], ListOf) else choice[1]
        items = other[0].items if isinstance(other[0], ast.ListNode) else (other[0],)
        if self.place is not None and isinstance(type_, Choice) and any(_is_here(item) for item in items):
            self.place.options = type_.options

    def _visible(self) -> Iterator[tuple[str, Type, str]]:
        """Every name in sight, the outermost first, so that inner ones win."""
        record = entity_of(self.scope.names.get("record", ANY))
        fields = self.scope.members(record) or {} if record else {}
        yield from ((name, type_, record if name in fields else "") for name, type_ in self.scope.names.items())
        for frame in self.frames:
            if isinstance(frame, Bound):
                yield from ((name, type_, "") for name, type_ in frame.names.items())
            else:
                yield from ((name, type_, entity_of(frame.type)) for name, type_ in (frame.members or {}).items())
                yield from ((name, frame.type, "") for name in frame.names)


def entity_of(type_: Type) -> str:
    """The entity of a record's type; empty for any other."""
    return type_.entity if isinstance(type_, RecordOf) else ""


def _is_here(node: ast.Node) -> bool:
    return isinstance(node, ast.Name) and node.name == HERE
