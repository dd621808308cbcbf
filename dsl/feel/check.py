"""Resolve names and infer types: what an expression means in its scope, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsl.feel import advice, ast, typing
from dsl.feel.ast import replace
from dsl.feel.builtins import BUILT_INS, CLOCK
from dsl.feel.check_calls import check_built_in, check_host, check_value
from dsl.feel.check_decisions import check_decision
from dsl.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    Choice,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    RecordOf,
    Scope,
    Type,
)
from dsl.feel.values import KINDS
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
        if node.value is None and self.text.text.startswith("@", node.start):
            hint = 'write @"2026-11-23", @"10:30:00" or @"P3D"'
            self.report("TW2012", "this is no date, time or duration", node, hint)
            return node, ANY
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
        hint = f"write {node.name}()" if node.name in CLOCK else did_you_mean(node.name, known) or self.owner_of(node.name)
        rows = [f.type for f in self.frames if isinstance(f, Row) and isinstance(f.type, RecordOf)]
        where = f"{rows[-1]} has no field '{node.name}', and nothing else has that name" if rows else f"nothing is named '{node.name}' here"
        self.report("TW2002", where, node, hint)

    def owner_of(self, member: str) -> str:
        """A hint where a name is a member of something that is in scope."""
        bound = [name_type for frame in reversed(self.frames) if isinstance(frame, Bound) for name_type in frame.names.items()]
        for name, type_ in [*bound, *self.scope.names.items()]:
            if isinstance(type_, RecordOf | ContextOf) and member in (self.members(type_) or ()):
                return f"did you mean '{name}.{member}'?"
        return ""

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
        name = node.function.name if isinstance(node.function, ast.Name) and not self.is_bound(node.function.name) else ""
        if name == "decide" and name in self.scope.functions:
            return check_decision(self, node)
        args, types = self.arguments(name, node.args)
        found = replace(node, args=args)
        if not name:
            function, type_ = self.infer(node.function)
            found = replace(found, function=function)
            if isinstance(type_, FunctionOf):
                check_value(self, found, type_, types)
                return found, type_.result
            if not typing.unknown(type_):
                self.report("TW2004", f"a {type_} is not a function", node.function)
            return found, ANY
        host = self.scope.functions.get(name)
        if host is not None:
            return check_host(self, found, host, types), host.result
        if name in CLOCK and name not in BUILT_INS:
            if args:
                self.report("TW2008", f"{name} takes no arguments", node)
            return found, typing.result(name, types, [])
        if name in BUILT_INS:
            check_built_in(self, found, name, types)
            return found, typing.result(name, types, [constant(arg) for arg in args])
        if not (self.scope.open or self.in_open_item()):
            hint = did_you_mean(name, [*BUILT_INS, *CLOCK, *self.scope.functions, *queries(self.scope)])
            self.report("TW2004", f"there is no function '{name}'", node.function, hint)
        return found, ANY

    def arguments(self, name: str, nodes: Sequence[ast.Node]) -> tuple[tuple[ast.Node, ...], tuple[Type, ...]]:
        """The arguments of a call. A function that is given to `sort` and the like takes the list's items."""
        if name not in ("sort", "list replace") or len(nodes) < 2 or not isinstance(nodes[1], ast.FunctionNode):
            return self.all(nodes)
        first = self.infer(nodes[0])
        item = typing.item_of(first[1])
        found = [first, self.function(nodes[1], (item, item if name == "sort" else ANY)), *map(self.infer, nodes[2:])]
        return tuple(node for node, _ in found), tuple(type_ for _, type_ in found)

    def is_bound(self, name: str) -> bool:
        """Whether the text or the scope gives the name a value, so that it is not a built-in function here."""
        for frame in self.frames:
            if name in frame.names or (isinstance(frame, Row) and name in (frame.members or ()) and name not in BUILT_INS):
                return True
        type_ = self.scope.names.get(name)
        return type_ is not None and (name not in BUILT_INS or isinstance(type_, FunctionOf))

    def in_open_item(self) -> bool:
        return any(isinstance(frame, Row) and frame.members is None for frame in self.frames)

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

    def need_value(self, node: ast.Node, type_: Type, what: str, hint: str = "") -> None:
        """Report what is always null where a value is needed; in an open scope null is an answer."""
        if type_ is NULL and not self.scope.open:
            self.report("TW2013", f"{what} needs a value, and this is always null", node, hint)

    def need_boolean(self, type_: Type, node: ast.Node, what: str) -> None:
        self.need_value(node, type_, what)
        if not typing.unknown(type_) and type_ != BOOLEAN:
            self.report("TW2007", f"{what} must be true or false, not a {type_}", node)

    # ---- operators ----

    def on_Negate(self, node: ast.Negate) -> Typed:
        value, type_ = self.infer(node.value)
        self.need_value(node.value, type_, "'-'")
        if not typing.unknown(type_) and str(type_) not in ("number", "days and time duration", "years and months duration"):
            self.report("TW2005", f"'-' cannot take a {type_}", node.value)
        return replace(node, value=value), type_

    def on_Arithmetic(self, node: ast.Arithmetic) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        self.need_value(node.left, a, f"'{node.op}'")
        self.need_value(node.right, b, f"'{node.op}'")
        type_ = typing.arithmetic(node.op, a, b)
        if type_ is None:
            at = misfit(node, typing.arithmetic(node.op, a, ANY) is not None, typing.arithmetic(node.op, ANY, b) is not None)
            self.report("TW2005", f"'{node.op}' cannot take a {a} and a {b}", at, advice.for_arithmetic(node.op, a, b))
        return replace(node, left=left, right=right), type_ or ANY

    def on_Comparison(self, node: ast.Comparison) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        self.compare(node.op, (left, a), (right, b), node)
        return replace(node, left=left, right=right), BOOLEAN

    def compare(self, op: str, left: Typed, right: Typed, node: ast.Node) -> None:
        a, b = left[1], right[1]
        if op not in ("=", "!="):
            for side, type_ in (left, right):
                self.need_value(side, type_, f"'{op}'", "compare with null by = or !=")
            if not typing.ordered(a, b):
                at = misfit(node, typing.ordered(a, ANY), typing.ordered(ANY, b))
                self.report("TW2005", f"'{op}' cannot compare a {a} with a {b}", at, advice.for_comparison(a, b))
            return
        self.options(left, right)
        self.options(right, left)
        if not typing.comparable(a, b):
            self.report("TW2005", f"a {a} never equals a {b}", node, advice.for_comparison(a, b))

    def options(self, choice: Typed, other: Typed) -> None:
        """Report a text that is compared with a choice and is none of its options, or a choice that shares none."""
        type_, against = one_of(choice[1]), one_of(other[1])
        if not isinstance(type_, Choice):
            return
        if isinstance(against, Choice) and choice[0].start <= other[0].start and not {*type_.options} & {*against.options}:
            self.report("TW2006", f"'{type_.name}' and '{against.name}' have no option in common", other[0])
        for literal in other[0].items if isinstance(other[0], ast.ListNode) else (other[0],):
            self.option(type_, literal)

    def option(self, choice: Choice, literal: ast.Node) -> None:
        value = constant(literal)
        if isinstance(value, str) and value not in choice.options:
            hint = did_you_mean(value, choice.options) or f"the options are {', '.join(choice.options)}"
            self.report("TW2006", f"'{choice.name}' has no option '{value}'", literal, hint)

    def expect(self, node: ast.Node, type_: Type, expected: Type) -> None:
        """Report a result that is not what is needed, and options that a needed choice does not have."""
        if typing.fits(type_, expected):
            self.expect_options(node, expected)
        elif not self.problems:
            code = "TW2007" if expected == BOOLEAN else "TW2009"
            self.report(code, f"a {expected} is needed here, not a {type_}", node)

    def expect_options(self, node: ast.Node, expected: Type) -> None:
        if isinstance(node, ast.If):
            self.expect_options(node.then, expected)
            self.expect_options(node.otherwise, expected)
        elif isinstance(expected, ListOf):
            for item in node.items if isinstance(node, ast.ListNode) else ():
                self.expect_options(item, expected.item)
        elif isinstance(expected, Choice):
            self.option(expected, node)

    def on_Logic(self, node: ast.Logic) -> Typed:
        left, a = self.infer(node.left)
        right, b = self.infer(node.right)
        for side, type_ in ((node.left, a), (node.right, b)):
            if not typing.unknown(type_) and type_ != BOOLEAN:
                self.report("TW2005", f"'{node.op}' takes conditions, not a {type_}", side)
        return replace(node, left=left, right=right), BOOLEAN

    def on_Between(self, node: ast.Between) -> Typed:
        value, low, high = self.infer(node.value), self.infer(node.low), self.infer(node.high)
        for part, type_ in (value, low, high):
            self.need_value(part, type_, "'between'")
        for end in (low, high):
            if not typing.ordered(value[1], end[1]):
                hint = advice.for_comparison(value[1], end[1])
                self.report("TW2005", f"'between' cannot compare a {value[1]} with a {end[1]}", end[0], hint)
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
            self.options((checked, type_), value)
            self.options(value, test)
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
        self.declared(node.type)
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
        return self.function(node, ())

    def function(self, node: ast.FunctionNode, given: tuple[Type, ...]) -> Typed:
        """A function; `given` are the types of what it will be called with, as far as they are known."""
        params: dict[str, Type] = {}
        for index, (name, type_) in enumerate(node.params):
            params[name] = self.declared(type_) if type_ is not None else given[index] if index < len(given) else ANY
        body, result = self.within(Bound(params), node.body)
        return replace(node, body=body), FunctionOf(tuple(params.values()), result, tuple(params))

    def declared(self, type_: ast.TypeName) -> Type:
        """The meaning of a type as written: FEEL's own types, and entities."""
        for part in (*type_.args, *(member for _, member in type_.members)):
            self.declared(part)
        if self.scope.members(type_.name) is not None:
            return RecordOf(type_.name)
        if type_.name not in typing.TYPE_NAMES and not self.scope.open:
            hint = did_you_mean(type_.name, [*typing.TYPE_NAMES, *self.scope.entities])
            self.report("TW2002", f"there is no type '{type_.name}'", type_, hint)
        return typing.declared(type_)


def misfit(node: ast.Node, left: bool, right: bool) -> ast.Node:
    """The operand that fits nothing where that is one of the two; else the whole operation. `left` and `right`: whether they could fit."""
    if isinstance(node, ast.Arithmetic | ast.Comparison) and left != right:
        return node.right if left else node.left
    return node


def one_of(type_: Type) -> Type:
    """The type of a list's items, or of a single value."""
    return type_.item if isinstance(type_, ListOf) else type_


def literal_type(value: object) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return STRING
    return typing.NAMED.get(KINDS.get(type(value), "Any"), ANY)


def constant(node: ast.Node) -> object:
    return node.value if isinstance(node, ast.Literal) else None


def queries(scope: Scope) -> tuple[str, ...]:
    return ("lookup", "lookup all", "exists", "count of") if scope.entities else ()


def mentions_item(node: object) -> bool:
    """Whether a test names `?`, the tested value."""
    if isinstance(node, ast.Name):
        return node.name == "?"
    if isinstance(node, ast.Node):
        return any(mentions_item(getattr(node, slot)) for slot in type(node).__slots__)
    if isinstance(node, tuple):
        return any(mentions_item(each) for each in node)
    return False
