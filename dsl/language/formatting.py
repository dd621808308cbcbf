"""One way to write an expression: spaces around operators, none inside brackets; what it means stays the same."""

from __future__ import annotations

import re

from dsl.feel import ast
from dsl.feel.lexer import KEYWORDS, Token, tokens_from
from dsl.feel.surface import names_of, parse
from dsl.feel.types import Scope

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
OPERATORS = frozenset({"+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "->"})
OPENING, TIGHT = frozenset({"(", "[", "{"}), frozenset({")", "]", "}", ",", ":"})


def formatted(text: str, scope: Scope) -> str:
    """The text in canonical form, its lines and comments kept; as it is if it is no expression.

    Idempotent, and the tree is the same before and after.
    """
    before, _ = parse(text, scope)
    if before is None:
        return text
    result = _written(text, scope)
    after, _ = parse(result, scope)
    return result if after is not None and _plain(after) == _plain(before) else text


def _plain(node: object) -> object:
    """A tree without its offsets."""
    if isinstance(node, ast.Node):
        return type(node), tuple(_plain(part) for part in ast.parts(node))
    return tuple(_plain(each) for each in node) if isinstance(node, tuple) else node


def _written(text: str, scope: Scope) -> str:
    tokens = _units(text, scope)
    parts: list[str] = []
    at, previous = 0, None
    for index, token in enumerate(tokens):
        gap = text[at : token.start]
        comments = COMMENT.findall(gap)
        if comments:
            parts.append(_commented(gap, comments, first=previous is None))
        elif "\n" in gap and previous is not None:
            parts.append("\n" + gap.rpartition("\n")[2])
        elif previous is not None and _spaced(tokens, index):
            parts.append(" ")
        parts.append(token.text)
        at, previous = token.end, token
    rest = COMMENT.findall(text[at:])
    return "".join(parts) + (" " + " ".join(rest) if rest else "")


def _commented(gap: str, comments: list[str], *, first: bool) -> str:
    """Comments between two tokens: on their lines, one space around those within a line."""
    shown = " ".join(comments) if not any(each.startswith("//") for each in comments) else "\n".join(comments)
    ends = "\n" if comments[-1].startswith("//") or "\n" in gap.rpartition(comments[-1])[2] else " "
    begins = "" if first else "\n" if "\n" in gap.partition(comments[0])[0] else " "
    return begins + shown + ends + (gap.rpartition("\n")[2] if ends == "\n" else "").replace(comments[-1], "")


def _units(text: str, scope: Scope) -> list[Token]:
    """The tokens, names of several of them joined as the parser reads them."""
    tokens = list(tokens_from(text))
    names = names_of(scope).by_first
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        token, length = tokens[index], 1
        for parts in names.get(token.text, ()) if token.kind == "name" else ():
            if [each.text for each in tokens[index : index + len(parts)]] == list(parts):
                length = len(parts)
                break
        last = tokens[index + length - 1]
        written = " ".join(text[token.start : last.end].split()) if length > 1 else token.text
        found.append(Token(token.kind, written, token.start, last.end))
        index += length
    return found


def _spaced(tokens: list[Token], index: int) -> bool:
    """Whether a space belongs before a token."""
    left, right = tokens[index - 1], tokens[index]
    if left.text in OPENING or right.text in TIGHT or "." in (left.text, right.text) or ".." in (left.text, right.text):
        return False
    if left.text == "@" or _is_sign(tokens, index - 1):
        return False
    if right.text in OPENING and right.text != "{":
        return not _is_operand(left)
    return True


def _is_sign(tokens: list[Token], index: int) -> bool:
    """Whether `-` or a comparison stands for itself, before its only operand."""
    token = tokens[index]
    if token.kind != "symbol" or token.text != "-":
        return False
    return index == 0 or not _is_operand(tokens[index - 1])


def _is_operand(token: Token) -> bool:
    if token.kind == "name":
        return token.text not in KEYWORDS or token.text in ("true", "false", "null", "function")
    return token.kind in ("number", "string") or token.text in (")", "]", "}")
