"""Boxed expressions of DMN as documents write them: FEEL alone, or a map with the keys of one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dsl.decisions import Input, Output, Table
from dsl.decisions.table import Text
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
from dsl.dmn.typing import BUILT_IN
from dsl.feel.ast import TypeName
from engine.model.build_decisions import rule
from engine.model.checker import Checker
from engine.model.part import Part

FORMS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "expression": ((), ()),
    "table": ((), ()),
    "context": ((), ("result",)),
    "list": ((), ()),
    "relation": ((), ()),
    "invoke": ((), ("with",)),
    "if": (("then", "else"), ()),
    "for": (("in", "return"), ()),
    "some": (("in", "satisfies"), ()),
    "every": (("in", "satisfies"), ()),
    "filter": (("where",), ()),
}
"""The keys of which each form has one, with those that it needs beside, and those that it may have."""
PARTS = tuple(dict.fromkeys(key for form, (needs, may) in FORMS.items() for key in (form, *needs, *may)))
BODY = (*PARTS, "parameters", "returns")


def boxed(checker: Checker, part: Part) -> Boxed:
    """The logic of a document, or of a part of it. What is wrong with its form is reported."""
    if not isinstance(part.value, Mapping):
        return Literal(part.text)
    return BoxedBuilder(checker).map(part)


class BoxedBuilder:
    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.builders: Mapping[str, Callable[[Part], Boxed]] = {
            "expression": lambda part: Literal(self.text(part, "expression")),
            "table": self.table,
            "context": self.context,
            "list": lambda part: Listed(tuple(boxed(checker, each) for each in part.each("list"))),
            "relation": self.relation,
            "invoke": lambda part: Invocation(self.text(part, "invoke"), self.entries(part, "with")),
            "if": lambda part: Conditional(*(self.inner(part, key) for key in ("if", "then", "else"))),
            "for": self.iteration,
            "some": self.iteration,
            "every": self.iteration,
            "filter": lambda part: Filtered(self.inner(part, "filter"), self.inner(part, "where")),
        }

    def map(self, part: Part) -> Boxed:
        """A form of logic, within a function if there are parameters."""
        parameters = part.get("parameters")
        body = self.form(part)
        return Function(variables(parameters), body, type_named(part.get("returns"))) if parameters is not None else body

    def form(self, part: Part) -> Boxed:
        at = part.document.at((*part.path, "decision")) if not part.path else part.at
        found = [key for key in FORMS if part.get(key) is not None]
        if len(found) != 1:
            what = f"has {' and '.join(f'`{each}`' for each in found)}" if found else "has no logic"
            self.checker.report("TW2312", f"this {what}", at, f"write one of {', '.join(FORMS)}")
            return Refused(f"it {what}")
        needs, may = FORMS[found[0]]
        for key in needs:
            if part.get(key) is None:
                self.checker.report("TW2312", f"`{found[0]}` needs `{key}` beside it", at)
        for key in PARTS:
            each = part.get(key)
            if each is not None and key not in (found[0], *needs, *may):
                self.checker.report("TW2312", f"`{key}` does not go with `{found[0]}`", each.key_at)
        return self.builders[found[0]](part)

    def text(self, part: Part, key: str) -> Text:
        found = part.get(key)
        return found.text if found is not None else ""

    def inner(self, part: Part, key: str) -> Boxed:
        found = part.get(key)
        return boxed(self.checker, found) if found is not None else Refused(f"there is no `{key}`")

    def entries(self, part: Part, key: str) -> tuple[Entry, ...]:
        return tuple(Entry(name, entry_type(each), boxed(self.checker, each)) for name, each in part.items(key))

    def context(self, part: Part) -> Boxed:
        result = part.get("result")
        type_ = entry_type(result) if result is not None else None
        return Context(self.entries(part, "context"), boxed(self.checker, result) if result is not None else None, type_)

    def relation(self, part: Part) -> Boxed:
        found = part.get("relation")
        assert found is not None
        columns = variables(found.get("columns"))
        rows = []
        for row in found.each("rows"):
            cells = [Part(row.document, (*row.path, i), cell) for i, cell in enumerate(row.value)]
            if len(cells) != len(columns):
                self.checker.report("TW2308", f"this row has {len(cells)} cells, and the relation {len(columns)} columns", row.at)
                continue
            rows.append(tuple(boxed(self.checker, each) for each in cells))
        return Relation(columns, tuple(rows))

    def iteration(self, part: Part) -> Boxed:
        kind = next(key for key in ("for", "some", "every") if part.get(key) is not None)
        source = part.get("in")
        item = Variable(part.string(kind), entry_type(source) if source is not None else None)
        return Iteration(kind, item, self.inner(part, "in"), self.inner(part, "return" if kind == "for" else "satisfies"))

    # ---- tables ----

    def table(self, part: Part) -> Boxed:
        found = part.get("table")
        assert found is not None
        inputs, outputs = dict(found.items("inputs")), dict(found.items("outputs"))
        if not outputs:
            self.checker.report("TW2201", "a decision table has at least one output", found.at)
            return Refused("the table has no output")
        columns = tuple(
            Input(name, self.text(each, "expression"), type_named(each.get("type")), self.text(each, "values"), each.string("label"))
            for name, each in inputs.items()
        )
        results = tuple(
            Output(
                each.string("name", name),
                type_named(each.get("type")),
                self.text(each, "values"),
                self.text(each, "default"),
                each.string("label"),
            )
            for name, each in outputs.items()
        )
        rules = tuple(rule(self.checker, each, inputs, outputs) for each in found.each("rules"))
        return Tabled(Table(found.string("hit", "U"), columns, results, rules, part.document.name), frozenset(inputs))


def type_named(part: Part | None, name: str = "") -> TypeName | None:
    """A type as documents write it; `Any` is none."""
    name = name or (part.written if part is not None and isinstance(part.value, str) else "")
    found = BUILT_IN.get(name, name)
    return TypeName(0, 0, found) if found not in ("", "Any") else None


def entry_type(part: Part) -> TypeName | None:
    """The type that stands beside logic."""
    return type_named(part.get("type")) if isinstance(part.value, Mapping) else None


def variables(part: Part | None) -> tuple[Variable, ...]:
    return tuple(Variable(name, type_named(each)) for name, each in part.items()) if part is not None else ()
