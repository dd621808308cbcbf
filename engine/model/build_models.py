"""Decisions that are more than a table, from their documents to models of DMN (DMN 1.5, chapters 6, 7 and 10.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dsl.dmn import Definitions, Model, compile_models
from dsl.dmn.asking import Asked
from dsl.dmn.model import WORKSPACE, Element, Import, InputData, ItemType, Knowledge, Reference, Service, Tabled, input_id
from dsl.dmn.model import Decision as DmnDecision
from dsl.dmn.typing import feel_type
from dsl.feel.types import ANY, ContextOf, DecisionType, Scope
from engine.model.build_boxed import BODY, boxed, type_named, variables
from engine.model.build_decisions import PURE, runtime_type
from engine.model.checker import Checker, label
from engine.model.model import Decision
from engine.model.names import FUNCTIONS
from engine.model.part import Part

MODELED = frozenset({*BODY, "service", "types", "namespace", "imports", "name", "requires", "given", "model", "type"})
"""The keys of documents that are no plain table."""


PLAIN = ("hit", "inputs", "outputs", "rules")


def is_modeled(part: Part) -> bool:
    return isinstance(part.value, Mapping) and not MODELED.isdisjoint(part.value)


def is_model(part: Part) -> bool:
    """Whether a document is what the decisions of a model share, and no decision itself."""
    return not any(key in part.value for key in (*BODY, "service", "requires", "given", "model", "type"))


@dataclass(frozen=True, slots=True)
class Modeled:
    """The decisions of the documents that are more than tables, and the models they make up, tables that they require included."""

    types: Mapping[str, DecisionType]
    decisions: Mapping[str, Decision]
    definitions: tuple[Definitions, ...]


def build_models(checker: Checker, parts: Mapping[str, Part], tables: Mapping[str, Decision], modules: Mapping[str, str]) -> Modeled:
    """Build the decisions of all modeled documents; `tables` are those that stand alone."""
    return ModelBuilder(checker, parts, tables).build(modules)


class ModelBuilder:
    def __init__(self, checker: Checker, parts: Mapping[str, Part], tables: Mapping[str, Decision]) -> None:
        self.checker = checker
        self.parts = parts
        self.tables = tables
        self.required: set[str] = set()  # the tables that others require
        self.models = {name: part for name, part in parts.items() if is_model(part)}
        self.inputs: dict[tuple[str, str], InputData] = {}
        self.spaces: dict[str, str] = {}
        for name, part in self.models.items():
            space = part.string("namespace") or f"urn:tradewind:model:{name}"
            if space in (WORKSPACE, *self.spaces.values()):
                self.checker.report("TW2309", f"there is another model of the namespace '{space}'", part.document.at(("decision",)))
                space = f"{space}#{name}"
            self.spaces[name] = space

    def build(self, modules: Mapping[str, str]) -> Modeled:
        elements: dict[str, list[Element]] = {WORKSPACE: list(self.table_elements()), **{space: [] for space in self.spaces.values()}}
        for name, part in self.parts.items():
            if name not in self.models:
                elements[self.space(part)].append(self.element(name, part))
        for (space, _), data in self.inputs.items():
            elements[space].append(data)
        found = [
            Definitions(
                self.models[name].string("name", name), space, tuple(elements[space]), self.types(self.models[name]),
                tuple(self.imports(self.models[name])), self.models[name].document.at(("decision",)),
            ) for name, space in self.spaces.items()
        ]  # fmt: skip
        definitions = (Definitions("decisions", WORKSPACE, tuple(elements[WORKSPACE])), *found)
        scope = Scope(functions={name: FUNCTIONS[name] for name in PURE})
        used = replace(definitions[0], elements=tuple(each for each in definitions[0].elements if self.is_used(each)))
        compiled = compile_models((used, *found), (), scope)
        problems = [*compiled.problems, *(each for part in compiled.parts.values() for each in part.problems)]
        self.checker.problems.extend(problems)
        failed = any(each.severity == "error" for each in problems)
        types = {name: self.type_of(name, part, compiled) for name, part in self.parts.items() if name not in self.models}
        decisions = {} if failed else {name: self.decision(name, compiled, types[name], modules[name]) for name in types}
        return Modeled(types, decisions, definitions)

    def is_used(self, element: Element) -> bool:
        """Whether there is a reason to compile an element once more: tables that stand alone are compiled already."""
        return element.id not in self.tables or element.id in self.required

    # ---- names ----

    def space(self, part: Part) -> str:
        """The namespace of the model that a document belongs to."""
        named = part.get("model")
        if named is None:
            return WORKSPACE
        if named.written not in self.models:
            self.checker.unknown("TW2305", "there is no model", named.written, self.models, named.at)
            return WORKSPACE
        return self.spaces[named.written]

    def reference(self, part: Part) -> Reference | None:
        """A decision that a document names."""
        name = part.written
        if name in self.parts and name not in self.models:
            return Reference(name, self.space(self.parts[name]), part.at)
        if name in self.tables:
            self.required.add(name)
            return Reference(name, WORKSPACE, part.at)
        known = [each for each in (*self.parts, *self.tables) if each not in self.models]
        self.checker.unknown("TW2305", "there is no decision", name, known, part.at)
        return None

    def references(self, part: Part, *keys: str) -> tuple[Reference, ...]:
        found = (self.reference(each) for each in part.each(*keys))
        return tuple(each for each in found if each is not None)

    def given(self, part: Part) -> tuple[Reference, ...]:
        """What who asks gives, as input data of the document's model, or of one that it imports."""
        space = self.space(part)
        found = []
        for name, each in part.items("given"):
            prefix, dot, local = name.partition(".")
            imported = self.imported(part, prefix) if dot else None
            type_ = type_named(each)
            own, where = (local, imported) if imported is not None else (name, space)
            if imported is not None and type_ is not None and type_.name.startswith(f"{prefix}."):
                type_ = type_named(each, type_.name.removeprefix(f"{prefix}."))
            known = self.inputs.setdefault((where, own), InputData(input_id(own), own, type_, each.key_at, own))
            if known.type != type_:
                message = f"'{own}' is given as a {known.type.name if known.type else 'Any'} elsewhere in this model"
                self.checker.report("TW2309", message, each.at, "give it the same type everywhere")
            found.append(Reference(known.id, where, each.key_at))
        return tuple(found)

    def imported(self, part: Part, prefix: str) -> str | None:
        """The namespace of the model that a document's model imports by a name."""
        model = self.models.get(part.string("model"))
        target = dict(model.items("imports")).get(prefix) if model is not None else None
        return self.spaces.get(target.written) if target is not None else None

    # ---- models ----

    def imports(self, part: Part) -> Iterator[Import]:
        for name, each in part.items("imports"):
            if each.written in self.spaces:
                yield Import(name, self.spaces[each.written], each.at)
            else:
                self.checker.unknown("TW2310", "there is no model", each.written, self.models, each.at)

    def types(self, part: Part) -> tuple[ItemType, ...]:
        return tuple(self.item_type(name, each) for name, each in part.items("types"))

    def item_type(self, name: str, part: Part) -> ItemType:
        if not isinstance(part.value, Mapping):
            return ItemType(name, type_named(part), at=part.key_at)
        values, constraint = part.get("values"), part.get("constraint")
        return ItemType(
            name,
            type_named(part.get("type")),
            part.flag("list"),
            values.text if values is not None else "",
            constraint.text if constraint is not None else "",
            tuple(self.item_type(member, each) for member, each in part.items("members")),
            variables(part.get("parameters")) if part.get("parameters") is not None else None,
            type_named(part.get("result")),
            part.key_at,
        )

    # ---- elements ----

    def table_elements(self) -> Iterator[Element]:
        """The tables that stand alone, as decisions that others may require."""
        for name, table in self.tables.items():
            found = table.table.table
            assert found is not None
            for each, kind in (table.type.inputs or {}).items():
                type_ = runtime_type(kind)
                self.inputs.setdefault((WORKSPACE, each), InputData(input_id(each), each, type_, table.at, each))
            required = tuple(Reference(input_id(each)) for each in table.type.inputs or {})
            logic = Tabled(found, frozenset(each.name for each in found.inputs), True)
            yield DmnDecision(name, name, None, logic, required, table.at, name)

    def element(self, name: str, part: Part) -> Element:
        own = part.string("name", name)
        title = label(part.get("label")).in_("en") or own
        type_, at = type_named(part.get("type")), part.document.at(("decision",))
        note = label(part.get("description")).in_("en")
        service = part.get("service")
        if service is not None:
            outputs, encapsulated, decisions = (self.references(service, key) for key in ("outputs", "encapsulates", "inputs"))
            return Service(name, title, outputs, encapsulated, decisions, self.given(part), type_, at, own, note)
        for key in PLAIN:
            each = part.get(key)
            if each is not None:
                self.checker.report("TW2312", f"`{key}` at the top is of a plain table, which asks no other", each.key_at, "write `table:`")
        requires = (*self.references(part, "requires"), *self.given(part))
        logic = boxed(self.checker, part)
        if part.get("parameters") is not None:
            return Knowledge(name, title, logic, requires, type_, at, own, note)
        return DmnDecision(name, title, type_, logic, requires, at, own, note)

    # ---- what is asked ----

    def type_of(self, name: str, part: Part, compiled: Model) -> DecisionType:
        """What `decide` gives and gets."""
        key = self.space(part), name
        if key not in compiled.parts:
            return DecisionType(name, None, ANY)
        types = compiled.types[key[0]]
        inputs = {each: feel_type(type_, types) for each, type_ in compiled.inputs_of(key).items()}
        result = feel_type(type_named(part.get("type")), types)
        outputs = dict(result.members) if isinstance(result, ContextOf) else {name: result}
        return DecisionType(name, inputs, result, outputs, compiled.moving(key))

    def decision(self, name: str, compiled: Model, type_: DecisionType, module: str) -> Decision:
        part = self.parts[name]
        asked = Asked(compiled, (self.space(part), name), tuple(type_.outputs))
        title = label(part.get("label"), part.string("name", name))
        labels = {each: label(None, each) for each in (type_.inputs or {})}
        return Decision(name, title, asked, type_, labels, module, part.document.at(("decision",)))


