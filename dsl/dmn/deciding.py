"""Models compiled once, and decided over a context in the order of their requirements (OMG DMN 1.5, 6.3 and 10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.decisions import Decided
from dsl.dmn.linking import Key, Linked, label, link, outputs_of, reachable
from dsl.dmn.logic import Compiler, Logic, Names, Run, Values, fitted, function_of, test_of
from dsl.dmn.model import Boxed, Decision, Definitions, Element, InputData, ItemType, Knowledge, Literal, Service, Tabled, Variable
from dsl.dmn.parts import names_within, said
from dsl.dmn.typing import Types, types_of
from dsl.feel import Host, Scope, compile_open
from dsl.feel import names_within as keys_of
from dsl.feel.ast import TypeName
from dsl.feel.types import ContextOf, ListOf, Type
from dsl.problems import InvalidText, Problem, did_you_mean

OPEN = Scope(open=True)
CONTEXT = TypeName(0, 0, "context")


@dataclass(frozen=True, slots=True)
class Part:
    """An element, compiled. `scope` are the names by which it sees what it requires: (name, prefix of an imported model, key)."""

    key: Key
    element: Element
    scope: tuple[tuple[str, str, Key], ...]
    logic: Logic | None
    order: tuple[Key, ...]
    free: frozenset[str]
    used: frozenset[str]
    moving: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Models ready to decide, the main one's elements known by name or id. Immutable, and safe to use from several threads."""

    namespace: str
    parts: Mapping[Key, Part]
    types: Mapping[str, Types]
    names: Names
    problems: tuple[Problem, ...]
    items: Mapping[str, Mapping[str, ItemType]]
    prefixes: Mapping[tuple[str, str], str]

    def part(self, name: str) -> Part:
        """The decision, service, function or input of that name or id. Raises KeyError, with a hint, where there is none."""
        own = [each for each in self.parts.values() if each.key[0] == self.namespace]
        for named in ([each for each in own if each.element.id == name], [each for each in own if name in each.element.names]):
            if named:
                return min(named, key=lambda each: isinstance(each.element, InputData))
        known = [each.element.name for each in own if not isinstance(each.element, InputData)]
        raise KeyError(did_you_mean(name, known) or "there are: " + (", ".join(sorted(known)) or "none"))

    def trouble(self, name: str) -> list[Problem]:
        """The problems of an element and of all that it requires."""
        return [*self.problems, *(problem for each in self.all_of(self.part(name).key) for problem in each.problems)]

    def inputs(self, name: str) -> dict[str, TypeName | None]:
        """What the context of a decision must have: the names of input data and, of what has none, those that nothing in the model has."""
        return self.inputs_of(self.part(name).key)

    def inputs_of(self, key: Key) -> dict[str, TypeName | None]:
        part = self.parts[key]
        found: dict[str, TypeName | None] = {}
        if isinstance(part.element, Knowledge):
            found = {each.name: each.type for each in parameters_of(part.element)}
        given = self.given(part) if isinstance(part.element, Service) else ()
        wanted = reachable([part.key], lambda key: [] if key in given else [each for _, _, each in self.parts[key].scope])
        for key in [*given, *(each for each in (*part.order, part.key) if each in wanted and each not in given)]:
            each = self.parts[key]
            if isinstance(each.element, InputData) or key in given:
                into = self.path(part.key[0], each.key[0])
                found[into[0] if into else each.element.names[0]] = CONTEXT if into else each.element.type
            found |= dict.fromkeys(sorted(each.free - self.names))
        return found

    def read_context(self, key: Key, context: Mapping[str, Any]) -> dict[str, Any]:
        """A context that came as JSON, with the dates, times and durations of what a decision is given read from their texts."""
        found: dict[str, Any] = dict(context)
        for part in self.all_of(key):
            into: Any = found
            for prefix in self.path(key[0], part.key[0]):
                into[prefix] = dict(into[prefix]) if isinstance(into, dict) and isinstance(into.get(prefix), Mapping) else {}
                into = into[prefix]
            for name in part.element.names:
                if name in into and not isinstance(part.element, Knowledge):
                    into[name] = self.types[part.key[0]].given(into[name], part.element.type)
        return {name: value for name, value in found.items() if name in context}

    def path(self, space: str, target: str) -> tuple[str, ...]:
        """The names by which a model reaches another one through imports; none where it sees the other's names directly."""
        todo: list[tuple[str, tuple[str, ...]]] = [(space, ())]
        for here, path in todo:
            if here == target:
                return path
            seen = {each for each, _ in todo}
            todo.extend((to, (*path, name) if name else path) for (by, to), name in self.prefixes.items() if by == here and to not in seen)
        return ()

    def all_of(self, key: Key) -> list[Part]:
        """A part and all that it requires."""
        found = reachable([key], lambda each: [target for _, _, target in self.parts[each].scope])
        return [self.parts[each] for each in sorted(found)]

    def moving(self, key: Key) -> bool:
        """Whether a decision reads the clock, so that it may say something else the next time."""
        return any(each.moving for each in self.all_of(key))

    def texts(self, key: Key) -> tuple[object, ...]:
        """What a decision and all that it requires say, wherever it stands."""
        spaces = sorted({each.key[0] for each in self.all_of(key)})
        return (*(said(each.element) for each in self.all_of(key)), *(said(tuple(self.items[space].values())) for space in spaces))

    def given(self, part: Part) -> tuple[Key, ...]:
        """The parameters of a service: its input data, then its input decisions (10.4)."""
        assert isinstance(part.element, Service)
        count = len(part.element.decisions) + len(part.element.data)
        keys = tuple(key for _, _, key in part.scope)[-count:] if count else ()
        return keys[len(part.element.decisions) :] + keys[: len(part.element.decisions)]

    def decide(self, name: str, context: Mapping[str, Any], host: Host | None = None) -> Decided:
        """The value of a decision, of a service or of a function's call with the entries of the context. Raises KeyError where there is no
        such element, LimitExceeded, and whatever the host raises."""
        return self.decide_part(self.part(name), context, host)

    def decide_part(self, part: Part, context: Mapping[str, Any], host: Host | None = None) -> Decided:
        return Evaluation(self, part.key[0], context, host).run(part)


