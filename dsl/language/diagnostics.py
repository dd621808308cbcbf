"""What is wrong with a text, by offsets in it."""

from __future__ import annotations

from dataclasses import dataclass

from dsl import feel
from dsl.feel.types import Scope, Type


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem from `start` to `end` (exclusive): its code, a sentence, and what to do if that is known."""

    start: int
    end: int
    severity: str
    code: str
    message: str
    hint: str = ""


def diagnostics(text: str, scope: Scope, expected: Type | None = None, *, entity: str = "") -> list[Diagnostic]:
    """The problems of an expression, in order; `expected` is the type that its place needs.

    With `entity`, it is a condition about rows of the entity (a filter).
    """
    checked = feel.check_condition(text, scope, entity) if entity else feel.check(text, scope, expected=expected)
    return [
        Diagnostic(problem.at.start, problem.at.end, problem.severity, problem.code, problem.message, problem.hint)
        for problem in checked.problems
    ]
