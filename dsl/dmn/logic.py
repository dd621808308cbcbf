"""Boxed expressions compiled to functions of a scope (OMG DMN 1.5, 10.2.1 and 10.4); what is FEEL in them runs as FEEL does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dsl.decisions import Rule, Table, Text, compile
from dsl.decisions.checking import moves
from dsl.decisions.compiling import misshapen
from dsl.decisions.coverage import analyse
from dsl.decisions.table import LISTS, written
from dsl.decisions.telling import told
from dsl.dmn.model import (
    Boxed,
    Conditional,
    Context,
    Entry,
    Filtered,
    Function,
    Invocation,
    Iteration,
    Listed,
    Literal,
    Refused,
    Relation,
    Tabled,
    Variable,
)
from dsl.dmn.typing import Types, agreed
from dsl.feel import ANY, Expression, Host, Scope, Warning, check, check_tests, compile_open, compile_open_tests
from dsl.feel.ast import TypeName
from dsl.feel.lexer import raw_tokens
from dsl.feel.runtime import call_named
from dsl.feel.values import FeelFunction
from dsl.problems import Problem
from dsl.source import Located, Span

Names = frozenset[str]
Values = dict[str, Any]


@dataclass(slots=True)
class Run:
    """One evaluation: the host, why nulls came about, and the rules of tables that matched, the last table's last."""

    host: Host | None
    warnings: list[Warning] = field(default_factory=list)
    matched: list[tuple[int, ...]] = field(default_factory=list)

    def warn(self, message: str) -> Any:
        """Note a reason for a null, and give it."""
        if len(self.warnings) < 100:
            self.warnings.append(Warning("value", message, 0, 0))
        return None


Logic = Callable[[Values, Run], object]


def fitted(types: Types, value: object, type_: TypeName | None, what: str, run: Run) -> object:
    """A value as a variable of a type takes it, else null with a warning."""
    fitting, wrong = types.fit(value, type_)
    return run.warn(f"{what}: {wrong}") if wrong else fitting


