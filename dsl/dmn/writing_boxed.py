"""Boxed expressions as DMN XML (OMG DMN 1.5, 7.3, 8.3 and 10.2.1)."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import SubElement

from dsl.decisions import Text
from dsl.decisions.table import written
from dsl.dmn.boxed import AGGREGATIONS, CAMUNDA, HITS
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
)
from dsl.feel.ast import TypeName
from dsl.feel.lexer import raw_tokens

NEWER = (Conditional, Iteration, Filtered)
"""What DMN 1.3 lacks."""

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BoxedWriter:
    """Writes logic in the namespace of one version of DMN; `owner` is the id of the element that it belongs to."""

    def __init__(self, space: str) -> None:
        self.space = space
        self.owner = ""

    def tag(self, name: str) -> str:
        return f"{{{self.space}}}{name}"

    def add(self, node: Node, name: str) -> Node:
        return SubElement(node, self.tag(name))

    def text(self, node: Node, name: str, text: Text) -> Node:
        """An element with a `text` in it."""
        found = self.add(node, name)
        self.add(found, "text").text = clean(text)
        return found

    def logic(self, node: Node, boxed: Boxed) -> Node:
        """Write an expression into an element."""
        match boxed:
            case Literal(text):
                return self.text(node, "literalExpression", text)
            case Tabled():
                return self.table(node, boxed)
            case Context():
                return self.context(node, boxed)
            case Invocation(function, bindings):
                found = self.add(node, "invocation")
                self.text(found, "literalExpression", function)
                for each in bindings:
                    binding = self.add(found, "binding")
                    SubElement(binding, self.tag("parameter"), typed({"name": clean(each.name)}, each.type))
                    self.logic(binding, each.logic)
            case Listed(items):
                found = self.add(node, "list")
                for item in items:
                    self.logic(found, item)
            case Relation():
                found = self.relation(node, boxed)
            case Function():
                found = self.add(node, "functionDefinition")
                self.function(found, boxed)
            case Conditional(condition, then, otherwise):
                found = self.add(node, "conditional")
                for name, part in (("if", condition), ("then", then), ("else", otherwise)):
                    self.logic(self.add(found, name), part)
            case Iteration(kind, item, source, body):
                found = SubElement(node, self.tag(kind), {"iteratorVariable": clean(item.name)})
                self.logic(SubElement(found, self.tag("in"), typed({}, item.type)), source)
                self.logic(self.add(found, "return" if kind == "for" else "satisfies"), body)
            case Filtered(source, condition):
                found = self.add(node, "filter")
                self.logic(self.add(found, "in"), source)
                self.logic(self.add(found, "match"), condition)
            case Refused(reason):
                raise ValueError(reason)
        return found

    def function(self, node: Node, boxed: Boxed) -> None:
        """The parameters and the body of a function, within its element."""
        assert isinstance(boxed, Function)
        for each in boxed.parameters:
            SubElement(node, self.tag("formalParameter"), typed({"name": clean(each.name)}, each.type))
        if boxed.body is not None:
            found = self.logic(node, boxed.body)
            if boxed.result is not None:
                found.set("typeRef", boxed.result.name)

    def context(self, node: Node, boxed: Context) -> Node:
        found = self.add(node, "context")
        for each in (*boxed.entries, *([Entry("", boxed.result_type, boxed.result)] if boxed.result is not None else [])):
            held = self.add(found, "contextEntry")
            if each.name:
                SubElement(held, self.tag("variable"), typed({"name": clean(each.name)}, each.type))
            logic = self.logic(held, each.logic)
            if not each.name and each.type is not None:
                logic.set("typeRef", each.type.name)
        return found

    def relation(self, node: Node, boxed: Relation) -> Node:
        found = self.add(node, "relation")
        for each in boxed.columns:
            SubElement(found, self.tag("column"), typed({"name": clean(each.name)}, each.type))
        for row in boxed.rows:
            held = self.add(found, "row")
            for cell in row:
                self.logic(held, cell)
        return found

    # ---- decision tables ----

    def table(self, node: Node, boxed: Tabled) -> Node:
        table = boxed.table
        found = SubElement(node, self.tag("decisionTable"), {"id": f"{self.owner}_table"} if self.owner else {})
        self.owner = ""  # further tables of the element have no id
        hit = next((name for name, short in HITS.items() if short == table.hit[0]))
        found.set("hitPolicy", hit)
        if table.hit not in HITS.values():
            found.set("aggregation", next(name for name, short in AGGREGATIONS.items() if short == table.hit))
        cells = [written(cell) for rule in table.rules for cell in (*rule.inputs, *rule.outputs)]
        named = {token.text for cell in cells for token in raw_tokens(cell) if token.kind == "name"}
        for each in table.inputs:
            label = each.label or (each.name if each.name != written(each.tested) else "")
            held = SubElement(found, self.tag("input"), {"label": clean(label)} if label else {})
            if each.name in boxed.bound and each.name in named and each.name != written(each.tested):
                held.set(f"{CAMUNDA}inputVariable", clean(each.name))
            tested = self.text(held, "inputExpression", each.tested)
            if each.type is not None:
                tested.set("typeRef", each.type.name)
            self.optional(held, "inputValues", each.values)
        for each_output in table.outputs:
            headings = {"label": each_output.label, "name": each_output.name}
            named_output = {key: clean(each) for key, each in headings.items() if each}
            held = SubElement(found, self.tag("output"), typed(named_output, each_output.type))
            self.optional(held, "outputValues", each_output.values)
            self.optional(held, "defaultOutputEntry", each_output.default)
        for rule in table.rules:
            held = self.add(found, "rule")
            if rule.note:
                self.add(held, "description").text = clean(rule.note)
            for cell in rule.inputs:
                self.text(held, "inputEntry", written(cell) or "-")
            for cell in rule.outputs:
                self.text(held, "outputEntry", cell)
        return found

    def optional(self, node: Node, name: str, text: Text) -> None:
        if written(text):
            self.text(node, name, text)


def typed(attributes: dict[str, str], type_: TypeName | None, name: str = "typeRef") -> dict[str, str]:
    return attributes | ({name: type_.name} if type_ is not None else {})


def clean(text: Text) -> str:
    """A text without the characters that XML has no form for."""
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", written(text))
