"""Decide: which rules match, and what the hit policy makes of their outputs (OMG DMN 1.5, 8.2.8 to 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dsl.decisions.axis import Axis
from dsl.decisions.table import AGGREGATES, LISTS, POLICIES, Table, shown
from dsl.feel import Expression, Host, Warning
from dsl.feel.ast import TypeName
from dsl.feel.builtins import caller
from dsl.feel.conform import conforms, convert
from dsl.feel.equality import equal, matches
from dsl.feel.values import MISSING

FOLDS = {"C+": "sum", "C<": "min", "C>": "max"}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table says: the value, the numbers of the rules that matched (from 1), and the reasons for a null."""

    value: object
    rules: tuple[int, ...]
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """An input, compiled. `cells` are its tests, one a rule, None for those that match all; `axis` answers them at once for most values.

    `bound` says that cells and outputs may call the tested value by the input's name.
    """

    name: str
    expression: Expression
    type: TypeName | None
    values: Expression | None
    cells: tuple[Expression | None, ...]
    axis: Axis | None
    bound: bool

    def matching(self, value: object, rules: int, scope: dict[str, Any], host: Host | None, doubts: list[Warning]) -> int:
        """Those of `rules` (a set of bits) whose test the value passes."""
        found = self.axis.at(value) if self.axis is not None else None
        if found is not None:
            return rules & found
        scope["?"] = value
        for index, cell in enumerate(self.cells):
            bit = 1 << index
            if cell is not None and rules & bit and cell(scope, host, doubts) is not True:
                rules ^= bit
        return rules


@dataclass(frozen=True, slots=True)
class Result:
    """An output, compiled: its cells, and the constants of its `values`, from the highest priority down."""

    name: str | None
    type: TypeName | None
    values: Expression | None
    ranks: tuple[object, ...]
    default: Expression | None
    cells: tuple[Expression, ...]

    def rank(self, value: object) -> int:
        """The place of a value among the column's `values`; those that are not listed come last."""
        return next((place for place, test in enumerate(self.ranks) if matches(value, test) is True), len(self.ranks))


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table ready to decide. Immutable, and safe to use from several threads."""

    table: Table
    columns: tuple[Column, ...]
    results: tuple[Result, ...]
    types: Mapping[str, TypeName] = field(default_factory=dict, hash=False)

    def decide(self, context: Mapping[str, object], host: Host | None = None) -> Decided:
        """Apply the table to the names and values of a context. Raises LimitExceeded, and whatever the host raises."""
        return Deciding(self, context, host).run()

    def outputs(self, value: Any) -> dict[str, Any]:
        """What was decided, by the outputs' names; of a table that collects, a list for each."""
        names = [result.name or "" for result in self.results]
        if self.table.single:
            return {names[0]: value}
        if isinstance(value, list):
            return {name: [each.get(name) for each in value] for name in names}
        return {name: None if value is None else value.get(name) for name in names}


class Violated(Exception):
    """What the table was given or what it yields breaks its own rules, so that it decides nothing; the text says why."""


