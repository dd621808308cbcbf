"""XML is read safely, and what is wrong is told at its place."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dsl.dmn import read
from dsl.dmn.xml import MAX_DEPTH, parse
from dsl.problems import InvalidText, render

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<definitions>&lol2;</definitions>"""
OUTSIDE = b"""<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>"""


def refused(content: bytes) -> str:
    with pytest.raises(InvalidText) as caught:
        read("m.dmn", content)
    return str(caught.value)


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, b'<!DOCTYPE d SYSTEM "http://example.com/d.dtd"><d/>'])
def test_a_document_type_is_refused_before_anything_of_it_is_read(content: bytes) -> None:
    assert re.match(r"m\.dmn:[12]:1: error TW2302: a document type", refused(content))


def test_elements_may_not_be_nested_without_end() -> None:
    assert f"m.dmn:1:{3 * MAX_DEPTH + 1}: error TW2302: elements are nested" in refused(b"<a>" * 100_000)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "m.dmn:1:1: error TW2301: this is no XML: no element found"),
        (b"<a>\n  <b></a>", "m.dmn:2:8: error TW2301: this is no XML: mismatched tag"),
        (b"<a>&undefined;</a>", "m.dmn:1:4: error TW2301: this is no XML: undefined entity"),
        (b"<a:b/>", "m.dmn:1:1: error TW2301: the prefix 'a' is not declared"),
        (b"<a>\xff</a>", "m.dmn:1:1: error TW2301: the file is not utf-8"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "m.dmn:1:1: error TW2301: the file is not klingon"),
        (b"\x00\x01\x02", "m.dmn:1:1: error TW2301: this is no XML: not well-formed (invalid token)"),
        (b"<process xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>", "m.dmn:1:1: error TW2303: this is no DMN model"),
    ],
)
def test_what_is_no_model_is_told_with_its_place(content: bytes, told: str) -> None:
    assert refused(content).startswith(told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_files_come_in_the_encoding_that_they_say(encoding: str) -> None:
    assert parse("m.xml", '<?xml version="1.0"?><a>押金 🙂</a>'.encode(encoding)).text.text == "押金 🙂"


def test_every_character_of_a_text_knows_its_place() -> None:
    element = parse("m.xml", "<a>\r\n  é&lt;<![CDATA[ <x ]]>𝄞 !</a>".encode())

    assert element.text.text == "é< <x 𝄞 !"
    assert [element.text.part(i, i + 1).column for i in range(9)] == [3, 4, 17, 18, 19, 20, 24, 25, 26]
    assert element.text.part(0, 1).line == 2


def test_an_error_in_an_expression_points_into_the_file(model: Any) -> None:
    found = model('<decision id="d" name="D"><literalExpression><text>1 &lt; (2</text></literalExpression></decision>')
    (problem,) = found.trouble("D")

    assert problem.code == "TW2001"
    assert problem.message.startswith("decision 'D' (d): ")
    assert problem.at.source.text[problem.at.start :].startswith("2</text>")


def test_a_file_in_one_line_is_shown_around_the_problem(model: Any) -> None:
    rules = "".join(f"<text>{number}</text>" for number in range(500))
    found = model(f'{rules}<decision id="d" name="D"><literalExpression><text>1 &lt; (2</text></literalExpression></decision>{rules}')
    _, line, pointer = render(found.trouble("D")[0]).splitlines()

    assert len(line) < 220
    assert line[len("    1 | ")] == line[-1] == "…"
    assert line[pointer.index("^") :].startswith("2</text>")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<a/>" * 200_000, "the file has more than 200,000 elements"),
        (f"<a>{'x' * 1_000_001}</a>", "a text has more than 1,000,000 characters"),
    ],
)
def test_files_that_are_too_large_are_refused(body: str, told: str) -> None:
    with pytest.raises(InvalidText) as raised:
        parse("m.dmn", f"<definitions>{body}</definitions>".encode())

    assert [(each.code, each.message) for each in raised.value.problems] == [("TW2302", told)]
