"""Pages of lists: sorted by paths, and continued from where the page before ended (keyset paging)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ColumnElement, FromClause, Select, and_, or_, select

from dsl import feel
from engine.errors import FieldError, TradewindError, ValidationFailed
from engine.model.model import Entity, Field, Text
from engine.records.queries import Wanted, entity_of, hidden, readable_rows, where
from engine.records.record import Record
from engine.records.values import Reading, Refused
from engine.store import search
from engine.store.types import Moment

if TYPE_CHECKING:
    from engine.records.service import Records

BY_ID = (("-id",), ("id",))
UNSORTED = ("lines", "related", "links", "choices", "files", "json")


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: where its values are, the field that reads a cursor's value, and its direction."""

    column: ColumnElement[Any]
    field: Field | None
    downwards: bool
    nullable: bool


def page(records: Records, wanted: Wanted, limit: int, cursor: str | None) -> tuple[list[Record], str | None]:
    """Records after the cursor, and the cursor of the next page. Keyset paging: a page costs the same wherever it is."""
    records.flush()
    entity = entity_of(records, wanted.entity)
    table = records.schema.table(entity.name)
    sort = wanted.sort or (entity.views[wanted.view].sort if wanted.view else ()) or ("-id",)
    in_order = sort in BY_ID and bool(wanted.search)
    by_index = not (in_order and search.is_common(records.connection, entity, wanted.search))
    query: Select[Any] = select(table).where(where(records, wanted, table, by_index=by_index))
    query, keys = sorted_by(records, entity, table, query, sort)
    query = query.add_columns(*(key.column.label(f"tw_key_{i}") for i, key in enumerate(keys)))
    start = None if cursor is None else [cursor_value(records, *each) for each in zip(keys, decoded(cursor, len(keys)), strict=True)]
    rows: list[Any] = []
    for part in parts(query, keys, start):
        if len(rows) <= limit:
            rows += records.connection.execute(part.limit(limit + 1 - len(rows))).all()
    more = len(rows) > limit
    found = records.adopt(entity, [Stored(row, len(keys)) for row in rows[:limit]])  # type: ignore[misc]
    last = [rows[limit - 1]._mapping[f"tw_key_{i}"] for i in range(len(keys))] if more else []
    return found, encoded(last) if more else None


def parts(query: Select[Any], keys: Sequence[Key], start: Sequence[Any] | None) -> list[Select[Any]]:
    """The rows in order, those without a value for the first key last: by a statement of their own, so that an index of that key
    (`engine.store.schema`) gives each part in order, however many rows there are.
    """
    first = keys[0]
    if not first.nullable:
        return [ordered(query, keys, start)]
    last = ordered(query.where(first.column.is_(None)), keys[1:], start[1:] if start is not None and start[0] is None else None)
    if start is not None and start[0] is None:
        return [last]
    return [ordered(query.where(first.column.is_not(None)), [replace(first, nullable=False), *keys[1:]], start), last]


def ordered(query: Select[Any], keys: Sequence[Key], start: Sequence[Any] | None) -> Select[Any]:
    if start is not None:
        query = query.where(after(keys, start))
        if not keys[0].nullable:  # implied, and what an index can begin with
            query = query.where(keys[0].column <= start[0] if keys[0].downwards else keys[0].column >= start[0])
    for key in keys:
        if key.nullable:
            query = query.order_by(key.column.is_(None))
        query = query.order_by(key.column.desc() if key.downwards else key.column.asc())
    return query


class Stored:
    """A row without the sort keys that were selected beside its columns."""

    __slots__ = ("_mapping",)

    def __init__(self, row: Any, keys: int) -> None:
        self._mapping = {name: value for name, value in row._mapping.items() if not name.startswith("tw_key_")}


def sorted_by(
    records: Records, entity: Entity, table: FromClause, query: Select[Any], sort: Sequence[str]
) -> tuple[Select[Any], list[Key]]:
    """The sort keys, links joined for paths to records that the reader may see; the id makes the order total."""
    keys: list[Key] = []
    for part in sort:
        downwards, path = part.startswith("-"), part.removeprefix("-").split(".")
        alias, current = table, entity
        for link in path[:-1]:
            field = current.fields.get(link)
            if field is None or field.to is None or not field.stored:
                raise unsortable(entity, part)
            target = readable_rows(records, field.to)
            query = query.outerjoin(target, alias.c[link] == target.c.id)
            alias, current = target, records.model.entities[field.to]
        field = current.fields.get(path[-1])
        if path[-1] not in alias.c or (field is not None and field.type in UNSORTED) or hidden(records, current, path[-1]):
            raise unsortable(entity, part)
        column = alias.c[path[-1]]
        keys.append(Key(column, field, downwards, alias is not table or bool(column.nullable)))
    if not any(key.column is table.c.id for key in keys):
        keys.append(Key(table.c.id, None, bool(keys) and keys[0].downwards, nullable=False))
    return query.select_from(table) if not query.get_final_froms() else query, keys


def unsortable(entity: Entity, part: str) -> TradewindError:
    return TradewindError("{entity} cannot be sorted by '{path}'", code="sort", entity=entity.name, path=part)


def after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after one whose sort keys have these values; nulls are last."""
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, value in zip(keys, values, strict=True):
        if value is not None:
            beyond = key.column < value if key.downwards else key.column > value
            ways.append(and_(*equal, or_(beyond, key.column.is_(None)) if key.nullable else beyond))
        equal.append(key.column.is_(None) if value is None else key.column == value)
    return or_(*ways)


def cursor_value(records: Records, key: Key, given: Any) -> Any:
    reader = reader_of(key)
    try:
        value = Reading(records.zone, exact=False).read(reader, given)
    except Refused:
        raise broken_cursor() from None
    return int(value) if reader is SYSTEM_ID and value is not None else value


def reader_of(key: Key) -> Field:
    """The field by which a cursor's value is read; those of the system are told apart by their columns."""
    if key.field is not None:
        return key.field if key.field.type not in ("link", "user") else SYSTEM_ID
    if isinstance(key.column.type, Moment):
        return SYSTEM_TIME
    return SYSTEM_FLAG if isinstance(key.column.type, Boolean) else SYSTEM_ID


SYSTEM_TIME = Field("at", "datetime", Text())
SYSTEM_FLAG = Field("flag", "boolean", Text())
SYSTEM_ID = Field("id", "integer", Text())


def encoded(values: Sequence[Any]) -> str:
    texts = [v if v is None or isinstance(v, bool | int) else v.isoformat() if hasattr(v, "isoformat") else feel.to_text(v) for v in values]
    return base64.urlsafe_b64encode(json.dumps(texts, ensure_ascii=False).encode()).decode().rstrip("=")


def decoded(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise broken_cursor() from None
    if not isinstance(values, list) or len(values) != length:
        raise broken_cursor()
    return values


def broken_cursor() -> ValidationFailed:
    return ValidationFailed([FieldError("cursor", "cursor", "The cursor does not belong to this list; start at its beginning")])
