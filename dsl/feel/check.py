"""Resolve names and infer types: what an expression means in its scope, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dsl.feel import ast, typing
from dsl.feel.builtins import BUILT_INS, CLOCK, Overload
from dsl.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    Choice,
    ContextOf,
    FunctionOf,
    HostFunction,
    ListOf,
    RangeOf,
    RecordOf,
    Scope,
    Type,
)
from dsl.problems import Problem, did_you_mean
from dsl.source import Located

Typed = tuple[ast.Node, Type]


@dataclass(frozen=True, slots=True)
class Bound:
    """Names that the text itself binds."""

    names: Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Row:
    """The item of a filter, cell or query; `members` is None where they are not known."""

    type: Type
    members: Mapping[str, Type] | None
    names: tuple[str, ...] = ("item",)  # names of the item itself


class Checker:
    """Rewrites the tree so that scoping is explicit (see `dsl.feel.ast`), and collects problems."""

    def __init__(self, text: Located, scope: Scope, frames: tuple[Bound | Row, ...] = ()) -> None:
        self.text = text
        self.scope = scope
        self.frames = frames  # innermost last
        self.problems: list[Problem] = []

    def report(self, code: str, message: str, node: ast.Node, hint: str = "") -> None:
        self.problems.append(Problem(code, message, self.text.part(node.start, node.end), hint=hint))

    def report_at(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        self.problems.append(Problem(code, message, self.text.part(start, end), hint=hint))

    def within(self, frame: Bound | Row, node: ast.Node) -> Typed:
        outer, self.frames = self.frames, (*self.frames, frame)
        found = self.infer(node)
        self.frames = outer
        return found

    def infer(self, node: ast.Node) -> Typed:
        """The resolved node and its type."""
        method = getattr(self, "on_" + type(node).__name__)
        found: Typed = method(node)
        return found

    def all(self, nodes: Sequence[ast.Node]) -> tuple[tuple[ast.Node, ...], tuple[Type, ...]]:
        found = [self.infer(node) for node in nodes]
        return tuple(node for node, _ in found), tuple(type_ for _, type_ in found)

    # ---- members and names ----

    def members(self, type_: Type) -> Mapping[str, Type] | None:
        """The members of a value; None where they are not known, an empty map where it has none."""
        if isinstance(type_, RecordOf):
            return self.scope.members(type_.entity)
        if isinstance(type_, ContextOf):
            return type_.members
        if isinstance(type_, RangeOf):
            flags = {"start included": BOOLEAN, "end included": BOOLEAN}
            return {"start": type_.item, "end": type_.item, **flags}
        if typing.unknown(type_) or isinstance(type_, FunctionOf):
            return None
        return typing.MEMBERS.get(typing.plain(type_), {})

    def on_Literal(self, node: ast.Literal) -> Typed:
        return node, literal_type(node.value)

    def on_Item(self, node: ast.Item) -> Typed:
        rows = [frame for frame in reversed(self.frames) if isinstance(frame, Row)]
        return node, rows[node.depth].type if node.depth < len(rows) else ANY

    def on_Name(self, node: ast.Name) -> Typed:
        depth, open_item = 0, False
        for frame in reversed(self.frames):
            if isinstance(frame, Bound):
                if node.name in frame.names:
                    return node, frame.names[node.name]
                continue
            if node.name in frame.names:
                return ast.Item(node.start, node.end, depth), frame.type
            if frame.members is None:
                open_item = True
            elif node.name in frame.members:
                row = ast.Item(node.start, node.start, depth)
                return ast.Path(node.start, node.end, row, node.name), frame.members[node.name]
            depth += 1
        if node.name in self.scope.names:
            return node, ANY if open_item else self.scope.names[node.name]
        if node.name in BUILT_INS or node.name in self.scope.functions:
            return node, FunctionOf(None, ANY)
        if not self.scope.open and not open_item:
            self.unknown_name(node)
        return node, ANY

    def unknown_name(self, node: ast.Name) -> None:
        known = [*self.scope.names]
        for frame in self.frames:
            known.extend(frame.names if isinstance(frame, Bound) else [*(frame.members or ()), *frame.names])
        hint = did_you_mean(node.name, known)
        rows = [f.type for f in self.frames if isinstance(f, Row) and isinstance(f.type, RecordOf)]
        where = f"{rows[-1]} has no field '{node.name}', and nothing else has that name" if rows else f"nothing is named '{node.name}' here"
        self.report("TW2002", where, node, hint)

    def on_Path(self, node: ast.Path) -> Typed:
        base, type_ = self.infer(node.base)
        found = replace(node, base=base)
        item = type_.item if isinstance(type_, ListOf) else type_
        members = self.members(item)
        if members is None:
            return found, ANY
        if node.member not in members:
            start = node.end - len(node.member)
            shown = item.entity if isinstance(item, RecordOf) else f"a {item}"
            what = "field" if isinstance(item, RecordOf) else "member"
            hint = did_you_mean(node.member, members)
            self.report_at("TW2003", f"{shown} has no {what} '{node.member}'", start, node.end, hint)
            return found, ANY
        member = members[node.member]
        if isinstance(type_, ListOf):
            return found, ListOf(member.item if isinstance(member, ListOf) else member)
        return found, member

    def on_Filter(self, node: ast.Filter) -> Typed:
        base, type_ = self.infer(node.base)
        item = type_.item if isinstance(type_, ListOf) else type_
        condition, kind = self.within(Row(item, self.members(item)), node.condition)
        found = replace(node, base=base, condition=condition)
        if typing.plain(kind) == NUMBER:
            return found, item
        if not typing.unknown(kind) and kind != BOOLEAN:
            self.report("TW2007", f"a filter takes a condition or a position, not a {kind}", node.condition)
        if kind is ANY and not isinstance(type_, ListOf):
            return found, ANY
        return found, type_ if isinstance(type_, ListOf) else ListOf(type_) if type_ is not ANY else ANY

    # ---- calls and queries ----

    def on_Call(self, node: ast.Call) -> Typed:
        args, types = self.all(node.args)
        if not isinstance(node.function, ast.Name) or self.is_bound(node.function.name):
            function, type_ = self.infer(node.function)
            found = replace(node, function=function, args=args)
            if isinstance(type_, FunctionOf):
                if type_.params is not None and len(type_.params) != len(args):
                    self.report("TW2008", f"this function takes {count(len(type_.params))}, not {len(args)}", node)
                return found, type_.result
            if not typing.unknown(type_):
                self.report("TW2004", f"a {type_} is not a function", node.function)
            return found, ANY
        found = replace(node, args=args)
        name = node.function.name
        host = self.scope.functions.get(name)
        if host is not None:
            self.check_host(node, host, args, types)
            return found, host.result
        if name in CLOCK and name not in BUILT_INS:
            if args:
                self.report("TW2008", f"{name} takes no arguments", node)
            return found, typing.result(name, types, [])
        if name in BUILT_INS:
            self.check_built_in(node, name, args, types)
            return found, typing.result(name, types, [constant(arg) for arg in args])
        if not (self.scope.open or self.in_open_item()):
            hint = did_you_mean(name, [*BUILT_INS, *CLOCK, *self.scope.functions, *queries(self.scope)])
            self.report("TW2004", f"there is no function '{name}'", node.function, hint)
        return found, ANY

    def is_bound(self, name: str) -> bool:
        """Whether the text or the scope gives the name a value, so that it is not a built-in function here."""
        for frame in self.frames:
            if name in frame.names or (isinstance(frame, Row) and name in (frame.members or ()) and name not in BUILT_INS):
                return True
        type_ = self.scope.names.get(name)
        return type_ is not None and (name not in BUILT_INS or isinstance(type_, FunctionOf))

    def in_open_item(self) -> bool:
        return any(isinstance(frame, Row) and frame.members is None for frame in self.frames)

    def check_host(self, node: ast.Call, host: HostFunction, args: Sequence[ast.Node], types: Sequence[Type]) -> None:
        most, least = len(host.params), len(host.params) - host.optional
        if not least <= len(args) <= most:
            wanted = count(most) if least == most else f"{least} to {count(most)}"
            self.report("TW2008", f"'{host.name}' takes {wanted}, not {len(args)}", node)
            return
        for (name, wanted_type), arg, type_ in zip(host.params, args, types, strict=False):
            if not typing.fits(type_, wanted_type) and not isinstance(type_, FunctionOf):
                self.report("TW2005", f"'{host.name}' takes a {wanted_type} as {name}, not a {type_}", arg)

    def check_built_in(self, node: ast.Call, name: str, args: Sequence[ast.Node], types: Sequence[Type]) -> None:
        overloads = BUILT_INS[name]
        if node.names is None:
            fitting = [o for o in overloads if o.takes(len(args))]
        else:
            fitting = [o for o in overloads if o.positions(node.names) is not None]
        if not fitting:
            ways = " or ".join(shown(o) for o in overloads)
            self.report("TW2008", f"'{name}' is called as {ways}", node)
            return
        if node.names is not None:
            return
        if not any(all(accepts(o, i, t) for i, t in enumerate(types)) for o in fitting):
            for i, (arg, type_) in enumerate(zip(args, types, strict=True)):
                if not any(accepts(o, i, type_) for o in fitting):
                    kinds = " or ".join(sorted({k for o in fitting for k in parameter(o, i).kinds}))
                    self.report("TW2005", f"'{name}' takes a {kinds} as {parameter(fitting[0], i).name}, not a {type_}", arg)
                    return

    def on_Query(self, node: ast.Query) -> Typed:
        members = self.scope.members(node.entity)
        if members is None or (node.entity not in self.scope.entities and "." in node.entity):
            start = self.text.text.find(node.entity, node.start)
            hint = did_you_mean(node.entity, self.scope.entities)
            self.report_at("TW2010", f"there is no entity '{node.entity}'", start, start + len(node.entity), hint)
            return node, ANY
        record = RecordOf(node.entity)
        condition = None
        if node.condition is not None:
            condition, kind = self.within(Row(record, members), node.condition)
            self.need_boolean(kind, node.condition, "the condition")
        result: Type = {"lookup": record, "lookup all": ListOf(record), "exists": BOOLEAN, "count of": NUMBER}[node.kind]
        return replace(node, condition=condition), result

    def need_boolean(self, type_: Type, node: ast.Node, what: str) -> None:
        if not typing.unknown(type_) and type_ != BOOLEAN:
            self.report("TW2007", f"{what} must be true or false, not a {type_}", node)

    # ---- operators ----

    def on_Negate(self, node: ast.Negate) -> Typed:
        value, type_ = self.infer(node.value)
        if not typing.unknown(type_) and str(type_) not in ("number", "days and time duration", "years and months duration"):
            self.report("TW2005", f"'-' cannot take a {type_}", node.value)
        return replace(node, value=value), type_

    def on_Arithmetic(self, node: ast.Arithmetic) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        type_ = typing.arithmetic(node.op, a, b)
        if type_ is None:
            hint = "turn it into a text with string(…)" if node.op == "+" and STRING in (typing.plain(a), typing.plain(b)) else ""
            self.report("TW2005", f"'{node.op}' cannot take a {a} and a {b}", node, hint)
        return replace(node, left=left, right=right), type_ or ANY

    def on_Comparison(self, node: ast.Comparison) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        self.compare(node.op, (left, a), (right, b), node)
        return replace(node, left=left, right=right), BOOLEAN

    def compare(self, op: str, left: Typed, right: Typed, node: ast.Node) -> None:
        if op in ("=", "!="):
            self.options(left, right)
            self.options(right, left)
            if not typing.comparable(left[1], right[1]):
                self.report("TW2005", f"a {left[1]} never equals a {right[1]}", node)
        elif not typing.ordered(left[1], right[1]):
            self.report("TW2005", f"'{op}' cannot compare a {left[1]} with a {right[1]}", node)

    def options(self, choice: Typed, other: Typed) -> None:
        """Report a text that is compared with a choice and is none of its options."""
        type_ = choice[1].item if isinstance(choice[1], ListOf) else choice[1]
        node = other[0]
        if not isinstance(type_, Choice):
            return
        for literal in node.items if isinstance(node, ast.ListNode) else (node,):
            value = constant(literal)
            if isinstance(value, str) and value not in type_.options:
                hint = did_you_mean(value, type_.options) or f"the options are {', '.join(type_.options)}"
                self.report("TW2006", f"'{type_.name}' has no option '{value}'", literal, hint)

    def on_Logic(self, node: ast.Logic) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        for side, type_ in ((node.left, a), (node.right, b)):
            if not typing.unknown(type_) and type_ != BOOLEAN:
                self.report("TW2005", f"'{node.op}' takes conditions, not a {type_}", side)
        return replace(node, left=left, right=right), BOOLEAN

    def on_Between(self, node: ast.Between) -> Typed:
        value, low, high = self.infer(node.value), self.infer(node.low), self.infer(node.high)
        for end in (low, high):
            if not typing.ordered(value[1], end[1]):
                self.report("TW2005", f"'between' cannot compare a {value[1]} with a {end[1]}", end[0])
        return replace(node, value=value[0], low=low[0], high=high[0]), BOOLEAN

    def on_In(self, node: ast.In) -> Typed:
        value = self.infer(node.value)
        tests = []
        for test in node.tests:
            checked, type_ = self.within(Row(value[1], {}, ("?",)), test) if mentions_item(test) else self.infer(test)
            self.tested(value, (checked, type_), test)
            tests.append(checked)
        return replace(node, value=value[0], tests=tuple(tests)), BOOLEAN

    def tested(self, value: Typed, test: Typed, node: ast.Node) -> None:
        """Check one test of `in` or of a cell against the type of the tested value."""
        checked, type_ = test
        if isinstance(checked, ast.UnaryTest):
            self.compare(checked.op, value, (checked.value, type_), node)
        elif isinstance(checked, ast.ListNode):
            for item in checked.items:
                inner, kind = (item, literal_type(item.value)) if isinstance(item, ast.Literal) else (item, ANY)
                self.tested(value, (inner, kind), inner)
        elif isinstance(type_, RangeOf):
            if not typing.ordered(value[1], type_.item):
                self.report("TW2005", f"a {value[1]} is never in a {type_}", node)
        elif isinstance(type_, ListOf):
            if not typing.comparable(value[1], type_.item) and not typing.comparable(value[1], type_):
                self.report("TW2005", f"a {value[1]} is never in a {type_}", node)
        elif type_ != BOOLEAN or typing.plain(value[1]) == BOOLEAN:
            self.options(value, test)
            if not typing.comparable(value[1], type_):
                self.report("TW2005", f"a {value[1]} never equals a {type_}", node)

    def on_UnaryTest(self, node: ast.UnaryTest) -> Typed:
        value, type_ = self.infer(node.value)
        return replace(node, value=value), type_

    def on_UnaryTests(self, node: ast.UnaryTests) -> Typed:
        tests = []
        row = next((f for f in reversed(self.frames) if isinstance(f, Row)), None)
        for test in node.tests:
            checked = self.infer(test)
            if row is not None and not mentions_item(test):
                self.tested((ast.Item(node.start, node.start), row.type), checked, test)
            tests.append(checked[0])
        return replace(node, tests=tuple(tests)), BOOLEAN

    def on_InstanceOf(self, node: ast.InstanceOf) -> Typed:
        return replace(node, value=self.infer(node.value)[0]), BOOLEAN

    # ---- structure ----

    def on_If(self, node: ast.If) -> Typed:
        condition, kind = self.infer(node.condition)
        self.need_boolean(kind, node.condition, "the condition of 'if'")
        then, otherwise = self.infer(node.then), self.infer(node.otherwise)
        return replace(node, condition=condition, then=then[0], otherwise=otherwise[0]), typing.joined([then[1], otherwise[1]])

    def iterators(self, iterators: Sequence[ast.Iterator]) -> tuple[tuple[ast.Iterator, ...], Bound]:
        """The iterators, each seeing the names of those before it, and all their names."""
        bound: dict[str, Type] = {}
        found = []
        for each in iterators:
            source, type_ = self.within(Bound(bound), each.source)
            until = self.within(Bound(bound), each.until)[0] if each.until is not None else None
            found.append(replace(each, source=source, until=until))
            bound = bound | {each.name: type_ if until is not None else typing.item_of(type_)}
        return tuple(found), Bound(bound)

    def on_For(self, node: ast.For) -> Typed:
        iterators, bound = self.iterators(node.iterators)
        result, type_ = self.within(Bound({**bound.names, "partial": ListOf(ANY)}), node.result)
        return replace(node, iterators=iterators, result=result), ListOf(type_)

    def on_Quantified(self, node: ast.Quantified) -> Typed:
        iterators, bound = self.iterators(node.iterators)
        condition, kind = self.within(bound, node.condition)
        self.need_boolean(kind, node.condition, f"the condition of '{node.kind}'")
        return replace(node, iterators=iterators, condition=condition), BOOLEAN

    def on_ListNode(self, node: ast.ListNode) -> Typed:
        items, types = self.all(node.items)
        return replace(node, items=items), ListOf(typing.joined(types) if types else ANY)

    def on_ContextNode(self, node: ast.ContextNode) -> Typed:
        entries: list[tuple[str, ast.Node]] = []
        types: dict[str, Type] = {}
        for key, value in node.entries:
            checked, type_ = self.within(Bound(dict(types)), value)
            entries.append((key, checked))
            types[key] = type_
        return replace(node, entries=tuple(entries)), ContextOf(types)

    def on_RangeNode(self, node: ast.RangeNode) -> Typed:
        low = self.infer(node.low) if node.low is not None else None
        high = self.infer(node.high) if node.high is not None else None
        if low and high and not typing.ordered(low[1], high[1]):
            self.report("TW2005", f"a range cannot go from a {low[1]} to a {high[1]}", node)
        types = [end[1] for end in (low, high) if end is not None]
        found = replace(node, low=low[0] if low else None, high=high[0] if high else None)
        return found, RangeOf(typing.plain(typing.joined(types)))

    def on_FunctionNode(self, node: ast.FunctionNode) -> Typed:
        params = {name: typing.declared(type_) if type_ is not None else ANY for name, type_ in node.params}
        body, type_ = self.within(Bound(params), node.body)
        return replace(node, body=body), FunctionOf(tuple(params.values()), type_, tuple(params))


def literal_type(value: object) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return STRING
    return typing.NAMED.get(kind_of(value), ANY)


def kind_of(value: object) -> str:
    from dsl.feel.values import KINDS

    return KINDS.get(type(value), "Any")


def constant(node: ast.Node) -> object:
    return node.value if isinstance(node, ast.Literal) else None


def count(number: int) -> str:
    return f"{number} argument" if number == 1 else f"{number} arguments"


def queries(scope: Scope) -> tuple[str, ...]:
    return ("lookup", "lookup all", "exists", "count of") if scope.entities else ()


def shown(overload: Overload) -> str:
    params = (p.name + ("…" if p.many else "?" if p.optional else "") for p in overload.params)
    return f"{overload.function}({', '.join(params)})"


def parameter(overload: Overload, index: int):  # type: ignore[no-untyped-def]
    return overload.params[min(index, len(overload.params) - 1)]


def accepts(overload: Overload, index: int, type_: Type) -> bool:
    """Whether a parameter can take a value of that type; what is not known may fit."""
    kinds = parameter(overload, index).kinds
    if not kinds or typing.unknown(type_) or "list" in kinds:
        return True
    type_ = typing.plain(type_)
    if isinstance(type_, ListOf):
        return False
    kind = {ContextOf: "context", RecordOf: "context", RangeOf: "range", FunctionOf: "function"}.get(type(type_), str(type_))
    return kind in kinds


def mentions_item(node: object) -> bool:
    """Whether a test names `?`, the tested value."""
    if isinstance(node, ast.Name):
        return node.name == "?"
    if isinstance(node, ast.Node):
        return any(mentions_item(getattr(node, slot)) for slot in type(node).__slots__) or any(
            mentions_item(getattr(node, slot, None)) for slot in ("value", "condition", "base", "left", "right")
        )
    if isinstance(node, tuple):
        return any(mentions_item(each) for each in node)
    return False
