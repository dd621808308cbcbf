"""Outside systems and the clock, as the model holds them (spec 1.6): connectors, what they are asked, what they send, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from dsl.feel import Expression
from dsl.script import Script

if TYPE_CHECKING:
    from engine.model.model import Text, Value

WITH_BODY = ("POST", "PUT", "PATCH")
"""Methods whose requests send all that their caller gives, where the operation has no `body`."""


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests show who sends them. `secret` is a secret's name, never its value."""

    type: str = "none"  # none | bearer | basic | header | hmac_sha256
    secret: str = ""
    user: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One request that a connector knows. Its expressions see what its caller gives; `path` is plain text and expressions in turn.

    `result` sees the answer: `body` (JSON as FEEL values, other content as text), `status` and `headers`.
    """

    name: str
    label: Text
    method: str
    path: tuple[str | Expression, ...]
    query: Mapping[str, Value] = field(default_factory=dict, hash=False)
    headers: Mapping[str, Value] = field(default_factory=dict, hash=False)
    body: Expression | None = None
    result: Expression | None = None
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that comes in: how it is verified, by which key it is done once, and the script that sees its `payload`."""

    name: str
    verify: str  # hmac_sha256 | token | none
    secret: str
    key: Expression | None
    do: Script


@dataclass(frozen=True, slots=True)
class Connector:
    """An outside system. `events` are names, or patterns such as `order.*`, of what `emit` sends to its address."""

    name: str
    label: Text
    url: str
    private: bool = False
    concurrency: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    auth: Auth = Auth()
    operations: Mapping[str, Operation] = field(default_factory=dict, hash=False)
    hooks: Mapping[str, Hook] = field(default_factory=dict, hash=False)
    events: tuple[str, ...] = ()

    def hears(self, event: str) -> bool:
        """Whether it is told of an event."""
        return any(fnmatchcase(event, pattern) for pattern in self.events)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A script or a process that the clock starts, by a cron expression in the workspace's time zone."""

    name: str
    label: Text
    cron: str
    do: Script | None = None
    process: str = ""
