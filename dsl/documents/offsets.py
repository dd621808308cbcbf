"""Where each character of a YAML scalar stands in its file, through quotes, escapes, folding and indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from dsl.source import Located, Source, Span

WHITE = " \t\r\n\x85\u2028\u2029"
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(\r\n|.|\n))", re.DOTALL)
NAMED_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
                 "e": "\x1b", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}  # fmt: skip

Unit = tuple[str, int]  # a character and the offset in the file where it is written


def located(source: Source, start: int, end: int, style: str, value: str) -> Located:
    """The scalar `value` that stands at `start` to `end` of the source in a style, with each character's offset."""
    inner_start, inner_end = (start + 1, end - 1) if style in ("'", '"') else (start, end)
    if source.text[inner_start:inner_end] == value:
        return Located(value, Span(source, inner_start, inner_end))
    if style == "'":
        units = single_quoted(source.text, inner_start, inner_end)
    elif style == '"':
        units = double_quoted(source.text, inner_start, inner_end)
    elif style in ("|", ">"):
        body = source.text.find("\n", start) + 1
        units = ((source.text[i], i) for i in range(body, end))
    else:
        units = ((source.text[i], i) for i in range(start, end))
    return Located(value, Span(source, start, end), align(value, list(units), start))


def single_quoted(text: str, start: int, end: int) -> Iterator[Unit]:
    i = start
    while i < end:
        yield text[i], i
        i += 2 if text.startswith("''", i) else 1


def double_quoted(text: str, start: int, end: int) -> Iterator[Unit]:
    i = start
    while i < end:
        escape = ESCAPE.match(text, i) if text[i] == "\\" else None
        if escape is None:
            yield text[i], i
            i += 1
            continue
        code = escape[1] or escape[2] or escape[3]
        if code:
            yield chr(int(code, 16)), i
        elif escape[4] not in ("\n", "\r\n"):  # an escaped line end stands for nothing
            yield NAMED_ESCAPES.get(escape[4], escape[4]), i
        i = escape.end()


def align(value: str, units: list[Unit], otherwise: int) -> tuple[int, ...]:
    """The offset of each character of `value`.

    Folding, indentation and chomping change only white space, so the other characters are the same in both, in the same
    order; runs of white space are matched to each other as a whole.
    """
    runs = [list(run) for _, run in groupby(units, key=lambda unit: unit[0] in WHITE)]
    found: list[int] = []
    at = 0
    last = otherwise
    for white, group in groupby(value, key=lambda char: char in WHITE):
        length = len(list(group))
        while at < len(runs) and (runs[at][0][0] in WHITE) != white:
            at += 1
        run = runs[at] if at < len(runs) else [(" ", last)]
        at += 1
        found.extend(run[min(i, len(run) - 1)][1] for i in range(length))
        last = found[-1]
    return tuple(found)
