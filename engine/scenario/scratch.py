"""The scratch database of scenario tests: in memory, set up once, put back before every test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from engine.clock import Clock
from engine.model.model import Model
from engine.workspace import Workspace


class Scratch:
    """A workspace that serves a model which need not be published. One test at a time.

    A module's tests find the modules' data; a workspace's own tests (`own_data`) find its own data documents too.
    """

    def __init__(self, model: Model, *, own_data: bool) -> None:
        self._workspace = Workspace.scratch(model, own_data=own_data)
        self._untouched = sqlite3.connect(":memory:")
        self._database().backup(self._untouched)

    @contextmanager
    def workspace(self, clock: Clock) -> Iterator[Workspace]:
        """The workspace as it was set up: tables, and the data documents of the modules."""
        self._untouched.backup(self._database())
        self._workspace.clock = clock
        yield self._workspace

    def close(self) -> None:
        self._workspace.close()
        self._untouched.close()

    def _database(self) -> sqlite3.Connection:
        connection = self._workspace.database.engine.raw_connection().driver_connection
        assert isinstance(connection, sqlite3.Connection)
        return connection
