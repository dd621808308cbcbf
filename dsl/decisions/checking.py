"""Check a decision table against types before it runs: its shape, every cell, what outputs may be, gaps and overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsl.decisions.compiling import column, misshapen, ranks, result
from dsl.decisions.coverage import analyse
from dsl.decisions.running import CompiledTable
from dsl.decisions.table import LISTS, Input, Output, Table, Text, shown, written
from dsl.decisions.telling import rule_at, told
from dsl.feel import (
    ANY,
    NULL,
    NUMBER,
    STRING,
    Choice,
    ContextOf,
    DecisionType,
    Expression,
    ListOf,
    Scope,
    Type,
    ast,
    check,
    check_tests,
)
from dsl.feel.compiler import fold
from dsl.feel.typing import joined
from dsl.feel.values import MISSING
from dsl.problems import Problem, Severity, did_you_mean
from dsl.source import Located, Span

MOVING = ("now", "today")


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """The outcome of a check: the problems, what `decide` needs and gives, and the table if there was no error."""

    problems: tuple[Problem, ...]
    type: DecisionType
    compiled: CompiledTable | None


def check_table(table: Table, kinds: Mapping[str, Type], scope: Scope, at: Span) -> CheckedTable:
    """Check a table whose inputs and outputs have the types `kinds`, by name; `at` is where problems of the whole are told.

    Cells may call what an input tests by the input's name, and whatever the inputs' expressions name. Every rule must have as many
    cells as the table has columns; nothing else that is wrong raises.
    """
    return Checking(table, kinds, scope, at).run()


class Checking:
    def __init__(self, table: Table, kinds: Mapping[str, Type], scope: Scope, at: Span) -> None:
        self.table = table
        self.kinds = dict(kinds)
        self.scope = scope
        self.at = at
        self.problems: list[Problem] = []
        self.given: dict[str, Type] = {}  # what the context of `decide` must have
        self.sources: list[Input | Output] = [*table.inputs, *table.outputs]

    def run(self) -> CheckedTable:
        problem = misshapen(self.table)
        if problem:
            self.report("TW2201", problem, self.at)
        tested = [self.tested(each) for each in self.table.inputs]
        values = [self.refined(each) for each in self.sources]
        for source, expression in zip(self.table.inputs, tested, strict=True):
            self.needed(source, expression)
        names = {each.name: self.kinds.get(each.name, ANY) for each in self.table.inputs}
        self.scope = self.scope.with_names({**names, **self.given})
        tests = [self.tests(index, each) for index, each in enumerate(self.table.inputs)]
        outputs = [self.outputs(index, each) for index, each in enumerate(self.table.outputs)]
        if self.table.hit in ("P", "O") and not any(ranks(each) for each in values[len(self.table.inputs) :]):
            hint = "add `values` to an output, the most important first"
            self.report("TW2201", f"{self.table.hit} ranks rules by the order of an output's values, and no output has any", self.at, hint)
        compiled = None
        if not any(each.severity == "error" for each in self.problems):
            compiled = self.compiled(tested, values, tests, outputs)
            self.problems.extend(told(self.table, analyse(compiled), self.at))
        cells = [*tested, *values, *(each for column in (*tests, *outputs) for each in column.values())]
        moving = any(each is not None and moves(each.ast) for each in cells)
        given = self.results(outputs)
        type_ = DecisionType(self.table.name, self.given, self.whole(given), self.collected(given), moving)
        return CheckedTable(tuple(self.problems), type_, compiled)

    def report(self, code: str, message: str, at: Span, hint: str = "", severity: Severity = "error") -> None:
        self.problems.append(Problem(code, message, at, severity, hint))

    # ---- columns ----

    def tested(self, source: Input) -> Expression | None:
        """What an input tests: any expression over what the context may give."""
        checked = check(source.tested, Scope(members=self.scope.members, functions=self.scope.functions, open=True))
        self.problems.extend(checked.problems)
        return checked.expression

    def needed(self, source: Input, tested: Expression | None) -> None:
        """What an input needs of the context. A bare name is of the input's type; others may be whatever the expression makes of them."""
        for path in sorted(tested.paths if tested is not None else ()):
            bare = tested is not None and isinstance(tested.ast, ast.Name)
            self.given[path[0]] = self.kinds.get(source.name, ANY) if bare else self.given.get(path[0], ANY)

    def refined(self, source: Input | Output) -> Expression | None:
        """The allowed values of a column; texts that are listed make it a choice."""
        name = source.name or ""
        if not written(source.values):
            return None
        kind = self.kinds.get(name, ANY)
        checked = check_tests(source.values, self.scope, kind)
        self.problems.extend(checked.problems)
        options = ranks(checked.expression)
        if kind == STRING and options and all(isinstance(each, str) for each in options):
            self.kinds[name] = Choice(name, tuple(map(str, options)))
        return checked.expression

    def tests(self, index: int, source: Input) -> dict[Text, Expression | None]:
        """The tests of a column, by their text."""
        found: dict[Text, Expression | None] = {}
        for rule in self.table.rules:
            cell = rule.inputs[index]
            if written(cell) not in ("", "-"):
                checked = check_tests(cell, self.scope, self.kinds.get(source.name, ANY))
                self.problems.extend(checked.problems)
                found[cell] = checked.expression
        return found

    def outputs(self, index: int, source: Output) -> dict[Text, Expression | None]:
        """The cells of an output and its default, by their text."""
        found: dict[Text, Expression | None] = {}
        kind = self.kinds.get(source.name or "", ANY)
        cells = [rule.outputs[index] for rule in self.table.rules]
        for number, cell in enumerate(cells):
            if not written(cell):
                hint = "write null where there is nothing to give"
                self.report("TW2202", f"rule {number + 1} gives no '{source.name}'", rule_at(self.table, number, self.at), hint)
        for cell in [*cells, source.default]:
            if written(cell):
                checked = check(cell, self.scope, expected=None if kind == ANY else kind)
                self.problems.extend(checked.problems)
                found[cell] = checked.expression
        return found

    # ---- the whole ----

    def results(self, outputs: Sequence[Mapping[Text, Expression | None]]) -> dict[str, Type]:
        """The types of a rule's outputs: as declared, else as their cells have in common."""
        kinds: dict[str, Type] = {}
        for source, cells in zip(self.table.outputs, outputs, strict=True):
            kind = self.kinds.get(source.name or "", ANY)
            if kind == ANY:
                kind = joined([each.type if each is not None else ANY for each in cells.values()])
            kinds[source.name or ""] = ANY if kind == NULL else kind
        return kinds

    def whole(self, kinds: Mapping[str, Type]) -> Type:
        """What `decide` gives."""
        if self.table.hit == "C#":
            return NUMBER
        one = next(iter(kinds.values())) if self.table.single and kinds else ContextOf(kinds)
        return ListOf(one) if self.table.hit in LISTS else one

    def collected(self, kinds: Mapping[str, Type]) -> dict[str, Type]:
        """The outputs one by one."""
        if self.table.hit == "C#":
            return dict.fromkeys(kinds, NUMBER)
        return {name: ListOf(kind) if self.table.hit in LISTS else kind for name, kind in kinds.items()}

    def compiled(
        self,
        tested: Sequence[Expression | None],
        values: Sequence[Expression | None],
        tests: Sequence[Mapping[Text, Expression | None]],
        outputs: Sequence[Mapping[Text, Expression | None]],
    ) -> CompiledTable:
        """The table made of what was compiled for its check."""
        ready: dict[Text, Expression] = {}
        table = self.table
        for source, expression in zip(table.inputs, tested, strict=True):
            self.keep(ready, source.tested, expression)
        for each, expression in zip(self.sources, values, strict=True):
            self.keep(ready, each.values, expression)
        for cells in (*tests, *outputs):
            for text, expression in cells.items():
                self.keep(ready, text, expression)
        take = ready.__getitem__
        columns = tuple(
            column(source, [rule.inputs[i] for rule in table.rules], take, take, bound=True) for i, source in enumerate(table.inputs)
        )
        results = tuple(result(source, [rule.outputs[i] for rule in table.rules], take, take) for i, source in enumerate(table.outputs))
        found = CompiledTable(table, columns, results)
        self.check_values(found)
        return found

    def keep(self, ready: dict[Text, Expression], text: Text, expression: Expression | None) -> None:
        if expression is not None:
            ready[text] = expression

    def check_values(self, compiled: CompiledTable) -> None:
        """Constant outputs are among the values of their column."""
        for index, found in enumerate(compiled.results):
            if found.values is None:
                continue
            source = compiled.table.outputs[index]
            cells = [(rule.outputs[index], cell) for rule, cell in zip(compiled.table.rules, found.cells, strict=True)]
            if found.default is not None:
                cells.append((source.default, found.default))
            for text, cell in cells:
                value = fold(cell.ast)
                if value is not MISSING and value is not None and found.values({"?": value}) is not True:
                    message = f"{shown(value)} is none of the values of '{found.name}': {found.values.text}"
                    near = did_you_mean(str(value), [str(each) for each in found.ranks])
                    self.report("TW2204", message, text.span if isinstance(text, Located) else self.at, near)


def moves(node: object) -> bool:
    """Whether an expression reads the clock or records, so that it may give another value the next time."""
    if isinstance(node, tuple):
        return any(map(moves, node))
    if isinstance(node, ast.Query) or (isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.name in MOVING):
        return True
    return isinstance(node, ast.Node) and any(map(moves, ast.parts(node)))
