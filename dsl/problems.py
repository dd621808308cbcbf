"""Problems: what is wrong, where, and what to do about it, with stable codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from dsl.source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of a check. `message` is a whole sentence without full stop; `hint` says what to do, if that is known."""

    code: str
    message: str
    at: Span
    severity: Severity = "error"
    hint: str = ""

    @property
    def place(self) -> str:
        return f"{self.at.source.path}:{self.at.line}:{self.at.column}"


class InvalidText(Exception):
    """A text that was to be used at once (not merely checked) has problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{p.place}: {p.severity} {p.code}: {p.message}" for p in self.problems))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or nothing where none is near enough."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by file and position, each one once."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.at.source.path, p.at.start, p.code, p.message))


def render(problem: Problem) -> str:
    """The problem as a person reads it: `file:line:column: severity CODE: message`, the line, a caret and the hint."""
    head = f"{problem.place}: {problem.severity} {problem.code}: {problem.message}"
    number = problem.at.line
    text = problem.at.source.line(number)
    if not text.strip():
        return f"{head}\n   {problem.hint}" if problem.hint else head
    margin = f"{number:5d} | "
    text, before = clipped(text, problem.at.column - 1)
    until = min(len(text), before + max(1, problem.at.end - problem.at.start))
    lead = "".join("\t" if char == "\t" else " " for char in text[:before])
    carets = "^" * max(1, until - before)
    pointer = " " * (len(margin) - 2) + "| " + lead + carets
    return f"{head}\n{margin}{text}\n{pointer}{' ' + problem.hint if problem.hint else ''}"


WIDEST = 200
"""A line of more characters is shown around the problem only; files that programs write may be a single line."""


def clipped(line: str, before: int) -> tuple[str, int]:
    """A line as it is shown, and how many of its characters there stand before the problem."""
    if len(line) <= WIDEST:
        return line, before
    start = max(0, min(before - WIDEST // 3, len(line) - WIDEST))
    left, right = "…" if start else "", "…" if start + WIDEST < len(line) else ""
    return f"{left}{line[start : start + WIDEST]}{right}", before - start + len(left)
