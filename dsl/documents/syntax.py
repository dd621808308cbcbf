"""Says in a reader's words what YAML's parser stumbled over."""

from __future__ import annotations

import re

import yaml

from dsl.problems import Problem
from dsl.source import Source, Span

QUOTE = "quote the value if it holds one of these as part of a text or an expression"

# What libyaml (and PyYAML's own parser) says -> what we say, and what to do.
MESSAGES = (
    (r"tab character|'\\t'", "a tab stands where YAML wants spaces", "indent with spaces"),
    (
        r"mapping values are not allowed",
        "a second ':' in one value, or a line that is indented too far",
        "quote a value that holds ': ', and put keys of one map into one column",
    ),
    (r"cannot start any token", "a value cannot begin with {char}", "quote the value"),
    (r"expected ',' or '\]'", "the list that begins in line {line} is not closed here: a ',' or ']' is missing", QUOTE),
    (r"expected ',' or '}'", "the map that begins in line {line} is not closed here: a ',' or '}}' is missing", QUOTE),
    (r"unexpected end of stream|found unexpected end", "the quote that opens here is never closed", "close the quote"),
    (
        r"unknown escape",
        "there is no such escape in a double-quoted text",
        "write \\\\ for a backslash, or use single quotes",
    ),
    (
        r"did not find expected '-'|expected <block end>, but found '\?'",
        "a list is followed by something that is not an item of it",
        "put all items of a list into one column, each with '- '",
    ),
    (
        r"expected key|expected <block end>",
        "the value before is complete, so this cannot follow it",
        "quote the whole value, or check the indentation: keys of one map stand in one column",
    ),
    (r"could not find expected ':'", "a key without ':'", "write `key: value`, with a space after the colon"),
    (
        r"expected comment or line break",
        "nothing may follow '|' or '>' on its line",
        "put the text on the lines below, indented",
    ),
    (r"expected <document start>", "something stands after the end of the document", "a file holds one document"),
    (r"duplicate %|%YAML|%TAG|directive", "a directive that is not understood", "remove it"),
)


def explain(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    """The problem of a syntax error, at the place where the reader has to look."""
    text = error.problem or ""
    mark = error.problem_mark or error.context_mark
    start = min(mark.index, len(source.text)) if mark else 0
    if error.context_mark is not None and ("unexpected end" in text or "expected ':'" in text):
        start = error.context_mark.index
    elif start >= len(source.text.rstrip()) and source.text.strip():
        start = len(source.text.rstrip()) - 1
    char = source.text[start : start + 1]
    at = Span(source, start, start + 1)
    if "maximum nesting depth" in text:
        return too_deep(at)
    opened = source.position(error.context_mark.index)[0] if error.context_mark else source.position(start)[0]
    if char == "\t":
        return Problem("TW1002", MESSAGES[0][1], at, hint=MESSAGES[0][2])
    for pattern, message, hint in MESSAGES:
        if re.search(pattern, text):
            return Problem("TW1002", message.format(char=f"'{char}'", line=opened), at, hint=hint)
    return Problem("TW1002", f"this is not YAML: {text}", at)


def too_deep(at: Span) -> Problem:
    """Nesting that no document needs, whether the reader meets it or, as it scans ahead, libyaml."""
    return Problem("TW1008", "lists and maps are nested too deeply here", at, hint="no document needs more than a few levels")
