"""Regular expressions by the rules of XPath and XQuery (Functions and Operators 3.1, chapter 5.6), run with a time
limit.

A pattern is checked and translated piece by piece, so that nothing of Python's own syntax (look-around, possessive
quantifiers, inline
flags) gets through, and run by the `regex` package, which knows character class subtraction, Unicode blocks and time
limits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]

from dsl.feel.limits import REGEX_SECONDS, LimitExceeded, check_text
from dsl.feel.trouble import Trouble

_SELF = frozenset("nrt\\|.?*+(){}-[]^$")
_CLASSES = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": r" \t\n\r",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}",
    "i": r"\p{L}_:",
    "c": r"\p{L}\p{M}\p{Nd}_:.\-\u00B7",
}
_NEGATED = {"S": "s", "I": "i", "C": "c"}
_CATEGORY = regex.compile("L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?|Is[A-Za-z0-9-]+")
_MAX_PATTERN = 10_000
_MAX_COUNT = 10_000


def find(text: str, pattern: str, flags: str) -> bool:
    """Whether some part of the text matches. Raises Trouble for a wrong pattern, LimitExceeded if it takes too long."""
    compiled = _compiled(pattern, flags)
    return _timed(lambda: compiled.search(text, timeout=REGEX_SECONDS)) is not None


def replace(text: str, pattern: str, replacement: str, flags: str) -> str:
    """The text with every match replaced; `$1` in the replacement is a group, `\\$` a dollar. Raises as `find` does."""
    compiled = _compiled(pattern, flags)
    if compiled.search("") is not None:
        raise Trouble("value", f"the pattern {pattern!r} matches the empty string")
    parts = [replacement] if "q" in flags else _replacement(replacement, compiled.groups)

    def fill(match: regex.Match[str]) -> str:
        return "".join(part if type(part) is str else (match[part] or "") for part in parts)

    result: str = _timed(lambda: compiled.sub(fill, text, timeout=REGEX_SECONDS))
    check_text(len(result))
    return result


def split(text: str, pattern: str) -> list[str]:
    """The parts of a text between the matches. Raises as `find` does."""
    compiled = _compiled(pattern, "")
    if compiled.search("") is not None:
        raise Trouble("value", f"the delimiter {pattern!r} matches the empty string")
    parts: list[str] = []
    start = 0
    for match in _timed(lambda: list(compiled.finditer(text, timeout=REGEX_SECONDS))):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def _timed(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except TimeoutError as error:
        raise LimitExceeded(f"a regular expression took longer than {REGEX_SECONDS} seconds") from error


def _replacement(text: str, groups: int) -> list[str | int]:
    parts: list[str | int] = []
    i = 0
    while i < len(text):
        char, following = text[i], text[i + 1 : i + 2]
        if char == "\\":
            if following not in ("\\", "$") or not following:
                raise Trouble("value", "in a replacement, '\\' stands only before '\\' and '$'")
            parts.append(following)
            i += 2
        elif char == "$":
            if not following.isascii() or not following.isdigit():
                raise Trouble("value", "in a replacement, '$' stands before a group's number; a dollar is '\\$'")
            number, i = int(following), i + 2
            while text[i : i + 1].isdigit() and text[i].isascii() and number * 10 + int(text[i]) <= groups:
                number, i = number * 10 + int(text[i]), i + 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(char)
            i += 1
    return parts


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> regex.Pattern[str]:
    if not set(flags) <= set("smixq"):
        raise Trouble("value", f"regular expression flags are s m i x q, not {flags!r}")
    if len(pattern) > _MAX_PATTERN:
        raise Trouble("value", f"the pattern is longer than {_MAX_PATTERN} characters")
    options = regex.VERSION1 | (regex.IGNORECASE if "i" in flags else 0)
    if "q" in flags:
        return regex.compile(regex.escape(pattern, special_only=False), options)
    try:
        return regex.compile(_Translator(pattern, flags).run(), options)
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise Trouble("value", f"the pattern {pattern!r} is wrong: {error}") from error


class _Translator:
    """One pass over a pattern; `at` is the next character."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = _without_spaces(pattern) if "x" in flags else pattern
        self.any = r"[\s\S]" if "s" in flags else r"[^\n\r]"
        self.start = r"(?:\A|(?<=\n)(?!\Z))" if "m" in flags else r"\A"
        self.end = r"(?=\n|\Z)" if "m" in flags else r"\Z"
        self.folds = "i" in flags
        self.at = 0
        self.open = 0
        self.groups = 0
        self.closed: set[int] = set()

    def wrong(self, what: str) -> Trouble:
        return Trouble("value", f"the pattern {self.text!r} is wrong: {what}")

    def run(self) -> str:
        out: list[str] = []
        stack: list[int] = []
        quantifiable = False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "*+?{":
                if not quantifiable:
                    raise self.wrong(f"nothing to repeat before '{char}'")
                out.append(self.quantifier())
                quantifiable = False
                continue
            self.at += 1
            quantifiable = char not in "(|^"
            if char == "\\":
                out.append(self.escape())
            elif char == "[":
                out.append(self.char_class())
            elif char == "(":
                capturing = not self.text.startswith("?", self.at)
                if not capturing and not self.text.startswith("?:", self.at):
                    raise self.wrong("a group begins with '(' or '(?:'")
                self.groups += capturing
                stack.append(self.groups if capturing else 0)
                self.at += 0 if capturing else 2
                out.append("(" if capturing else "(?:")
            elif char == ")":
                if not stack:
                    raise self.wrong("')' without '('")
                self.closed.add(stack.pop())
                out.append(")")
            elif char in "]}":
                raise self.wrong(f"'{char}' must be written '\\{char}'")
            else:
                out.append({".": self.any, "^": self.start, "$": self.end, "|": "|"}.get(char) or regex.escape(char))
        if stack:
            raise self.wrong("'(' without ')'")
        return "".join(out)

    def quantifier(self) -> str:
        match = regex.compile(r"[*+?]|\{[0-9]{1,6}(,[0-9]{0,6})?\}").match(self.text, self.at)
        if match is None:
            raise self.wrong("'{' begins a count such as {2,3}")
        if any(int(count) > _MAX_COUNT for count in match[0].strip("{}*+?").split(",") if count):
            raise self.wrong(f"something is repeated at most {_MAX_COUNT} times")
        self.at = match.end()
        lazy = self.text.startswith("?", self.at)
        self.at += lazy
        return str(match[0]) + "?" * lazy

    def escape(self) -> str:
        char = self.text[self.at : self.at + 1]
        if char.isascii() and char.isdigit() and char != "0":
            number, self.at = int(char), self.at + 1
            while self.text[self.at : self.at + 1].isdigit() and number * 10 + int(self.text[self.at]) <= self.groups:
                number, self.at = number * 10 + int(self.text[self.at]), self.at + 1
            if number not in self.closed:
                raise self.wrong(f"there is no group {number} before it is referred to")
            return f"(?:\\{number})"
        inner = self.class_escape()
        if char in _SELF:
            return inner
        if char in ("p", "P"):
            return self.exact(inner)
        return f"[^{inner[2:-1]}]" if inner.startswith("[^") else f"[{inner}]"

    def exact(self, category: str) -> str:
        """A category as an atom: `\\p{Lu}` is the upper-case letters under the flag i too (5.6.2)."""
        return f"(?-i:{category})" if self.folds else f"[{category}]"

    def class_escape(self) -> str:
        """What `\\d`, `\\p{L}`, `\\.` … stand for inside a character class."""
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char and char in _SELF:
            return f"\\{char}"
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _NEGATED:
            return f"[^{_CLASSES[_NEGATED[char]]}]"
        if char in ("p", "P"):
            match = regex.compile(r"\{([A-Za-z0-9_-]+)\}").match(self.text, self.at)
            if match is None:
                raise self.wrong("'\\p' needs a category such as \\p{L}")
            self.at = match.end()
            name = match[1]
            if not _CATEGORY.fullmatch(name):
                raise self.wrong(f"there is no category {name}")
            return f"\\{char}{{Block={name[2:]}}}" if name.startswith("Is") else f"\\{char}{{{name}}}"
        raise self.wrong(f"'\\{char}' has no meaning")

    def char_class(self) -> str:
        """One character class as an atom. Under the flag i its categories stand beside the rest of it, since they alone mind the case."""
        self.open += 1
        if self.open > 20:
            raise self.wrong("character classes are nested too deeply")
        negated = self.text.startswith("^", self.at)
        self.at += negated
        out: list[str] = []
        categories: list[str] = []
        while True:
            char = self.text[self.at : self.at + 1]
            self.at += 1
            if not char:
                raise self.wrong("'[' without ']'")
            if char == "]" and (out or categories):
                self.open -= 1
                return self.one_of(out, categories, negated)
            if char == "-" and (out or categories) and self.text.startswith("[", self.at):
                self.at += 1
                without = f"(?!{self.char_class()})"
                if not self.text.startswith("]", self.at):
                    raise self.wrong("a subtracted class stands last")
                self.at += 1
                self.open -= 1
                return f"(?:{without}{self.one_of(out, categories, negated)})"
            if char in "[]":
                raise self.wrong(f"'{char}' must be written '\\{char}' inside a class")
            if char == "\\":
                if out and out[-1] == "-" and self.text[self.at : self.at + 1] not in _SELF:
                    raise self.wrong("a range ends with a character")
                category = self.folds and self.text[self.at : self.at + 1] in ("p", "P")
                (categories if category else out).append(self.class_escape())
            elif char == "-" and not self.is_range(out):
                out.append("\\-")
            else:
                out.append("-" if char == "-" else regex.escape(char))

    def one_of(self, chars: list[str], categories: list[str], negated: bool) -> str:
        if not categories:
            return f"[{'^' * negated}{''.join(chars)}]"
        atoms = "|".join([*map(self.exact, categories), *([f"[{''.join(chars)}]"] if chars else [])])
        return rf"(?:(?!{atoms})[\s\S])" if negated else f"(?:{atoms})"

    def is_range(self, out: list[str]) -> bool:
        return bool(out) and out[-1] != "-" and self.text[self.at : self.at + 1] not in ("]", "")


def _without_spaces(pattern: str) -> str:
    """The pattern without white space outside character classes (flag x)."""
    out: list[str] = []
    depth, escaped = 0, False
    for char in pattern:
        if char in " \t\n\r" and depth == 0:
            continue
        out.append(char)
        if not escaped:
            depth += (char == "[") - (char == "]")
        escaped = char == "\\" and not escaped
    return "".join(out)
