"""`tradewind decide`: a decision table asked at the prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DEPOSIT = """decision: deposit_rate
hit: F
inputs:
  rating: {type: text, values: '"new", "good", "bad"'}
  net: {type: decimal}
  since: {type: date}
outputs:
  rate: {type: decimal, default: '1'}
rules:
  - {rating: '"bad"', rate: '1'}
  - {rating: '"new"', net: '> 5000', rate: '0.5', note: large first orders}
  - {rating: '"good"', since: '< date("2020-01-01")', rate: '0'}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text("workspace: shop\n")
    (tmp_path / "deposit.yaml").write_text(DEPOSIT)
    return tmp_path


def asked(cli: Any, shop: Path, context: str, *more: str) -> Any:
    return cli("decide", "deposit_rate", "--context", context, *more, shop)


def test_the_value_and_the_rules_that_matched(cli: Any, shop: Path) -> None:
    found = asked(cli, shop, '{"rating": "new", "net": 5000.01, "since": null}')

    assert (found.exit_code, found.stdout) == (0, '0.5\nrule 2: rating: "new", net: > 5000 (large first orders)\n')


def test_json_for_programs(cli: Any, shop: Path) -> None:
    found = asked(cli, shop, '{"rating": "good", "net": 1, "since": "2019-12-31"}', "--format", "json")

    assert json.loads(found.stdout) == {"value": 0, "rules": [3], "warnings": []}


def test_no_rule_matches(cli: Any, shop: Path) -> None:
    assert asked(cli, shop, '{"rating": "new", "net": 1, "since": null}').stdout == "1\nno rule matches\n"


def test_why_a_decision_gives_nothing(cli: Any, shop: Path) -> None:
    found = asked(cli, shop, '{"rating": "odd", "net": 1, "since": null}')

    assert found.stdout == "null\nno rule matches\n"
    assert found.stderr == 'warning: "odd" is none of the values that rating takes: "new", "good", "bad"\n'


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ('{"rating": "new", "net": 1}', "--context lacks 'since', an input of the decision 'deposit_rate'"),
        ('{"rating": "new", "nett": 1, "since": null}', "the decision 'deposit_rate' has no input 'nett'; did you mean 'net'?"),
        ('{"rating": "new", "net": 1, "since": "soon"}', "--context: 'since' is a date such as 2026-01-31, not 'soon'"),
        ("{", "--context is not JSON"),
    ],
)  # fmt: skip
def test_a_wrong_context_is_wrong_usage(cli: Any, shop: Path, context: str, told: str) -> None:
    found = asked(cli, shop, context)

    assert (found.exit_code, told in " ".join(found.stderr.split())) == (2, True)


def test_an_unknown_decision_is_wrong_usage(cli: Any, shop: Path) -> None:
    found = cli("decide", "deposit_rat", shop)

    assert (found.exit_code, found.stderr) == (2, "error: there is no decision 'deposit_rat'; did you mean 'deposit_rate'?\n")


def test_errors_in_the_documents_come_first(cli: Any, shop: Path) -> None:
    (shop / "deposit.yaml").write_text(DEPOSIT.replace("0.5", '"half"'))

    assert asked(cli, shop, "{}").exit_code == 1


def test_a_corpus_may_hold_tables(cli: Any, tmp_path: Path) -> None:
    lines = [
        {"id": "e", "expression": "1 + 1", "context": {}},
        {"id": "t", "inputs": [{"expression": "n"}], "hit_policy": "COLLECT", "aggregation": "SUM", "outputs": [{"name": None}],
         "rules": [{"in": ["> 1"], "out": ["n"]}, {"in": ["-"], "out": ["10"]}], "context": {"n": {"t": "number", "v": "2"}}},
        {"id": "bad", "inputs": [{"expression": "n"}], "hit_policy": "ODD", "outputs": [], "rules": [], "context": {}},
    ]  # fmt: skip
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)))

    assert [json.loads(line) for line in cli("eval", "--corpus", "corpus.jsonl").stdout.splitlines()] == [
        {"id": "e", "value": {"t": "number", "v": "2"}},
        {"id": "t", "value": {"t": "number", "v": "12"}},
        {"id": "bad", "value": {"t": "null"}},
    ]
