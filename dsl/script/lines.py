"""The lines of a script: raw tokens, joined over continued lines, and the FEEL expressions cut out of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dsl.problems import Problem
from dsl.source import Located

_TOKEN = re.compile(
    r"""
      (?P<space>[^\S\n]+)
    | (?P<newline>\n)
    | (?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<string>"(?:\\[^\n]|[^"\\\n])*"?)
    | (?P<quoted>`[^`\n]*`?)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[\[({])
    | (?P<close>[\])}])
    | (?P<symbol>\*\*|\.\.|!=|<=|>=|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = frozenset({"+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "..", ","})
_GOES_ON = frozenset(
    {"with", "and", "or", "in", "between", "then", "else", "return", "satisfies", "where", "using", "set"}
)
_ENDS_RANGE = frozenset({"then", "else", "and", "or", "return", "satisfies", "with", "where", "set", "using"})
_GENERIC = frozenset({"list", "range", "context", "function"})
PHRASES = frozenset({"starts with", "ends with", "users with role"})
"""Names of functions that hold a word which ends an expression elsewhere."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One raw token. `level` counts the brackets around it; a bracket has the level of what stands outside it."""

    kind: str
    text: str
    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Lines:
    """A script's lines. `text` is the script's with its comments blanked, so that expressions may be cut out of it."""

    text: Located
    lines: tuple[tuple[Raw, ...], ...]
    problems: tuple[Problem, ...]


def tokens(text: str) -> list[Raw]:
    """The raw tokens of an expression, without space and comments and regardless of brackets."""
    ignored = ("space", "newline", "comment")
    found = [(match.lastgroup or "symbol", match) for match in _TOKEN.finditer(text)]
    return [Raw(kind, match.group(), match.start(), match.end(), 0) for kind, match in found if kind not in ignored]


def split(script: Located) -> Lines:
    """Tokenize and join the lines of a script: one goes on after a comma, an operator, `with`, and inside brackets."""
    scanner = _Scanner(script)
    scanner.run()
    return Lines(
        Located("".join(scanner.blanked), script.span, script.offsets), tuple(scanner.lines), tuple(scanner.problems)
    )


class _Scanner:
    def __init__(self, script: Located) -> None:
        self.script = script
        self.blanked = list(script.text)
        self.lines: list[tuple[Raw, ...]] = []
        self.line: list[Raw] = []
        self.open: list[Raw] = []
        self.ranges: set[int] = set()  # levels of open brackets in which `..` was seen
        self.problems: list[Problem] = []

    def run(self) -> None:
        text = self.script.text
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "symbol"
            if kind == "newline":
                self.end_line()
            elif kind == "comment":
                for i in range(match.start(), match.end()):
                    if text[i] != "\n":
                        self.blanked[i] = " "
            elif kind != "space":
                self.add(kind, match.group(), match.start(), match.end())
        if self.open:
            bracket = self.open[0]
            at = self.script.part(bracket.start, bracket.end)
            self.problems.append(Problem("TW2105", f"this '{bracket.text}' is never closed", at))
        self.finish_line()

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        if kind in ("string", "quoted") and (len(text) == 1 or text[-1] != text[0] or _escaped_end(text)):
            what = "text" if kind == "string" else "name"
            self.problems.append(
                Problem("TW2105", f"this {what} in quotes is never closed", self.script.part(start, end))
            )
        if kind == "close" and text == "]" and self.opens_range():
            kind = "open"
        elif kind == "open" and text == "[" and self.closes_range(end):
            kind = "close"
        if kind == "close" and self.open:
            self.ranges.discard(len(self.open))
            self.open.pop()
        token = Raw(kind, text, start, end, len(self.open))
        self.line.append(token)
        if kind == "open":
            self.open.append(token)
        elif text == ".." and self.open:
            self.ranges.add(len(self.open))

    def opens_range(self) -> bool:
        """Whether a `]` stands where a value begins, as in `x in ]1..5]`."""
        if not self.line:
            return False
        last = self.line[-1]
        return last.kind == "open" or last.text in _OPERATORS or last.text in _GOES_ON

    def closes_range(self, end: int) -> bool:
        """Whether a `[` ends a range, as in `[1..5[`: nothing follows that an index could be."""
        if len(self.open) not in self.ranges or not self.open:
            return False
        match = _TOKEN.match(self.script.text, end)
        while match is not None and match.lastgroup in ("space", "comment"):
            match = _TOKEN.match(self.script.text, match.end())
        if match is None or match.lastgroup in ("newline", "close"):
            return True
        return match.group() in _ENDS_RANGE or (match.group() in _OPERATORS and match.group() != "-")

    def end_line(self) -> None:
        if not self.open and not self.goes_on():
            self.finish_line()

    def goes_on(self) -> bool:
        if not self.line:
            return False
        last = self.line[-1]
        if last.text == ">" and _ends_type(self.line):
            return False
        if last.kind == "symbol":
            return last.text in _OPERATORS
        if last.kind != "word" or last.text not in _GOES_ON:
            return False
        if len(self.line) == 1:
            return last.text != "else"
        return self.line[-2].text != "."

    def finish_line(self) -> None:
        if self.line:
            self.lines.append(tuple(self.line))
        self.line = []


def _escaped_end(text: str) -> bool:
    """Whether the last quote of a text is escaped, so that the text is not closed."""
    body = text[:-1]
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _ends_type(line: Sequence[Raw]) -> bool:
    """Whether the line ends with a type's `>`: `x instance of list<number>`."""
    for i in range(len(line) - 1, 1, -1):
        if line[i].text == "of" and line[i - 1].text == "instance":
            return any(token.text in _GENERIC for token in line[i:])
    return False


def phrases(names: Iterable[str]) -> frozenset[str]:
    """The names that hold a word which might end an expression, besides the language's own."""
    return PHRASES | {name for name in names if " " in name and not _GOES_ON.isdisjoint(name.split())}


def cut(line: Sequence[Raw], start: int, stops: Collection[str], names: Collection[str]) -> int:
    """The index after the expression that begins at token `start`.

    `stops` are the words, or a comma, that may follow it; those inside brackets, of a nested `if … else`, of the list
    of a `for` or `some`, or of one of the `names` belong to the expression.
    """
    ifs = loops = 0
    for i in range(start, len(line)):
        token = line[i]
        if token.level > line[start].level or (i > start and line[i - 1].text == "."):
            continue
        text = token.text
        if text == "," and "," in stops and not loops:
            return i
        if token.kind != "word":
            continue
        if text == "else" and ifs:
            ifs -= 1
        elif text in stops and not _inside_name(line, i, names):
            return i
        elif text == "if":
            ifs += 1
        elif text in ("for", "some", "every"):
            loops += 1
        elif text in ("return", "satisfies") and loops:
            loops -= 1
    return len(line)


def _inside_name(line: Sequence[Raw], index: int, names: Collection[str]) -> bool:
    for name in names:
        words = name.split()
        for at, word in enumerate(words):
            first = index - at
            if word == line[index].text and first >= 0 and words == [t.text for t in line[first : first + len(words)]]:
                return True
    return False
