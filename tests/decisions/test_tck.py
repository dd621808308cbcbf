"""The public decision tables of the DMN TCK, where they lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsl import corpus
from dsl.feel.equality import equal
from dsl.feel.typed import decode

CASES = Path(__file__).parents[3] / "shared" / "tck" / "decision_tables_visible.jsonl"


@pytest.mark.needs("shared")
def test_every_public_decision_table_has_its_documented_value() -> None:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    found = list(corpus.run(lines))

    wrong = [
        case["id"] for case, answer in zip(map(json.loads, lines), found, strict=True)
        if equal(decode(answer["value"]), decode(case["expected"])) is not True
    ]  # fmt: skip
    assert len(found) == 46
    assert wrong == []
