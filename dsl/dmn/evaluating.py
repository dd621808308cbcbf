"""One evaluation of one element of a model over a context, in the order of the requirements (OMG DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsl.decisions import Decided
from dsl.dmn.linking import label, outputs_of, reachable
from dsl.dmn.logic import Run, Values, fitted, function_of
from dsl.dmn.model import Decision, InputData, Knowledge, Service, Tabled, Variable
from dsl.dmn.typing import Types
from dsl.feel import Host

if TYPE_CHECKING:
    from dsl.dmn.deciding import Model, Node, Part


class Evaluation:
    """`context` has what was given; names in it that nothing in the model has are seen everywhere."""

    def __init__(self, model: Model, context: Mapping[str, Any], host: Host | None) -> None:
        self.model = model
        self.context = context
        self.trace = Run(host)
        self.free = {name: value for name, value in context.items() if name not in model.names}

    def run(self, part: Part) -> Decided:
        element, own = part.element, ((), part.key)
        if isinstance(element, Service):
            value = self.service(own, [self.from_context(node) for node in self.model.given(part)])
        else:
            value = self.value(own, self.values(part.order, {}))
        if isinstance(element, Knowledge):
            value = self.call(value)
        matched = self.trace.matched[-1:] if isinstance(element, Decision) and isinstance(element.logic, Tabled) else []
        return Decided(value, matched[0] if matched else (), tuple(self.trace.warnings))

    def call(self, function: Any) -> object:
        """Call a function with the entries of the context."""
        return function.code(*(self.context.get(name) for name in function.names)) if function is not None else None

    def values(self, order: Iterable[Node], values: dict[Node, Any]) -> dict[Node, Any]:
        for node in order:
            if node not in values:
                values[node] = self.value(node, values)
        return values

    def value(self, node: Node, values: Mapping[Node, Any]) -> Any:
        part = self.model.parts[node[1]]
        element, types = part.element, self.model.types[part.key[0]]
        if isinstance(element, InputData):
            return fitted(types, self.from_context(node), element.type, element.name, self.trace)
        if isinstance(element, Service):
            given = [self.model.parts[key].element for _, key in self.model.given(part)]
            parameters = tuple(Variable(each.names[0], each.type) for each in given)
            return function_of(parameters, lambda *args: self.service(node, args), types)
        if part.logic is None:
            return self.trace.warn(f"{label(element)} has no logic")
        scope = self.scope(node, values)
        value = part.logic(scope, self.trace)
        if isinstance(element, Knowledge):
            scope.update(dict.fromkeys(element.names, value))  # a function may call itself
            return self.typed(value, element, types)
        return fitted(types, value, element.type, label(element), self.trace)

    def typed(self, function: Any, element: Knowledge, types: Types) -> Any:
        """A function whose results are held to the type of its variable, unless that is the type of the function itself."""
        type_ = types.names.get(element.type.name, element.type) if element.type is not None else None
        if type_ is None or type_.name == "function" or function is None:
            return function
        code = function.code

        def held(*args: object) -> object:
            return fitted(types, code(*args), element.type, label(element), self.trace)

        return function_of(tuple(map(Variable, function.names, function.types)), held, types)

    def from_context(self, node: Node) -> object:
        """The value that the context has for an element: by its names, those of imported models within an entry of the import's name."""
        path, key = node
        found: Any = self.context
        for prefix in path:
            found = found.get(prefix) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            return None
        return next((found[name] for name in self.model.parts[key].element.names if name in found), None)

    def service(self, node: Node, args: Sequence[object]) -> object:
        """A service decided over its inputs: the value of its output, or a context of several."""
        path, part = node[0], self.model.parts[node[1]]
        element = part.element
        assert isinstance(element, Service)
        values: dict[Node, Any] = {}
        for (inner, key), arg in zip(self.model.given(part), args, strict=True):
            each = self.model.parts[key].element
            values[(*path, *inner), key] = fitted(self.model.types[key[0]], arg, each.type, each.name, self.trace)
        outputs = self.model.children(node)[: len(element.outputs)]
        wanted = reachable(outputs, lambda each: [] if each in values else self.model.children(each))
        order = [((*path, *inner), key) for inner, key in part.order]
        found = self.values([each for each in order if each in wanted], values)
        value = {self.model.parts[each[1]].element.names[0]: found[each] for each in outputs}
        single = next(iter(value.values())) if len(outputs) == 1 else value
        return fitted(self.model.types[part.key[0]], single, element.type, label(element), self.trace)

    def scope(self, node: Node, values: Mapping[Node, Any]) -> Values:
        """What the logic of an element sees: what it requires, and what was given that nothing in the model is called."""
        scope: Values = dict(self.free)
        requires = self.model.parts[node[1]].scope
        for (_, prefix, key), target in zip(requires, self.model.children(node), strict=True):
            element, value = self.model.parts[key].element, values.get(target)
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
