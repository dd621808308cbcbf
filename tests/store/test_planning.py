"""Publishing changes tables: what is added, what is refused, and what happens to data that is there."""

from __future__ import annotations

import warnings
from decimal import Decimal

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from engine.errors import TradewindError
from tests.store.conftest import model

NAME = "name: {type: text}"


def test_a_published_model_needs_nothing_more(store):
    wide = model(
        NAME,
        "tags: {type: choices, options: [a, b]}",
        "kin: {type: links, to: thing}",
        "boss: {type: user}",
        "lines: {type: lines, fields: {note: {type: text, unique: true}, made: {type: date, index: true}}}",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # user and department link to each other
        assert store.plan(wide)[0].startswith("create tables ")
        store.publish(wide)
        assert store.plan(wide) == []


def test_names_as_long_as_people_like_need_nothing_more_either(store):
    long = "e" * 62
    lines = f"entity: {long}\nfields:\n  x: {{type: lines, fields: {{{'f' * 62}: {{type: text, unique: true}}}}}}\n"
    tags = f"  {'t' * 62}: {{type: choices, options: [a, b]}}\n  owner_of: {{type: link, to: {long}}}\n"
    both = model(NAME, **{long: lines + tags})
    store.publish(both)

    assert store.plan(both) == []


def test_a_new_field_is_an_empty_column(store):
    store.add(store.publish(model(NAME)), {"name": "tea"})
    wider = model(NAME, "place: {type: link, to: department, index: true}")

    assert store.plan(wider) == ["add column thing.place", "add index ix_thing__place"]
    assert store.values(store.publish(wider), "place") == [None]


def test_a_field_that_goes_keeps_its_data_until_it_comes_back(store):
    with_price = model(NAME, "price: {type: decimal, scale: 2}")
    store.add(store.publish(with_price), {"name": "tea", "price": Decimal("1.50")})
    store.publish(model(NAME))

    assert store.values(store.publish(with_price), "price") == [Decimal("1.50")]


def test_more_digits_after_the_point_keep_the_value_even_of_a_field_that_was_away(store):
    store.add(store.publish(model(NAME, "price: {type: decimal, scale: 2}")), {"price": Decimal("1.50")})
    store.publish(model(NAME))
    finer = model(NAME, "price: {type: decimal, scale: 4}")

    assert store.plan(finer) == ["widen thing.price from 2 to 4 digits after the point"]
    assert store.values(store.publish(finer), "price") == [Decimal("1.5000")]
    assert store.plan(finer) == []


def test_fewer_digits_are_refused_since_values_would_be_cut(store):
    store.publish(model("price: {type: decimal, scale: 4}"))
    with pytest.raises(TradewindError, match=r"thing.price cannot go from 4 to 2 digits"):
        store.plan(model("price: {type: decimal, scale: 2}"))


def test_a_number_too_large_for_more_digits_is_refused(store):
    if not store.database.sqlite:
        return  # NUMERIC has room
    store.add(store.publish(model("price: {type: decimal, scale: 2}")), {"price": Decimal(10) ** 16})
    with pytest.raises(TradewindError, match="too large for 6 digits"):
        store.publish(model("price: {type: decimal, scale: 6}"))


@pytest.mark.parametrize(
    "fields",
    [["at: {type: date}"], ["at: {type: integer}"], ["at: {type: choices, options: [a]}"], ["at: {type: user}"]],
)
def test_a_column_does_not_change_what_it_holds_not_even_after_a_pause(store, fields):
    store.publish(model(NAME, "at: {type: text}"))
    store.publish(model(NAME))
    with pytest.raises(TradewindError, match="its column holds text"):
        store.plan(model(NAME, *fields))


def test_types_that_hold_texts_may_be_exchanged(store):
    store.publish(model("at: {type: text}"))
    assert store.plan(model("at: {type: choice, options: [a, b]}")) == []


def test_a_unique_set_that_gains_a_field_is_made_anew(store):
    fields = ["a: {type: text}", "b: {type: text}", "c: {type: text}"]
    store.publish(model(*fields, thing="unique: {place: [a, b]}\n"))
    wider = model(*fields, thing="unique: {place: [a, b, c]}\n")

    assert store.plan(wider) == ["drop unique index uq_thing_place", "add unique index uq_thing_place"]
    schema = store.publish(wider)
    index = next(i for i in inspect(store.database.engine).get_indexes("thing") if i["name"] == "uq_thing_place")
    assert index["column_names"] == ["a", "b", "c"]
    store.add(schema, {"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "1", "c": "2"})
    with pytest.raises(IntegrityError):
        store.add(schema, {"a": "1", "b": "1", "c": "1"})


def test_uniqueness_over_values_that_repeat_is_refused_with_their_number(store):
    store.add(
        store.publish(model(NAME)),
        *({"name": name} for name in ("tea", "tea", "tea", "salt", "salt", "rice", None, None)),
    )
    with pytest.raises(TradewindError, match=r"thing cannot be unique by name: 5 records .* share 2 values"):
        store.plan(model("name: {type: text, unique: true}"))


def test_a_publish_that_fails_changes_nothing(store):
    store.publish(model(NAME))
    with pytest.raises(TradewindError):
        store.publish(model("name: {type: integer}", "fresh: {type: text}"))
    assert "fresh" not in {column["name"] for column in inspect(store.database.engine).get_columns("thing")}
