"""Plain scalars follow the YAML 1.2 core schema: what looks like a word is a text, and numbers are exact."""

from decimal import Decimal

import pytest

from dsl.documents import load


def value(written: str) -> object:
    return load("a.yaml", f"entity: x\nvalue: {written}\n").document.data["value"]


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "y", "n", "On", "NO", "1:30", "2026-01-31", "1.0.0", "0b1", "1_000", "=today()"]
)
def test_words_dates_and_times_are_texts(word):
    assert value(word) == word


@pytest.mark.parametrize(("word", "meant"), [("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None)])
def test_true_false_and_null_are_words_of_their_own(word, meant):
    assert value(word) is meant


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        ("-3", -3),
        ("0571", 571),
        ("0x1F", 31),
        ("0o17", 15),
        ("16.20", Decimal("16.20")),
        ("1e3", Decimal("1e3")),
        (".5", Decimal("0.5")),
    ],
)
def test_numbers_are_whole_or_exact_decimals(written, number):
    found = value(written)

    assert found == number
    assert type(found) is type(number)


def test_a_decimal_keeps_its_zeros():
    assert str(value("16.20")) == "16.20"


def test_quotes_make_a_text_of_anything():
    assert value("'12'") == "12"
    assert value('"true"') == "true"


def test_keys_are_texts_as_written():
    data = load("a.yaml", "entity: x\noptions: {no: 1, 2024: 2, null: 3, on: 4}\n").document.data

    assert list(data["options"]) == ["no", "2024", "null", "on"]


def test_the_first_key_names_kind_and_document():
    document = load("a.yaml", "entity: sales_order\nlabel: x\n").document

    assert (document.kind, document.name) == ("entity", "sales_order")


def test_a_number_of_absurd_length_is_a_text_and_no_trouble():
    assert value("9" * 5000) == "9" * 5000
    assert value("1e99999999999") == "1e99999999999"
