"""The names that a process's expressions and scripts see (spec 2.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


def peek(step: Step, entity: str | None, number: int | None) -> Record | None:
    """A record with the engine's authority; None if there is none."""
    if entity is None or number is None:
        return None
    with step.as_engine():
        try:
            return step.records.get(entity, number)
        except NotFound:
            return None


def key(record: Record) -> int:
    """The id of a stored record."""
    assert record.id is not None
    return record.id


class Names:
    """Names by layers: `special` (record, user, initiator, comment …), the item and variables, then the record's
    fields.

    `lazy` holds special names that cost a query; they are computed when they are first asked for.
    """

    __slots__ = ("_lazy", "_record", "_special", "_variables")

    def __init__(
        self,
        record: Record | None,
        special: Mapping[str, object],
        variables: Mapping[str, object],
        lazy: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self._record = record
        self._special = dict(special)
        self._variables = variables
        self._lazy = lazy or {}

    def get(self, name: str, default: object = None) -> Any:
        """The value of a name; None if there is none."""
        if name in self._special:
            return self._special[name]
        if name in self._lazy:
            self._special[name] = value = self._lazy[name]()
            return value
        if name in self._variables:
            return self._variables[name]
        if self._record is None:
            return default
        try:
            return self._record.feel_member(name)
        except KeyError:
            return default
