"""What changes between two configurations, by path: `entity sales_order · fields.discount.max: 0.3 → 0.25`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Documents = Mapping[tuple[str, str], Mapping[str, object]]  # (kind, name) -> effective document


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path` is empty where a whole document came or went."""

    kind: str
    name: str
    path: tuple[str, ...]
    what: Literal["added", "removed", "changed"]
    before: object = None
    after: object = None

    @property
    def place(self) -> str:
        where = f"{self.kind} {self.name}"
        return f"{where} · {'.'.join(self.path)}" if self.path else where

    def __str__(self) -> str:
        if self.what == "changed":
            return f"{self.place}: {shown(self.before)} → {shown(self.after)}"
        value = self.after if self.what == "added" else self.before
        sign = "+" if self.what == "added" else "-"
        return f"{sign} {self.place}" + ("" if not self.path else f": {shown(value)}")


def shown(value: object) -> str:
    """A value in one line, as flow YAML reads."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def diff(before: Documents, after: Documents) -> list[Change]:
    """All changes from one set of effective documents to another, by kind and name, then in the documents' order."""
    changes: list[Change] = []
    for kind, name in sorted({*before, *after}):
        old, new = before.get((kind, name)), after.get((kind, name))
        if old is None:
            changes.append(Change(kind, name, (), "added", after=new))
        elif new is None:
            changes.append(Change(kind, name, (), "removed", before=old))
        else:
            changes.extend(compare(kind, name, (), old, new))
    return changes


def compare(kind: str, name: str, path: tuple[str, ...], old: object, new: object) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            where = (*path, str(key))
            if key not in new:
                yield Change(kind, name, where, "removed", before=old[key])
            elif key not in old:
                yield Change(kind, name, where, "added", after=new[key])
            else:
                yield from compare(kind, name, where, old[key], new[key])
    elif old != new:
        yield Change(kind, name, path, "changed", before=old, after=new)
