"""A place in a document: the value, its path, and where it stands; what the builders of the model walk over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dsl.documents import Document
from dsl.source import Located, Span

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A value of a document. What a schema check has refused is not there (in lists: None in its place)."""

    document: Document
    path: Path
    value: Any

    def get(self, key: str) -> Part | None:
        """The part below a key, or None."""
        if not isinstance(self.value, Mapping) or key not in self.value:
            return None
        return Part(self.document, (*self.path, key), self.value[key])

    def items(self, *keys: str) -> Iterator[tuple[str, Part]]:
        """Name and part of each entry of the map below `keys`."""
        part: Part | None = self
        for key in keys:
            part = part.get(key) if part is not None else None
        if part is None or not isinstance(part.value, Mapping):
            return
        for name, value in part.value.items():
            yield name, Part(self.document, (*part.path, name), value)

    def each(self, *keys: str) -> Iterator[Part]:
        """The items of the list below `keys`; a single value counts as a list of one."""
        part: Part | None = self
        for key in keys:
            part = part.get(key) if part is not None else None
        if part is None or part.value is None:
            return
        if not isinstance(part.value, list):
            yield part
            return
        for i, value in enumerate(part.value):
            if value is not None:
                yield Part(self.document, (*part.path, i), value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts below a key."""
        return tuple(str(part.value) for part in self.each(key))

    def string(self, key: str, otherwise: str = "") -> str:
        """The text below a key, as it is written."""
        part = self.get(key)
        return otherwise if part is None or part.value is None else part.written

    def flag(self, key: str, otherwise: bool = False) -> bool:
        part = self.get(key)
        return bool(part.value) if part is not None else otherwise

    @property
    def written(self) -> str:
        """A scalar as it is written, so that `010` and `1.0` keep their zeros."""
        return self.value if isinstance(self.value, str) else self.text.text

    @property
    def name(self) -> str:
        return str(self.path[-1])

    @property
    def at(self) -> Span:
        return self.document.at(self.path)

    @property
    def key_at(self) -> Span:
        return self.document.key_at(self.path)

    @property
    def text(self) -> Located:
        return self.document.text(self.path)
