"""Requests to outside systems: bounded in time and size, and never to an address inside our own network unless that is allowed.

httpcore, and not a client above it, since its network back end is where the address that is really connected to can be looked at: a name
that is checked first and looked up again by the client could lead elsewhere the second time.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpcore

from engine.connect.failure import DeliveryFailed
from engine.connect.serial import from_json

TIMEOUT = timedelta(seconds=30)
MOST_BYTES = 5_000_000
SHOWN = 300  # characters of a refusal that are told
TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, headers by lower-case name, and the body (JSON as FEEL values, other content as text)."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Network(httpcore.NetworkBackend):
    """Connects to public addresses, or with `private` to any."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        self.wire = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise DeliveryFailed("unreachable", "There is no address for '{host}'", host=host, temporary=True) from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        inside = [address for address in addresses if not is_public(address)]
        if inside and not self.private:
            template = "'{host}' is at {address}, inside the own network; allow that with `private: true` in the connector"
            raise DeliveryFailed("private_address", template, host=host, address=inside[0])
        for address in addresses[:-1]:
            try:
                return self.wire.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self.wire.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


def is_public(address: str) -> bool:
    """Whether an IP address is reached over the Internet (IANA's special-purpose registries), embedded IPv4 addresses included."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


@cache
def pool(private: bool) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(network_backend=Network(private=private), keepalive_expiry=15)


def send(method: str, url: str, headers: Mapping[str, str], body: bytes, *, private: bool, timeout: timedelta | None) -> Answer:
    """Make a request. Raises DeliveryFailed for every answer but 2xx, and where there is none."""
    seconds = (timeout or TIMEOUT).total_seconds()
    limits = {"connect": min(seconds, 10.0), "read": seconds, "write": seconds, "pool": seconds}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    try:
        with pool(private).stream(method, url, headers=encoded, content=body, extensions={"timeout": limits}) as response:
            content = read(response, time.monotonic() + seconds)
    except httpcore.TimeoutException as error:
        raise DeliveryFailed("timeout", "No answer within {seconds} seconds", seconds=f"{seconds:g}", temporary=True) from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
        raise DeliveryFailed("bad_request", "The request cannot be made: {reason}", reason=str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise DeliveryFailed("unreachable", "It cannot be reached: {reason}", reason=reason, temporary=True) from error
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if not 200 <= response.status < 300:
        raise refused(response.status, found, content)
    return Answer(response.status, found, parsed(found, content))


def read(response: httpcore.Response, deadline: float) -> bytes:
    """The body, as long as it is neither too large nor too slow."""
    content = b""
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise DeliveryFailed("bad_answer", "The answer is larger than {most} bytes", most=MOST_BYTES)
        if time.monotonic() > deadline:
            raise httpcore.ReadTimeout
    return content


def parsed(headers: Mapping[str, str], content: bytes) -> Any:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and (kind == "application/json" or kind.endswith("+json")):
        try:
            return from_json(content)
        except (ValueError, RecursionError) as error:
            raise DeliveryFailed("bad_answer", "The answer says it is JSON, and is not: {reason}", reason=str(error)) from error
    return content.decode("utf-8", "replace") if content else None


def refused(status: int, headers: Mapping[str, str], content: bytes) -> DeliveryFailed:
    """What an answer other than 2xx means (RFC 9110, section 15)."""
    if 300 <= status < 400:
        template = "The answer is {status}, a redirect to {where}, which is not followed; write that address into the connector"
        return DeliveryFailed(f"http_{status}", template, status=status, where=headers.get("location", "nowhere"))
    told = content.decode("utf-8", "replace").strip()[:SHOWN]
    template = "The answer is {status}: {told}" if told else "The answer is {status}"
    wait = pause(headers.get("retry-after", ""))
    return DeliveryFailed(f"http_{status}", template, status=status, told=told, temporary=status in TEMPORARY, wait=wait)


def pause(text: str) -> timedelta | None:
    """How long Retry-After asks to wait: seconds, or a date (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit() and len(text) < 7:
        return timedelta(seconds=int(text))
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), (when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC))
