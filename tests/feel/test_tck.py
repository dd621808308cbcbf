"""The public conformance cases of the DMN TCK, where they lie beside the checkout; numbers agree within 1e-8, as the kit says."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsl import corpus
from dsl.feel.typed import decode

CASES = Path(__file__).parents[3] / "shared" / "tck" / "visible.jsonl"

def agrees(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    if found["t"] == expected["t"] == "number":
        return abs(Decimal(found["v"]) - Decimal(expected["v"])) <= Decimal("1e-8")
    if found["t"] != expected["t"]:
        return False
    if found["t"] == "list":
        return len(found["v"]) == len(expected["v"]) and all(map(agrees, found["v"], expected["v"]))
    if found["t"] == "context":
        return found["v"].keys() == expected["v"].keys() and all(agrees(found["v"][key], expected["v"][key]) for key in found["v"])
    return bool(found == expected or decode(found) == decode(expected))


@pytest.mark.needs("shared")
def test_every_public_conformance_case_has_its_documented_value() -> None:
    wrong = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = next(corpus.run([line]))["value"]
        if not agrees(found, case["expected"]):
            wrong.append(case["id"])

    assert wrong == []
