"""`tradewind eval`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import program


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["1 + 2"], "3"),
        (["0.1 + 0.2"], "0.3"),
        (["a * 2", "--context", '{"a": 12345678901234567890.25}'], "24691357802469135780.5"),
        (['"Grüße, 世界"'], "Grüße, 世界"),
        (['[1, "two"]'], '[1, "two"]'),
        (["null"], "null"),
        (['date("2026-02-28") + duration("P1D")'], "2026-03-01"),
    ],
)
def test_a_value_is_printed_as_feel_shows_it(cli: Any, words: list[str], value: str) -> None:
    found = cli("eval", *words)

    assert (found.exit_code, found.stdout) == (0, f"{value}\n")


def test_what_gives_null_says_why_beside_the_value(cli: Any) -> None:
    found = cli("eval", "1 / 0")

    assert (found.exit_code, found.stdout) == (0, "null\n")
    assert "warning:" in found.stderr


def test_an_expression_on_a_record_sees_its_fields_and_links(cli: Any, folder: Path) -> None:
    found = cli("eval", "customer.name", "--entity", "sales_order", "--id", 1, "-C", folder)

    assert (found.exit_code, found.stdout) == (0, "Lantern Street Teahouse 灯笼街茶馆\n")


def test_the_sql_of_a_filter_is_shown(cli: Any, folder: Path) -> None:
    found = cli("eval", "total > 5", "--entity", "sales_order", "--sql", "-C", folder)

    assert found.stdout.startswith("SELECT")
    assert "sales_order.total > 500" in found.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "give an EXPRESSION or --corpus FILE"),
        (["1 +"], 1, "<expression>:1:3: error TW2001"),
        (["amount"], 1, "nothing is named 'amount' here"),
        (["a", "--context", "{a: 1}"], 2, "--context is not JSON"),
        (["a", "--context", '{"a": NaN}'], 2, "NaN is no value of JSON"),
        (["a", "--context", "[" * 100_000], 2, "--context is not JSON"),
        (["a", "--context", "[1]"], 2, "takes a JSON object"),
        (["a", "--context", '{"a": 1e999999999}'], 1, "longer than the 1000000 that an expression may build"),
        (["1", "--id", "1"], 2, "--sql and --id need --entity"),
        (["1", "--entity", "customer"], 2, "--entity needs either --id N"),
        (["1", "--entity", "customer", "--id", "9" * 30], 2, "is not in the range"),
        (["1", "--corpus", "none.jsonl"], 3, "none.jsonl"),
        (["(" * 5000], 1, "<expression>:1:"),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_says_why(cli: Any, words: list[str], code: int, told: str) -> None:
    found = cli("eval", *words)

    assert (found.exit_code, told in found.output) == (code, True), found.output[:1000]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["nme", "--entity", "customer", "--id", "1"], 1, "did you mean 'name'?"),
        (["name", "--entity", "custmer", "--id", "1"], 2, "did you mean 'customer'?"),
        (["name", "--entity", "customer", "--id", "4711"], 1, "There is no Customer 4711"),
        (["name", "--entity", "customer", "--sql"], 1, "a boolean is needed here"),
        (["name = 1", "--entity", "customer", "--id", "1", "--context", "{}"], 2, "without --entity"),
    ],
)
def test_what_a_record_has_not_is_told(cli: Any, folder: Path, words: list[str], code: int, told: str) -> None:
    found = cli("eval", *words, "-C", folder)

    assert (found.exit_code, told in found.output) == (code, True), found.output


def test_a_corpus_gives_one_typed_value_a_line_and_nothing_else(tmp_path: Path) -> None:
    lines = [
        '{"id": "sum", "expression": "a + 1", "context": {"a": {"t": "number", "v": "0.1"}}}',
        "this is no JSON",
        '{"id": "syntax", "expression": "1 +"}',
        "",
        '{"id": "none"}',
        '["a", "list"]',
        '{"id": "endless", "expression": "count(for i in 1..10000000000 return i)"}',
        '{"id": "deep", "expression": "' + "(" * 3000 + '"}',
        '{"id": "date", "expression": "date(\\"2026-11-23\\")", "context": {}}',
    ]
    file = tmp_path / "corpus.jsonl"
    file.write_bytes("\n".join(lines).encode() + b'\n{"id": "bytes", "expression": "\xff"}\n')

    found = program("eval", "--corpus", file)

    answers = [json.loads(line) for line in found.stdout.splitlines()]
    assert (found.returncode, found.stderr) == (0, "")
    assert [answer["id"] for answer in answers] == ["sum", None, "syntax", "none", None, "endless", "deep", "date", "bytes"]
    assert answers[0]["value"] == {"t": "number", "v": "1.1"}
    assert answers[7]["value"] == {"t": "date", "v": "2026-11-23"}
    assert all(answer["value"] == {"t": "null"} for answer in (*answers[1:7], answers[8]))


def test_a_corpus_stands_alone(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text("")

    assert cli("eval", "1", "--corpus", "corpus.jsonl").exit_code == 2