def compile_models(models: Sequence[Definitions], problems: Iterable[Problem] = (), world: Scope = OPEN) -> Model:
    """Compile models that may import one another, the main one first. What is wrong is in `Model.problems` and those of the parts; logic
    with an error gives null, and says so. `world` has the functions that logic may call beside FEEL's own; where it is not open, names
    that mean nothing are errors."""
    linked = link(models)
    found = [*problems, *linked.problems]
    types = {}
    for space, known in linked.types.items():
        try:
            types[space] = types_of(known, lambda text: test_of(text, linked.words))
        except InvalidText as error:
            found.extend(error.problems)
            types[space] = types_of({}, lambda text: test_of(text, linked.words))
    parts: dict[Key, Part] = {}
    words = set(linked.words)
    names = frozenset(name for each in linked.elements.values() for name in each.names)
    for key in linked.order:
        parts[key] = compiled(linked, key, types[key[0]], words, world)
    return Model(
        models[0].namespace,
        parts,
        types,
        names | {each for each in linked.prefixes.values() if each},
        tuple(found),
        linked.types,
        linked.prefixes,
    )


def compiled(linked: Linked, key: Key, types: Types, words: set[str], world: Scope) -> Part:
    """One element, after those that it requires. The names that its value has within it are added to `words`."""
    element = linked.elements[key]
    scope = tuple(seen(linked, key, each) for each in linked.requires[key])
    logic = element.logic if isinstance(element, Decision | Knowledge) else None
    visible = frozenset(name for name, prefix, _ in visible_names(linked, scope) if not prefix) | {p for _, p, _ in scope if p}
    words |= {name for name, prefix, _ in visible_names(linked, scope) if prefix}
    if isinstance(element, Knowledge):
        visible |= frozenset(element.names)
    compiler = Compiler(types, frozenset(words), label(element), element.at, world)
    run = compiler.compile(logic, visible, element.type) if logic is not None else None
    if logic is not None:
        words |= {*names_within(logic), *literal_words(logic, visible | words)}
    return Part(key, element, scope, run, needed(linked, key), frozenset(compiler.free), frozenset(compiler.used), compiler.moving,
                tuple(compiler.problems))  # fmt: skip


def seen(linked: Linked, key: Key, target: Key) -> tuple[str, str, Key]:
    """How an element is called by one that requires it."""
    prefix = linked.prefixes.get((key[0], target[0]), "") if key[0] != target[0] else ""
    return linked.elements[target].names[0], prefix, target


def visible_names(linked: Linked, scope: Iterable[tuple[str, str, Key]]) -> Iterable[tuple[str, str, Key]]:
    """All the names by which required elements go, the outputs of tables without a variable among them, as Camunda calls them."""
    for _, prefix, key in scope:
        for name in all_names(linked.elements[key]):
            yield name, prefix, key


def all_names(element: Element) -> tuple[str, ...]:
    return element.names if element.variable else tuple(dict.fromkeys([*element.names, *outputs_of(element)]))


def literal_words(logic: Boxed, names: Names) -> Iterable[str]:
    """The names of the members of what a literal expression gives, as far as the check can tell."""
    if isinstance(logic, Literal):
        try:
            found: Type = compile_open(str(getattr(logic.text, "text", logic.text)), names).type
        except InvalidText:
            return
        while isinstance(found, ListOf):
            found = found.item
        if isinstance(found, ContextOf):
            yield from found.members
            yield from keys_of({name: {} for name in found.members})


