"""Find the gaps, overlaps and idle rules of a table before it runs, exactly, as geometry of boxes.

Every rule is a box: for each column, the stretches of its axis that pass its test (`dsl.decisions.axis`). Overlaps are pairs of boxes that
meet in every column; gaps are what is left when a box of all values is split column by column, taking along only the rules that still
match, until none is left (the line sweep of Calvanese et al., BPM 2016, with the sets of rules as bits). What no rule of a complete table
without overlaps leaves out is known by counting alone: its boxes fill the whole.

A column whose tests are more than comparisons with constants counts as matched for gaps, and as met for overlaps only where two tests are
the same or one matches all: what is reported is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from operator import and_, or_

from dsl.decisions.axis import Stretch, axis_of, constants_of
from dsl.decisions.running import Column, CompiledTable
from dsl.decisions.table import Input, written
from dsl.feel.compiler import fold
from dsl.feel.equality import equal
from dsl.feel.values import MISSING

MOST_GAPS = 64
"""So many gaps are looked for; neighbours are joined before they are told."""
MOST_OVERLAPS = 1000
"""So many overlaps are found."""
MOST_WORK = 2_000_000
"""So many sets of rules are looked at before the analysis gives up and says so: a second or two."""

Example = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules (their indexes) that match the same inputs."""

    first: int
    second: int
    example: Example


