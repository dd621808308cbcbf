"""Jobs for outside systems, in order and bounded; webhooks that were taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from engine.store.types import Moment

revision = "0005"
down_revision = "0004"


def upgrade(op: Operations) -> None:
    op.add_column("tw_job", sa.Column("receiver", sa.Text(), nullable=True))
    op.add_column("tw_job", sa.Column("lane", sa.Text(), nullable=True))
    op.create_index("ix_tw_job_lane", "tw_job", ["lane", "id"], unique=False)
    op.create_table(
        "tw_delivery",
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("hook", "key"),
    )
    op.create_index("ix_tw_delivery_received_at", "tw_delivery", ["received_at"], unique=False)
