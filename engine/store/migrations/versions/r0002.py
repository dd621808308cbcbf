"""Answers to requests that may come again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from engine.store.types import Identity, Moment

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    op.create_table(
        "tw_answer",
        sa.Column("user", Identity, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user", "key"),
    )
    op.create_index("ix_tw_answer_created_at", "tw_answer", ["created_at"], unique=False)
