"""Texts with `{expressions}` inside a script's expressions, rewritten to plain FEEL that knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dsl.problems import Problem
from dsl.script.lines import tokens
from dsl.source import Located

_COUNT = re.compile(r"\s*\d+\s*(?:,\s*\d*\s*)?")
MAX_DEPTH = 5
"""Texts within the expressions of texts."""


def interpolate(code: Located, problems: list[Problem], depth: int = 0) -> Located:
    """The expression with each text literal that holds `{x}` written as a call that joins its parts.

    `{{` becomes a brace. A null part is the empty text. Problems are appended to `problems`.
    """
    if "{" not in code.text or '"' not in code.text:
        return code
    built = _Rewritten(code)
    end = 0
    found = tokens(code.text)
    for i, token in enumerate(found):
        if token.kind != "string" or "{" not in token.text or _is_no_value([t.text for t in found], i):
            continue
        built.copy(end, token.start)
        _text(code, token.start, token.end, built, problems, depth)
        end = token.end
    if end == 0:
        return code
    built.copy(end, len(code.text))
    return built.located()


def _is_no_value(texts: Sequence[str], index: int) -> bool:
    """Whether a text literal is a context's key or the text of `@"…"`."""
    return (index > 0 and texts[index - 1] == "@") or (index + 1 < len(texts) and texts[index + 1] == ":")


def _text(code: Located, start: int, end: int, built: _Rewritten, problems: list[Problem], depth: int) -> None:
    """Write the text literal at `start` to `end` as FEEL."""
    text = code.text
    pieces: list[Callable[[], None]] = []
    literal = at = start + 1
    dynamic = False
    braces: list[tuple[int, int]] = []  # stretches of literal text; a doubled brace ends one and is cut by half

    def keep(until: int) -> None:
        if until > literal:
            braces.append((literal, until))

    def flush() -> None:
        stretches = tuple(braces)
        if stretches:
            pieces.append(lambda: built.quoted(stretches))
        braces.clear()

    while at < end - 1:
        if text[at] == "\\":
            at += 2
        elif text.startswith("{{", at):
            keep(at + 1)
            at += 2
            literal = at
        elif text[at] == "{":
            keep(at)
            flush()
            close = _closing(text, at, end - 1)
            if close is None:
                problems.append(
                    Problem("TW2105", "this '{' is never closed", code.part(at, at + 1), hint="write '{{' for a brace")
                )
                return
            inner = _unescaped(code, at + 1, close)
            if not inner.text.strip() or _COUNT.fullmatch(inner.text) or depth >= MAX_DEPTH:
                hint = "write '{{' for a brace"
                problems.append(
                    Problem(
                        "TW2107",
                        f"'{{{inner.text}}}' is no expression to put into a text",
                        code.part(at, close + 1),
                        hint=hint,
                    )
                )
                return
            inner = interpolate(inner, problems, depth + 1)
            pieces.append(lambda inner=inner: built.part(inner))  # type: ignore[misc]
            dynamic = True
            at = literal = close + 1
        else:
            at += 1
    keep(end - 1)
    flush()
    if dynamic:
        built.joined(pieces, start)
    else:
        pieces[0]()


def _closing(text: str, start: int, end: int) -> int | None:
    """The brace that closes the one at `start`; texts inside are written with `\\"`."""
    depth = 0
    quoted = False
    at = start
    while at < end:
        if text.startswith('\\"', at):
            quoted = not quoted
            at += 2
            continue
        if not quoted and text[at] in "{}":
            depth += 1 if text[at] == "{" else -1
            if depth == 0:
                return at
        at += 1
    return None


def _unescaped(code: Located, start: int, end: int) -> Located:
    """A part of a text literal with `\\"` and `\\\\` as the characters that they stand for."""
    built = _Rewritten(code)
    at = start
    while at < end:
        if code.text[at] == "\\" and code.text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        built.copy(at, at + 1)
        at += 1
    return built.located()


class _Rewritten:
    """A text put together from parts of another and from new characters, which stand where they were put in."""

    def __init__(self, code: Located) -> None:
        self.code = code
        self.chars: list[str] = []
        self.offsets: list[int] = []

    def copy(self, start: int, end: int) -> None:
        for i in range(start, end):
            self.chars.append(self.code.text[i])
            self.offsets.append(self.code.part(i, i + 1).start)

    def new(self, text: str, at: int) -> None:
        self.chars.append(text)
        self.offsets.extend([self.code.part(at, at + 1).start] * len(text))

    def quoted(self, stretches: Sequence[tuple[int, int]]) -> None:
        self.new('"', stretches[0][0])
        for start, end in stretches:
            self.copy(start, end)
        self.new('"', stretches[-1][1] - 1)

    def part(self, inner: Located) -> None:
        assert inner.offsets is not None
        self.chars.append(f"string({inner.text})")
        self.offsets.extend([inner.offsets[0]] * len("string("))
        self.offsets.extend(inner.offsets)
        self.offsets.append(inner.offsets[-1])

    def joined(self, pieces: Sequence[Callable[[], None]], at: int) -> None:
        self.new("string join([", at)
        for i, piece in enumerate(pieces):
            if i:
                self.new(", ", at)
            piece()
        self.new("])", at)

    def located(self) -> Located:
        return Located("".join(self.chars), self.code.span, tuple(self.offsets))
