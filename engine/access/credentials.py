"""Passwords and tokens: only what they are checked against is stored (scrypt, RFC 7914; SHA-256 for random secrets)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, insert, select, update

from engine.errors import FieldError, ValidationFailed

if TYPE_CHECKING:
    from engine.records import Record
    from engine.workspace import Step

COST, BLOCK, PARALLEL = 2**15, 8, 1  # 32 MiB and some 60 ms a password; kept with each hash, so that they may grow
MEMORY = 2  # times what scrypt needs, the bound that OpenSSL is given


def hashed(password: str) -> str:
    """`scrypt$cost$block$parallel$salt$key`, the last two in base 64."""
    salt = secrets.token_bytes(16)
    key = derived(password, salt, COST, BLOCK, PARALLEL)
    return written(salt, key)


def written(salt: bytes, key: bytes) -> str:
    parts = (base64.b64encode(part).decode() for part in (salt, key))
    return "$".join(["scrypt", str(COST), str(BLOCK), str(PARALLEL), *parts])


def matches(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time for any password."""
    _, cost, block, parallel, salt, key = stored.split("$")
    given = derived(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(given, base64.b64decode(key))


def derived(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 128 * cost * block * MEMORY
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


NOBODY = written(bytes(16), bytes(32))  # what an unknown login is checked against


# ---- people ----


def user_by(step: Step, condition: ColumnElement[bool], *, active: bool) -> Record | None:
    table = step.schema.table("user")
    query = select(table.c.id).where(condition, table.c.archived.is_(False))
    if active:
        query = query.where(table.c.active.is_(True))
    number = step.connection.execute(query).scalar()
    return step.records.get_many("user", [number])[0] if number is not None else None


def user_by_login(step: Step, login: str, *, active: bool = False) -> Record | None:
    return user_by(step, step.schema.table("user").c.login == login, active=active)


# ---- passwords ----


def check_password(step: Step, login: str, password: str) -> Record | None:
    """The active user of that login, if this is the password. An unknown login takes as long as a wrong password."""
    user = user_by_login(step, login, active=True)
    table = step.schema.credential
    query = select(table.c.password_hash).where(table.c.user == (user.id if user is not None else 0))
    stored = step.connection.execute(query).scalar()
    return user if matches(password, stored or NOBODY) and stored is not None else None


def set_password(step: Step, user: Record, password: str) -> None:
    if not password:
        raise ValidationFailed([FieldError("password", "required", "A password is required")])
    table = step.schema.credential
    row = {"password_hash": hashed(password), "changed_at": step.now}
    changed = step.connection.execute(update(table).where(table.c.user == user.id), row)
    if not changed.rowcount:
        step.connection.execute(insert(table), {"user": user.id, **row})


# ---- tokens ----


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(step: Step, user: Record, name: str) -> str:
    prefix = f"tw_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = {"user": user.id, "name": name, "prefix": prefix, "digest": digest(secret), "created_at": step.now}
    step.connection.execute(insert(step.schema.token), row)
    return secret


def user_by_token(step: Step, secret: str) -> Record | None:
    token = step.schema.token
    holder = select(token.c.user).where(token.c.digest == digest(secret), token.c.revoked_at.is_(None))
    return user_by(step, step.schema.table("user").c.id == holder.scalar_subquery(), active=True)


def token_holder(step: Step, prefix: str) -> int | None:
    """The id of the user whose unrevoked token has this prefix."""
    token = step.schema.token
    query = select(token.c.user).where(token.c.prefix == full(prefix), token.c.revoked_at.is_(None))
    found: int | None = step.connection.execute(query).scalar()
    return found


def revoke_token(step: Step, prefix: str) -> bool:
    token = step.schema.token
    query = update(token).where(token.c.prefix == full(prefix), token.c.revoked_at.is_(None))
    return step.connection.execute(query.values(revoked_at=step.now)).rowcount > 0


def full(prefix: str) -> str:
    """The stored form of a prefix given with or without its `tw_`, or of a whole secret."""
    return "tw_" + prefix.strip().removeprefix("tw_").split("_")[0]
