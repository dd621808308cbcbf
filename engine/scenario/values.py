"""Values of a scenario: what `=…` means, and whether what was found is what was expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dsl import feel
from dsl.feel.types import ANY
from dsl.problems import InvalidText
from engine.errors import NotFound
from engine.model.names import FUNCTIONS
from engine.model.scopes import names_of
from engine.records import Record
from engine.scenario.failure import Wrong

if TYPE_CHECKING:
    from engine.workspace import Step


class Aliases(Mapping[str, object]):
    """All aliases with their records as they are now, read when one is asked for; one that was purged is null."""

    def __init__(self, step: Step, known: Mapping[str, tuple[str, int]]) -> None:
        self.step = step
        self.known = known

    def __getitem__(self, alias: str) -> object:
        entity, number = self.known[alias]
        with self.step.as_engine():
            try:
                return self.step.records.get(entity, number)
            except NotFound:
                return None

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def evaluate(step: Step, text: str, aliases: Mapping[str, object]) -> tuple[Any, str]:
    """The value of FEEL over the aliases, and why it is null if an error made it so. Raises Wrong for text that is
    no expression.
    """
    names = names_of(step.model)
    scope = feel.Scope(dict.fromkeys(aliases, ANY), names.members, names.queryable, FUNCTIONS, decisions=names.decisions)
    try:
        expression = feel.compile(text, scope)
    except InvalidText as problem:
        raise Wrong("; ".join(p.message for p in problem.problems)) from problem
    warnings: list[feel.Warning] = []
    value = expression(aliases, step.host, warnings)
    return value, warnings[0].message if warnings and value is None else ""


def resolved(step: Step, value: object, aliases: Mapping[str, object]) -> object:
    """A value of a test document with every `=…` in it evaluated."""
    if isinstance(value, str) and value.startswith("="):
        found, why = evaluate(step, value[1:], aliases)
        if found is None and why:
            raise Wrong(f"{value}: {why}")
        return found
    if isinstance(value, Mapping):
        return {key: resolved(step, item, aliases) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(step, item, aliases) for item in value]
    return value


def same(actual: object, expected: object, zone: ZoneInfo) -> bool:
    """Whether two values are the same; a literal of the document is read as what was found: a date, a time, a
    duration.
    """
    if isinstance(expected, str) and not isinstance(actual, str):
        expected = _as(actual, expected, zone)
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    if isinstance(actual, list | tuple) and isinstance(expected, list | tuple):
        return len(actual) == len(expected) and all(same(a, e, zone) for a, e in zip(actual, expected, strict=True))
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        return actual.keys() == expected.keys() and all(same(actual[k], expected[k], zone) for k in actual)
    if isinstance(actual, datetime) and isinstance(expected, datetime):
        return _utc(actual, zone) == _utc(expected, zone)
    if type(actual) is not type(expected) and not _numbers(actual, expected):
        return False
    return actual == expected


def _numbers(*values: object) -> bool:
    return all(isinstance(value, int | Decimal) for value in values)


def _utc(value: datetime, zone: ZoneInfo) -> datetime:
    return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)


def _as(actual: object, text: str, zone: ZoneInfo) -> object:
    """A literal text as a value of the kind that was found; itself if it is none."""
    function = {
        datetime: "date and time",
        date: "date",
        time: "time",
        timedelta: "duration",
        feel.Months: "duration",
    }.get(type(actual))
    if function is None:
        return text
    if isinstance(actual, datetime) and "T" not in text:
        text = text.replace(" ", "T") if " " in text else f"{text}T00:00:00"
    found = feel.evaluate(f"{function}(text)", {"text": text})
    return text if found is None else found


def shown(value: object) -> str:
    """A value as a failure shows it."""
    if value is None:
        return "null"
    if isinstance(value, Record):
        return f"{value.entity.name} {value.title()!r}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    return feel.to_text(value)
