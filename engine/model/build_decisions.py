"""Decision tables, from their documents to the model (spec 2.2)."""

from __future__ import annotations

from collections.abc import Collection

from dsl.decisions import Input, Output, Rule, Table
from dsl.decisions.checking import check_table
from dsl.decisions.table import Text as Feel
from dsl.decisions.table import shown
from dsl.feel.ast import TypeName
from dsl.feel.types import ANY, Choice, DecisionType, ListOf, Scope, Simple, Type
from engine.model.build_fields import declared
from engine.model.checker import Checker, label
from engine.model.model import Decision
from engine.model.names import FUNCTIONS
from engine.model.part import Part

PURE = ("working days", "add working days")
"""What cells may call beside FEEL's own: a decision depends on nothing but what it is asked with."""


def build_decision(checker: Checker, part: Part, module: str) -> tuple[DecisionType, Decision | None]:
    """What `decide` needs to know of a decision, and the decision if there is no error in it."""
    return DecisionBuilder(checker, part).build(module)


class DecisionBuilder:
    """Builds one decision table."""

    def __init__(self, checker: Checker, part: Part) -> None:
        self.checker = checker
        self.part = part
        self.inputs = dict(part.items("inputs"))
        self.outputs = dict(part.items("outputs"))
        self.kinds = {name: checker.names.type_of(declared(name, each)) for name, each in (*self.inputs.items(), *self.outputs.items())}

    def build(self, module: str) -> tuple[DecisionType, Decision | None]:
        before = len(self.checker.problems)
        self.check_names()
        table = Table(
            self.part.string("hit", "U"),
            tuple(self.input(name, each) for name, each in self.inputs.items()),
            tuple(self.output(name, each) for name, each in self.outputs.items()),
            tuple(rule(self.checker, each, self.inputs, self.outputs) for each in self.part.each("rules")),
            self.part.document.name,
        )
        scope = Scope(members=self.checker.names.members, functions={name: FUNCTIONS[name] for name in PURE})
        hit = self.part.get("hit")
        at = hit.at if hit is not None else self.part.document.at(("decision",))
        checked = check_table(table, self.kinds, scope, at)
        self.checker.problems.extend(checked.problems)
        failed = any(problem.severity == "error" for problem in self.checker.problems[before:])
        if failed or checked.compiled is None:
            return checked.type, None
        names = {name: label(each.get("label"), name) for name, each in (*self.inputs.items(), *self.outputs.items())}
        title = label(self.part.get("label"), self.part.document.name)
        return checked.type, Decision(self.part.document.name, title, checked.compiled, checked.type, names, module, at)

    def check_names(self) -> None:
        for name, each in self.outputs.items():
            if name in self.inputs:
                self.checker.report("TW2203", f"there is an input '{name}' already", each.key_at, "name the output otherwise")
        for name, each in (*self.inputs.items(), *self.outputs.items()):
            if name == "note":
                self.checker.report("TW2203", "a rule's `note` is its remark, so no column has that name", each.key_at)

    # ---- columns and rules ----

    def input(self, name: str, part: Part) -> Input:
        tested = part.get("expression")
        type_ = runtime_type(self.kinds[name])
        title = label(part.get("label"), name).in_("en")
        return Input(name, tested.text if tested is not None else "", type_, self.values(part), title, part.string("type") == "integer")

    def output(self, name: str, part: Part) -> Output:
        default = part.get("default")
        return Output(name, runtime_type(self.kinds[name]), self.values(part), default.text if default is not None else "")

    def values(self, part: Part) -> Feel:
        """The allowed values of a column: its `values`, or the options of a choice."""
        values = part.get("values")
        if values is not None:
            return values.text
        kind = self.kinds[part.name]
        return ", ".join(map(shown, kind.options)) if isinstance(kind, Choice) else ""


def rule(checker: Checker, part: Part, inputs: Collection[str], outputs: Collection[str]) -> Rule:
    """One rule: its cells by the names of columns; one that is left out tests nothing."""
    cells = dict(part.items())
    known = [*inputs, *outputs, "note"]
    for name, each in cells.items():
        if name not in known:
            checker.unknown("TW2202", "the table has no input and no output", name, known, each.key_at)
    tests, results = (tuple(cells[name].text if name in cells else "" for name in names) for names in (inputs, outputs))
    return Rule(tests, results, part.string("note"), part.at)


def runtime_type(kind: Type) -> TypeName | None:
    """The type that a value is held to when the table decides; None for one that FEEL has no name for, such as a record."""
    if isinstance(kind, Choice):
        return TypeName(0, 0, "string")
    if isinstance(kind, ListOf) and isinstance(kind.item, Choice):
        return TypeName(0, 0, "list", (TypeName(0, 0, "string"),))
    return TypeName(0, 0, kind.name) if isinstance(kind, Simple) and kind != ANY else None
