"""Doorbells: who works hears at once that there is something to do. Nobody rings twice, and nothing is lost where nobody hears."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from redis import Redis, RedisError

log = logging.getLogger(__name__)
KEY = "tradewind:bell"
SECONDS = 1.0  # a request never waits longer for Redis


class Bell(Protocol):
    def ring(self) -> None:
        """There is a job that is due. Never raises."""

    def wait(self, seconds: float) -> None:
        """Until it rings, or so long."""


class LocalBell:
    """For a worker in this process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        self._event.set()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)
        self._event.clear()


class RedisBell:
    """For workers on any machine: a list of one entry, which one of those that wait takes."""

    def __init__(self, url: str, queue: str) -> None:
        self._key = f"{KEY}:{queue}"
        self._ringing = Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        self._waiting = Redis.from_url(url, socket_connect_timeout=SECONDS)

    def ring(self) -> None:
        try:
            with self._ringing.pipeline() as pipeline:
                pipeline.lpush(self._key, 1)
                pipeline.ltrim(self._key, 0, 0)
                pipeline.execute()
        except RedisError as error:
            log.warning("Redis does not answer, so that workers look for jobs by themselves: %s", error)

    def wait(self, seconds: float) -> None:
        try:
            self._waiting.blpop([self._key], timeout=max(seconds, 0.01))
        except RedisError as error:
            log.warning("Redis does not answer: %s", error)
            threading.Event().wait(seconds)
