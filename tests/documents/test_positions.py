"""Every key and value knows its place, and so does every character of a text, however it is quoted."""

import pytest

from dsl.documents import load

ORDER = """\
entity: sales_order
fields:
  total: {type: money, compute: 'sum(lines.amount)'}
  状态: {type: choice, options: [draft, done]}
rules:
  - one
  - two: 2
"""


@pytest.fixture
def order():
    return load("order.yaml", ORDER).document


def spot(span):
    return span.line, span.column, span.source.text[span.start : span.end]


def test_values_and_keys_by_path(order):
    assert spot(order.at(("fields", "total", "type"))) == (3, 17, "money")
    assert spot(order.key_at(("fields", "total", "compute"))) == (3, 24, "compute")
    assert spot(order.at(("fields", "状态", "options", 1))) == (4, 39, "done")
    assert spot(order.at(("rules", 0))) == (6, 5, "one")


def test_a_flow_collection_is_pointed_at_as_a_whole(order):
    assert spot(order.at(("fields", "状态", "options"))) == (4, 31, "[draft, done]")


def test_what_is_not_there_is_sought_above(order):
    assert spot(order.key_at(("fields", "total", "nothing"))) == spot(order.at(("fields", "total")))
    assert not order.has(("fields", "total", "nothing"))


def points(written: str, part: str) -> str:
    """The text of the file to which `part` of the value is traced."""
    document = load("a.yaml", f"entity: x\nkey: {written}\n").document
    text = document.text(("key",))
    start = text.text.index(part)
    span = text.part(start, start + len(part))
    return span.source.text[span.start : span.end]


@pytest.mark.parametrize(
    "written",
    [
        "a + bad + c",
        "'a + bad + c'",
        '"a + bad + c"',
        "'it''s + bad'",
        '"a \\u00e9 \\"x\\" + bad"',
        "a +\n   bad + c",
        "'a +\n   bad + c'",
        '"a + \\\n   bad + c"',
        "|\n  first\n    + bad\n",
        "|-  # why\n  bad\n",
        ">\n  one\n\n  two + bad\n",
        ">-\n  one\n    more\n  bad\n",
    ],
)
def test_characters_of_a_text_are_traced_to_the_file(written):
    assert points(written, "bad") == "bad"


def test_a_column_in_a_block_script():
    document = load("p.yaml", "process: p\nnodes:\n  a:\n    do: |\n      set x = 1\n      set y = foo\n").document
    text = document.text(("nodes", "a", "do"))
    start = text.text.index("foo")

    span = text.part(start, start + 3)

    assert (span.line, span.column) == (6, 15)


def test_a_column_in_a_quoted_flow_value():
    document = load("e.yaml", "entity: e\nfields: {a: {compute: 'x + \"it''s\" + foo'}}\n").document
    text = document.text(("fields", "a", "compute"))
    start = text.text.index("foo")

    span = text.part(start, start + 3)

    assert (span.line, span.column) == (2, 38)


def test_a_key_that_is_an_expression():
    document = load("t.yaml", "test: t\nexpect: {\"a.b + 'x'\": 1, o.total: 2}\n").document

    text = document.key_text(("expect", "a.b + 'x'"))

    assert text.text == "a.b + 'x'"
    assert text.part(0, 3).column == 11
    assert document.key_text(("expect", "o.total")).part(2, 7).column == 28
