"""The abstract syntax of FEEL (OMG DMN 1.5, chapter 10.3.1), as immutable values with text offsets.

Scoping is explicit after `dsl.feel.check.resolve`: a bare name that means a member of a filter's item or of a query's row has become a
`Path` from `Item`, so that neither code generation nor SQL has to look names up again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter, is_
from typing import Any, TypeVar
from typing import Literal as Choice


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression; `start` and `end` are offsets in the expression's text (end exclusive)."""

    start: int
    end: int


Kind = TypeVar("Kind", bound=Node)


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """Number (`Decimal`), string, boolean, null, or a temporal constant from `@"…"`.

    Equal are literals of one kind only: to Python 1 and true are the same, and trees are keys of caches.
    """

    value: object

    def __eq__(self, other: object) -> bool:
        return type(other) is Literal and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        return self.start, self.end, type(self.value), self.value


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Item(Node):
    """The implicit item of the `depth`-th enclosing filter, unary test (`?`) or query row; 0 is the innermost."""

    depth: int = 0


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: Node
    member: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`base[condition]`, by position or by condition; inside, `Item(0)` is the element."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`names` is None for positional arguments, else one name an argument."""

    function: Node
    args: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query(Node):
    """`lookup`, `lookup all`, `exists`, `count of`: records of an entity by a condition; inside, `Item(0)` is the row."""

    kind: Choice["lookup", "lookup all", "exists", "count of"]
    entity: str
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Negate(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    op: Choice["+", "-", "*", "/", "**"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    op: Choice["=", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    op: Choice["and", "or"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in tests`: each test is a `UnaryTest` or a plain expression (list, range, value)."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """`< 10`, `!= "x"`: a comparison whose left side is the tested value."""

    op: Choice["=", "!=", "<", "<=", ">", ">="]
    value: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A decision cell: any of the tests, all negated by `not(...)`; no tests at all is `-`. Inside, `Item(0)` is `?`."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type as written: `number`, `list<string>`, `context<a: number>`, `function<number> -> string`, or a declared type's name."""

    name: str
    args: tuple[TypeName, ...] = ()
    members: tuple[tuple[str, TypeName], ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in source`, or `name in source..until`."""

    name: str
    source: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    kind: Choice["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    """`[low..high]` and its open forms; a missing end (as in `(<10)`) is None and differs from a null literal."""

    low: Node | None
    high: Node | None
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class FunctionNode(Node):
    params: tuple[tuple[str, TypeName | None], ...]
    body: Node


def replace(node: Kind, **changes: Any) -> Kind:
    """The node with these parts: itself where they are the ones that it has, as most are when a tree is resolved."""
    for name, new in changes.items():
        old = getattr(node, name)
        if new is not old and not (type(new) is type(old) is tuple and len(new) == len(old) and all(map(is_, new, old))):
            return dataclasses.replace(node, **changes)
    return node


def parts(node: Node) -> tuple[object, ...]:
    """The values of a node's own fields: nodes, tuples of them, names, values; not its offsets."""
    kind: type = type(node)
    return _getter(kind)(node)


@cache
def _getter(kind: type) -> Callable[[Node], tuple[object, ...]]:
    """Reads all own fields of a kind of node at once: asking `dataclasses.fields` at every node took a tenth of a compile."""
    names = [each.name for each in fields(kind) if each.name not in ("start", "end")]
    if not names:
        return lambda node: ()
    get: Any = attrgetter(*names)
    return get if len(names) > 1 else lambda node: (get(node),)
