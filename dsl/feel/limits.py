"""The bounds of one evaluation: what an expression may not exceed, however it is written."""

from __future__ import annotations

MAX_STEPS = 2_000_000
"""Loop rounds in one evaluation, nested loops multiplied out."""
MAX_LIST = 1_000_000
"""Items in one list."""
MAX_TEXT = 1_000_000
"""Characters in one string."""
MAX_EXPONENT = 6144
"""Powers of ten that a number may reach (IEEE 754 decimal128)."""
MAX_CALLS = 120
"""FEEL functions that may be active at once."""
REGEX_SECONDS = 0.4
"""Time that one regular expression may take."""
EVALUATION_SECONDS = 5.0
"""Time that an evaluation with loops or functions may take, however few its steps."""


class LimitExceeded(Exception):
    """An evaluation was stopped because it asked for more than the engine grants; the text says which limit and
    how to stay below it."""


def check_list(length: int) -> None:
    if length > MAX_LIST:
        raise LimitExceeded(f"a list of {length} items is longer than the {MAX_LIST} that an expression may build")


def check_text(length: int) -> None:
    if length > MAX_TEXT:
        raise LimitExceeded(f"a text of {length} characters is longer than the {MAX_TEXT} that an expression may build")


def check_steps(steps: int) -> None:
    if steps > MAX_STEPS:
        raise LimitExceeded(f"the expression needs {steps} loop rounds, more than the {MAX_STEPS} of one evaluation")


class Walk:
    """A way through nested lists and contexts: counts their parts, since a small text can nest one list in itself many times over."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS // 2

    def into(self, length: int) -> None:
        """Enter a list or context. Raises LimitExceeded when there were too many parts."""
        self.left -= length + 1
        if self.left < 0:
            raise LimitExceeded(f"a value of more than {MAX_STEPS // 2} parts, nested ones counted, cannot be gone through")
