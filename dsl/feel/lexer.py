"""FEEL's tokens (DMN 1.5, 10.3.1.2): one regular expression, and names of several words by longest match over the names in scope."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

_START = r"[^\W\d]|[?\U00010000-\U000EFFFF]"
_TOKEN = re.compile(
    rf"""
    (?:\s|\u200b|\ufeff|//[^\n]*|/\*.*?\*/)*+
    (?:
      (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    | (?P<string>"(?:[^"\\\n\r]|\\.|[\n\r])*")
    | (?P<name>(?:{_START})(?:{_START}|\d|\u00b7|[\u0300-\u036f\u203f-\u2040])*)
    | (?P<quoted>`[^`\n]*`)
    | (?P<unclosed>/\*.*)
    | (?P<symbol>\*\*|\.\.|!=|<=|>=|->|[-+*/=<>()\[\]{{}},:.@])
    | (?P<end>\Z)
    | (?P<wrong>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
KEYWORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "instance",
     "function", "true", "false", "null"}
)  # fmt: skip
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """`kind` is number, string, name, symbol, end or wrong; a keyword is a name. `text` of a string has its quotes."""

    kind: str
    text: str
    start: int
    end: int


_new = tuple.__new__  # what Token() calls, for a third of its time
_KINDS = {group: {"quoted": "name", "unclosed": "wrong"}.get(kind, kind) for kind, group in _TOKEN.groupindex.items()}


class Names:
    """Names of several tokens (`first name`, `a-b`, `string length`), found by their first token, longest first."""

    __slots__ = ("by_first",)

    def __init__(self, names: Iterable[str] = (), base: Names | None = None) -> None:
        self.by_first: dict[str, tuple[tuple[str, ...], ...]] = dict(base.by_first) if base is not None else {}
        for name in names:
            parts = _parts(name)
            if len(parts) > 1:
                known = {*self.by_first.get(parts[0], ()), parts}
                self.by_first[parts[0]] = tuple(sorted(known, key=len, reverse=True))

    def plus(self, name: str) -> Names:
        """These names and one more; the same object where the name is a single token."""
        return Names((name,), self) if len(_parts(name)) > 1 else self


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in raw_tokens(name)[:-1])


def raw_tokens(text: str) -> list[Token]:
    """All tokens without space and comments, an `end` token last."""
    found = [_token(match, match.lastindex) for match in _TOKEN.finditer(text)]
    if len(found) > 1 and found[-2].kind == "end":
        found.pop()  # space before the end belongs to one match, and the end alone is another
    return found


def tokens_from(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens from an offset on, one after the other."""
    for match in _TOKEN.finditer(text, start):
        token = _token(match, match.lastindex)
        if token.kind == "end":
            return
        yield token


def _token(match: re.Match[str], group: Any) -> Token:
    return _new(Token, (_KINDS[group], match[group], match.start(group), match.end()))


def unescaped(text: str) -> str:
    """The value of a string literal given without its quotes; surrogate pairs become one character."""
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            point = int(code, 16)
            return chr(point) if point <= 0x10FFFF else match[0]
        return _SIMPLE.get(match[3], match[0])

    plain = _ESCAPE.sub(replace, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
