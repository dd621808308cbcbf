"""What is written is DMN as its schema has it: order, references, ids, and a drawing of everything."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from dsl.dmn import compile_models, read
from dsl.dmn.model import Definitions
from dsl.dmn.settling import settled
from dsl.dmn.writing import VERSIONS, write
from tests.dmn.conftest import FILES

ORDER = {
    "definitions": ["import", "itemDefinition", "inputData", "decision", "businessKnowledgeModel", "decisionService", "DMNDI"],
    "decision": ["description", "variable", "informationRequirement", "knowledgeRequirement", "LOGIC"],
    "businessKnowledgeModel": ["description", "variable", "encapsulatedLogic", "knowledgeRequirement"],
    "decisionService": ["description", "variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"],
    "itemDefinition": ["typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem"],
    "decisionTable": ["input", "output", "rule"],
    "rule": ["description", "inputEntry", "outputEntry"],
    "contextEntry": ["variable", "LOGIC"],
    "functionDefinition": ["formalParameter", "LOGIC"],
}
"""The order in which the schema of DMN 1.5 has the children of elements; those of `definitions` that are elements stand in any."""


def model(name: str) -> Definitions:
    found = read(name, (FILES / name).read_bytes()).definitions
    return settled([found], compile_models([found]))[0]


def local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


@pytest.fixture(params=["lending.dmn", "dish.dmn"])
def root(request: Any) -> ElementTree.Element:
    return ElementTree.fromstring(write(model(request.param)))


def test_children_stand_in_the_order_of_the_schema(root: ElementTree.Element) -> None:
    for node in root.iter():
        order = ORDER.get(local(node))
        if order is not None and local(node) != "definitions":
            places = [order.index(local(each)) if local(each) in order else order.index("LOGIC") for each in node]
            assert places == sorted(places), (local(node), [local(each) for each in node])


def test_every_reference_leads_somewhere_and_ids_are_given_once(root: ElementTree.Element) -> None:
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    references = [node.get("href", "").removeprefix("#") for node in root.iter() if node.get("href")]

    assert len(ids) == len(set(ids))
    assert set(references) <= set(ids)


def test_every_element_and_requirement_is_drawn_apart_from_the_others(root: ElementTree.Element) -> None:
    space, diagrams = VERSIONS["1.5"]
    kinds = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
    elements = {node.get("id") for kind in kinds for node in root.findall(f"{{{space}}}{kind}")}
    requirements = {node.get("id") for node in root.iter() if local(node).endswith("Requirement")}
    boxes = [{key: int(value) for key, value in node.attrib.items()} for node in root.iter() if local(node) == "Bounds"]

    assert {node.get("dmnElementRef") for node in root.iter(f"{{{diagrams}}}DMNShape")} == elements
    assert {node.get("dmnElementRef") for node in root.iter(f"{{{diagrams}}}DMNEdge")} == requirements
    for index, a in enumerate(boxes):
        for b in boxes[index + 1 :]:
            beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert beside or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def test_texts_that_xml_has_no_form_for_do_not_damage_the_file() -> None:
    found = read(
        "m.dmn", write(model("dish.dmn")).replace(b"Save money", "押金 & <b> 🙂".encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;"))
    )

    again = read("n.dmn", write(found.definitions))
    assert "押金 & <b> 🙂" in write(again.definitions).decode().replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
