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
from functools import reduce
from itertools import accumulate, count
from operator import or_, xor
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
    rules: dict[Expression | None, int] = {}
    for index, cell in enumerate(cells):
        rules[cell] = rules.get(cell, 0) | 1 << index
    own = {cell: constants_of(cell) if cell is not None else [] for cell in rules}
    listed = constants_of(values) if values is not None else []
    marks: dict[object, None] = dict.fromkeys(listed or ())
    for constants in own.values():
        if constants is None:
            return None
        marks.update(dict.fromkeys(constants))
    kinds = {KINDS.get(type(each), "record") for each in marks if each is not None}
    if len(kinds) != 1:
        return None
    tests = [Tests(cell, bits, tuple(own[cell] or ())) for cell, bits in rules.items()]
    extra = [Stretch(None, reduce(or_, (test.rules for test in tests if test.holds(None)), 0))] if None in marks else []
    kind = kinds.pop()
    named = [each for each in marks if each is not None]
    return unordered(kind, named, tests, extra) if kind in UNORDERED else along(kind, named, tests, extra)


@dataclass(frozen=True, slots=True)
class Tests:
    """A cell, the rules that have it, and the constants that it compares with: between them its answer does not change."""

    cell: Expression | None
    rules: int
    constants: tuple[object, ...]

    def holds(self, value: object) -> bool:
        return self.cell is None or self.cell({"?": value}) is True


def unordered(kind: str, marks: list[object], tests: Sequence[Tests], extra: list[Stretch]) -> Axis:
    """The axis of texts (those named, and one for all others) or of truth values."""
    if kind == "boolean":
        marks = [True, False]
    other = unlike(marks)
    elsewhere = 0
    odd = dict.fromkeys(marks, 0)  # the rules that answer otherwise there than elsewhere
    for test in tests:
        usual = test.holds(other)
        elsewhere |= test.rules if usual else 0
        for mark in marks if kind == "boolean" else {each for each in test.constants if each is not None}:
            odd[mark] |= test.rules if test.holds(mark) != usual else 0
    by_value = {mark: elsewhere ^ rules for mark, rules in odd.items()}
    found = [Stretch(mark, rules) for mark, rules in by_value.items()]
    if kind == "string":
        found.append(Stretch(other, elsewhere))
    return Axis(kind, tuple(marks), (*by_value.values(), elsewhere), (*found, *extra), by_value)


def along(kind: str, constants: list[object], tests: Sequence[Tests], extra: list[Stretch]) -> Axis | None:
    """The axis of values with an order."""
    placed = line_of(kind, constants)
    if placed is None:
        return None
    line, places = placed
    samples = list(stretches(line, places))
    at = {place: 2 * index + 1 for index, place in enumerate(places)}
    flips = [0] * (len(samples) + 1)  # the rules whose answer changes where a stretch begins
    for test in tests:
        own = sorted({at[place] for each in test.constants if each is not None and (place := line.place(each)) is not None})
        starts = sorted({0, *own, *(place + 1 for place in own)})
        for start, end in zip(starts, [*starts[1:], len(samples)], strict=True):
            sample = next((each for each in samples[start:end] if each is not None), None)
            if sample is not None and test.holds(sample):
                flips[start] ^= test.rules
                flips[end] ^= test.rules
    masks = tuple(accumulate(flips[:-1], xor))
    kept = [Stretch(sample, rules) for sample, rules in zip(samples, masks, strict=True) if sample is not None]
    marks = tuple(line.value(place) for place in places)
    types = {type(mark) for mark in marks}
    searched = types.pop() if types in ({Decimal}, {date}) else None
    return Axis(kind, marks, masks, (*kept, *extra), {}, searched)


def unlike(texts: Sequence[object]) -> str:
    """A text that is none of these."""
    return next(text for n in count() if (text := f"other {n}" if n else "other") not in texts)


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
