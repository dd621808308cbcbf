"""The grams by which PostgreSQL finds parts of texts."""

from __future__ import annotations

from alembic.operations import Operations

from engine.store.search import FUNCTION

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(FUNCTION)
