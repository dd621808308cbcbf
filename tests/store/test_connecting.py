"""Opening databases, and transactions of several threads."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from engine.errors import Unavailable
from engine.store import connect
from engine.store.database import answers


@pytest.mark.parametrize(("url", "words"), [("nonsense", "is not a database URL"), ("mysql://x/y", "'mysql' is not supported")])
def test_what_is_no_database_is_said_to_be_none(url, words):
    with pytest.raises(Unavailable, match=words):
        connect(url)


def test_a_server_that_is_not_there_is_named_as_the_reason():
    with pytest.raises(Unavailable, match="does not answer"):
        answers(connect("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"))


def test_a_block_that_raises_is_undone(database_url):
    database = connect(database_url)
    with database.transaction(readonly=False) as connection:
        connection.execute(text("CREATE TABLE counted (n INTEGER)"))

    def write_and_fail():
        with database.transaction(readonly=False) as connection:
            connection.execute(text("INSERT INTO counted VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with database.transaction(readonly=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM counted")).scalar() == 0
    database.close()


@pytest.mark.parametrize("memory", [True, False])
def test_threads_that_read_and_write_at_once_wait_for_each_other(memory, sqlite_url):
    database = connect("sqlite://" if memory else sqlite_url)
    with database.transaction(readonly=False) as connection:
        connection.execute(text("CREATE TABLE counted (n INTEGER)"))
    failures = []

    def work(readonly):
        try:
            for _ in range(5):
                with database.transaction(readonly=readonly) as connection:
                    connection.execute(text("SELECT * FROM counted" if readonly else "INSERT INTO counted VALUES (1)"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number % 2 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.transaction(readonly=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM counted")).scalar() == 15
    database.close()


def test_a_thread_that_would_wait_for_itself_is_told(sqlite_url):
    database = connect(sqlite_url)
    with (
        pytest.raises(RuntimeError, match="has a step open already"),
        database.transaction(readonly=False),
        database.transaction(readonly=False),
    ):
        pass
    database.close()
