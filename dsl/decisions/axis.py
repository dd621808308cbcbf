"""The axis of a column: the constants of its tests divide all values into few stretches, on each of which every test is constant.

A column whose tests only compare with constants is so answered by one look-up for all rules (a binary search, or a dict), and the gaps and
overlaps of a table are those of boxes of stretches (Calvanese, Dumas, Laurson, Maggi, Montali, Teinemaa: Semantics and analysis of DMN
decision tables, BPM 2016).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from dsl.decisions.lines import line_of, stretches
from dsl.feel import Expression, ast
from dsl.feel.compiler import fold
from dsl.feel.values import KINDS, MISSING, Range

UNORDERED = ("string", "boolean")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values among which no test of the column tells any difference: an example, and the rules whose test they pass, as a set of bits."""

    sample: Any
    rules: int


@dataclass(frozen=True, slots=True)
class Axis:
    """`marks` are the constants in order. Of a kind with an order, `masks` has the rules that match before, at, between … and after them,
    and `stretches` those of them that have any values; of texts and truth values, the rules at each and, last, at all others."""

    kind: str
    marks: tuple[Any, ...]
    masks: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    by_value: Mapping[object, int]
    searched: type | None = None  # the Python type of the values that can be compared with the marks

    def at(self, value: object) -> int | None:
        """The rules whose test a value passes; None where the axis does not tell."""
        kind = type(value)
        if kind is str or kind is bool:
            return self.by_value.get(value, self.masks[-1]) if self.kind == KINDS[kind] else None
        if kind is not self.searched:
            return None
        place = bisect_left(self.marks, value)
        return self.masks[2 * place + (place < len(self.marks) and self.marks[place] == value)]


def axis_of(cells: Sequence[Expression | None], values: Expression | None = None) -> Axis | None:
    """The axis of a column of tests, with the constants of its allowed `values` marked too; None where a test does anything but compare
    with constants of one kind."""
    constants: list[object] = []
    for expression in [*dict.fromkeys(cells), values]:
        found = constants_of(expression) if expression is not None else []
        if found is None and expression is not values:
            return None
        constants += found or []
    marks = [each for each in dict.fromkeys(constants) if each is not None]
    kinds = {KINDS.get(type(each), "record") for each in marks}
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    extra = [Stretch(None, passing(cells, None))] if None in constants else []
    if kind in UNORDERED:
        return unordered(kind, marks, cells, extra)
    return along(kind, marks, cells, extra)


def unordered(kind: str, marks: list[object], cells: Sequence[Expression | None], extra: list[Stretch]) -> Axis:
    """The axis of texts (those named, and one for all others) or of truth values."""
    samples = [*marks, unlike(marks)] if kind == "string" else [True, False]
    found = [Stretch(sample, passing(cells, sample)) for sample in samples]
    masks = tuple(each.rules for each in found)
    return Axis(kind, tuple(marks), masks, (*found, *extra), dict(zip(samples, masks, strict=True)))


def along(kind: str, marks: list[object], cells: Sequence[Expression | None], extra: list[Stretch]) -> Axis | None:
    """The axis of values with an order."""
    placed = line_of(kind, marks)
    if placed is None:
        return None
    line, places = placed
    found = [None if sample is None else Stretch(sample, passing(cells, sample)) for sample in stretches(line, places)]
    masks = tuple(0 if each is None else each.rules for each in found)
    kept = [each for each in found if each is not None]
    ordered = tuple(line.value(place) for place in places)
    types = {type(mark) for mark in ordered}
    searched = types.pop() if types in ({Decimal}, {date}) else None
    return Axis(kind, ordered, masks, (*kept, *extra), {}, searched)


def unlike(texts: Sequence[object]) -> str:
    """A text that is none of these."""
    return next(text for n in count() if (text := f"other {n}" if n else "other") not in texts)


def passing(cells: Sequence[Expression | None], value: object) -> int:
    """The rules whose test a value passes, as a set of bits."""
    scope = {"?": value}
    verdicts: dict[Expression | None, bool] = {None: True}
    rules = 0
    for index, cell in enumerate(cells):
        verdict = verdicts.get(cell)
        if verdict is None:
            assert cell is not None
            verdict = verdicts[cell] = cell(scope) is True
        rules |= verdict << index
    return rules


def constants_of(expression: Expression) -> list[object] | None:
    """The constants that unary tests compare with; None where they do anything else, or order texts."""
    if not isinstance(expression.ast, ast.UnaryTests):
        return None
    found: list[object] = []
    for test in expression.ast.tests:
        value = fold(test.value if isinstance(test, ast.UnaryTest) else test)
        ends = list(ends_of(value))
        ordered = isinstance(test, ast.RangeNode) or (isinstance(test, ast.UnaryTest) and test.op not in ("=", "!="))
        if value is MISSING or (ordered and any(KINDS.get(type(end)) in UNORDERED for end in ends)):
            return None
        found += ends
    return found


def ends_of(value: object) -> Iterator[object]:
    """The constants within a constant: a range's ends, a list's items."""
    if type(value) is Range:
        yield from (end for end in (value.start, value.end) if end is not None)
    elif type(value) is list:
        for item in value:
            yield from ends_of(item)
    else:
        yield value
