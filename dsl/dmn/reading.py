"""DMN XML to a model: definitions, item definitions and the requirements graph, of DMN 1.1 to 1.5 (OMG DMN 1.5, chapters 6, 7 and 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dsl.dmn.boxed import BoxedReader, label_of
from dsl.dmn.model import Decision, Definitions, Element, Import, InputData, ItemType, Knowledge, Reference, Service
from dsl.dmn.xml import Element as Node
from dsl.dmn.xml import parse
from dsl.problems import InvalidText, Problem, did_you_mean

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""The version of DMN of each namespace."""


@dataclass(frozen=True, slots=True)
class Read:
    """A model as far as the file is right, and what is wrong with it."""

    definitions: Definitions
    problems: tuple[Problem, ...]


def read(path: str, content: bytes) -> Read:
    """Read one file. Raises InvalidText for what is no DMN XML at all."""
    root = parse(path, content)
    if root.name != "definitions" or root.space not in VERSIONS:
        known = "DMN 1.1 to 1.5"
        message = f"this is no DMN model: its root is '{root.name}' of '{root.space or 'no namespace'}', not 'definitions' of {known}"
        raise InvalidText([Problem("TW2303", message, root.at, hint=did_you_mean(root.space, VERSIONS))])
    return DefinitionsReader(root).run()


class DefinitionsReader(BoxedReader):
    """Reads the elements of one file."""

    def run(self) -> Read:
        root = self.root
        builders: dict[str, Callable[[Node], Element]] = {
            "inputData": self.input_data,
            "decision": self.decision,
            "businessKnowledgeModel": self.knowledge,
            "decisionService": self.service,
        }
        elements = tuple(builders[each.name](each) for each in root.all(*builders))
        self.check_ids(elements)
        types = tuple(self.item_type(each) for each in root.all("itemDefinition"))
        imports = tuple(Import(label_of(each.get("name")), each.get("namespace"), each.at) for each in root.all("import") if is_dmn(each))
        name, places = label_of(root.get("name")) or "model", self.type_places
        found = Definitions(name, root.get("namespace"), elements, types, imports, root.at, places)
        return Read(found, tuple(self.problems))

    def check_ids(self, elements: tuple[Element, ...]) -> None:
        seen: set[str] = set()
        for each in elements:
            if each.id in seen and each.at is not None:
                self.problems.append(Problem("TW2309", f"the id '{each.id}' is given twice", each.at))
            seen.add(each.id)

    # ---- requirements ----

    def head(self, node: Node) -> tuple[str, str, str]:
        """Id, name and variable's name of an element; one without an id goes by its name."""
        name = label_of(node.get("name"))
        variable = node.one("variable")
        identity = node.get("id") or name
        if not identity:
            self.report("TW2308", node, "has neither an id nor a name")
        if variable is None:
            return identity, name or identity, ""
        return identity, label_of(node.get("label")) or name or identity, label_of(variable.get("name")) or name

    def input_data(self, node: Node) -> InputData:
        identity, name, variable = self.head(node)
        return InputData(identity, name, self.variable_type(node), node.at, variable)

    def decision(self, node: Node) -> Decision:
        identity, name, variable = self.head(node)
        required = (
            *self.references(node, "informationRequirement", "requiredDecision", "requiredInput"),
            *self.references(node, "knowledgeRequirement", "requiredKnowledge"),
        )
        note = self.description(node)
        return Decision(identity, name, self.variable_type(node), self.logic_within(node), required, node.at, variable, note)

    def knowledge(self, node: Node) -> Knowledge:
        identity, name, variable = self.head(node)
        required = self.references(node, "knowledgeRequirement", "requiredKnowledge")
        held = node.one("encapsulatedLogic")
        logic = self.function(held) if held is not None else None
        return Knowledge(identity, name, logic, required, self.variable_type(node), node.at, variable, self.description(node))

    def service(self, node: Node) -> Service:
        identity, name, variable = self.head(node)
        outputs, encapsulated, decisions, data = (
            tuple(self.reference(each) for each in node.all(kind))
            for kind in ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
        )
        if not outputs:
            self.report("TW2308", node, "has no output decision")
        type_, note = self.variable_type(node), self.description(node)
        return Service(identity, name, outputs, encapsulated, decisions, data, type_, node.at, variable, note)

    def references(self, node: Node, requirement: str, *kinds: str) -> tuple[Reference, ...]:
        return tuple(self.reference(each) for held in node.all(requirement) for each in held.all(*kinds))

    def reference(self, node: Node) -> Reference:
        """`#id`, or `namespace#id` of another model."""
        namespace, _, identity = node.get("href").rpartition("#")
        return Reference(identity, "" if namespace == self.root.get("namespace") else namespace, node.at)

    # ---- types ----

    def item_type(self, node: Node) -> ItemType:
        name = label_of(node.get("name"))
        base = node.one("typeRef")
        values, constraint = node.one("allowedValues"), node.one("typeConstraint")
        function = node.one("functionItem")
        parameters, result = None, None
        if function is not None:
            parameters = tuple(self.typed(each) for each in function.all("parameters"))
            result = self.type_named(function.get("outputTypeRef"), function)
        written = base.text.text if base is not None else node.get("typeRef")
        return ItemType(
            name,
            self.type_named(written, base or node),
            node.get("isCollection") == "true",
            self.text_of(values) if values is not None else "",
            self.text_of(constraint) if constraint is not None else "",
            tuple(self.item_type(each) for each in node.all("itemComponent")),
            parameters,
            result,
            node.at,
        )


def is_dmn(node: Node) -> bool:
    """Whether an import is of a DMN model; others (XSD, PMML) are of no use here."""
    kind = node.get("importType")
    return not kind or kind in VERSIONS or "/DMN/" in kind
