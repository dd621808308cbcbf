"""A document: plain data, and beside it a tree that knows where in which file each value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dsl.documents.offsets import located
from dsl.source import Located, Source, Span

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Node:
    """A value as it stands in a file: a scalar (`raw`), a mapping (`entries`) or a sequence (`items`).

    `style` is PyYAML's: "" plain, `'`, `"`, `|`, `>`, and `{` or `[` for a flow collection.
    """

    source: Source
    start: int
    end: int
    style: str = ""
    raw: str = ""
    entries: Mapping[str, Entry] | None = None
    items: Sequence[Node] | None = None

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    @property
    def scalar(self) -> bool:
        return self.entries is None and self.items is None


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and its value; `key` is the key's place, which may be in another file than the value's."""

    key: Span
    value: Node


@dataclass(frozen=True, slots=True)
class Document:
    """One document: `kind` and `name` from its first key, `data` as dicts, lists, texts, numbers, booleans, None."""

    kind: str
    name: str
    data: Mapping[str, object] = field(repr=False)
    root: Node = field(repr=False)

    @property
    def path(self) -> str:
        return self.root.source.path

    def node(self, path: Path) -> Node:
        """The node at a path, or the nearest one above it where there is nothing at the path."""
        node = self.root
        for step in path:
            below = child(node, step)
            if below is None:
                return node
            node = below
        return node

    def at(self, path: Path) -> Span:
        """Where the value at a path stands; for a block collection, its first key or item."""
        node = self.node(path)
        if node.scalar or node.style:
            return node.span
        first = (
            next(iter(node.entries.values())).key if node.entries else node.items[0].span if node.items else node.span
        )
        return (
            first if node is self.root or first.source is not node.source else Span(node.source, node.start, first.end)
        )

    def key_at(self, path: Path) -> Span:
        """Where the key of the value at a path stands; for an item of a list, the item."""
        above = self.node(path[:-1])
        if path and above.entries is not None:
            entry = above.entries.get(str(path[-1]))
            if entry is not None:
                return entry.key
        return self.at(path)

    def text(self, path: Path) -> Located:
        """The scalar at a path as it was written, each character with its place in the file."""
        node = self.node(path)
        return located(node.source, node.start, node.end, node.style, node.raw)

    def key_text(self, path: Path) -> Located:
        """The key of the value at a path, each character with its place in the file."""
        at = self.key_at(path)
        first = at.source.text[at.start : at.start + 1]
        return located(at.source, at.start, at.end, first if first in ("'", '"') else "", str(path[-1]))

    def has(self, path: Path) -> bool:
        """Whether there is a value at the path."""
        node = self.root
        for step in path:
            below = child(node, step)
            if below is None:
                return False
            node = below
        return True


def child(node: Node, step: str | int) -> Node | None:
    if node.entries is not None:
        entry = node.entries.get(str(step))
        return entry.value if entry else None
    if node.items is not None and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None
