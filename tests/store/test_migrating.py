"""System tables: revisions make what `engine.store.system` says, once."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect, text

from engine.errors import Unavailable
from engine.store import connect, system
from engine.store.migrate import HEAD, VERSION_TABLE, bring_up_to_date, directory, migrate


@pytest.fixture
def database(database_url):
    database = connect(database_url)
    yield database
    database.close()


def test_a_fresh_database_gets_every_system_table_as_it_is_declared(database):
    with database.transaction(readonly=False) as connection:
        migrate(connection)
        ours = {"include_object": lambda _object, name, kind, *_: kind != "table" or name != VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=ours)

        assert compare_metadata(context, system.metadata) == []


def test_the_newest_revision_is_the_one_that_the_program_expects():
    assert directory().get_current_head() == HEAD


def test_an_up_to_date_database_is_left_alone_after_two_looks(database):
    with database.transaction(readonly=False) as connection:
        migrate(connection)
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with database.transaction(readonly=True) as connection:
        migrate(connection)

    assert len([text for text in statements if not text.startswith("BEGIN")]) == 2, statements


def test_a_failed_upgrade_leaves_nothing_behind(database):
    def upgrade_and_fail():
        with database.transaction(readonly=False) as connection:
            migrate(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        upgrade_and_fail()
    assert inspect(database.engine).get_table_names() == []


def test_a_database_of_a_newer_version_is_refused(database):
    with database.transaction(readonly=False) as connection:
        migrate(connection)
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9000'"))
    with (
        pytest.raises(Unavailable, match=r"newer Tradewind .*9000"),
        database.transaction(readonly=False) as connection,
    ):
        migrate(connection)


def test_a_workspace_opens_while_somebody_writes(sqlite_url):
    one, another = connect(sqlite_url), connect(sqlite_url)
    bring_up_to_date(one)
    with one.transaction(readonly=False):
        bring_up_to_date(another)
    one.close()
    another.close()
