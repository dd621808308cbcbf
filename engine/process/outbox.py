"""The outbox: what leaves the database is written as a job by the step that wants it, and done after the commit (spec 3.3)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from engine.connect.requests import prepared
from engine.connect.serial import to_json
from engine.errors import StepFailed
from engine.process.instance import Instance
from engine.records import Record
from engine.records.values import EMAIL

if TYPE_CHECKING:
    from engine.workspace import Step

MAIL = "@mail"  # no connector has such a name


def queue(
    step: Step, kind: str, receiver: str, payload: Mapping[str, Any], *, record: Record | None, case: Instance | None = None,
    token: int | None = None,
) -> None:  # fmt: skip
    """Write a job. What goes to one receiver about one record arrives in order; `case` and `token` wait for the answer, if any does."""
    if record is not None and record.id is None:
        step.flush()
    about = f"{record.entity.name}:{record.id}" if record is not None else f"instance:{case.id}" if case is not None else None
    row = {
        "kind": kind,
        "key": f"{kind}:{uuid.uuid4()}",
        "due": step.now,
        "receiver": receiver,
        "lane": f"{receiver}:{about}" if about is not None else None,
        "instance": case.id if case is not None else None,
        "token": token,
        "entity": record.entity.name if record is not None else None,
        "record": record.id if record is not None else None,
        "payload": dict(payload),
        "created_at": step.now,
    }
    step.connection.execute(insert(step.schema.job), [row])
    step.rings = True


def call(step: Step, connector: str, operation: str, values: Mapping[str, object], record: Record | None) -> None:
    """Call an operation; nobody waits for the answer."""
    queue(step, "call", connector, prepared(step, connector, operation, values), record=record)


def emit(step: Step, event: str, values: Mapping[str, object], record: Record | None) -> None:
    """Tell the connectors that listen to an event, in the form of Standard Webhooks: `{type, timestamp, data}`."""
    for name, connector in step.model.connectors.items():
        if connector.hears(event):
            body = to_json({"type": event, "timestamp": step.now, "data": dict(values)})
            queue(step, "event", name, {"connector": name, "event": event, "body": body}, record=record)


def mail(
    step: Step, template: str, address: str, subject: str, body: str, record: Record | None, *, person: bool = False
) -> None:
    """Send a mail, to a `person` what they are told in the app too. Raises StepFailed for what is no address."""
    if EMAIL.fullmatch(address) is None:
        raise StepFailed("'{address}' is no e-mail address", code="bad_value", address=address)
    payload = {"template": template, "to": address, "subject": subject, "body": body, "person": person}
    queue(step, "mail", MAIL, payload, record=record)