class Deciding:
    """One application of a table."""

    def __init__(self, table: CompiledTable, context: Mapping[str, object], host: Host | None) -> None:
        self.table = table
        self.hit = table.table.hit
        self.scope: dict[str, Any] = dict(context)
        self.host = host
        self.warnings: list[Warning] = []

    def run(self) -> Decided:
        matched: tuple[int, ...] = ()
        try:
            matched = self.matched()
            if not matched:
                return Decided(self.unmatched(), (), tuple(self.warnings))
            value = self.value(matched)
        except Violated as violated:
            self.warn(str(violated))
            value = None
        return Decided(value, tuple(index + 1 for index in matched), tuple(self.warnings))

    def warn(self, message: str) -> Any:
        """Note a reason for a null, and give it."""
        self.warnings.append(Warning("value", message, 0, 0))
        return None

    # ---- matching ----

    def matched(self) -> tuple[int, ...]:
        """The indexes of the rules that match."""
        count = len(self.table.table.rules)
        rules = (1 << count) - 1
        doubts: list[Warning] = []
        values = [self.tested(column) for column in self.table.columns]
        for column, value in zip(self.table.columns, values, strict=True):
            if column.bound:
                self.scope.setdefault(column.name, value)
        for column, value in zip(self.table.columns, values, strict=True):
            rules = column.matching(value, rules, self.scope, self.host, doubts)
            if not rules:
                break
        self.scope.pop("?", None)
        if not rules:
            self.warnings.extend(doubts)
        return tuple(index for index in range(count) if rules >> index & 1)

    def tested(self, column: Column) -> object:
        """The value that a column's cells test: null where it is not of the column's type. Raises Violated where it is not allowed."""
        value = column.expression(self.scope, self.host, self.warnings)
        if column.type is not None:
            fit = convert(value, column.type, self.table.types)
            if fit is MISSING:
                self.warn(f"{column.name} takes a {column.type.name}, not {shown(value)}")
                fit = None
            value = fit
        if column.values is not None and column.values({**self.scope, "?": value}, self.host, None) is not True:
            raise Violated(f"{shown(value)} is none of the values that {column.name} takes: {column.values.text}")
        return value

    # ---- outputs ----

    def outputs(self, index: int) -> list[object]:
        """The outputs of a rule, in order. Raises Violated for one that its column does not allow."""
        return [self.fitting(result, result.cells[index]) for result in self.table.results]

    def fitting(self, result: Result, cell: Expression) -> object:
        value = cell(self.scope, self.host, self.warnings)
        if result.type is not None and not self.is_item(result.type, value):
            fit = convert(value, result.type, self.table.types)
            if fit is MISSING:
                self.warn(f"{result.name or 'the output'} is a {result.type.name}, not {shown(value)}")
                fit = None
            value = fit
        if value is None or result.values is None:
            return value
        if result.values({**self.scope, "?": value}, self.host, None) is not True:
            raise Violated(f"{shown(value)} is none of the values of {result.name or 'the output'}: {result.values.text}")
        return value

    def is_item(self, type_: TypeName, value: object) -> bool:
        """Whether a value is one item of the list that a table with this hit policy yields, where the output's type is that list."""
        listed = type_.name == "list" and len(type_.args) == 1 and self.hit in LISTS
        return listed and conforms(value, type_.args[0], self.table.types)

    def one(self, outputs: Sequence[object]) -> object:
        """The value of a rule's outputs: the single one, or a context."""
        if self.table.table.single:
            return outputs[0]
        return {result.name or f"output {i}": value for i, (result, value) in enumerate(zip(self.table.results, outputs, strict=True), 1)}

    def unmatched(self) -> object:
        """The value where no rule matches: the default outputs, or null; nothing collected is an empty list, and counts 0."""
        if any(result.default is not None for result in self.table.results):
            try:
                value = self.one([None if r.default is None else self.fitting(r, r.default) for r in self.table.results])
            except Violated as violated:
                return self.warn(str(violated))
            return [value] if self.hit in LISTS and type(value) is not list else value
        if self.hit in LISTS:
            return []
        if self.hit == "C#":
            return Decimal(0)
        return self.warn("no rule matches, and there is no default")

    # ---- hit policies ----

    def value(self, matched: Sequence[int]) -> object:
        if self.hit == "F":
            return self.one(self.outputs(matched[0]))
        if self.hit == "C#":
            return Decimal(len(matched))
        if self.hit == "U" and len(matched) > 1:
            raise Violated(f"several rules match ({listed(matched)}), and the hit policy is unique")
        found = [self.outputs(index) for index in matched]
        if self.hit in AGGREGATES:
            return self.folded([outputs[0] for outputs in found])
        if self.hit == "A":
            self.check_same(matched, found)
        elif self.hit in ("P", "O"):
            found.sort(key=self.priority)
        if self.hit in LISTS:
            return [self.one(outputs) for outputs in found]
        return self.one(found[0])

    def check_same(self, matched: Sequence[int], found: Sequence[Sequence[object]]) -> None:
        """Under `any`, all rules that match have the same outputs."""
        for index, outputs in zip(matched, found, strict=True):
            if not all(equal(a, b) is True for a, b in zip(found[0], outputs, strict=True)):
                raise Violated(f"rules {matched[0] + 1} and {index + 1} match with different outputs, and the hit policy is any")

    def priority(self, outputs: Sequence[object]) -> tuple[int, ...]:
        """Where outputs stand in the order of the columns' values, the first column counting most (DMN 1.5, 8.2.10)."""
        return tuple(result.rank(value) for result, value in zip(self.table.results, outputs, strict=True) if result.ranks)

    def folded(self, values: list[object]) -> object:
        name = FOLDS[self.hit]
        run: Callable[..., object] | None = caller(name, 1, None)
        assert run is not None
        folded = run(self.warnings, 0, 0, values)
        return self.warn(f"the {POLICIES[self.hit]} of these outputs is nothing: {shown(values)}") if folded is None else folded


def listed(indexes: Sequence[int]) -> str:
    """Rules as people count them: `1, 2 and 5`."""
    numbers = [str(index + 1) for index in indexes]
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else numbers[0]
