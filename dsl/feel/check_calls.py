"""Check calls: of FEEL's own functions, of the host's, and of functions as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.feel import ast, typing
from dsl.feel.builtins import BUILT_INS, Overload, Parameter, caller
from dsl.feel.types import (
    BOOLEAN,
    NUMBER,
    STRING,
    ContextOf,
    FunctionOf,
    HostFunction,
    ListOf,
    RangeOf,
    RecordOf,
    Type,
)
from dsl.problems import did_you_mean

if TYPE_CHECKING:
    from dsl.feel.check import Checker

WRITTEN: Mapping[str, str] = {
    "date": 'write date("2026-11-23")',
    "time": 'write time("10:30:00")',
    "date and time": 'write date and time("2026-11-23T10:30:00Z")',
    "duration": 'write duration("P3D"), duration("PT4H") or duration("P2M")',
}
PATTERNS = ("matches", "replace", "split")
ELEMENTS: Mapping[str, Type] = {
    **dict.fromkeys(("sum", "mean", "median", "stddev", "mode", "product"), NUMBER),
    **dict.fromkeys(("all", "any"), BOOLEAN),
}


def count(number: int) -> str:
    return f"{number} argument" if number == 1 else f"{number} arguments"


def check_host(c: Checker, node: ast.Call, host: HostFunction, types: Sequence[Type]) -> ast.Call:
    """Check a call of a host function; named arguments are put in order, since the host takes them by position."""
    if node.names is not None:
        ordered = _in_order(c, node, host)
        if ordered is None:
            return node
        types = [types[index] for index in ordered]
        node = replace(node, args=tuple(node.args[index] for index in ordered), names=None)
    most, least = len(host.params), len(host.params) - host.optional
    if not least <= len(node.args) <= most:
        wanted = count(most) if least == most else f"{least} to {count(most)}"
        c.report("TW2008", f"'{host.name}' takes {wanted}, not {len(node.args)}", node)
        return node
    for (name, wanted_type), arg, type_ in zip(host.params, node.args, types, strict=False):
        if not typing.fits(type_, wanted_type) and not isinstance(type_, FunctionOf):
            c.report("TW2005", f"'{host.name}' takes a {wanted_type} as {name}, not a {type_}", arg)
    return node


def _in_order(c: Checker, node: ast.Call, host: HostFunction) -> list[int] | None:
    """The indexes of named arguments in the order of the parameters; None, and a problem, where they do not fit."""
    names, own = list(node.names or ()), [name for name, _ in host.params]
    if unknown_argument(c, node, own):
        return None
    if len(set(names)) != len(names) or sorted(map(own.index, names)) != list(range(len(names))):
        c.report("TW2008", f"'{host.name}' is called as {host.name}({', '.join(own)})", node)
        return None
    return sorted(range(len(names)), key=lambda index: own.index(names[index]))


def unknown_argument(c: Checker, node: ast.Call, known: Sequence[str]) -> bool:
    """Report the first argument whose name no parameter has; whether there is one."""
    for index, name in enumerate(node.names or ()):
        if name not in known:
            before = node.args[index - 1].end if index else node.function.end
            start = max(c.text.text.find(name, before, node.args[index].start), before)
            called = node.function.name if isinstance(node.function, ast.Name) else "this function"
            hint = did_you_mean(name, known) or f"the names are {', '.join(known)}"
            c.report_at("TW2008", f"'{called}' has no parameter '{name}'", start, start + len(name), hint)
            return True
    return False


def check_value(c: Checker, node: ast.Call, function: FunctionOf, types: Sequence[Type]) -> None:
    """Check a call of a function that is a value."""
    if function.params is None:
        return
    if len(function.params) != len(types):
        c.report("TW2008", f"this function takes {count(len(function.params))}, not {len(types)}", node)
    elif node.names is None:
        for wanted, arg, type_ in zip(function.params, node.args, types, strict=True):
            if not typing.fits(type_, wanted):
                c.report("TW2005", f"this function takes a {wanted} here, not a {type_}", arg)
    else:
        unknown_argument(c, node, function.names)


def check_built_in(c: Checker, node: ast.Call, name: str, types: Sequence[Type]) -> None:
    """Check number, names and types of the arguments of one of FEEL's own functions."""
    overloads = BUILT_INS[name]
    if node.names is not None and unknown_argument(c, node, [p.name for o in overloads for p in o.params]):
        return
    if node.names is None:
        fitting = [(o, [parameter(o, i) for i in range(len(types))]) for o in overloads if o.takes(len(types))]
    else:
        named = [o for o in overloads if o.positions(node.names) is not None]
        fitting = [(o, [_named(o, each) for each in node.names]) for o in named]
    if not fitting:
        ways = " or ".join(shown(o) for o in overloads)
        c.report("TW2008", f"'{name}' is called as {ways}", node)
        return
    if not any(all(map(accepts, params, types)) for _, params in fitting):
        for i, (arg, type_) in enumerate(zip(node.args, types, strict=True)):
            if not any(accepts(params[i], type_) for _, params in fitting):
                kinds = " or ".join(sorted({kind for _, params in fitting for kind in params[i].kinds}))
                c.report("TW2005", f"'{name}' takes a {kinds} as {fitting[0][1][i].name}, not a {type_}", arg)
                return
        return
    for i, (arg, type_) in enumerate(zip(node.args, types, strict=True)):
        if all(params[i].kinds and "list" not in params[i].kinds and not params[i].nullable for _, params in fitting):
            c.need_value(arg, type_, f"'{name}'")
    elements(c, node, name, types)
    constants(c, node, name)


