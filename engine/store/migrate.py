"""Bring the system tables to this version's shape: Alembic's revisions and operations, in the caller's transaction."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from engine.errors import Unavailable
from engine.store.database import Database

VERSION_TABLE = "tw_schema_version"
HEAD = "0006"  # kept beside the scripts, so that opening a workspace need not read them
LOCK = 0x7477  # PostgreSQL's advisory lock while migrating


def bring_up_to_date(database: Database) -> None:
    """Migrate where that is needed. Where it is not, nobody who writes is waited for."""
    with database.transaction(readonly=True) as connection:
        ready = current(connection) == HEAD
    if not ready:
        with database.transaction(readonly=False) as connection:
            migrate(connection)


def migrate(connection: Connection) -> None:
    """Upgrade the system tables in the connection's transaction; where they are up to date this is one small read.

    A revision's `upgrade` takes Alembic's Operations. Raises Unavailable for a database that a newer version made.
    """
    if current(connection) == HEAD:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    found = current(connection)
    scripts = directory()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        template = "A newer Tradewind made this database (schema {found}, this one knows {known}); upgrade Tradewind"
        raise Unavailable(template, found=found, known=HEAD)
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    for script in reversed(list(scripts.iterate_revisions("head", found or "base"))):
        script.module.upgrade(Operations(context))
    context.stamp(scripts, "head")


def current(connection: Connection) -> str | None:
    """The revision of the database's system tables; None for an empty database."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return found


def directory() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return ScriptDirectory.from_config(config)
