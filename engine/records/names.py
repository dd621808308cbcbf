"""The names that a record's expressions see (spec 2.1): its fields, and record, old, user, workspace, parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.records.record import Record

if TYPE_CHECKING:
    from engine.records.service import Records


class RecordNames:
    """A scope over one record; further names may be given. A field wins over none of the reserved names (`record.comment`)."""

    __slots__ = ("_extra", "_record", "_records")

    def __init__(self, records: Records, record: Record, extra: Mapping[str, object] | None = None) -> None:
        self._records = records
        self._record = record
        self._extra = extra

    def get(self, name: str, default: object = None) -> Any:
        field = self._record.entity.fields.get(name)
        if field is not None and name not in ("record", "user", "old"):
            return self._record[name]
        if name in ("record", "?"):
            return self._record
        if name == "user":
            return self._records.step.user
        if name == "old":
            return self._record.before()
        if name == "workspace":
            return self._records.step.workspace_context()
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        return self._record.get(name, default)
