"""Bring the system tables to this version's shape, with Alembic."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

VERSION_TABLE = "tw_schema_version"


@lru_cache(maxsize=1)
def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config)


def migrate(connection: Connection) -> None:
    """Upgrade the system tables in the connection's transaction; does nothing where they are up to date."""
    if is_current(connection):
        return
    directory = scripts()

    def upgrade(revision: object, _context: object) -> object:
        return directory._upgrade_revs("head", revision)  # type: ignore[arg-type]

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "fn": upgrade})
    with context.begin_transaction():
        context.run_migrations()


HEAD = "0001"  # kept beside the scripts so that opening a workspace need not read them


def is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == HEAD
