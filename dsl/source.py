"""Where a piece of text stands in a file, so that every problem can point at it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_LINE_END = re.compile("\n")


@dataclass(frozen=True, slots=True)
class Source:
    """One text to report on: a file of a workspace, or an expression typed at a prompt (`path` is then `<expression>`)."""

    path: str
    text: str = field(repr=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [match.end() for match in _LINE_END.finditer(self.text)]
        object.__setattr__(self, "_starts", (0, *starts))

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]


@dataclass(frozen=True, slots=True)
class Located:
    """A text whose characters come from a file, possibly through YAML's quoting, folding or indentation.

    `offsets[i]` is the file offset of `text[i]`; without it the text stands in the file as it is, from `span.start` on.
    """

    text: str
    span: Span
    offsets: tuple[int, ...] | None = field(default=None, repr=False)

    @classmethod
    def plain(cls, text: str, path: str = "<expression>") -> Located:
        """A text that is its own source."""
        return cls(text, Span(Source(path, text), 0, len(text)))

    def part(self, start: int, end: int) -> Span:
        """The span in the file of characters `start` to `end` of the text."""
        if self.offsets is None:
            return Span(self.span.source, self.span.start + start, self.span.start + end)
        if not self.offsets:
            return self.span
        last = len(self.offsets) - 1
        first = self.offsets[min(start, last)]
        until = self.offsets[min(max(end - 1, start), last)] + 1
        return Span(self.span.source, first, max(until, first + 1))

    def slice(self, start: int, end: int | None = None) -> Located:
        """A part of the text that still knows where it stands."""
        stop = len(self.text) if end is None else end
        offsets = self.offsets[start:stop] if self.offsets is not None else None
        return Located(self.text[start:stop], self.part(start, stop), offsets)
