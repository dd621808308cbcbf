"""Models made ready to leave their files: every element gets the one name by which the others call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dsl.dmn.deciding import Model, Part, all_names
from dsl.dmn.linking import label
from dsl.dmn.model import Decision, Definitions, Element, InputData, Reference, input_id
from dsl.dmn.typing import agreed
from dsl.feel.ast import TypeName
from dsl.problems import InvalidText, Problem
from dsl.source import Located


def settled(models: Sequence[Definitions], compiled: Model) -> tuple[Definitions, ...]:
    """The models with a variable on every element, and input data for what expressions only name.

    Files of Camunda Modeler have neither: there a decision goes by its name, its id, or the names of its table's outputs, and what a table
    tests is named without being declared. Raises InvalidText where an element is called by several of its names.
    """
    return tuple(Settling(model, compiled).run() for model in models)


class Settling:
    def __init__(self, model: Definitions, compiled: Model) -> None:
        self.model = model
        self.parts = {key[1]: part for key, part in compiled.parts.items() if key[0] == model.namespace}
        self.compiled = compiled
        self.declared: dict[str, InputData] = {}

    def run(self) -> Definitions:
        elements = [self.element(each) for each in self.model.elements]
        return replace(self.model, elements=(*elements, *self.declared.values()))

    def element(self, element: Element) -> Element:
        part = self.parts[element.id]
        if isinstance(element, Decision):
            element = self.with_inputs(element, part)
        return element if element.variable else replace(element, variable=self.name_of(element, part))

    def name_of(self, element: Element, part: Part) -> str:
        users = [each for each in self.compiled.parts.values() if any(key == part.key for _, _, key in each.scope)]
        called = [name for name in all_names(element) if any(name in each.used for each in users)]
        if len(called) > 1:
            message = f"{label(element)} is called by several names: {', '.join(called)}"
            at = element.at or Located.plain(element.name).span
            raise InvalidText([Problem("TW2309", message, at, hint="give it a variable, and call it by that")])
        return called[0] if called else element.names[0]

    def with_inputs(self, element: Decision, part: Part) -> Decision:
        """A decision that requires what it names. Of input data that it requires without naming them, the names are only remarks."""
        free = sorted(part.free.keys() - self.compiled.names)
        if not free:
            return element
        mine = [(reference, self.parts[reference.id].element) for reference in element.requires if reference.id in self.parts]
        unnamed = [(reference, each) for reference, each in mine if isinstance(each, InputData) and not part.used & {*each.names}]
        type_ = unnamed[0][1].type if len(unnamed) == len(free) == 1 else None
        left = tuple(each for each in element.requires if each not in [reference for reference, _ in unnamed])
        return replace(element, requires=(*left, *(self.declare(name, type_ or part.free[name]) for name in free)))

    def declare(self, name: str, type_: TypeName | None) -> Reference:
        there = self.declared.get(name)
        type_ = agreed(there.type, type_) if there is not None else type_
        self.declared[name] = InputData(input_id(name), name, type_, self.model.at, name)
        return Reference(input_id(name))
