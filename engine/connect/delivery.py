"""Does what a job of the outbox says: a call, an event, a mail."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.connect import http, mail
from engine.connect.failure import DeliveryFailed
from engine.connect.http import Answer
from engine.connect.secrets import secret
from engine.connect.signing import signed
from engine.model.connectors import Connector
from engine.model.model import Model

OUTSIDE = ("call", "event", "mail")
AGENT = "Tradewind"


def deliver(model: Model, kind: str, key: str, payload: Mapping[str, Any]) -> Answer | None:
    """Do it once, outside any transaction; a mail has no answer. Raises DeliveryFailed.

    The receiver knows a delivery that comes again by its key: `Idempotency-Key` (IETF draft), `webhook-id`, Message-ID.
    """
    if "refused" in payload:  # the request could not even be made of its values
        raise DeliveryFailed(payload["refused"]["code"], "{reason}", reason=payload["refused"]["message"])
    if kind == "mail":
        mail.send(key, payload)
        return None
    connector = model.connectors.get(payload["connector"])
    if connector is None or not connector.url:
        raise DeliveryFailed("no_operation", "There is no connector '{name}' with an address any more", name=payload["connector"])
    body = (payload["body"] or "").encode()
    identifier = payload.get("idempotency_key") or key
    headers = {
        "Accept": "application/json", "User-Agent": AGENT, "Idempotency-Key": identifier,
        **({"Content-Type": "application/json; charset=utf-8"} if payload["body"] is not None else {}),
        **connector.headers, **payload.get("headers", {}), **shown(connector, identifier, body),
    }  # fmt: skip
    timeout = timedelta(seconds=float(payload["seconds"])) if payload.get("seconds") else None
    url = connector.url + payload.get("target", "")
    return http.send(payload.get("method", "POST"), url, headers, body, private=connector.private, timeout=timeout)


def shown(connector: Connector, identifier: str, body: bytes) -> dict[str, str]:
    """The headers that show who sends."""
    auth = connector.auth
    match auth.type:
        case "bearer":
            return {"Authorization": f"Bearer {secret(auth.secret)}"}
        case "basic":
            pair = base64.b64encode(f"{auth.user}:{secret(auth.secret)}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        case "header":
            return {auth.header: secret(auth.secret)}
        case "hmac_sha256":
            return signed(secret(auth.secret), identifier, datetime.now(UTC), body)
    return {}
