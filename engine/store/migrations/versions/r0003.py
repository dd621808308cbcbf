"""Processes that call processes, and wait for messages and signals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from engine.store.system import Document
from engine.store.types import Identity, Moment

revision = "0003"
down_revision = "0002"


def upgrade(op: Operations) -> None:
    op.add_column("tw_instance", sa.Column("parent", Identity, nullable=True))
    op.add_column("tw_instance", sa.Column("parent_token", sa.Integer(), nullable=True))
    op.create_index("ix_tw_instance_parent", "tw_instance", ["parent"], unique=False)
    op.create_table(
        "tw_subscription",
        sa.Column("id", Identity, nullable=False),
        sa.Column("instance", Identity, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_subscription_name", "tw_subscription", ["kind", "name", "key"], unique=False)
    op.create_index("ix_tw_subscription_instance", "tw_subscription", ["instance"], unique=False)
    op.create_table(
        "tw_message",
        sa.Column("id", Identity, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", Document, nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_message_name", "tw_message", ["name", "key"], unique=False)
