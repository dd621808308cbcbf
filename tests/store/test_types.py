"""Values come back as they went in, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, Table, func, insert, select

from engine.store import connect
from engine.store.types import Exact, Moment, Span, Whole


@pytest.fixture
def kept(database_url):
    """Stores one value in a column of a type and reads it back."""
    database = connect(database_url)

    def kept(type_, value):
        table = Table("kept", MetaData(), Column("id", Integer, primary_key=True), Column("value", type_))
        with database.transaction(readonly=False) as connection:
            table.create(connection)
            connection.execute(insert(table).values(value=value))
            found = connection.execute(select(table.c.value)).scalar_one()
            table.drop(connection)
        return found

    yield kept
    database.close()


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("16.20", "16.20"),
        ("10.005", "10.01"),
        ("-10.005", "-10.01"),
        ("0.004", "0.00"),
        ("90071992547409.93", "90071992547409.93"),
    ],
)
def test_numbers_are_exact_and_further_digits_are_rounded_half_away_from_zero(kept, given, stored):
    assert str(kept(Exact(2), Decimal(given))) == stored


def test_a_number_reads_with_its_digits_so_that_it_prints_as_it_was_meant(kept):
    assert str(kept(Exact(4), 2)) == "2.0000"
    assert kept(Whole(), 7) == Decimal(7)


def test_times_are_read_in_utc_wherever_they_were_written(kept):
    written = datetime(2026, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    assert kept(Moment(), written) == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert kept(Moment(), written).tzinfo is UTC


def test_durations_are_exact_to_the_microsecond(kept):
    assert kept(Span(), timedelta(days=-3, microseconds=1)) == timedelta(days=-3, microseconds=1)


def test_json_keeps_what_it_has_no_type_for_as_feel_writes_it(kept):
    value = {
        "price": Decimal("1.50"),
        "on": date(2026, 3, 1),
        "at": time(9, 30),
        "for": timedelta(hours=26),
        "who": "茶",
    }
    assert kept(JSON(), value) == {"price": "1.50", "on": "2026-03-01", "at": "09:30:00", "for": "P1DT2H", "who": "茶"}


def test_a_number_with_a_point_in_json_is_read_exactly(kept):
    assert kept(JSON(), {"a": 1}) == {"a": 1}
    assert connect("sqlite://").engine.dialect._json_deserializer("[0.1]") == [Decimal("0.1")]


def test_sums_are_exact(database_url):
    database = connect(database_url)
    table = Table("sums", MetaData(), Column("id", Integer, primary_key=True), Column("value", Exact(2)))
    with database.transaction(readonly=False) as connection:
        table.create(connection)
        connection.execute(insert(table), [{"value": Decimal("0.10")}] * 3)
        assert connection.execute(select(func.sum(table.c.value))).scalar_one() == Decimal("0.30")
    database.close()
