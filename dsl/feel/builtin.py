"""What a built-in function is: declared by its signature as the standard writes it, called with checked arguments
(DMN 1.5, 10.3.4).

`@feel("substring(string: string, start position: number, length?: number)")` registers an overload. `?` after a name
makes a parameter optional, `?` after a type lets it be null, `…` after a name takes any number of arguments, `|` joins
types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsl.feel.ast import TypeName
from dsl.feel.conform import convert
from dsl.feel.trouble import Trouble, Warnings, warn
from dsl.feel.values import KINDS, MISSING, FeelFunction, number

Implementation = Callable[..., object]
_PARAMETER = re.compile(r"(?P<name>[^:?…]+)(?P<optional>\?)?(?P<many>…)?(?:: (?P<types>[^?]+)(?P<nullable>\?)?)?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. No `kinds` at all means any value; `accepted` are the Python types that need no conversion."""

    name: str
    kinds: tuple[str, ...]
    optional: bool
    many: bool
    nullable: bool
    accepted: frozenset[type] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in function."""

    function: str
    params: tuple[Parameter, ...]
    code: Implementation

    @property
    def required(self) -> int:
        return sum(1 for param in self.params if not param.optional)

    @property
    def many(self) -> bool:
        return bool(self.params) and self.params[-1].many

    def takes(self, count: int) -> bool:
        """Whether that many positional arguments fit."""
        return self.required <= count and (self.many or count <= len(self.params))

    def positions(self, names: Sequence[str]) -> tuple[int | None, ...] | None:
        """For each parameter, the index of the argument of its name (None: left out); or None if the names do
        not fit."""
        own = [param.name for param in self.params]
        if len(set(names)) != len(names) or not set(names) <= set(own):
            return None
        if any(param.name not in names and not param.optional for param in self.params):
            return None
        found: list[int | None] = [names.index(name) if name in names else None for name in own]
        while found and found[-1] is None:
            found.pop()
        return tuple(found)


BUILT_INS: dict[str, list[Overload]] = {}


def feel(*signatures: str) -> Callable[[Implementation], Implementation]:
    """Register a function under one or more FEEL signatures."""

    def register(code: Implementation) -> Implementation:
        for signature in signatures:
            name, _, rest = signature.partition("(")
            params = tuple(_parameter(part) for part in rest[:-1].split(", ") if part)
            BUILT_INS.setdefault(name, []).append(Overload(name, params, code))
        return code

    return register


def _parameter(text: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    assert match is not None, text
    kinds = tuple(match["types"].split("|")) if match["types"] else ()
    accepted = frozenset(t for t, kind in KINDS.items() if kind in kinds and t not in (int, float))
    return Parameter(
        match["name"], kinds, bool(match["optional"]), bool(match["many"]), bool(match["nullable"]), accepted
    )


def prepare(param: Parameter, value: Any, function: str) -> object:
    """An argument as its parameter takes it. Raises Trouble if it cannot be that."""
    if not param.kinds or type(value) in param.accepted:
        return value
    if value is None:
        if param.nullable:
            return None
        raise Trouble("null", f"{function}: '{param.name}' is null")
    exact = number(value) if "number" in param.kinds else None
    if exact is not None:
        return exact
    for kind in param.kinds:
        converted = convert(value, TypeName(0, 0, kind))
        if converted is not MISSING:
            return converted
    raise Trouble(
        "type", f"{function}: '{param.name}' is a {KINDS.get(type(value), 'record')}, not a {' or '.join(param.kinds)}"
    )


def apply(overload: Overload, args: Sequence[Any]) -> object:
    """Check the arguments and call. Raises Trouble where there is no value."""
    params = overload.params
    ready = [
        arg if not param.kinds or type(arg) in param.accepted else prepare(param, arg, overload.function)
        for param, arg in zip(params, args, strict=False)
    ]
    if overload.many and len(args) > len(params):
        last = params[-1]
        ready.extend(prepare(last, arg, overload.function) for arg in args[len(params) :])
    return overload.code(*ready)


def choose(
    name: str, count: int, names: tuple[str, ...] | None
) -> list[tuple[Overload, tuple[int | None, ...] | None]]:
    """The overloads that fit a call's number or names of arguments, each with the order in which it wants them."""
    if names is None:
        return [(overload, None) for overload in BUILT_INS[name] if overload.takes(count)]
    fitting = [(overload, overload.positions(names)) for overload in BUILT_INS[name]]
    return [(overload, order) for overload, order in fitting if order is not None]


def caller(name: str, count: int, names: tuple[str, ...] | None) -> Callable[..., object] | None:
    """A function `(warnings, start, end, *args)` for one call in a text; None if no overload fits, which is known
    before any evaluation."""
    fitting = choose(name, count, names)
    if not fitting:
        return None
    if len(fitting) == 1 and fitting[0][1] is None:
        return single(fitting[0][0])

    def call(warnings: Warnings, start: int, end: int, *args: Any) -> object:
        for index, (overload, order) in enumerate(fitting):
            ordered = args if order is None else [None if at is None else args[at] for at in order]
            try:
                return apply(overload, ordered)
            except Trouble as trouble:
                if trouble.kind not in ("type", "null") or index == len(fitting) - 1:
                    return warn(warnings, trouble.kind, trouble.message, start, end)
        return None

    return call


def single(overload: Overload) -> Callable[..., object]:
    """The caller of one overload with positional arguments."""
    code, params, name = overload.code, overload.params, overload.function
    if len(params) == 1 and not overload.many and params[0].kinds:
        (param,) = params
        accepted = param.accepted

        def call_one(warnings: Warnings, start: int, end: int, arg: Any) -> object:
            try:
                return code(arg if type(arg) in accepted else prepare(param, arg, name))
            except Trouble as trouble:
                return warn(warnings, trouble.kind, trouble.message, start, end)

        return call_one

    def call(warnings: Warnings, start: int, end: int, *args: Any) -> object:
        try:
            return apply(overload, args)
        except Trouble as trouble:
            return warn(warnings, trouble.kind, trouble.message, start, end)

    return call


def as_value(name: str) -> FeelFunction:
    """A built-in function as a value, which other functions can be given."""
    first = BUILT_INS[name][0]

    def positional(*args: object) -> object:
        return _dynamic(name, None, args)

    def by_name(names: tuple[str, ...], args: tuple[object, ...]) -> object:
        return _dynamic(name, names, args)

    types = tuple(TypeName(0, 0, param.kinds[0]) if len(param.kinds) == 1 else None for param in first.params)
    names = tuple(param.name for param in first.params)
    return FeelFunction(names, types, positional, name, True, first.many or first.required < len(names), None, by_name)


def _dynamic(name: str, names: tuple[str, ...] | None, args: tuple[object, ...]) -> object:
    call = caller(name, len(args), names)
    return None if call is None else call(None, 0, 0, *args)
