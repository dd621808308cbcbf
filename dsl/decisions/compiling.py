"""Compile a decision table once, so that deciding parses nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from dsl.decisions.axis import axis_of
from dsl.decisions.running import Column, CompiledTable, Result
from dsl.decisions.table import AGGREGATES, POLICIES, Input, Output, Table, Text, written
from dsl.feel import Expression, compile_open, compile_open_tests, names_within
from dsl.feel.ast import TypeName, UnaryTests
from dsl.feel.compiler import fold
from dsl.feel.values import MISSING
from dsl.problems import InvalidText, Problem
from dsl.source import Located

FEW = 8
"""So many rules are as quickly tested one by one as looked up."""

Compile = Callable[[Text], Expression]


def compile(
    table: Table,
    names: Iterable[str] = (),
    types: Mapping[str, TypeName] | None = None,
    *,
    context: Mapping[str, object] | None = None,
    bound: Collection[str] = (),
) -> CompiledTable:
    """A table of pure DMN, ready to decide over names of unknown type. Raises InvalidText for what is no table or no FEEL.

    `names` are those of the context, which matter where they have several words; `context` may be given for the names in its inner
    contexts, `types` for item definitions that the table names. Cells may call what the inputs of `bound` test by the input's name.
    """
    problem = misshapen(table)
    if problem:
        raise InvalidText([Problem("TW2201", problem, Located.plain(table.name or "decision table").part(0, len(table.name)))])
    known = frozenset([*names, *names_within(context or {})])

    def expression(text: Text) -> Expression:
        return compile_open(written(text), known, None, types)

    def test(text: Text) -> Expression:
        return compile_open_tests(written(text), known, types)

    columns = tuple(
        column(each, [rule.inputs[index] for rule in table.rules], expression, test, bound=each.name in bound)
        for index, each in enumerate(table.inputs)
    )
    results = tuple(
        result(each, [rule.outputs[index] for rule in table.rules], expression, test) for index, each in enumerate(table.outputs)
    )
    return CompiledTable(table, columns, results, types or {})


def misshapen(table: Table) -> str:
    """What is wrong with the shape of a table; nothing if it is well made."""
    if table.hit not in POLICIES:
        return f"there is no hit policy '{table.hit}': it is one of {' '.join(POLICIES)}"
    if not table.outputs:
        return "a decision table has at least one output"
    if table.hit in AGGREGATES and len(table.outputs) > 1:
        return f"{table.hit} collects the values of one output, and the table has {len(table.outputs)}"
    for number, rule in enumerate(table.rules, 1):
        if len(rule.inputs) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            return f"rule {number} has {len(rule.inputs)} tests and {len(rule.outputs)} outputs, not as many as the table"
    return ""


def column(source: Input, texts: Sequence[Text], expression: Compile, test: Compile, *, bound: bool = False) -> Column:
    """An input's tests, each compiled once, however many rules have it. `bound` is as in `Column`."""
    compiled: dict[str, Expression | None] = {"": None, "-": None}
    for text in texts:
        key = written(text)
        if key not in compiled:
            compiled[key] = test(text)
    cells = tuple(compiled[written(text)] for text in texts)
    values = allowed(source.values, test)
    axis = axis_of(cells, values) if len(cells) >= FEW else None
    return Column(source.name, expression(source.tested), source.type, values, cells, axis, bound)


def result(source: Output, texts: Sequence[Text], expression: Compile, test: Compile) -> Result:
    """An output's cells; an empty one gives null."""
    values = allowed(source.values, test)
    default = expression(source.default) if written(source.default) else None
    cells = tuple(expression(text if written(text) not in ("", "-") else "null") for text in texts)
    return Result(source.name, source.type, values, ranks(values), default, cells)


def allowed(values: Text, test: Compile) -> Expression | None:
    return test(values) if written(values) not in ("", "-") else None


def ranks(values: Expression | None) -> tuple[object, ...]:
    """The constants of allowed values in order, the highest priority first."""
    if values is None or not isinstance(values.ast, UnaryTests):
        return ()
    return tuple(value for test in values.ast.tests if (value := fold(test)) is not MISSING)
