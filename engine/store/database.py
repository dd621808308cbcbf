"""Connections: SQLite as a real database (WAL, foreign keys, one writer at a time), PostgreSQL by psycopg 3."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import StaticPool

from dsl import feel
from engine.errors import TradewindError, Unavailable
from engine.store.search import grams

BUSY_SECONDS = 60
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
BEYOND = ("22003", "22012")  # numeric value out of range, division by zero
PRAGMAS = ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", f"busy_timeout = {BUSY_SECONDS * 1000}")


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=in_json)


def in_json(value: object) -> str:
    """What JSON has no type for, as FEEL writes it: exact numbers, dates, times, durations."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | time | timedelta | feel.Months):
        return feel.to_text(value) or ""
    raise TypeError(f"{type(value).__name__} is not a value for JSON")


def from_json(text: str | bytes) -> object:
    return json.loads(text, parse_float=Decimal)


JSON: Mapping[str, Any] = {"json_serializer": to_json, "json_deserializer": from_json}


class Database:
    """An engine, and the way transactions begin on it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._one_connection = isinstance(engine.pool, StaticPool)  # a database in memory
        self._turn = threading.Lock()  # SQLite has one writer: threads queue here rather than poll the file's lock
        self._holder: int | None = None
        event.listen(engine, "handle_error", tell_too_large)

    @contextmanager
    def transaction(self, *, readonly: bool) -> Iterator[Connection]:
        """A connection in a transaction that commits at the end, and rolls back if the block raises."""
        if self.sqlite and (self._one_connection or not readonly):
            with self._in_turn(), self._begin(write=not readonly) as connection:
                yield connection
        else:
            with self._begin(write=False) as connection:
                yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Wait until no other thread writes. A thread that has the turn would wait for itself."""
        me = threading.get_ident()
        if self._holder == me:
            raise RuntimeError("This thread has a step open already; finish it before the next one begins")
        with self._turn:
            self._holder = me
            try:
                yield
            finally:
                self._holder = None

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as raw:
            connection = raw.execution_options(tw_write=write)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def tell_too_large(context: ExceptionContext) -> None:
    """Where an exact comparison met a number that the database cannot hold, the statement failed on purpose (`dsl.feel.sql_numbers`)."""
    error = context.original_exception
    if str(error) == "integer overflow" or getattr(error, "sqlstate", None) in BEYOND:
        raise TradewindError("A number in this comparison is too large for the database to compare exactly", code="too_large") from error


def connect(url: str) -> Database:
    """Open a database. Raises Unavailable where the URL is none or the database does not answer."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Unavailable("'{url}' is not a database URL, such as sqlite:///file.db", url=url) from None
    if parsed.drivername not in DRIVERS:
        template = "'{driver}' is not supported; the URL begins with sqlite:/// or postgresql+psycopg://"
        raise Unavailable(template, driver=parsed.drivername)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return Database(create_engine(parsed, pool_pre_ping=True, pool_size=10, **JSON))
    return Database(_sqlite(parsed))


def _sqlite(url: Any) -> Engine:
    memory = url.database in (None, "", ":memory:")
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": BUSY_SECONDS}
    if memory:
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool, **JSON)
    else:
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable("{path}: {reason}", path=error.filename, reason=error.strerror) from None
        engine = create_engine(url, connect_args=arguments, **JSON)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin as we say, below
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        connection.create_function("tw_grams", 1, grams, deterministic=True)
        connection.create_function("tw_local_date", 2, local_date, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("tw_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def local_date(moment: str | None, zone: str) -> str | None:
    """The date in a time zone at a point in time, which is an ISO text in UTC."""
    if moment is None:
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def answers(database: Database) -> None:
    """Raise Unavailable unless the database answers."""
    try:
        with database.transaction(readonly=True):
            pass
    except DatabaseError as error:  # OperationalError, and for a file that is none of SQLite's the error above it
        reason = " ".join(str(error.orig).split())
        raise Unavailable("The database {url} does not answer: {reason}", url=str(database.engine.url), reason=reason) from None
