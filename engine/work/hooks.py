"""Webhooks that come in: verified, done once by their key, and given to the connector's script (spec 1.6)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from dsl import feel
from engine.connect.secrets import secret
from engine.connect.serial import from_json
from engine.connect.signing import is_signed
from engine.errors import NotFound, TradewindError
from engine.model.connectors import Hook
from engine.work.schedules import run_script

if TYPE_CHECKING:
    from engine.workspace import Step

KEPT = timedelta(days=30)


class NotVerified(TradewindError):
    """The webhook does not show that it comes from who it should."""

    code = "not_verified"
    status = 401


class BadPayload(TradewindError):
    """The webhook's body is no JSON, or lacks its key."""

    code = "bad_payload"
    status = 400


def receive(step: Step, connector: str, name: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Take a webhook in; false where one of the same key was taken in during the last thirty days, which does nothing.

    Raises NotFound, NotVerified, BadPayload, and what its script raises: then nothing is kept, and the sender may try again.
    """
    found = step.model.connectors.get(connector)
    hook = found.hooks.get(name) if found is not None else None
    if hook is None:
        raise NotFound("There is no webhook {connector}/{name}", connector=connector, name=name)
    verify(step, hook, headers, body)
    try:
        payload = from_json(body)
    except (ValueError, RecursionError) as error:
        raise BadPayload("The body is not JSON: {reason}", reason=str(error)) from error
    if hook.key is not None and not is_new(step, f"{connector}.{name}", hook, payload):
        return False
    run_script(step, hook.do, {"payload": payload})
    return True


def verify(step: Step, hook: Hook, headers: Mapping[str, str], body: bytes) -> None:
    """By a signature over the body, or by a token that the sender shows as `Authorization: Bearer`."""
    if hook.verify == "none":
        return
    known = secret(hook.secret)
    if hook.verify == "hmac_sha256":
        good = is_signed(known, headers, body, step.now)
    else:
        shown = next((value for key, value in headers.items() if key.lower() == "authorization"), "")
        scheme, _, given = shown.partition(" ")
        good = scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), known.encode())
    if not good:
        raise NotVerified("The webhook is not signed as it should be, or its time is more than five minutes off")


def is_new(step: Step, hook: str, found: Hook, payload: object) -> bool:
    """Whether no webhook of this key came before. Of two at once the second waits until the first has ended."""
    assert found.key is not None
    key = found.key({**step.names(), "payload": payload}, step.host)
    if key is None:
        raise BadPayload("The webhook has no key: {text} is null", text=found.key.text)
    table = step.schema.delivery
    step.connection.execute(delete(table).where(table.c.received_at < step.now - KEPT))
    kind = sqlite if step.connection.dialect.name == "sqlite" else postgresql
    row = {"hook": hook, "key": feel.to_text(key), "received_at": step.now}
    taken = step.connection.execute(kind.insert(table).values(row).on_conflict_do_nothing().returning(table.c.key))
    return taken.first() is not None
