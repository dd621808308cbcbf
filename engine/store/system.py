"""The system tables `tw_*`: revisions, people's credentials, processes, jobs, history. Migrated with Alembic."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from engine.store.types import Identity, Moment

OPEN = text("closed_at IS NULL")
Document = JSON().with_variant(JSONB(), "postgresql")

metadata = MetaData()


def _id() -> Column[Any]:
    return Column("id", Identity, primary_key=True)


def _table(name: str, *parts: Column[Any] | Index | UniqueConstraint) -> Table:
    return Table(name, metadata, *parts, sqlite_autoincrement="id" in {p.name for p in parts if isinstance(p, Column)})


revision = _table(
    "tw_revision",
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("created_at", Moment, nullable=False),
    Column("author", Text),
    Column("message", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("files", JSON, nullable=False),
)
draft = _table(
    "tw_draft",
    Column("id", Integer, primary_key=True, autoincrement=False),  # one draft: always 1
    Column("base", Integer, nullable=False),
    Column("files", JSON, nullable=False),
    Column("author", Text),
    Column("saved_at", Moment, nullable=False),
)
column = _table(
    "tw_column",  # what the columns of entity tables hold, retired ones too
    Column("entity", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("scale", Integer),
)
credential = _table(
    "tw_credential",
    Column("user", Identity, primary_key=True, autoincrement=False),
    Column("password_hash", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
token = _table(
    "tw_token",
    _id(),
    Column("user", Identity, nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
answer = _table(
    "tw_answer",  # what a request with an Idempotency-Key was answered, for a day
    Column("user", Identity, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("answer", JSON),
    Column("created_at", Moment, nullable=False),
    Index("ix_tw_answer_created_at", "created_at"),
)
sequence = _table(
    "tw_sequence",
    Column("name", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("value", Identity, nullable=False),
)
instance = _table(
    "tw_instance",
    _id(),
    Column("process", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("entity", Text),
    Column("record", Identity),
    Column("initiator", Identity),
    Column("lifecycle", Boolean, nullable=False),
    Column("status", Text, nullable=False),  # running, completed, failed, cancelled
    Column("state", Document, nullable=False),
    Column("variables", Document, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("parent", Identity),  # the instance whose call activity, at parent_token, started it
    Column("parent_token", Integer),
    Index("ix_tw_instance_record", "entity", "record"),
    Index("ix_tw_instance_parent", "parent"),
    Index("ix_tw_instance_initiator", "initiator"),
    Index(
        "uq_tw_instance_lifecycle", "entity", "record", unique=True,
        sqlite_where=text("lifecycle AND status = 'running'"),
        postgresql_where=text("lifecycle AND status = 'running'"),
    ),
)  # fmt: skip
subscription = _table(
    "tw_subscription",  # tokens that wait for a message or a signal
    _id(),
    Column("instance", Identity, nullable=False),
    Column("token", Integer, nullable=False),
    Column("slot", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("kind", Text, nullable=False),  # message, signal
    Column("name", Text, nullable=False),
    Column("key", Text),  # null: a message with any key
    Index("ix_tw_subscription_name", "kind", "name", "key"),
    Index("ix_tw_subscription_instance", "instance"),
)
message = _table(
    "tw_message",  # messages that came before who waits for them
    _id(),
    Column("name", Text, nullable=False),
    Column("key", Text),
    Column("payload", Document, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_tw_message_name", "name", "key"),
)
process_version = _table(
    "tw_process_version",
    Column("process", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("document", Document, nullable=False),
    Column("created_at", Moment, nullable=False),
)
task = _table(
    "tw_task",
    _id(),
    Column("instance", Identity, nullable=False),
    Column("token", Integer, nullable=False),
    Column("seat", Integer),
    Column("process", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("kind", Text, nullable=False),  # user_task, approval
    Column("entity", Text),
    Column("record", Identity),
    Column("for_entity", Text),
    Column("for_record", Identity),
    Column("initiator", Identity),
    Column("holder", Identity),
    Column("shared", Boolean, nullable=False),
    Column("due", Moment),
    Column("priority", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Identity),
    Column("on_behalf", Identity),
    Column("outcome", Text),
    Column("comment", Text),
    Index("ix_tw_task_holder", "holder", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_tw_task_instance", "instance"),
    Index("ix_tw_task_record", "entity", "record"),
    Index("ix_tw_task_closed_by", "closed_by"),
)
candidate = _table(
    "tw_candidate",
    _id(),
    Column("task", Identity, nullable=False),
    Column("kind", Text, nullable=False),  # user, role, department
    Column("value", Text, nullable=False),
    Index("ix_tw_candidate_value", "kind", "value"),
    Index("ix_tw_candidate_task", "task"),
)
job = _table(
    "tw_job",
    _id(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False, server_default="queued"),  # queued, incident
    Column("due", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("instance", Identity),
    Column("token", Integer),
    Column("entity", Text),
    Column("record", Identity),
    Column("payload", Document, nullable=False),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("receiver", Text),  # the connector, or mail: how many at once
    Column("lane", Text),  # what is done one after the other, in order of id
    Index("ix_tw_job_due", "status", "due"),
    Index("ix_tw_job_instance", "instance"),
    Index("ix_tw_job_lane", "lane", "id"),
)
delivery = _table(
    "tw_delivery",  # webhooks that were taken in, by the key that makes a second one the same
    Column("hook", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Index("ix_tw_delivery_received_at", "received_at"),
)
history = _table(
    "tw_history",
    _id(),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity", Text),
    Column("record", Identity),
    Column("user", Identity),
    Column("on_behalf", Identity),
    Column("origin", Text, nullable=False),
    Column("text", Text),
    Column("data", JSON, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_tw_history_record", "entity", "record", "id"),
)
seal = _table(
    "tw_seal",  # hashes over the history up to an entry
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("last", Identity, nullable=False),
    Column("count", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
notification = _table(
    "tw_notification",
    _id(),
    Column("user", Identity, nullable=False),
    Column("template", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("entity", Text),
    Column("record", Identity),
    Column("created_at", Moment, nullable=False),
    Column("read_at", Moment),
    Index("ix_tw_notification_user", "user", "id"),
)
file = _table(
    "tw_file",
    _id(),
    Column("name", Text, nullable=False),
    Column("mimetype", Text, nullable=False),
    Column("size", Identity, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Identity),
)