class Compiler:
    """Compiles the logic of one element. Collected on the way are `problems`, and `free`: the names that nothing in the model has, with
    the types of the columns that test them. `functions` are the names of all in the models, required or not."""

    def __init__(self, types: Types, words: Names, owner: str, at: Span | None, world: Scope, functions: Names) -> None:
        self.types = types
        self.functions = functions
        self.words = words
        self.owner = owner
        self.at = at
        self.world = world
        self.problems: list[Problem] = []
        self.free: dict[str, TypeName | None] = {}
        self.used: set[str] = set()
        self.moving = False

    def compile(self, boxed: Boxed, names: Names, type_: TypeName | None = None) -> Logic:
        """`names` are those that the logic may use; `type_` is what it is to give, as far as that says more about a table's outputs."""
        match boxed:
            case Literal():
                return self.literal(boxed.text, names)
            case Tabled():
                return self.table(boxed, names, type_)
            case Context():
                return self.context(boxed, names)
            case Invocation():
                return self.invocation(boxed, names)
            case Listed():
                return self.listed(boxed, names)
            case Relation():
                return self.relation(boxed, names)
            case Function():
                return self.function(boxed, names)
            case Conditional():
                return self.conditional(boxed, names)
            case Iteration():
                return self.iteration(boxed, names)
            case Filtered():
                return self.filtered(boxed, names)
            case Refused():
                return self.nothing(boxed.reason)

    # ---- FEEL ----

    def report(self, problem: Problem) -> None:
        at = self.place() if problem.at.source.path == NOWHERE else problem.at  # a name that stands for an expression has no place
        self.problems.append(replace(problem, message=f"{self.owner}: {problem.message}", at=at))

    def nothing(self, reason: str) -> Logic:
        return lambda _, run: run.warn(f"{self.owner}: {reason}")

    def known(self, names: Names) -> Names:
        return names | self.words

    def sound(self, text: Text, names: Names, tests: bool = False) -> bool:
        """Whether a text is FEEL; problems that keep it from being that are told where they stand."""
        scope = self.world.with_names(dict.fromkeys(self.known(names) if self.world.open else names, ANY))
        checked = check_tests(text, scope, ANY) if tests else check(text, scope, business=False)
        wrong = [each for each in checked.problems if checked.ast is None or (not scope.open and each.code in UNKNOWN)]
        for problem in wrong:
            self.report(problem)
        return not wrong

    def expression(self, text: Text, names: Names) -> Expression | None:
        if not written(text) or not self.sound(text, names):
            return None
        found = compile_open(written(text), self.known(names), None, self.types.names)
        self.note(found, names)
        return found

    def note(self, found: Expression, names: Names) -> None:
        """Note what an expression uses."""
        self.used.update(path[0] for path in found.paths)
        for path in found.paths:
            if path[0] not in names and path[0] != "?":
                self.free.setdefault(path[0])
        self.moving = self.moving or moves(found.ast)

    def literal(self, text: Text, names: Names) -> Logic:
        found = self.expression(text, names)
        if found is None:
            return self.nothing("there is no expression" if not written(text) else "the expression has an error")
        return lambda scope, run: found(scope, run.host, run.warnings)

    # ---- contexts, lists, relations ----

    def context(self, boxed: Context, names: Names) -> Logic:
        entries: list[tuple[Entry, Logic]] = []
        for entry in boxed.entries:
            if any(entry.name == each.name for each, _ in entries):
                self.report(Problem("TW2309", f"the context has two entries '{entry.name}'", self.place()))
            entries.append((entry, self.compile(entry.logic, names, entry.type)))
            names |= {entry.name}
        result = self.compile(boxed.result, names, boxed.result_type) if boxed.result is not None else None

        def run_context(scope: Values, run: Run) -> object:
            inner, value = dict(scope), {}
            for entry, logic in entries:
                inner[entry.name] = value[entry.name] = fitted(self.types, logic(inner, run), entry.type, entry.name, run)
            return value if result is None else fitted(self.types, result(inner, run), boxed.result_type, "the result", run)

        return run_context

    def place(self) -> Span:
        return self.at or Located.plain(self.owner).span

    def listed(self, boxed: Listed, names: Names) -> Logic:
        items = [self.compile(each, names) for each in boxed.items]
        return lambda scope, run: [item(scope, run) for item in items]

    def relation(self, boxed: Relation, names: Names) -> Logic:
        rows = [[self.compile(cell, names, column.type) for column, cell in zip(boxed.columns, row, strict=True)] for row in boxed.rows]

        def run_relation(scope: Values, run: Run) -> object:
            return [
                {each.name: fitted(self.types, cell(scope, run), each.type, each.name, run)
                 for each, cell in zip(boxed.columns, row, strict=True)} for row in rows
            ]  # fmt: skip

        return run_relation

    # ---- functions ----

    def function(self, boxed: Function, names: Names) -> Logic:
        parameters = tuple(each.name for each in boxed.parameters)
        inner = names | frozenset(parameters)
        body = self.compile(boxed.body, inner, boxed.result) if boxed.body is not None else self.nothing("the function has no logic")

        def run_function(scope: Values, run: Run) -> object:
            def code(*args: object) -> object:
                given = {
                    each.name: fitted(self.types, arg, each.type, each.name, run) for each, arg in zip(boxed.parameters, args, strict=True)
                }
                return fitted(self.types, body({**scope, **given}, run), boxed.result, "the function", run)

            return function_of(boxed.parameters, code, self.types)

        return run_function

    def invocation(self, boxed: Invocation, names: Names) -> Logic:
        function = self.called(boxed.function, names)
        parameters = tuple(each.name for each in boxed.bindings)
        bindings = [self.compile(each.logic, names, each.type) for each in boxed.bindings]

        def run_invocation(scope: Values, run: Run) -> object:
            args = tuple(
                fitted(self.types, logic(scope, run), each.type, each.name, run)
                for each, logic in zip(boxed.bindings, bindings, strict=True)
            )
            return call_named(function(scope, run), parameters, args, run.warnings, 0, 0)

        return run_invocation

    def called(self, text: Text, names: Names) -> Logic:
        """The function of an invocation. A name with spaces is only one if its function is required, which is then what is told."""
        before = len(self.problems)
        function = self.literal(text, names)
        if len(self.problems) > before and written(text) in self.functions - names:
            at = self.problems[before].at
            del self.problems[before:]
            self.report(Problem("TW2305", f"calls '{written(text)}' without requiring it", at, hint="add a knowledge requirement"))
        return function

    # ---- conditionals, iterations, filters ----

    def conditional(self, boxed: Conditional, names: Names) -> Logic:
        condition, then, otherwise = (self.compile(each, names) for each in (boxed.condition, boxed.then, boxed.otherwise))

        def run_conditional(scope: Values, run: Run) -> object:
            value = condition(scope, run)
            if value is not None and type(value) is not bool:
                return run.warn("a condition is true or false")
            return then(scope, run) if value is True else otherwise(scope, run)

        return run_conditional

    def iteration(self, boxed: Iteration, names: Names) -> Logic:
        """The loop runs in FEEL, over a function that is the body."""
        source = self.compile(boxed.source, names, boxed.item.type)
        body = self.compile(boxed.body, names | {boxed.item.name, "partial"})
        loop = compile_open(LOOPS[boxed.kind])
        parameters = (Variable("x"), Variable("partial")) if boxed.kind == "for" else (Variable("x"),)

        def run_iteration(scope: Values, run: Run) -> object:
            def code(item: object, partial: object = None) -> object:
                return body({**scope, boxed.item.name: item, "partial": partial}, run)

            items = fitted(self.types, source(scope, run), boxed.item.type, boxed.item.name, run)
            return loop({SOURCE: items, BODY: function_of(parameters, code, self.types)}, run.host, run.warnings)

        return run_iteration

    def filtered(self, boxed: Filtered, names: Names) -> Logic:
        source = self.compile(boxed.source, names)
        condition = self.compile(boxed.condition, names | {"item"} | self.words)  # the words may be members of the item
        loop = compile_open(f"{SOURCE}[{BODY}(item)]")

        def run_filter(scope: Values, run: Run) -> object:
            def code(item: object) -> object:
                members = item if isinstance(item, Mapping) else {}
                return condition({**scope, **members, "item": item}, run)

            found = {SOURCE: source(scope, run), BODY: function_of((Variable("x"),), code, self.types)}
            return loop(found, run.host, run.warnings)

        return run_filter

    # ---- decision tables ----

    def table(self, boxed: Tabled, names: Names, type_: TypeName | None) -> Logic:
        table = self.prepared(boxed.table, type_)
        wrong = misshapen(table)
        if wrong:
            self.report(Problem("TW2201", wrong, self.place()))
            return self.nothing("the table has an error")
        inner = names | boxed.bound
        cells = [*(cell for rule in table.rules for cell in rule.inputs), *(each.values for each in table.inputs)]
        cells += [each.values for each in table.outputs]
        results = [*(cell for rule in table.rules for cell in rule.outputs), *(each.default for each in table.outputs)]
        right = [self.sound(each, inner, tests=True) for each in cells if written(each) not in ("", "-")]
        right += [self.sound(each, inner) for each in results if written(each) not in ("", "-")]
        right += [self.expression(each.tested, names) is not None for each in table.inputs]
        if not all(right):
            return self.nothing("the table has an error")
        for each in table.inputs:
            if (name := written(each.tested)) in self.free:
                self.free[name] = agreed(self.free[name], each.type)
        table = replace(table, rules=tuple(self.testing(table, rule, boxed.bound) for rule in table.rules))
        compiled = compile(table, self.known(inner), self.types.names, bound=boxed.bound)
        if not (self.world.open or boxed.checked):
            self.analyse(table, inner)
        for column in compiled.columns:
            self.note_all(inner, *column.cells)
        for result in compiled.results:
            self.note_all(inner, *result.cells, result.default)

        def run_table(scope: Values, run: Run) -> object:
            decided = compiled.decide(scope, run.host)
            run.warnings.extend(decided.warnings)
            run.matched.append(decided.rules)
            return decided.value

        return run_table

    def analyse(self, table: Table, names: Names) -> None:
        """Tell the gaps and overlaps of a table of a document; the types of inputs say which values there are."""
        inputs = tuple(replace(each, values=each.values or self.types.values_of(each.type)) for each in table.inputs)
        bare = compile(replace(table, inputs=inputs), self.known(names), self.types.names)
        for problem in told(table, analyse(bare), self.place()):
            self.report(problem)

    def note_all(self, names: Names, *cells: Expression | None) -> None:
        for cell in cells:
            if cell is not None:
                self.note(cell, names)

    def testing(self, table: Table, rule: Rule, bound: frozenset[str]) -> Rule:
        """A rule whose tests call the tested value `?` where they had a name for it, so that `celsius > 30` is a test."""
        cells = tuple(asked(cell, each.name) if each.name in bound else cell for each, cell in zip(table.inputs, rule.inputs, strict=True))
        return replace(rule, inputs=cells)

    def prepared(self, table: Table, type_: TypeName | None) -> Table:
        """The table with the allowed values that the types of its outputs bring along, which rank rules too."""
        item = self.types.names.get(type_.name, type_) if type_ is not None else None
        if item is not None and item.name == "list" and table.hit in LISTS and item.args:
            type_ = item.args[0]
            item = self.types.names.get(type_.name, type_)
        members = dict(item.members) if item is not None else {}
        single = len(table.outputs) == 1
        named = single and table.outputs[0].name in members
        outputs = []
        for each in table.outputs:
            own = each.type or (type_ if single and not named else members.get(each.name or ""))
            values = each.values or self.types.values_of(own)
            outputs.append(replace(each, values=values))
        return replace(table, outputs=tuple(outputs), bare=not named, name=table.name or self.owner)


NOWHERE = Located.plain("").span.source.path
UNKNOWN = ("TW2002", "TW2004")
"""Beside errors of syntax, what is wrong with FEEL that names what is not there."""
SOURCE, BODY = "__source", "__body"
LOOPS = {
    "for": f"for x in {SOURCE} return {BODY}(x, partial)",
    "some": f"some x in {SOURCE} satisfies {BODY}(x)",
    "every": f"every x in {SOURCE} satisfies {BODY}(x)",
}


def function_of(parameters: tuple[Variable, ...], code: Callable[..., object], types: Types) -> FeelFunction:
    """A function as a value of FEEL."""
    return FeelFunction(tuple(each.name for each in parameters), tuple(each.type for each in parameters), code, declared=types.names)


def asked(cell: Text, name: str) -> str:
    """A unary test with `?` in place of a name."""
    text = written(cell)
    tokens = list(raw_tokens(text))
    for token in reversed(tokens):
        if token.kind == "name" and token.text == name:
            text = f"{text[: token.start]}?{text[token.end :]}"
    return text


def test_of(text: Text, names: Names) -> Expression:
    """Unary tests of an item definition. Raises InvalidText."""
    return compile_open_tests(written(text), names)