def elements(c: Checker, node: ast.Call, name: str, types: Sequence[Type]) -> None:
    """Check what is in the lists that a function goes through."""
    given = [(arg, typing.item_of(type_)) for arg, type_ in zip(node.args, types, strict=True)]
    wanted = ELEMENTS.get(name)
    if wanted is not None:
        for arg, item in given:
            if not isinstance(item, ListOf) and not typing.fits(item, wanted):
                c.report("TW2005", f"'{name}' takes {wanted}s, not a {item}", arg)
    elif name in ("min", "max"):
        for arg, item in given:
            if not isinstance(item, ListOf) and not typing.ordered(given[0][1], item):
                message = f"a {item} has no order" if arg is node.args[0] else f"a {given[0][1]} and a {item} have no common order"
                c.report("TW2005", f"'{name}': {message}", arg)
    elif name == "string join" and given and not isinstance(given[0][1], ListOf) and not typing.fits(given[0][1], STRING):
        hint = "write 'for x in … return string(x)'"
        c.report("TW2005", f"'string join' takes a list of strings, not of {given[0][1]}", node.args[0], hint)
    elif name in ("list contains", "index of") and len(given) == 2 and node.names is None:
        (items, item), (element, type_) = given[0], (node.args[1], types[1])
        c.options((items, item), (element, type_))
        c.options((element, type_), (items, item))
        if not typing.comparable(item, type_):
            c.report("TW2005", f"a {types[0]} never holds a {type_}", element)


def constants(c: Checker, node: ast.Call, name: str) -> None:
    """Report a text that can never be a date, a duration or a pattern."""
    texts = [arg.value if isinstance(arg, ast.Literal) and isinstance(arg.value, str) else None for arg in node.args]
    if name in WRITTEN and len(texts) == 1 and texts[0] is not None:
        run = caller(name, 1, None)
        if run is not None and run(None, 0, 0, texts[0]) is None:
            c.report("TW2012", f'"{texts[0]}" is no {name}', node.args[0], WRITTEN[name])
    elif name in PATTERNS and len(texts) > 1 and texts[1] is not None and node.names is None:
        run = caller("matches", 2, None)
        if run is not None and run(None, 0, 0, "", texts[1]) is None:
            c.report("TW2012", f'"{texts[1]}" is no regular expression', node.args[1])


def shown(overload: Overload) -> str:
    params = (p.name + ("…" if p.many else "?" if p.optional else "") for p in overload.params)
    return f"{overload.function}({', '.join(params)})"


def parameter(overload: Overload, index: int) -> Parameter:
    return overload.params[min(index, len(overload.params) - 1)]


def _named(overload: Overload, name: str) -> Parameter:
    return next(param for param in overload.params if param.name == name)


def accepts(param: Parameter, type_: Type) -> bool:
    """Whether a parameter can take a value of that type; what is not known may fit."""
    if not param.kinds or typing.unknown(type_) or "list" in param.kinds:
        return True
    type_ = typing.plain(type_)
    if isinstance(type_, ListOf):
        return False
    kind = {ContextOf: "context", RecordOf: "context", RangeOf: "range", FunctionOf: "function"}.get(type(type_), str(type_))
    return kind in param.kinds
