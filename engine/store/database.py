"""Connections: SQLite as a real database (WAL, foreign keys, one writer at a time that waits), PostgreSQL by psycopg 3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import StaticPool

from engine.errors import Unavailable

BUSY_SECONDS = 60


class Database:
    """An engine, and the way transactions begin on it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._writer = threading.RLock()  # SQLite has one writer: threads queue here rather than poll the file's lock

    @contextmanager
    def transaction(self, *, readonly: bool) -> Iterator[Connection]:
        """A connection in a transaction that commits at the end, and rolls back if the block raises."""
        if self.sqlite and not readonly:
            with self._writer, self._begin(write=True) as connection:
                yield connection
        else:
            with self._begin(write=False) as connection:
                yield connection

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as raw:
            connection = raw.execution_options(tw_write=write)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def connect(url: str) -> Database:
    """Open a database. Raises Unavailable where the URL is none or the database does not answer."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unavailable("'{url}' is not a database URL, such as sqlite:///file.db", url=url) from None
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return Database(create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10))
    if kind != "sqlite":
        raise Unavailable("Databases of the kind '{kind}' are not supported; use sqlite or postgresql", kind=kind)
    return Database(_sqlite(parsed))


def _sqlite(url: Any) -> Engine:
    memory = url.database in (None, "", ":memory:")
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": BUSY_SECONDS}
    if memory:
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin as we say, below
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", f"busy_timeout = {BUSY_SECONDS * 1000}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("tw_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def answers(database: Database) -> None:
    """Raise Unavailable unless the database answers."""
    try:
        with database.transaction(readonly=True):
            pass
    except OperationalError as error:
        raise Unavailable("The database does not answer: {reason}", reason=str(error.orig).strip()) from None
