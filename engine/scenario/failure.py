"""How a scenario test fails: with what is wrong, and where in the document."""

from __future__ import annotations


class Wrong(Exception):
    """A step did not do what the test says. `path` leads to its place inside the step, for the line of the report."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
