"""Texts with `{expressions}` in them: messages of rules, templates, questions."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.feel import ast
from dsl.feel.compiler import Expression, build
from dsl.feel.lexer import tokens_from
from dsl.feel.paths import paths
from dsl.feel.surface import Checked, check, located
from dsl.feel.types import STRING, Scope
from dsl.problems import Problem
from dsl.source import Located


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of plain text, or of an expression, by offsets in the template."""

    start: int
    end: int
    text: str = ""
    expression: bool = False


def template(text: str | Located, scope: Scope) -> Checked:
    """Check a text with `{expressions}`; `{{` is a brace. Its expression yields the text, nulls as nothing."""
    source = located(text)
    problems: list[Problem] = []
    nodes: list[ast.Node] = []
    for piece in pieces(source, problems):
        if not piece.expression:
            nodes.append(ast.Literal(piece.start, piece.end, piece.text))
            continue
        checked = check(ahead(source, piece), scope)
        problems.extend(checked.problems)
        if checked.ast is not None:
            name = ast.Name(piece.start, piece.end, "string")
            nodes.append(ast.Call(piece.start, piece.end, name, (checked.ast,)))
    if any(problem.severity == "error" for problem in problems):
        return Checked(tuple(problems), STRING, None)
    end = len(source.text)
    node = ast.Call(0, end, ast.Name(0, end, "string join"), (ast.ListNode(0, end, tuple(nodes)),))
    expression: Expression = build(node, source.text, STRING, paths(node), business=True)
    return Checked(tuple(problems), STRING, expression, node)


def parts(text: str | Located, scope: Scope) -> tuple[tuple[str | Checked, ...], tuple[Problem, ...]]:
    """The same text in its parts, plain ones and expressions in turn, for those that treat the two differently."""
    source = located(text)
    problems: list[Problem] = []
    found = tuple(check(ahead(source, piece), scope) if piece.expression else piece.text for piece in pieces(source, problems))
    return found, tuple(problems)


def ahead(source: Located, piece: Piece) -> Located:
    """A piece's text with blanks in place of what stands before it, so that offsets in it are those in the template."""
    before = source.slice(0, piece.end)
    return Located(" " * piece.start + source.text[piece.start : piece.end], before.span, before.offsets)


def pieces(source: Located, problems: list[Problem]) -> list[Piece]:
    """The template cut at its braces; an open brace that is never closed is a problem."""
    text, found = source.text, []
    at, plain, start = 0, "", 0
    while at < len(text):
        if text.startswith("{{", at):
            plain, at = plain + text[at], at + 2
        elif text[at] == "{":
            close = closing(text, at)
            if close is None:
                hint = "write '{{' for a brace"
                problems.append(Problem("TW2001", "this '{' is never closed", source.part(at, at + 1), hint=hint))
                return []
            found += [Piece(start, at, plain), Piece(at + 1, close, expression=True)]
            at = start = close + 1
            plain = ""
        else:
            plain, at = plain + text[at], at + 1
    return [*found, Piece(start, len(text), plain)]


def closing(text: str, opening: int) -> int | None:
    """The brace that closes the one at `opening`; braces within the expression's own texts and comments do not count."""
    depth = 0
    for token in tokens_from(text, opening):
        if token.kind == "symbol" and token.text in ("{", "}"):
            depth += 1 if token.text == "{" else -1
            if depth == 0:
                return token.start
    return None
