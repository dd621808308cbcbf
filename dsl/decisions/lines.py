"""Kinds of values that have an order, as numbers on a line: what lies before, between and after given ones, with readable examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal, localcontext
from math import floor
from typing import Any

from dsl.feel.calendar import (
    DAY,
    SECOND,
    at_instant,
    date_at,
    datetime_parts,
    day_of,
    duration_of,
    instant,
    nanos_of,
    time_at,
    time_parts,
)
from dsl.feel.values import Months, number

Place = Decimal | int


@dataclass(frozen=True, slots=True)
class Line:
    """`place` of a value and the `value` at a place; `steps` are the distances at which an example looks natural, the largest first.

    A `dense` line has a place between any two; the others are of whole numbers. `low` and `high` are its ends, if it has any.
    """

    place: Callable[[Any], Place | None]
    value: Callable[[Any], object]
    steps: tuple[int, ...] = (1,)
    dense: bool = False
    low: int | None = None
    high: int | None = None

    def places(self, values: Iterable[object]) -> list[Place] | None:
        """Where values stand, in order and each once; None where one of them stands on another line, as times of other zones do."""
        found = [self.place(value) for value in values]
        return None if None in found else sorted({place for place in found if place is not None})

    def before(self, place: Place) -> Place | None:
        """A place before all those that are marked, None at the line's end."""
        return next((place - s for s in self.steps if self.low is None or place - s >= self.low), None)

    def after(self, place: Place) -> Place | None:
        return next((place + s for s in self.steps if self.high is None or place + s <= self.high), None)

    def between(self, low: Place, high: Place) -> Place | None:
        """A place strictly between two, a round one where there is one; None where the line has none."""
        if self.dense:
            return floor(low) + 1 if floor(low) + 1 < high else halfway(low, high)
        return next((low + step for step in self.steps if low + step < high), None)


def halfway(low: Place, high: Place) -> Decimal:
    """The number in the middle of two, exactly."""
    with localcontext() as context:
        context.prec = 100
        return (Decimal(low) + Decimal(high)) / 2


def _local_time(value: Any) -> int | None:
    nanos, zone = time_parts(value)
    return nanos if zone is None else None


def _local(value: Any) -> int | None:
    return instant(value) if datetime_parts(value)[2] is None else None


def _zoned(value: Any) -> int | None:
    return instant(value) if datetime_parts(value)[2] is not None else None


_CLOCK = (86_400 * SECOND, 3600 * SECOND, 60 * SECOND, SECOND, 1000, 1)
LOCAL = Line(_local, lambda place: at_instant(int(place), None), _CLOCK)
ZONED = Line(_zoned, lambda place: at_instant(int(place), UTC), _CLOCK)
LINES: Mapping[str, Sequence[Line]] = {
    "number": (Line(number, Decimal, dense=True),),
    "date": (Line(day_of, date_at),),
    "date and time": (LOCAL, ZONED),
    "time": (Line(_local_time, lambda place: time_at(int(place), None), _CLOCK[1:], low=0, high=DAY - 1),),
    "days and time duration": (Line(nanos_of, lambda place: duration_of(int(place)), _CLOCK),),
    "years and months duration": (Line(lambda value: value.months, lambda place: Months(int(place))),),
}
"""The lines of a kind; values of one column stand on one of them."""


def line_of(kind: str, values: Sequence[object]) -> tuple[Line, list[Place]] | None:
    """The line on which all these values stand, and where."""
    for line in LINES.get(kind, ()):
        places = line.places(values)
        if places:
            return line, places
    return None


def stretches(line: Line, places: Sequence[Place]) -> Iterator[object]:
    """A sample of each stretch that the places divide their line into: before, at, between … after; None for one without any value,
    such as between two days that follow each other."""
    previous: Place | None = None
    for place in places:
        gap = line.before(place) if previous is None else line.between(previous, place)
        yield None if gap is None else line.value(gap)
        yield line.value(place)
        previous = place
    last = line.after(places[-1])
    yield None if last is None else line.value(last)
