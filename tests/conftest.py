"""What every test may ask for: a fresh database on each kind that is to be had, and services that may be missing."""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

POSTGRESQL = os.environ.get("TRADEWIND_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432")
REDIS = os.environ.get("TRADEWIND_TEST_REDIS", "redis://127.0.0.1:6379/15")
SHARED = Path(__file__).parents[2] / "shared"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def postgresql_answers() -> bool:
    """Whether databases can be made on the PostgreSQL server for tests."""
    engine = create_engine(f"{POSTGRESQL}/postgres", connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def redis_answers() -> bool:
    """Whether the Redis server for tests is reached."""
    host, port = REDIS.split("/")[2].split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


MISSING = {
    service: reason
    for service, there, reason in [
        ("postgresql", postgresql_answers(), f"PostgreSQL does not answer at {POSTGRESQL.split('@')[-1]}"),
        ("redis", redis_answers(), f"Redis does not answer at {REDIS.split('/')[2]}"),
        ("chromium", CHROMIUM is not None, "chromium is not installed"),
        ("shared", SHARED.is_dir(), "the folder of shared test data is not beside the checkout"),
    ]
    if not there
}


WHOLE = ("access", "admin", "api", "cli", "connect", "docs", "examples", "feel_sql", "integration", "records", "scenario", "store")
"""Rooms whose tests publish workspaces or serve pages: `make check` leaves them to `make test`."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a service that is not there: @pytest.mark.needs("redis")."""
    tests = Path(__file__).parent
    for item in items:
        if item.path.relative_to(tests).parts[0] in WHOLE:
            item.add_marker("slow")
    kept, left_out = [], []
    for item in items:
        wants = {service for mark in item.iter_markers("needs") for service in mark.args}
        (left_out if wants & MISSING.keys() else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and why."""
    for service, reason in MISSING.items():
        terminalreporter.write_line(f"left out: tests that need {service}, since {reason}", yellow=True)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tradewind.db'}"
    else:
        yield from fresh_postgresql()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an empty SQLite database, for what does not depend on the kind."""
    return f"sqlite:///{tmp_path / 'tradewind.db'}"


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database; mark the test with needs("postgresql")."""
    yield from fresh_postgresql()


@pytest.fixture(scope="module")
def shared_postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL database for all tests of a module."""
    yield from fresh_postgresql()


def fresh_postgresql() -> Iterator[str]:
    """Make a database, and drop it afterwards even if something is still connected to it."""
    name = f"tw_test_{uuid.uuid4().hex[:12]}"
    server = create_engine(f"{POSTGRESQL}/postgres", isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield f"{POSTGRESQL}/{name}"
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        server.dispose()
