"""What happened to records: append-only entries, each record's a hash chain (spec 3.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from engine.errors import FieldError, ValidationFailed
from engine.records import statements
from engine.records.record import Record
from engine.records.values import plain_json

if TYPE_CHECKING:
    from engine.workspace import Step


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `data` of a change is `{"changes": {field: [before, after]}}`."""

    id: int
    at: datetime
    kind: str  # created, changed, archived, comment, process, log
    user: Record | None
    on_behalf: Record | None
    origin: str
    text: str
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        person = self.user.id if self.user is not None else None
        return {"id": self.id, "at": self.at, "kind": self.kind, "user": person, "origin": self.origin, "text": self.text,
                "data": dict(self.data)}  # fmt: skip


class History:
    """The entries that a step adds; they are written in bulk before its commit."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.pending: list[dict[str, Any]] = []

    def add(self, kind: str, record: Record | None, text: str = "", **data: Any) -> None:
        """Note that something happened to a record (or, with None, in the workspace)."""
        step = self.step
        self.pending.append(
            {
                "at": step.now,
                "kind": kind,
                "entity": record.entity.name if record is not None else None,
                "record": record.id if record is not None else None,
                "user": step.user.id if step.user is not None else None,
                "on_behalf": step.on_behalf.id if step.on_behalf is not None else None,
                "origin": step.origin,
                "text": text,
                "data": plain_json(data),
            }
        )

    def comment(self, record: Record, text: str) -> None:
        """Say something about a record that one may read."""
        if not text.strip():
            raise ValidationFailed([FieldError("comment", "required", "Write something first")])
        self.add("comment", record, text.strip())

    def flush(self) -> None:
        """Write what is pending, each entry chained to the one before it on the same record."""
        if not self.pending:
            return
        rows, self.pending = self.pending, []
        last = self._last_hashes({(r["entity"], r["record"]) for r in rows if r["kind"] != "created" and r["record"] is not None})
        for row in rows:
            key = (row["entity"], row["record"])
            row["hash"] = last[key] = digest(last.get(key, ""), row)
        self.step.connection.execute(statements.insert_plain(self.step.schema.history), rows)

    def _last_hashes(self, keys: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
        table = self.step.schema.history
        found: dict[tuple[str, int], str] = {}
        for entity in {entity for entity, _ in keys}:
            numbers = sorted(number for name, number in keys if name == entity)
            newest = (
                select(func.max(table.c.id)).where(table.c.entity == entity, table.c.record.in_(numbers)).group_by(table.c.record)
            )
            query = select(table.c.record, table.c.hash).where(table.c.id.in_(newest))
            found |= {(entity, row.record): row.hash for row in self.step.connection.execute(query)}
        return found

    def of(self, record: Record) -> list[Entry]:
        """A record's entries, newest first."""
        self.flush()
        table = self.step.schema.history
        query = select(table).where(table.c.entity == record.entity.name, table.c.record == record.id).order_by(table.c.id.desc())
        rows = self.step.connection.execute(query).mappings().all()
        ids = sorted({row[name] for row in rows for name in ("user", "on_behalf") if row[name] is not None})
        people = {person.id: person for person in self.step.records.get_many("user", ids)}
        return [
            Entry(row["id"], row["at"], row["kind"], people.get(row["user"]), people.get(row["on_behalf"]), row["origin"],
                  row["text"] or "", shown(record, row["data"]))
            for row in rows
        ]  # fmt: skip


def shown(record: Record, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry's data without the changes of fields that are hidden from the step's user."""
    if "changes" not in data:
        return data
    visible = record.visible_fields()
    changes = {name: each for name, each in data["changes"].items() if name in visible or name not in record.entity.fields}
    return {**data, "changes": changes}


def digest(before: str, row: Mapping[str, Any]) -> str:
    """The chain's next link: SHA-256 over the one before and the entry."""
    kept = {key: row[key] for key in ("kind", "entity", "record", "user", "on_behalf", "origin", "text", "data")}
    kept["at"] = row["at"].astimezone(UTC).isoformat()
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
