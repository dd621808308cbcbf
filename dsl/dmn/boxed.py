"""Boxed expressions of DMN XML (OMG DMN 1.5, 7.3, 8.3 and 10.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from dsl.decisions import Input, Output, Rule, Table, Text
from dsl.decisions.table import written
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
from dsl.dmn.typing import BUILT_IN, SPELLINGS
from dsl.dmn.xml import Element
from dsl.feel.ast import TypeName
from dsl.feel.lexer import raw_tokens
from dsl.problems import Problem, did_you_mean
from dsl.source import Located, Span

HITS = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}  # fmt: skip
AGGREGATIONS = {"": "C", "SUM": "C+", "MIN": "C<", "MAX": "C>", "COUNT": "C#"}
STRING = TypeName(0, 0, "string")
Column = TypeVar("Column", Input, Output)
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"


def label_of(name: str) -> str:
    """A name as FEEL sees it: words with one space between."""
    return " ".join(name.split())


class BoxedReader:
    """Reads logic; `problems` collects what is wrong with it."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.language = root.get("expressionLanguage")
        self.of_camunda = root.get("namespace") == CAMUNDA[1:-1] or root.get("exporter").startswith("Camunda")
        self.own_types = frozenset(label_of(each.get("name")) for each in root.all("itemDefinition"))
        self.type_places: dict[str, Span] = {}
        self.readers: dict[str, Callable[[Element], Boxed]] = {
            "literalExpression": self.literal,
            "decisionTable": self.table,
            "context": self.context,
            "invocation": self.invocation,
            "list": self.listed,
            "relation": self.relation,
            "functionDefinition": self.function,
            "conditional": self.conditional,
            "for": self.iteration,
            "some": self.iteration,
            "every": self.iteration,
            "filter": self.filtered,
        }

    def report(self, code: str, node: Element, message: str, hint: str = "") -> None:
        """Tell what is wrong with an element, by its kind and id."""
        identity = node.get("id") or node.get("name")
        name = f"{node.name} '{identity}'" if identity else f"this {node.name}"
        self.problems.append(Problem(code, f"{name} {message}", node.at, hint=hint))

    # ---- parts that many have ----

    def description(self, node: Element) -> str:
        found = node.one("description")
        return found.text.text if found is not None else ""

    def text_of(self, node: Element) -> Located:
        """The FEEL within an element; nothing, with a problem, for another language."""
        found = node.one("text") if self.check_language(node) else None
        return found.text if found is not None else Located("", node.at, ())

    def check_language(self, node: Element) -> bool:
        language = node.get("expressionLanguage") or self.language
        if language and "feel" not in language.lower():
            self.report("TW2304", node, f"is written in '{language}', and only FEEL runs here", "rewrite it in FEEL")
            return False
        return True

    def type_named(self, written: str, node: Element) -> TypeName | None:
        """A type as it is referred to: FEEL's own under its usual name, others with the name of their import before them; `Any` is none."""
        name = label_of(written)
        prefix, colon, local = name.partition(":")
        if colon and prefix in node.spaces:
            space = node.spaces[prefix]
            alias = next((label_of(each.get("name")) for each in self.root.all("import") if each.get("namespace") == space), "")
            name = f"{alias}.{local}" if alias and space != self.root.get("namespace") else local
        elif colon and prefix == "feel":
            name = local
        if name not in self.own_types:
            name = BUILT_IN.get(name) or SPELLINGS.get(name, name)
        if name in ("", "Any"):
            return None
        self.type_places.setdefault(name, node.at)
        return TypeName(0, 0, name)

    def variable_type(self, node: Element) -> TypeName | None:
        variable = node.one("variable")
        return self.type_named(variable.get("typeRef"), variable) if variable is not None else None

    def typed(self, node: Element) -> Variable:
        return Variable(label_of(node.get("name")), self.type_named(node.get("typeRef"), node))

    # ---- expressions ----

    def expressions(self, node: Element) -> Iterator[Boxed]:
        for each in node.all(*self.readers):
            yield self.readers[each.name](each)

    def logic_within(self, node: Element) -> Boxed | None:
        """The expression that an element holds; None if it has none."""
        return next(self.expressions(node), None)

    def needed(self, node: Element, *names: str) -> Boxed:
        """The expression that an element, or its child of one of these names, must hold."""
        held = node.one(*names) if names else node
        found = self.logic_within(held) if held is not None else None
        if found is None:
            what = f"has no {names[0]}" if names else "holds no expression"
            self.report("TW2308", node, what)
            return Refused(what)
        return found

    def literal(self, node: Element) -> Boxed:
        if not self.check_language(node):
            return Refused("it is not written in FEEL")
        if node.one("importedValues") is not None:
            self.report("TW2304", node, "takes its value from another file (importedValues)", "write the expression here")
            return Refused("it takes its value from another file")
        return Literal(self.text_of(node))

    def context(self, node: Element) -> Boxed:
        entries: list[Entry] = []
        result, result_type = None, None
        for each in node.all("contextEntry"):
            variable = each.one("variable")
            logic = self.needed(each)
            if variable is not None:
                name = self.typed(variable)
                entries.append(Entry(name.name, name.type, logic))
            elif result is None:
                result = logic
                held = next(each.all(*self.readers), None)
                result_type = self.type_named(held.get("typeRef"), held) if held is not None else None
            else:
                self.report("TW2308", each, "is a second result of its context", "give it a variable")
        return Context(tuple(entries), result, result_type)

    def invocation(self, node: Element) -> Boxed:
        called = node.one("literalExpression")
        if called is None:
            self.report("TW2308", node, "does not name the function that it calls")
            return Refused("it calls no function")
        bindings = []
        for each in node.all("binding"):
            parameter = each.one("parameter")
            logic = self.logic_within(each)
            if parameter is None:
                self.report("TW2308", each, "names no parameter")
            elif logic is not None:
                name = self.typed(parameter)
                bindings.append(Entry(name.name, name.type, logic))
        return Invocation(self.text_of(called), tuple(bindings))

    def listed(self, node: Element) -> Boxed:
        return Listed(tuple(self.expressions(node)))

    def relation(self, node: Element) -> Boxed:
        columns = tuple(self.typed(each) for each in node.all("column"))
        rows = []
        for each in node.all("row"):
            cells = tuple(self.expressions(each))
            if len(cells) != len(columns):
                self.report("TW2308", each, f"has {len(cells)} cells, and the relation {len(columns)} columns")
                continue
            rows.append(cells)
        return Relation(columns, tuple(rows))

    def function(self, node: Element) -> Boxed:
        kind = node.get("kind") or "FEEL"
        if kind.upper() not in ("FEEL", "F"):
            self.report("TW2304", node, f"is a function in {kind}, and only FEEL runs here", "rewrite it in FEEL")
            return Refused(f"it is written in {kind}")
        body = next(node.all(*self.readers), None)
        result = self.type_named(body.get("typeRef"), body) if body is not None else None
        return Function(tuple(self.typed(each) for each in node.all("formalParameter")), self.logic_within(node), result)

    def conditional(self, node: Element) -> Boxed:
        return Conditional(self.needed(node, "if"), self.needed(node, "then"), self.needed(node, "else"))

    def iteration(self, node: Element) -> Boxed:
        name = label_of(node.get("iteratorVariable"))
        if not name:
            self.report("TW2308", node, "has no iteratorVariable")
        source = node.one("in")
        type_ = self.type_named(source.get("typeRef"), source) if source is not None else None
        return Iteration(node.name, Variable(name, type_), self.needed(node, "in"), self.needed(node, "return", "satisfies"))

    def filtered(self, node: Element) -> Boxed:
        return Filtered(self.needed(node, "in"), self.needed(node, "match"))

    # ---- decision tables ----

    def table(self, node: Element) -> Boxed:
        bound = frozenset(name for each in node.all("input") if (name := label_of(each.get(f"{CAMUNDA}inputVariable"))))
        idle = self.idle(node)
        columns = list(node.all("input"))
        inputs = tuple(self.input(each) for place, each in enumerate(columns) if place not in idle)
        outputs = tuple(self.output(each) for each in node.all("output"))
        rules = tuple(self.rule(each, len(columns), len(outputs), idle) for each in node.all("rule"))
        if not outputs:
            self.report("TW2308", node, "has no output")
            return Refused("the table has no output")
        if self.of_camunda:
            inputs = tuple(untyped(each, [rule.inputs[place] for rule in rules]) for place, each in enumerate(inputs))
            outputs = tuple(untyped(each, [rule.outputs[place] for rule in rules]) for place, each in enumerate(outputs))
        return Tabled(Table(self.hit(node), inputs, outputs, rules, node.get("id")), bound)

    def idle(self, node: Element) -> frozenset[int]:
        """The inputs that decide nothing: modelers begin a table with one that has neither an expression nor a test in any rule."""
        tests = [list(rule.all("inputEntry")) for rule in node.all("rule")]
        return frozenset(
            place
            for place, each in enumerate(node.all("input"))
            if not self.tested(each) and all(self.cell(row[place]) in ("", "-") for row in tests if place < len(row))
        )

    def tested(self, node: Element) -> str:
        """What an input tests, by its expression or, where it has none, its variable or label."""
        held = node.one("inputExpression")
        return (self.cell(held) if held is not None else "") or label_of(node.get(f"{CAMUNDA}inputVariable") or node.get("label"))

    def cell(self, node: Element) -> str:
        found = node.one("text")
        return found.text.text if found is not None else ""

    def hit(self, node: Element) -> str:
        policy, aggregation = node.get("hitPolicy") or "UNIQUE", node.get("aggregation")
        hit = HITS.get(policy)
        if hit is None:
            self.report("TW2308", node, f"has the hit policy '{policy}', which there is not", did_you_mean(policy, HITS))
            return "U"
        if hit == "C" and aggregation not in AGGREGATIONS:
            self.report("TW2308", node, f"has the aggregation '{aggregation}', which there is not", did_you_mean(aggregation, AGGREGATIONS))
        return AGGREGATIONS.get(aggregation, "C") if hit == "C" else hit

    def input(self, node: Element) -> Input:
        tested, values = node.one("inputExpression"), node.one("inputValues")
        variable, label = label_of(node.get(f"{CAMUNDA}inputVariable")), label_of(node.get("label"))
        text: Text = self.text_of(tested) if tested is not None else ""
        name = text.text if isinstance(text, Located) else text
        type_ = self.type_named(tested.get("typeRef"), tested) if tested is not None else None
        if not self.tested(node):
            self.report("TW2308", node, "has no expression to test", "write one, or give the input a label")
        return Input(variable or name or label, text, type_, self.text_of(values) if values is not None else "", label)

    def output(self, node: Element) -> Output:
        values, default = node.one("outputValues"), node.one("defaultOutputEntry")
        return Output(
            label_of(node.get("name")) or None,
            self.type_named(node.get("typeRef"), node),
            self.text_of(values) if values is not None else "",
            self.text_of(default) if default is not None else "",
            label_of(node.get("label")),
        )

    def rule(self, node: Element, inputs: int, outputs: int, idle: frozenset[int]) -> Rule:
        tests: tuple[Text, ...] = tuple(self.text_of(each) for each in node.all("inputEntry"))
        results: tuple[Text, ...] = tuple(self.text_of(each) for each in node.all("outputEntry"))
        if (len(tests), len(results)) != (inputs, outputs):
            found = f"{len(tests)} input and {len(results)} output entries"
            self.report("TW2308", node, f"has {found}, and the table {inputs} inputs and {outputs} outputs")
            tests, results = fill(tests, inputs), fill(results, outputs)
        tests = tuple(each for place, each in enumerate(tests) if place not in idle)
        notes = [self.description(node), *(text.text.text for each in node.all("annotationEntry") if (text := each.one("text")))]
        return Rule(tests, results, "; ".join(each for each in notes if each), node.at)


def untyped(column: Column, cells: Sequence[Text]) -> Column:
    """A column without its type `string`, which Camunda Modeler gives every new one, where its cells hold numbers and nothing of texts."""
    kinds = {token.kind for cell in (*cells, column.values) for token in raw_tokens(written(cell))}
    numbers = "number" in kinds and not kinds & {"string", "name", "wrong"}
    return replace(column, type=None) if numbers and column.type == STRING else column


def fill(cells: tuple[Text, ...], count: int) -> tuple[Text, ...]:
    """Cells for all columns, so that the rest of a damaged table can be read."""
    return (*cells, *[""] * count)[:count]
