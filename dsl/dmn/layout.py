"""A drawing of a model's requirements: what is required stands below what requires it (OMG DMN 1.5, 13.4)."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import SubElement, register_namespace

from dsl.dmn.model import Decision, Definitions, Element, InputData, Knowledge, Service

DC, DI = "http://www.omg.org/spec/DMN/20180521/DC/", "http://www.omg.org/spec/DMN/20180521/DI/"
SIZES: Mapping[type, tuple[int, int]] = {Decision: (180, 80), InputData: (125, 45), Knowledge: (135, 46), Service: (180, 80)}
COLUMN, ROW, MARGIN = 220, 140, 60
REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
Box = tuple[int, int, int, int]


def draw(root: Node, model: Definitions, space: str, diagrams: str) -> None:
    """Add the drawing to a model that is written, with a shape for each element and an edge for each requirement within the model."""
    for prefix, each in (("dmndi", diagrams), ("dc", DC), ("di", DI)):
        register_namespace(prefix, each)
    boxes = placed(model)
    plane = SubElement(SubElement(root, f"{{{diagrams}}}DMNDI"), f"{{{diagrams}}}DMNDiagram", {"id": "drawing"})
    for element in model.elements:
        x, y, width, height = boxes[element.id]
        shape = SubElement(plane, f"{{{diagrams}}}DMNShape", {"id": f"shape_{element.id}", "dmnElementRef": element.id})
        SubElement(shape, f"{{{DC}}}Bounds", {"x": str(x), "y": str(y), "width": str(width), "height": str(height)})
        if isinstance(element, Service):
            line = SubElement(shape, f"{{{diagrams}}}DMNDecisionServiceDividerLine")
            points(line, (x, y + height // 2), (x + width, y + height // 2))
    for node in root:
        for requirement in [each for kind in REQUIREMENTS for each in node.findall(f"{{{space}}}{kind}")]:
            target, source = boxes[node.get("id", "")], boxes.get(requirement[0].get("href", "").removeprefix("#"))
            if source is not None:
                identity = requirement.get("id", "")
                edge = SubElement(plane, f"{{{diagrams}}}DMNEdge", {"id": f"edge_{identity}", "dmnElementRef": identity})
                points(edge, (source[0] + source[2] // 2, source[1]), (target[0] + target[2] // 2, target[1] + target[3]))


def points(node: Node, *found: tuple[int, int]) -> None:
    for x, y in found:
        SubElement(node, f"{{{DI}}}waypoint", {"x": str(x), "y": str(y)})


def placed(model: Definitions) -> dict[str, Box]:
    """Where each element stands: in the row above all that it requires, the columns in the order of the model."""
    rows: dict[int, list[Element]] = {}
    levels = levels_of(model)
    for element in model.elements:
        rows.setdefault(levels[element.id], []).append(element)
    top = max(rows, default=0)
    found = {}
    for level, elements in rows.items():
        for index, element in enumerate(elements):
            width, height = SIZES[type(element)]
            x = MARGIN + index * COLUMN + (COLUMN - width) // 2
            found[element.id] = (x, MARGIN + (top - level) * ROW + (80 - height) // 2, width, height)
    return found


def levels_of(model: Definitions) -> dict[str, int]:
    """How far each element stands above what requires nothing."""
    own = {each.id for each in model.elements}
    requires = {
        each.id: [] if isinstance(each, InputData) else [r.id for r in each.requires if r.id in own and r.id != each.id]
        for each in model.elements
    }
    try:
        order = list(TopologicalSorter(requires).static_order())
    except CycleError:
        order = [each.id for each in model.elements]
    levels: dict[str, int] = {}
    for name in order:
        levels[name] = 1 + max((levels.get(each, 0) for each in requires[name]), default=-1)
    return levels
