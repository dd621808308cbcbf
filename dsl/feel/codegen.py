"""The frame of code generation: one Python function is written from a syntax tree, statement by statement.

Every sub-expression becomes statements and an `Operand` that names its result, so that nothing nests in parentheses.
Where blocks would nest
too deeply for Python's compiler, the rest goes to a helper function. No text of the user's gets into the source:
names are numbered
(`v0` a value from the scope, `x1` a variable of the text, `t2` a temporary, `k3` a constant from the table).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple
from typing import Literal as Choice

from dsl.feel import ast, operators
from dsl.feel.builtins import BUILT_INS, CLOCK, as_value, caller
from dsl.feel.limits import LimitExceeded
from dsl.feel.trouble import Warnings
from dsl.feel.values import MISSING, FeelFunction

Kind = Choice["any", "number", "string", "truth", "boolean", "null", "list"]
"""What is known of a result: `number` and `string` are never null, `truth` is true, false or null, `boolean` is true
or false."""

_MAX_INDENT = 12
_MAX_LOOPS = 8
_UNFOLDABLE: Final = MISSING


class Operand(NamedTuple):
    """The Python expression of a result (a name, a constant's name, or a subscript) and what is known of it."""

    text: str
    kind: Kind = "any"
    constant: bool = False
    value: object = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A name that the text itself binds: a loop variable, parameter, context entry, or `partial`."""

    name: str
    text: str
    outer: Bound | Row | None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The item of a filter, unary test or query row; bare names are looked up in `dynamic` ones."""

    text: str
    outer: Bound | Row | None
    dynamic: bool


@dataclass(slots=True)
class Body:
    """A Python function being written: its helpers come first, then its statements."""

    indent: int
    helpers: list[str]
    lines: list[str]
    loops: int = 0


Environment = Bound | Row | None
Emitter = Callable[["Generator", "ast.Node"], Operand]

class Block:
    """Indents what is written within `with`. A class, since every node has some, and a generator takes four times as long."""

    __slots__ = ("before", "generator", "loop")

    def __init__(self, generator: Generator, loop: bool) -> None:
        self.generator = generator
        self.loop = loop

    def __enter__(self) -> None:
        g = self.generator
        g.indent += 1
        g.body.loops += self.loop
        self.before = len(g.body.lines)

    def __exit__(self, *error: object) -> None:
        g = self.generator
        if len(g.body.lines) == self.before:
            g.line("pass")
        g.indent -= 1
        g.body.loops -= self.loop


class Generator:
    """Writes one function. `emitters` has a function for every kind of node; `business` is for documents (the sum
    of nothing is 0)."""

    def __init__(
        self, emitters: Mapping[type, Emitter], declared: Mapping[str, ast.TypeName] | None, business: bool
    ) -> None:
        self.emitters = emitters
        self.declared = declared
        self.business = business
        self.constants: dict[str, object] = {}
        self.names: dict[str, str] = {}
        self.outer_rows: set[int] = set()
        self.root = Body(1, [], [])
        self.body = self.root
        self.indent = 1
        self.env: Environment = None
        self.inline = True
        self.runs = False
        self._count = 0
        self._folded: dict[int, object] = {}

    # Writing

    def fresh(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def line(self, text: str) -> None:
        self.body.lines.append("    " * self.indent + text)

    def block(self, head: str) -> Block:
        """Statements under `if …:`, `else:` or `for …:`."""
        self.line(head)
        return Block(self, head.startswith("for "))

    @contextmanager
    def bound(self, env: Environment) -> Iterator[None]:
        """Statements that see further names or items."""
        saved, self.env = self.env, env
        yield
        self.env = saved

    @contextmanager
    def function(self, body: Body) -> Iterator[None]:
        """Statements of another Python function."""
        saved = self.body, self.indent
        self.body, self.indent = body, body.indent
        yield
        self.body, self.indent = saved

    def assign(self, text: str, kind: Kind = "any") -> Operand:
        """A new temporary."""
        name = self.fresh("t")
        self.line(f"{name} = {text}")
        return Operand(name, kind)

    def constant(self, value: object) -> Operand:
        """A value known before any evaluation."""
        kind: Kind = "any"
        if value is None or value is True or value is False:
            return Operand(str(value), "null" if value is None else "boolean", True, value)
        if type(value) is Decimal:
            kind = "number"
        elif type(value) is str:
            kind = "string"
        elif type(value) is list:
            kind = "list"
        return Operand(self.table(value), kind, True, value)

    def table(self, value: object) -> str:
        """The name under which generated code finds an object."""
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    # Expressions

    def expr(self, node: ast.Node) -> Operand:
        """Write the statements that evaluate a node; the operand is their result."""
        value = self.fold(node)
        if value is not _UNFOLDABLE:
            return self.constant(value)
        if not self.has_room:
            return self.outlined(node)
        return self.emitters[type(node)](self, node)

    @property
    def has_room(self) -> bool:
        """Whether blocks may still nest in this function."""
        return self.indent - self.body.indent <= _MAX_INDENT and self.body.loops <= _MAX_LOOPS

    def outlined(self, node: ast.Node) -> Operand:
        """A node's statements in a helper function of their own, called in place; it reads the surrounding
        variables."""
        name = self.fresh("h")
        helper = Body(self.body.indent + 1, [], [])
        with self.function(helper):
            result = self.emitters[type(node)](self, node)
            self.line(f"return {result.text}")
        self.body.helpers += ["    " * self.body.indent + f"def {name}():", *helper.helpers, *helper.lines]
        return self.assign(f"{name}()", result.kind if not result.constant else "any")

    def into(self, name: str, node: ast.Node) -> Kind:
        """Evaluate a node into a variable."""
        result = self.expr(node)
        self.line(f"{name} = {result.text}")
        return result.kind

    def where(self, node: ast.Node) -> str:
        """The arguments by which a helper reports: where warnings go, and the place in the text."""
        return f"warnings, {node.start}, {node.end}"

    @property
    def repeats(self) -> bool:
        """Whether the statements being written may run many times: in a loop, or in a function."""
        return bool(self.body.loops) or self.body is not self.root

    def meter(self, text: str, kinds: str = "L") -> None:
        """Make work on a whole list (`L`) or text (`S`) count where it is repeated."""
        if self.repeats and text[0] != "k":
            self.runs = True
            self.line(f"if T({text}) is {kinds}: run.meter({text})")

    def truth(self, operand: Operand, node: ast.Node) -> Operand:
        """The operand as true, false or null."""
        if operand.kind in ("truth", "boolean", "null"):
            return operand
        test = f"{operand.text} if T({operand.text}) is B else not_boolean({operand.text}, {self.where(node)})"
        return self.assign(test, "truth")

    # Names

    def lookup(self, name: str) -> tuple[Bound | None, list[str]]:
        """The binding of a name in the text, if any, and the filters' items to ask before, innermost first."""
        rows: list[str] = []
        env = self.env
        while env is not None:
            if type(env) is Bound and env.name == name:
                return env, rows
            if type(env) is Row and env.dynamic:
                rows.append(env.text)
            env = env.outer
        return None, rows

    def row(self, depth: int) -> Row | None:
        """The item of the `depth`-th enclosing filter or row; None if there are not as many."""
        env = self.env
        while env is not None:
            if type(env) is Row:
                if depth == 0:
                    return env
                depth -= 1
            env = env.outer
        return None

    def rows(self) -> list[str]:
        """All enclosing items, innermost first."""
        found: list[str] = []
        while (row := self.row(len(found))) is not None:
            found.append(row.text)
        return found

    def locals(self) -> dict[str, str]:
        """The names that the text binds here, with their variables."""
        found: dict[str, str] = {}
        env = self.env
        while env is not None:
            if type(env) is Bound:
                found.setdefault(env.name, env.text)
            env = env.outer
        return found

    def scoped(self, name: str) -> str:
        """The variable of a name of the scope, fetched once before everything else."""
        if name not in self.names:
            self.names[name] = f"v{len(self.names)}"
        return self.names[name]

    # Constants

    def fold(self, node: ast.Node) -> object:
        """The value of a node that depends on nothing, computed now; MISSING if it does depend, or gives a
        warning to repeat at every run. The caller has set the decimal context."""
        if type(node) is ast.Literal:
            return node.value
        if type(node) not in _FOLDABLE:
            return _UNFOLDABLE
        key = id(node)
        if key not in self._folded:
            try:
                self._folded[key] = self._fold(node)
            except LimitExceeded:
                self._folded[key] = _UNFOLDABLE
        return self._folded[key]

    def _fold(self, node: ast.Node) -> object:
        warnings: Warnings = []
        result: object = _UNFOLDABLE
        if type(node) is ast.Negate:
            if (value := self.fold(node.value)) is not _UNFOLDABLE:
                result = operators.negate(value, warnings, 0, 0)
        elif type(node) is ast.ListNode:
            items = [self.fold(item) for item in node.items]
            return _UNFOLDABLE if _UNFOLDABLE in items else items
        elif type(node) is ast.Arithmetic:
            if _chain(node) <= 50:
                left, right = self.fold(node.left), self.fold(node.right)
                if left is not _UNFOLDABLE and right is not _UNFOLDABLE:
                    result = _ARITHMETIC[node.op](left, right, warnings, 0, 0)
        elif type(node) is ast.RangeNode and node.low is not None and node.high is not None:
            low, high = self.fold(node.low), self.fold(node.high)
            if low is not _UNFOLDABLE and high is not _UNFOLDABLE:
                result = operators.make_range(low, high, node.low_included, node.high_included, warnings, 0, 0)
        elif type(node) is ast.Call and type(node.function) is ast.Name:
            result = self._fold_call(node, node.function.name, warnings)
        return _UNFOLDABLE if warnings else result

    def _fold_call(self, node: ast.Call, name: str, warnings: Warnings) -> object:
        if name not in BUILT_INS or self.lookup(name)[0] is not None or (name == "sum" and self.business):
            return _UNFOLDABLE
        args = [self.fold(arg) for arg in node.args]
        call = None if _UNFOLDABLE in args else caller(name, len(args), node.names)
        return _UNFOLDABLE if call is None else call(warnings, 0, 0, *args)

    def built_in(self, name: str) -> FeelFunction | None:
        """The built-in function of a name, as a value."""
        return as_value(name) if name in BUILT_INS and name not in CLOCK else None


_FOLDABLE = frozenset({ast.Negate, ast.ListNode, ast.Arithmetic, ast.RangeNode, ast.Call})
_ARITHMETIC: Mapping[str, Callable[..., object]] = {
    "+": operators.add,
    "-": operators.subtract,
    "*": operators.multiply,
    "/": operators.divide,
    "**": operators.power,
}


def _chain(node: ast.Node) -> int:
    """How many operators lean to the left below a node."""
    count = 0
    while type(node) is ast.Arithmetic:
        node = node.left
        count += 1
    return count
