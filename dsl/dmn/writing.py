"""Models as DMN XML, of version 1.5 or of 1.3, which dmn-js and Camunda Modeler open (OMG DMN 1.5, chapter 13 and its schema)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import SubElement, indent, register_namespace, tostring

from dsl.decisions.table import written
from dsl.dmn.layout import draw
from dsl.dmn.model import Decision, Definitions, Element, InputData, ItemType, Knowledge, Reference, Service, identity
from dsl.dmn.parts import within
from dsl.dmn.writing_boxed import NEWER, BoxedWriter, clean, typed
from dsl.problems import InvalidText, Problem
from dsl.source import Located, Span

VERSIONS: Mapping[str, tuple[str, str]] = {
    "1.5": ("https://www.omg.org/spec/DMN/20230324/MODEL/", "https://www.omg.org/spec/DMN/20230324/DMNDI/"),
    "1.3": ("https://www.omg.org/spec/DMN/20191111/MODEL/", "https://www.omg.org/spec/DMN/20191111/DMNDI/"),
}
"""The namespaces of models and of diagrams, by version."""


def write(model: Definitions, imported: Iterable[Definitions] = (), version: str = "1.5") -> bytes:
    """The file of a model, with a drawing of its requirements. `imported` are the models that it refers to. Raises InvalidText where the
    model has what the version lacks, and KeyError for a version that is not written."""
    found = DefinitionsWriter(model, version, list(imported)).run()
    register_namespace("", VERSIONS[version][0])
    indent(found)
    text = tostring(found, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


class DefinitionsWriter(BoxedWriter):
    """Writes one model."""

    def __init__(self, model: Definitions, version: str, imported: list[Definitions]) -> None:
        super().__init__(VERSIONS[version][0])
        self.model = model
        self.version = version
        self.imported = imported
        self.others = {(model.namespace, each.id): each for model in imported for each in model.elements}

    def run(self) -> Node:
        model = self.model
        for element in model.elements:
            self.check(element)
        head = {"id": f"definitions_{identity(model.name)}", "name": clean(model.name), "namespace": model.namespace}
        root = Node(self.tag("definitions"), head | {"exporter": "Tradewind"})
        names = {each.namespace: each.name for each in model.imports}
        used = {each.namespace for element in model.elements for each in references(element)}
        for other in self.imported:
            if other.namespace in names or other.namespace in used:
                kind = {"name": names.get(other.namespace, ""), "namespace": other.namespace, "importType": VERSIONS[self.version][0]}
                SubElement(root, self.tag("import"), kind | {"locationURI": file_of(other)})
        for item in model.types:
            self.item_type(SubElement(root, self.tag("itemDefinition"), {"name": clean(item.name)}), item)
        for element in model.elements:
            self.element(root, element)
        draw(root, model, *VERSIONS[self.version])
        return root

    def check(self, element: Element) -> None:
        """Older versions lack some forms of logic."""
        logic = element.logic if isinstance(element, Decision | Knowledge) else None
        if logic is not None and any(isinstance(each, NEWER) for each in within(logic)):
            self.newer(f"'{element.name}' has a conditional, an iteration or a filter", element.at)

    def newer(self, what: str, at: Span | None) -> None:
        if self.version == "1.3":
            problem = Problem("TW2311", f"{what}, which DMN 1.3 lacks", at or Located.plain(what).span, hint="export as DMN 1.5")
            raise InvalidText([problem])

    # ---- types ----

    def item_type(self, node: Node, item: ItemType) -> None:
        if item.many:
            node.set("isCollection", "true")
        if item.base is not None and not item.members and item.parameters is None:
            SubElement(node, self.tag("typeRef")).text = item.base.name
        if written(item.constraint):
            self.newer(f"the type '{item.name}' has a constraint", item.at)
        for name, tests in (("allowedValues", item.values), ("typeConstraint", item.constraint)):
            if written(tests):
                SubElement(SubElement(node, self.tag(name)), self.tag("text")).text = clean(tests)
        for member in item.members:
            self.item_type(SubElement(node, self.tag("itemComponent"), {"name": clean(member.name)}), member)
        if item.parameters is not None:
            function = SubElement(node, self.tag("functionItem"), typed({}, item.result, "outputTypeRef"))
            for each in item.parameters:
                SubElement(function, self.tag("parameters"), typed({"name": clean(each.name)}, each.type))

    # ---- elements ----

    def element(self, root: Node, element: Element) -> None:
        kinds = {InputData: "inputData", Decision: "decision", Knowledge: "businessKnowledgeModel", Service: "decisionService"}
        name = element.names[0]
        node = SubElement(root, self.tag(kinds[type(element)]), {"id": element.id, "name": clean(name)})
        if element.name != name:
            node.set("label", clean(element.name))
        if not isinstance(element, InputData) and element.note:
            SubElement(node, self.tag("description")).text = clean(element.note)
        SubElement(node, self.tag("variable"), typed({"name": clean(name)}, element.type))
        self.owner = element.id
        if isinstance(element, Knowledge):
            if element.logic is not None:
                self.function(SubElement(node, self.tag("encapsulatedLogic")), element.logic)
            self.requirements(node, element)
        elif isinstance(element, Decision):
            self.requirements(node, element)
            if element.logic is not None:
                self.logic(node, element.logic)
        elif isinstance(element, Service):
            kinds_of = {"outputDecision": element.outputs, "encapsulatedDecision": element.encapsulated}
            kinds_of |= {"inputDecision": element.decisions, "inputData": element.data}
            for kind, found in kinds_of.items():
                for each in found:
                    SubElement(node, self.tag(kind), {"href": self.href(each)})

    def requirements(self, node: Node, element: Decision | Knowledge) -> None:
        """Information first, then knowledge, as the schema has it."""
        found = [(each, self.kind_of(each)) for each in element.requires]
        for knowledge in (False, True):
            for each, kind in found:
                if (kind == "requiredKnowledge") is knowledge:
                    name = "knowledgeRequirement" if knowledge else "informationRequirement"
                    held = SubElement(node, self.tag(name), {"id": f"{element.id}_requires_{identity(each.id)}"})
                    SubElement(held, self.tag(kind), {"href": self.href(each)})

    def kind_of(self, reference: Reference) -> str:
        own = {each.id: each for each in self.model.elements}
        space = reference.namespace or self.model.namespace
        element = own.get(reference.id) if space == self.model.namespace else self.others.get((space, reference.id))
        if isinstance(element, InputData):
            return "requiredInput"
        return "requiredDecision" if element is None or isinstance(element, Decision) else "requiredKnowledge"

    def href(self, reference: Reference) -> str:
        local = reference.namespace in ("", self.model.namespace)
        return f"#{reference.id}" if local else f"{reference.namespace}#{reference.id}"


def references(element: Element) -> tuple[Reference, ...]:
    return element.requires if not isinstance(element, InputData) else ()


def file_of(model: Definitions) -> str:
    """The file that a model is looked for in, beside those that import it."""
    return f"{identity(model.name)}.dmn"
