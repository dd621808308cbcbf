"""A file that is not one well-formed document gives a problem with its line and column, never a traceback."""

import pytest

from dsl.documents import load


def place(text: str | bytes) -> tuple[str, int, int]:
    """Code, line and column of the first problem."""
    problem = load("a.yaml", text).problems[0]
    return problem.code, problem.at.line, problem.at.column


def test_a_tab_in_the_indentation():
    assert place("entity: a\nfields:\n\tname: {type: text}\n") == ("TW1002", 3, 1)


def test_a_tab_after_a_value():
    assert place("entity: a\nlabel: x\n\tname: y\n") == ("TW1002", 3, 1)


def test_a_tab_in_a_block_of_text():
    assert place("entity: a\ndo: |\n  one\n\ttwo\n") == ("TW1002", 4, 1)


def test_a_duplicate_key_is_reported_at_the_second():
    loaded = load("a.yaml", "entity: a\nfields:\n  name: 1\n  code: 2\n  name: 3\n")

    assert [(p.code, p.at.line, p.at.column) for p in loaded.problems] == [("TW1005", 5, 3)]
    assert "line 3" in loaded.problems[0].message
    assert loaded.document.data["fields"] == {"name": 1, "code": 2}


def test_a_colon_in_an_unquoted_value():
    assert place("entity: a\ntitle: number + b: c\n") == ("TW1002", 2, 18)


def test_a_bracket_that_is_not_closed_points_at_what_follows():
    code, line, _ = place("entity: a\nfields: {name: [1, 2}\nlabel: x\n")

    assert (code, line) == ("TW1002", 2)


def test_a_quote_that_is_not_closed_points_at_the_quote():
    assert place('entity: a\nlabel: "open\nicon: x\n') == ("TW1002", 2, 8)


def test_a_key_without_colon():
    assert place("entity: a\nfields\nlabel: x\n") == ("TW1002", 2, 1)


def test_wrong_indentation():
    assert place("entity: a\nform:\n   a: 1\n  b: 2\n") == ("TW1002", 4, 3)


def test_a_value_that_begins_with_a_reserved_sign():
    assert place("entity: a\nlabel: @home\n") == ("TW1002", 2, 8)


def test_text_after_a_quoted_value():
    assert place('entity: a\ntitle: "SO" + number\n') == ("TW1002", 2, 13)


def test_anchors_aliases_and_merge_keys():
    loaded = load("a.yaml", "entity: a\nx: &base {b: 1}\ny: *base\nz:\n  <<: 1\n")

    assert [(p.code, p.at.line, p.at.column) for p in loaded.problems] == [
        ("TW1006", 2, 4),
        ("TW1006", 3, 4),
        ("TW1006", 5, 3),
    ]


def test_a_tag():
    assert place("entity: a\nx: !!python/object:os.system 1\n") == ("TW1007", 2, 4)


def test_a_second_document():
    assert place("entity: a\n---\nentity: b\n") == ("TW1004", 2, 1)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing here\n", "- a\n- b\n", "just a text\n", "{}\n"])
def test_a_file_without_a_document(text):
    assert place(text)[0] == "TW1003"


def test_a_document_without_a_name():
    assert place("entity:\nlabel: x\n") == ("TW1009", 1, 1)
    assert place("entity: 12\n") == ("TW1009", 1, 9)


def test_a_file_that_is_not_utf_8():
    assert place(b"entity: a\nlabel: caf\xe9\n") == ("TW1001", 2, 11)


def test_a_control_character():
    assert place("entity: a\nlabel: a\x00b\n") == ("TW1001", 2, 9)


def test_nesting_without_end_is_refused():
    assert place("entity: a\nx: " + "[" * 500) == ("TW1008", 2, 64)
    code, line, _ = place("entity: a\nx: " + "[" * 5000)  # the column is where the YAML library gives up, if it does
    assert (code, line) == ("TW1008", 2)


def test_a_byte_order_mark_does_not_shift_positions():
    assert place("\ufeffentity: a\nlabel: @x\n") == ("TW1002", 2, 8)
    assert load("a.yaml", "\ufeffentity: a\n").document.name == "a"


def test_windows_line_ends_do_not_shift_positions():
    assert place("entity: a\r\nlabel: x\r\nicon: @x\r\n") == ("TW1002", 3, 7)
