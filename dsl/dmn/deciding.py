"""Models compiled once, and decided over a context in the order of their requirements (OMG DMN 1.5, 6.3 and 10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.decisions import Decided
from dsl.dmn.evaluating import Evaluation
from dsl.dmn.linking import Key, Linked, label, link, outputs_of, reachable
from dsl.dmn.logic import Compiler, Logic, Names, test_of
from dsl.dmn.model import Boxed, Decision, Definitions, Element, InputData, ItemType, Knowledge, Literal, Service, Variable
from dsl.dmn.parts import names_within, said
from dsl.dmn.typing import Types, agreed, types_of
from dsl.feel import Host, Scope, compile_open
from dsl.feel import names_within as keys_of
from dsl.feel.ast import TypeName
from dsl.feel.types import ContextOf, ListOf, Type
from dsl.problems import InvalidText, Problem, did_you_mean

Node = tuple[tuple[str, ...], Key]
"""An element as it is reached: the names of imports on the way, and its key. An imported decision may get other inputs on another way."""

OPEN = Scope(open=True)
CONTEXT = TypeName(0, 0, "context")


@dataclass(frozen=True, slots=True)
class Part:
    """An element, compiled. `scope` are the names by which it sees what it requires: (name, prefix of an imported model, key)."""

    key: Key
    element: Element
    scope: tuple[tuple[str, str, Key], ...]
    logic: Logic | None
    order: tuple[Node, ...]
    free: Mapping[str, TypeName | None]
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
        needed = self.all_of(self.part(name).key)
        keys = {each.key for each in needed}
        of_all = [problem for problem in self.problems if self.owner(problem) in (None, *keys)]
        return [*of_all, *(problem for each in needed for problem in each.problems)]

    def owner(self, problem: Problem) -> Key | None:
        """The element of a file in which a problem stands; None for what no element has."""
        starts: list[tuple[int, Key | None]] = []
        for part in self.parts.values():
            at = part.element.at
            if at is not None and at.source.path == problem.at.source.path:
                starts.append((at.start, part.key))
        for item in (each for items in self.items.values() for each in items.values()):
            if item.at is not None and item.at.source.path == problem.at.source.path:
                starts.append((item.at.start, None))
        before = [each for each in starts if each[0] <= problem.at.start]
        return max(before, key=lambda each: each[0])[1] if before else None

    def inputs(self, name: str) -> dict[str, TypeName | None]:
        """What the context of a decision must have: the names of input data and, of what has none, those that nothing in the model has."""
        return self.inputs_of(self.part(name).key)

    def inputs_of(self, key: Key) -> dict[str, TypeName | None]:
        part = self.parts[key]
        found: dict[str, TypeName | None] = {}
        if isinstance(part.element, Knowledge):
            found = {each.name: each.type for each in parameters_of(part.element)}
        given = set(self.given(part)) if isinstance(part.element, Service) else set()
        own: Node = ((), key)
        wanted = reachable([own], lambda each: [] if each in given else self.children(each))
        for node in [*self.given(part), *(each for each in (*part.order, own) if each in wanted and each not in given)]:
            path, each = node[0], self.parts[node[1]]
            if isinstance(each.element, InputData) or node in given:
                found[path[0] if path else each.element.names[0]] = CONTEXT if path else each.element.type
            for name in sorted(each.free.keys() - self.names):
                found[name] = agreed(found.get(name), each.free[name])
        return found

    def read_context(self, key: Key, context: Mapping[str, Any]) -> dict[str, Any]:
        """A context that came as JSON, with the dates, times and durations of what a decision is given read from their texts."""
        found: dict[str, Any] = dict(context)
        own: Node = ((), key)
        for path, inner in reachable([own], self.children):
            into, part = found, self.parts[inner]
            for prefix in path:
                into[prefix] = dict(into[prefix]) if isinstance(into.get(prefix), Mapping) else {}
                into = into[prefix]
            for name in part.element.names:
                if name in into and not isinstance(part.element, Knowledge):
                    into[name] = self.types[inner[0]].given(into[name], part.element.type)
        for name, type_ in self.inputs_of(key).items():
            if name in found and name not in self.names:
                found[name] = self.types[key[0]].given(found[name], type_)
        return {name: value for name, value in found.items() if name in context}

    def children(self, node: Node) -> list[Node]:
        """What an element requires, and how it gets there."""
        path, key = node
        return [((*path, prefix) if prefix else path, target) for _, prefix, target in self.parts[key].scope]

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

    def given(self, part: Part) -> tuple[Node, ...]:
        """The parameters of a service: its input data, then its input decisions (10.4)."""
        if not isinstance(part.element, Service):
            return ()
        decisions, data = len(part.element.decisions), len(part.element.data)
        nodes = self.children(((), part.key))[len(part.scope) - decisions - data :]
        return (*nodes[decisions:], *nodes[:decisions])

    def decide(self, name: str, context: Mapping[str, Any], host: Host | None = None) -> Decided:
        """The value of a decision, of a service or of a function's call with the entries of the context. Raises KeyError where there is no
        such element, LimitExceeded, and whatever the host raises."""
        return self.decide_part(self.part(name), context, host)

    def decide_part(self, part: Part, context: Mapping[str, Any], host: Host | None = None) -> Decided:
        return Evaluation(self, context, host).run(part)


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
    functions = frozenset(name for each in linked.elements.values() if isinstance(each, Knowledge | Service) for name in each.names)
    for key in linked.order:
        parts[key] = compiled(linked, key, types[key[0]], parts, words, world, functions)
    return Model(
        models[0].namespace,
        parts,
        types,
        names | {each for each in linked.prefixes.values() if each},
        tuple(found),
        linked.types,
    )


def compiled(linked: Linked, key: Key, types: Types, parts: Mapping[Key, Part], words: set[str], world: Scope, functions: Names) -> Part:
    """One element, after those that it requires. The names that its value has within it are added to `words`."""
    element = linked.elements[key]
    scope = tuple(seen(linked, key, each) for each in linked.requires[key])
    logic = element.logic if isinstance(element, Decision | Knowledge) else None
    visible = frozenset(name for name, prefix, _ in visible_names(linked, scope) if not prefix) | {p for _, p, _ in scope if p}
    words |= {name for name, prefix, _ in visible_names(linked, scope) if prefix}
    if isinstance(element, Knowledge):
        visible |= frozenset(element.names)
    compiler = Compiler(types, frozenset(words), label(element), element.at, world, functions)
    run = compiler.compile(logic, visible, element.type) if logic is not None else None
    if logic is not None:
        words |= {*names_within(logic), *literal_words(logic, visible | words)}
    return Part(key, element, scope, run, needed(linked, scope, parts), compiler.free, frozenset(compiler.used), compiler.moving,
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


def needed(linked: Linked, scope: Iterable[tuple[str, str, Key]], parts: Mapping[Key, Part]) -> tuple[Node, ...]:
    """What has to be known before an element can be decided, in order. Services are called later, if at all."""
    found: set[Node] = set()
    for _, prefix, target in scope:
        before = () if isinstance(linked.elements[target], Service) else parts[target].order
        found.update(((prefix, *path) if prefix else path, key) for path, key in (*before, ((), target)))
    return tuple(sorted(found, key=lambda node: (linked.places[node[1]], node[0])))


def parameters_of(element: Knowledge) -> tuple[Variable, ...]:
    return getattr(element.logic, "parameters", ())