@dataclass(frozen=True, slots=True)
class Findings:
    """What is odd about a table. `idle` are the indexes of rules that no input matches, `hidden` of rules that others always win over."""

    gaps: tuple[Example, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    idle: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    exhausted: bool = False  # the analysis was given up: there may be more of all these


@dataclass(slots=True)
class Work:
    """What the analysis of a table has cost."""

    done: int = 0

    @property
    def exhausted(self) -> bool:
        return self.done > MOST_WORK


@dataclass(frozen=True, slots=True)
class Side:
    """One column of the geometry: its stretches, and for each rule those that it matches, as a set of bits."""

    name: str
    stretches: tuple[Stretch, ...]
    boxes: tuple[int, ...] = field(init=False)
    unions: dict[int, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        boxes = [0] * max((stretch.rules.bit_length() for stretch in self.stretches), default=0)
        before = 0
        for index, rules in enumerate([*(stretch.rules for stretch in self.stretches), 0]):
            for rule in members(before ^ rules):
                boxes[rule] ^= -1 << index  # from here on, until it is taken back
            before = rules
        object.__setattr__(self, "boxes", tuple(boxes))

    def box(self, rule: int) -> int:
        return self.boxes[rule] if rule < len(self.boxes) else 0

    def met(self, rule: int, work: Work) -> int:
        """The rules that match some value of this column that a rule matches."""
        box = self.box(rule)
        if box not in self.unions:
            work.done += box.bit_count()
            self.unions[box] = reduce(or_, (self.stretches[index].rules for index in members(box)), 0)
        return self.unions[box]


def analyse(table: CompiledTable) -> Findings:
    """Gaps (not of what is collected, nor where every output has a default), overlaps that the hit policy forbids, rules without use."""
    work = Work()
    geometry = Geometry(table, work)
    hit = table.table.hit
    idle = geometry.idle()
    meeting = geometry.meeting() if hit in ("U", "A") else []
    overlaps = [pair for pair in meeting if hit == "U" or geometry.differ(pair.first, pair.second)]
    search = Search(geometry.sides, work)
    complete = hit.startswith("C") or all(result.default is not None for result in table.results)
    if not complete and not (hit == "U" and not meeting and geometry.filled()):
        search.split(0, geometry.all_rules, ())
    hidden = geometry.hidden(idle) if hit in ("F", "P") else []
    gaps = [geometry.example(box) for box in joined(search.found)]
    return Findings(tuple(gaps), tuple(overlaps), tuple(idle), tuple(hidden), work.exhausted)


class Geometry:
    """The boxes of a table's rules."""

    def __init__(self, table: CompiledTable, work: Work) -> None:
        self.table = table
        self.work = work
        self.count = len(table.table.rules)
        self.all_rules = (1 << self.count) - 1
        self.sides: list[Side] = []
        self.opaque: list[Column] = []
        for source, column in zip(table.table.inputs, table.columns, strict=True):
            stretches = domain(source, column)
            if stretches is not None:
                self.sides.append(Side(column.name, stretches))
            elif any(cell is not None for cell in column.cells):
                self.opaque.append(column)

    def example(self, box: Sequence[int]) -> Example:
        """An input in a box: the first stretch of each side."""
        return {side.name: side.stretches[lowest(bits)].sample for side, bits in zip(self.sides, box, strict=True)}

    def box(self, rule: int) -> tuple[int, ...]:
        return tuple(side.box(rule) for side in self.sides)

    def idle(self) -> list[int]:
        """Rules with a test that nothing passes which the column allows."""
        return [rule for rule in range(self.count) if not all(self.box(rule))]

    def meeting(self) -> list[Overlap]:
        """The pairs of rules that match the same inputs."""
        found: list[Overlap] = []
        for second in range(self.count):
            for first in members(self.near(second) & ((1 << second) - 1)):
                if all(alike(column, first, second) for column in self.opaque):
                    found.append(Overlap(first, second, self.example(tuple(map(and_, self.box(first), self.box(second))))))
                    if len(found) >= MOST_OVERLAPS:
                        return found
            if self.work.exhausted:
                break
        return found

    def near(self, rule: int) -> int:
        """The rules whose boxes meet that of a rule: on every side there is a stretch that both match."""
        return reduce(and_, (side.met(rule, self.work) for side in self.sides), self.all_rules)

    def filled(self) -> bool:
        """Whether boxes that do not meet fill the whole."""
        sizes = [prod(bits.bit_count() for bits in self.box(rule)) for rule in range(self.count)]
        return not self.opaque and sum(sizes) == prod(len(side.stretches) for side in self.sides)

    def differ(self, first: int, second: int) -> bool:
        """Whether two rules have outputs that are known to differ."""
        return any(
            (one := fold(result.cells[first].ast)) is not MISSING
            and (other := fold(result.cells[second].ast)) is not MISSING
            and equal(one, other) is not True
            for result in self.table.results
        )

    def hidden(self, idle: Sequence[int]) -> list[int]:
        """Rules all of whose inputs are matched by rules that win over them: earlier ones, or those of higher priority."""
        found = []
        before = 0
        for rule in self.winning():
            if self.work.exhausted:
                break
            winners = before & self.near(rule)
            if self.opaque:
                winners = sum(1 << other for other in members(winners) if self.surely_meets(other, rule))
            before |= 1 << rule
            if rule in idle or not winners:
                continue
            if any(self.inside(rule, other) for other in members(winners)):
                found.append(rule)
                continue
            search = Search(self.sides, self.work, self.box(rule), limit=1)
            search.split(0, winners, ())
            if not search.found and not self.work.exhausted:
                found.append(rule)
        return sorted(found)

    def inside(self, rule: int, other: int) -> bool:
        """Whether the box of a rule lies in that of another."""
        self.work.done += 1
        return all(not box & ~around for box, around in zip(self.box(rule), self.box(other), strict=True))

    def winning(self) -> list[int]:
        """The rules from the one that wins over all others down; none where their outputs are only known when they are asked."""
        if self.table.table.hit == "F":
            return list(range(self.count))
        ranked = []
        for rule in range(self.count):
            values = [(result, fold(result.cells[rule].ast)) for result in self.table.results if result.ranks]
            if any(value is MISSING for _, value in values):
                return []
            ranked.append((tuple(result.rank(value) for result, value in values), rule))
        return [rule for _, rule in sorted(ranked)]

    def surely_meets(self, other: int, rule: int) -> bool:
        """Whether, in the columns that cannot be seen through, one rule matches whenever the other does."""
        return all(column.cells[other] is None or alike(column, other, rule, strict=True) for column in self.opaque)


class Search:
    """The search for what no rule matches, within a box if one is given."""

    def __init__(self, sides: Sequence[Side], work: Work, within: Sequence[int] | None = None, limit: int = MOST_GAPS) -> None:
        self.work = work
        self.work.done += sum(len(side.stretches) for side in sides)
        self.groups = [grouped(side, None if within is None else within[index]) for index, side in enumerate(sides)]
        self.limit = limit
        self.found: list[tuple[int, ...]] = []
        self.covered: set[tuple[int, int]] = set()
        self.always = [-1]  # for each side, the rules that match all of it and of the sides after it
        for groups in reversed(self.groups):
            self.always.append(self.always[-1] & reduce(and_, (rules for rules, _ in groups), -1))
        self.always.reverse()

    def split(self, side: int, rules: int, box: tuple[int, ...]) -> None:
        """Go through the stretches of a side with the rules that match so far; those that differ in no such rule go together."""
        if rules & self.always[side] or (side, rules) in self.covered or self.work.exhausted or len(self.found) >= self.limit:
            return
        if not rules:
            rest = (reduce(or_, (bits for _, bits in groups), 0) for groups in self.groups[side:])
            self.found.append((*box, *rest))
            return
        self.work.done += len(self.groups[side])
        before = len(self.found)
        parts: dict[int, int] = {}
        for matching, bits in self.groups[side]:
            parts[matching & rules] = parts.get(matching & rules, 0) | bits
        for matching, bits in sorted(parts.items(), key=lambda part: lowest(part[1])):
            self.split(side + 1, matching, (*box, bits))
        if len(self.found) == before and not self.work.exhausted:
            self.covered.add((side, rules))


def domain(source: Input, column: Column) -> tuple[Stretch, ...] | None:
    """The stretches of what a column allows; None where its tests match all, or are no mere comparisons with constants."""
    axis = column.axis or axis_of(column.cells, column.values)
    if axis is None:
        return None
    kept: Iterator[Stretch] = iter(axis.stretches)
    if column.values is not None and constants_of(column.values) is not None:
        test = column.values
        kept = (each for each in kept if test({"?": each.sample}) is True)
    if source.whole:
        kept = (each for each in kept if each.sample is None or each.sample == each.sample // 1)
    return tuple(kept)


def grouped(side: Side, within: int | None) -> list[tuple[int, int]]:
    """The stretches of a side by the rules that match them: rules, and stretches, as sets of bits."""
    found: dict[int, int] = {}
    for index, stretch in enumerate(side.stretches):
        if within is None or within >> index & 1:
            found[stretch.rules] = found.get(stretch.rules, 0) | 1 << index
    return list(found.items())


def joined(boxes: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The boxes, neighbours that differ on one side alone made one."""
    found = list(boxes)
    again = True
    while again:
        again = False
        for index, box in enumerate(found):
            for other in found[index + 1 :]:
                unlike = [side for side, (a, b) in enumerate(zip(box, other, strict=True)) if a != b]
                if len(unlike) <= 1:
                    found[index] = tuple(map(or_, box, other))
                    found.remove(other)
                    again = True
                    break
            if again:
                break
    return found


def members(bits: int) -> Iterator[int]:
    """The indexes in a set of bits, from the lowest up."""
    while bits:
        last = bits & -bits
        yield last.bit_length() - 1
        bits ^= last


def lowest(bits: int) -> int:
    """The index of the lowest bit of a set."""
    return (bits & -bits).bit_length() - 1


def alike(column: Column, first: int, second: int, *, strict: bool = False) -> bool:
    """Whether two tests that cannot be seen through surely hold together: they are the same, or (unless `strict`) one matches all."""
    one, other = column.cells[first], column.cells[second]
    if one is None or other is None:
        return one is other or not strict
    return one is other or written(one.text) == written(other.text)