def needed(linked: Linked, key: Key) -> tuple[Key, ...]:
    """What has to be known before an element can be decided, in order. Services and functions are called later, if at all."""

    def before(each: Key) -> Iterable[Key]:
        return () if isinstance(linked.elements[each], Service) and each != key else linked.requires[each]

    found = reachable([key], before)
    return tuple(each for each in linked.order if each in found and each != key)


def parameters_of(element: Knowledge) -> tuple[Variable, ...]:
    return getattr(element.logic, "parameters", ())


class Evaluation:
    """One evaluation of one element over a context."""

    def __init__(self, model: Model, space: str, context: Mapping[str, Any], host: Host | None) -> None:
        self.model = model
        self.space = space
        self.context = context
        self.run_ = Run(host)
        self.free = {name: value for name, value in context.items() if name not in model.names}

    def run(self, part: Part) -> Decided:
        element, run = part.element, self.run_
        if isinstance(element, Service):
            given = self.model.given(part)
            value = self.service(part, [self.from_context(self.model.parts[key]) for key in given], self.context)
        else:
            values = self.values(part.order, {})
            value = self.value(part, values)
        if isinstance(element, Knowledge):
            function: Any = value
            parameters = parameters_of(element)
            value = function.code(*(self.context.get(each.name) for each in parameters)) if function is not None else None
        matched = run.matched[-1] if isinstance(element, Decision) and isinstance(element.logic, Tabled) and run.matched else ()
        return Decided(value, matched, tuple(run.warnings))

    def values(self, order: Iterable[Key], values: dict[Key, Any]) -> dict[Key, Any]:
        for key in order:
            if key not in values:
                values[key] = self.value(self.model.parts[key], values)
        return values

    def value(self, part: Part, values: Mapping[Key, Any]) -> Any:
        element, types = part.element, self.model.types[part.key[0]]
        if isinstance(element, InputData):
            return fitted(types, self.from_context(part), element.type, element.name, self.run_)
        if isinstance(element, Service):
            given = [self.model.parts[key].element for key in self.model.given(part)]
            parameters = tuple(Variable(each.names[0], each.type) for each in given)
            return function_of(parameters, lambda *args: self.service(part, args, {}), types)
        if part.logic is None:
            return self.run_.warn(f"{label(element)} has no logic")
        scope = self.scope(part, values)
        if isinstance(element, Knowledge):
            function = part.logic(scope, self.run_)
            scope.update(dict.fromkeys(element.names, function))  # a function may call itself
            return self.typed(function, element, types)
        return fitted(types, part.logic(scope, self.run_), element.type, label(element), self.run_)

    def typed(self, function: Any, element: Knowledge, types: Types) -> Any:
        """A function whose results are held to the type of its variable, unless that is the type of the function itself."""
        type_ = types.names.get(element.type.name, element.type) if element.type is not None else None
        if type_ is None or type_.name == "function" or function is None:
            return function
        code = function.code

        def held(*args: object) -> object:
            return fitted(types, code(*args), element.type, label(element), self.run_)

        return function_of(tuple(map(Variable, function.names, function.types)), held, types)

    def from_context(self, part: Part) -> object:
        """The value that the context has for an element: by its names, those of imported models within an entry of their name."""
        found: Any = self.context
        for prefix in self.model.path(self.space, part.key[0]):
            found = found.get(prefix) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            return None
        return next((found[name] for name in part.element.names if name in found), None)

    def service(self, part: Part, args: Sequence[object], context: Mapping[str, Any]) -> object:
        """A service decided over its inputs: the value of its output, or a context of several."""
        assert isinstance(part.element, Service)
        values: dict[Key, Any] = {}
        for key, arg in zip(self.model.given(part), args, strict=True):
            each = self.model.parts[key].element
            values[key] = fitted(self.model.types[key[0]], arg, each.type, each.name, self.run_)
        outputs = [key for _, _, key in part.scope[: len(part.element.outputs)]]
        order = [each for key in outputs for each in (*self.model.parts[key].order, key)]
        wanted = reachable(outputs, lambda key: [] if key in values else [each for _, _, each in self.model.parts[key].scope])
        found = self.values([key for key in order if key in wanted], values)
        value = {self.model.parts[key].element.names[0]: found[key] for key in outputs}
        single = next(iter(value.values())) if len(outputs) == 1 else value
        return fitted(self.model.types[part.key[0]], single, part.element.type, label(part.element), self.run_)

    def scope(self, part: Part, values: Mapping[Key, Any]) -> Values:
        """What the logic of an element sees: what it requires, and what was given that nothing in the model is called."""
        scope: Values = dict(self.free)
        for _, prefix, key in part.scope:
            element, value = self.model.parts[key].element, values.get(key)
            into = scope
            if prefix:
                held = scope.get(prefix)
                into = held if isinstance(held, dict) else {}
                scope[prefix] = into
            into.update(dict.fromkeys(element.names, value))
            if not element.variable:
                for name in outputs_of(element):
                    into.setdefault(name, value.get(name, value) if isinstance(value, dict) else value)
        return scope
