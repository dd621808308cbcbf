"""The system tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from engine.store.system import Document
from engine.store.types import Identity, Moment

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "tw_candidate",
        sa.Column("id", Identity, nullable=False),
        sa.Column("task", Identity, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_candidate_task", "tw_candidate", ["task"], unique=False)
    op.create_index("ix_tw_candidate_value", "tw_candidate", ["kind", "value"], unique=False)
    op.create_table(
        "tw_column",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("entity", "field"),
        sqlite_autoincrement=False,
    )
    op.create_table(
        "tw_credential",
        sa.Column("user", Identity, autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("user"),
        sqlite_autoincrement=False,
    )
    op.create_table(
        "tw_draft",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tw_file",
        sa.Column("id", Identity, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mimetype", sa.Text(), nullable=False),
        sa.Column("size", Identity, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", Identity, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tw_history",
        sa.Column("id", Identity, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record", Identity, nullable=True),
        sa.Column("user", Identity, nullable=True),
        sa.Column("on_behalf", Identity, nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_history_record", "tw_history", ["entity", "record", "id"], unique=False)
    op.create_table(
        "tw_instance",
        sa.Column("id", Identity, nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record", Identity, nullable=True),
        sa.Column("initiator", Identity, nullable=True),
        sa.Column("lifecycle", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("state", Document, nullable=False),
        sa.Column("variables", Document, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_instance_initiator", "tw_instance", ["initiator"], unique=False)
    op.create_index("ix_tw_instance_record", "tw_instance", ["entity", "record"], unique=False)
    op.create_index(
        "uq_tw_instance_lifecycle",
        "tw_instance",
        ["entity", "record"],
        unique=True,
        sqlite_where=sa.text("lifecycle AND status = 'running'"),
        postgresql_where=sa.text("lifecycle AND status = 'running'"),
    )
    op.create_table(
        "tw_job",
        sa.Column("id", Identity, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("instance", Identity, nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record", Identity, nullable=True),
        sa.Column("payload", Document, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_job_due", "tw_job", ["status", "due"], unique=False)
    op.create_index("ix_tw_job_instance", "tw_job", ["instance"], unique=False)
    op.create_table(
        "tw_notification",
        sa.Column("id", Identity, nullable=False),
        sa.Column("user", Identity, nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record", Identity, nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_notification_user", "tw_notification", ["user", "id"], unique=False)
    op.create_table(
        "tw_process_version",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("document", Document, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("process", "version"),
        sqlite_autoincrement=False,
    )
    op.create_table(
        "tw_revision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=False,
    )
    op.create_table(
        "tw_sequence",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("value", Identity, nullable=False),
        sa.PrimaryKeyConstraint("name", "period"),
        sqlite_autoincrement=False,
    )
    op.create_table(
        "tw_task",
        sa.Column("id", Identity, nullable=False),
        sa.Column("instance", Identity, nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("record", Identity, nullable=True),
        sa.Column("for_entity", sa.Text(), nullable=True),
        sa.Column("for_record", Identity, nullable=True),
        sa.Column("initiator", Identity, nullable=True),
        sa.Column("holder", Identity, nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closed_by", Identity, nullable=True),
        sa.Column("on_behalf", Identity, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tw_task_closed_by", "tw_task", ["closed_by"], unique=False)
    op.create_index(
        "ix_tw_task_holder",
        "tw_task",
        ["holder"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_tw_task_instance", "tw_task", ["instance"], unique=False)
    op.create_index("ix_tw_task_record", "tw_task", ["entity", "record"], unique=False)
    op.create_table(
        "tw_token",
        sa.Column("id", Identity, nullable=False),
        sa.Column("user", Identity, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sqlite_autoincrement=True,
    )
