"""Answers kept for requests that may come again: the same key of the same person is answered once (Idempotency-Key)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import TradewindError

if TYPE_CHECKING:
    from engine.workspace import Step

KEPT = timedelta(hours=24)
Answer = Mapping[str, Any]


class KeyReused(TradewindError):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    status = 422


def kept(step: Step, key: str, request: str) -> Answer | None:
    """What this request of the step's user was answered; None if the key is new. Raises KeyReused."""
    assert step.user is not None
    table = step.schema.answer
    query = select(table).where(table.c.user == step.user.id, table.c.key == key, table.c.created_at >= step.now - KEPT)
    row = step.connection.execute(query).first()
    if row is None:
        return None
    if row.request != request:
        raise KeyReused("This Idempotency-Key belongs to another request; take a new one for each")
    answer: Answer = row.answer
    return answer


def claim(step: Step, key: str, request: str) -> Answer | None:
    """Take the key for this step, or give what the request was answered before.

    Of two steps at once the second waits until the first has ended: on SQLite because one writes at a time, on PostgreSQL
    because it inserts the same primary key.
    """
    assert step.user is not None
    table = step.schema.answer
    step.connection.execute(delete(table).where(table.c.created_at < step.now - KEPT))
    kind = sqlite if step.connection.dialect.name == "sqlite" else postgresql
    row = {"user": step.user.id, "key": key, "request": request, "created_at": step.now}
    taken = step.connection.execute(kind.insert(table).values(row).on_conflict_do_nothing().returning(table.c.key)).first()
    return None if taken is not None else kept(step, key, request)


def keep(step: Step, key: str, answer: Answer) -> None:
    """Keep the answer of a claimed key; it is there when the step commits."""
    assert step.user is not None
    table = step.schema.answer
    step.connection.execute(update(table).where(table.c.user == step.user.id, table.c.key == key).values(answer=dict(answer)))
