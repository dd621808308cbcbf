"""Models put together: imports, references between elements, types by name, the order of deciding (OMG DMN 1.5, 6.3.2 and 7.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from dsl.dmn.model import Decision, Definitions, Element, ItemType, Knowledge, Reference, Service, Tabled, Variable
from dsl.dmn.parts import types_within
from dsl.dmn.typing import FEEL_TYPES, words_of
from dsl.feel.ast import TypeName
from dsl.problems import Problem, did_you_mean
from dsl.source import Located, Span

Key = tuple[str, str]
"""The namespace of an element's model, and the element's id."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Models that know each other. `order` has every element after those that it requires; `requires` are the keys of these. `prefixes`
    are the names by which a model (first) calls another (second)."""

    elements: Mapping[Key, Element]
    requires: Mapping[Key, tuple[Key, ...]]
    order: tuple[Key, ...]
    places: Mapping[Key, int]
    types: Mapping[str, Mapping[str, ItemType]]
    prefixes: Mapping[tuple[str, str], str]
    words: frozenset[str]
    problems: tuple[Problem, ...]


def link(models: Sequence[Definitions]) -> Linked:
    """Link models, the main one first, the others in any order."""
    return Linking(models).run()


def label(element: Element) -> str:
    """An element as problems call it."""
    kind = {Decision: "decision", Knowledge: "business knowledge model", Service: "decision service"}.get(type(element), "input")
    return f"{kind} '{element.name}'" if element.name == element.id else f"{kind} '{element.name}' ({element.id})"


class Linking:
    def __init__(self, models: Sequence[Definitions]) -> None:
        self.models = {each.namespace: each for each in reversed(models)}
        self.main = models[0]
        self.problems: list[Problem] = []
        self.elements = {(space, each.id): each for space, model in self.models.items() for each in model.elements}
        self.prefixes: dict[tuple[str, str], str] = {}

    def run(self) -> Linked:
        for model in self.models.values():
            self.imports(model)
        types = {space: self.types(model) for space, model in self.models.items()}
        for space, model in self.models.items():
            self.check_types(model, types[space])
        requires = {key: tuple(self.required(key, each)) for key, each in self.elements.items()}
        words = {name for known in types.values() for item in known.values() for name in words_of(item)}
        words.update(name for each in self.elements.values() for name in outputs_of(each))
        order = self.order(requires)
        places = {key: place for place, key in enumerate(order)}
        return Linked(self.elements, requires, order, places, types, self.prefixes, frozenset(words), tuple(self.problems))

    def report(self, code: str, message: str, at: Span | None, hint: str = "") -> None:
        self.problems.append(Problem(code, message, at or Located.plain(self.main.name).span, hint=hint))

    # ---- other models ----

    def imports(self, model: Definitions) -> None:
        for each in model.imports:
            if each.namespace not in self.models:
                known = ", ".join(space for space in self.models if space != model.namespace) or "none"
                message = f"the model '{each.name or each.namespace}' ({each.namespace}) is not there"
                self.report("TW2310", message, each.at, f"put its file into the same folder; other models are: {known}")
            self.prefixes[model.namespace, each.namespace] = each.name

    def types(self, model: Definitions) -> dict[str, ItemType]:
        """The item definitions that a model knows, those of the models that it imports under these models' names."""
        found: dict[str, ItemType] = {}
        for each in model.types:
            if each.name in found:
                self.report("TW2309", f"there are two item definitions '{each.name}'", each.at)
            found[each.name] = each
        for imported in model.imports:
            other = self.models.get(imported.namespace)
            if other is None or other is model:
                continue
            for each in other.types:
                found[f"{imported.name}.{each.name}" if imported.name else each.name] = moved(each, imported.name, other)
        return found

    def check_types(self, model: Definitions, known: Mapping[str, ItemType]) -> None:
        """Every type that is named is there."""
        places = model.type_places
        for item in model.types:
            self.check_item(item, known, places)
        for element in model.elements:
            for type_ in types_within(element):
                self.check_type(type_, known, label(element), places.get(type_.name, element.at))

    def check_item(self, item: ItemType, known: Mapping[str, ItemType], places: Mapping[str, Span]) -> None:
        named = [item.base, item.result, *(each.type for each in item.parameters or ())]
        for type_ in named:
            if type_ is not None:
                self.check_type(type_, known, f"type '{item.name}'", places.get(type_.name, item.at))
        for member in item.members:
            self.check_item(member, known, places)

    def check_type(self, type_: TypeName, known: Mapping[str, ItemType], owner: str, at: Span | None) -> None:
        if type_.name not in known and type_.name not in FEEL_TYPES:
            near = did_you_mean(type_.name, [*known, *FEEL_TYPES])
            self.report("TW2307", f"{owner}: there is no type '{type_.name}'", at, near)

    # ---- requirements ----

    def required(self, key: Key, element: Element) -> Iterator[Key]:
        for each in () if not hasattr(element, "requires") else element.requires:
            target = each.namespace or key[0], each.id
            if target not in self.elements and not each.namespace:
                target = next((other for other in self.imported(key[0], each)), target)
            if target in self.elements:
                yield target
            else:
                known = [identity for space, identity in self.elements if space == target[0]]
                message = f"{label(element)} requires '{each.id}', which is not there"
                self.report("TW2305", message, each.at or element.at, did_you_mean(each.id, known))

    def imported(self, space: str, reference: Reference) -> Iterator[Key]:
        """Where a reference without namespace may lead among imported models (some modelers write only the id)."""
        for each in self.models[space].imports:
            if (each.namespace, reference.id) in self.elements:
                yield each.namespace, reference.id

    def order(self, requires: Mapping[Key, tuple[Key, ...]]) -> tuple[Key, ...]:
        graph = {key: [each for each in found if each != key or type(self.elements[key]) is Decision] for key, found in requires.items()}
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle: list[Key] = error.args[1]
            names = " → ".join(f"'{self.elements[each].name}'" for each in circle)
            self.report("TW2306", f"these require each other in a circle: {names}", self.elements[circle[0]].at)
            return ()


def moved(item: ItemType, prefix: str, model: Definitions) -> ItemType:
    """An item definition as a model sees it that imports it: the types that it names have the import's name before them."""
    own = {each.name for each in model.types}

    def type_(named: TypeName | None) -> TypeName | None:
        return TypeName(0, 0, f"{prefix}.{named.name}") if named is not None and prefix and named.name in own else named

    parameters = item.parameters
    if parameters is not None:
        parameters = tuple(Variable(each.name, type_(each.type)) for each in parameters)
    members = tuple(moved(each, prefix, model) for each in item.members)
    return ItemType(item.name, type_(item.base), item.many, item.values, item.constraint, members, parameters, type_(item.result), item.at)


def outputs_of(element: Element) -> Iterable[str]:
    """The outputs of a decision that is a table."""
    logic = element.logic if isinstance(element, Decision) else None
    return [each.name for each in logic.table.outputs if each.name] if isinstance(logic, Tabled) else []


Place = TypeVar("Place", bound=Hashable)


def reachable(start: Iterable[Place], requires: Callable[[Place], Iterable[Place]]) -> set[Place]:
    """All that these require, they themselves included."""
    found: set[Place] = set()
    todo = list(start)
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo.extend(requires(key))
    return found
