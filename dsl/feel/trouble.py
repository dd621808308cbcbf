"""Why a null came about: warnings that an evaluation collects, and the exception by which a built-in function reports
one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Warning:
    """One reason for a null. `start` and `end` are offsets in the expression's text, end exclusive.

    Kinds: `type` (operands or arguments of the wrong type), `value` (right type, impossible value), `name` (no
    such function, parameter or
    member), `null` (a null where a value is needed).
    """

    kind: str
    message: str
    start: int
    end: int


Warnings = list[Warning] | None
"""Where an evaluation reports; None when nobody wants to know."""


class Trouble(Exception):
    """A function cannot give a value; its caller turns this into null and a warning."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def warn(warnings: Warnings, kind: str, message: str, start: int, end: int) -> Any:
    """Note a reason for a null, if somebody listens. Returns FEEL's null, so that callers can return it."""
    if warnings is not None and len(warnings) < 100:
        warnings.append(Warning(kind, message, start, end))
    return None
