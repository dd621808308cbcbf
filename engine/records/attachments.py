"""Whether a file may be attached to a field: it is there, whoever attaches it brought it, and the field accepts its size and kind."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.model.model import Field
from engine.records.record import Record
from engine.records.values import Refused

if TYPE_CHECKING:
    from engine.records.service import Records

TYPES = ("file", "image", "files")


def check(records: Records, record: Record, field: Field, stored: Any) -> None:
    """Raise Refused for a file that is new to the field and may not be there."""
    before = record.row().get(field.name) if field.stored else record.list_of(field) if record.id is not None else ()
    kept = {before} if field.stored else set(before or ())
    added = sorted({stored} - kept if field.stored else set(stored) - kept)
    if not added:
        return
    table = records.schema.file
    rows = {row.id: row for row in records.connection.execute(select(table).where(table.c.id.in_(added)))}
    step = records.step
    for number in added:
        row = rows.get(number)
        if row is None or not (step.engine or step.user is None or row.created_by == step.user.id):
            raise Refused("link", "There is no file {id}", id=number)  # somebody else's is not to be guessed by its number
        if field.max_size is not None and row.size > field.max_size:
            raise Refused("max_size", "{name} is larger than {limit}", name=row.name, limit=size_text(field.max_size))
        if not accepted(field, row.name, row.mimetype):
            wanted = ", ".join(field.accept) or "image/*"
            raise Refused("accept", "{name} is not of a kind that goes here: {wanted}", name=row.name, wanted=wanted)


def accepted(field: Field, name: str, mimetype: str) -> bool:
    """Whether a field takes a file, by HTML's rules for `accept`: `.pdf`, `application/pdf`, `image/*`. An image must be one."""
    if field.type == "image" and not mimetype.startswith("image/"):
        return False
    ending, kind = PurePath(name.lower()).suffix, mimetype.lower().partition(";")[0].strip()
    for wanted in map(str.lower, field.accept):
        if wanted in (ending, ending.lstrip("."), kind, "*/*") or (wanted.endswith("/*") and kind.startswith(wanted[:-1])):
            return True
    return not field.accept


def size_text(size: int) -> str:
    """A number of bytes as people read it."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"
