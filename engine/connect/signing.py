"""Signatures of webhooks, out and in: HMAC-SHA256 over id, time and body as in Standard Webhooks 1.0, or over the body as GitHub does."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"


def signed(secret: str, identifier: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed request (Standard Webhooks, "Signature scheme")."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(_standard(secret, identifier, stamp, body)).decode()}",
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a request is signed with the secret, and not older or newer than five minutes where it says its time.

    `headers` are found without regard to case. Without those of Standard Webhooks, `X-Hub-Signature-256` is looked at.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if "webhook-signature" in given:
        identifier, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
            return False
        wanted = base64.b64encode(_standard(secret, identifier, stamp, body)).decode()
        versions = (each.partition(",") for each in given["webhook-signature"].split())
        return any(hmac.compare_digest(value.encode(), wanted.encode()) for version, _, value in versions if version == "v1")
    scheme, _, value = given.get("x-hub-signature-256", "").partition("=")
    wanted = hmac.new(_key(secret), body, hashlib.sha256).hexdigest()
    return scheme == "sha256" and hmac.compare_digest(value.encode(), wanted.encode())


def _standard(secret: str, identifier: str, stamp: str, body: bytes) -> bytes:
    return hmac.new(_key(secret), f"{identifier}.{stamp}.".encode() + body, hashlib.sha256).digest()


def _key(secret: str) -> bytes:
    """The key of a secret: what is in base64 after `whsec_`, else the text itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
