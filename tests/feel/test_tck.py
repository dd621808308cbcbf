"""The public conformance cases of the DMN TCK, where they lie beside the checkout; numbers agree within 1e-8, as the kit says."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsl.feel import corpus
from dsl.feel.typed import decode

CASES = Path(__file__).parents[3] / "shared" / "tck" / "visible.jsonl"

NOT_FEEL = {
    "0070-feel-instance-of/0070-feel-instance-of-test-01#string_013/string_013": "an item definition's name as a type",
    "0070-feel-instance-of/0070-feel-instance-of-test-01#list_014/list_014": "an item definition's name as a type",
    "0070-feel-instance-of/0070-feel-instance-of-test-01#context_013/context_013": "an item definition's name as a type",
    "0082-feel-coercion/0082-feel-coercion-test-01#decision_001/decision_001": "coercion to a decision's declared type",
    "0082-feel-coercion/0082-feel-coercion-test-01#decision_006_a/decision_006_a": "coercion to a decision's declared type",
    "0082-feel-coercion/0082-feel-coercion-test-01#literal_004/literal_004": "coercion to a decision's declared type",
}
"""Cases about DMN's models rather than expressions; they come with decisions."""


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


def as_declared(value: dict[str, Any], declared: dict[str, Any] | None) -> dict[str, Any]:
    """The singleton list conversions of a decision's result (DMN 1.5, 10.3.2.9.4)."""
    if declared is None or value["t"] == "null":
        return value
    if declared["t"] == "list":
        return value if value["t"] == "list" else {"t": "list", "v": [value]}
    return as_declared(value["v"][0], declared) if value["t"] == "list" and len(value["v"]) == 1 else value


@pytest.mark.needs("shared")
def test_every_public_conformance_case_has_its_documented_value() -> None:
    wrong = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = next(corpus.run([line]))["value"]
        if not (agrees(found, case["expected"]) or agrees(as_declared(found, case.get("result_type")), case["expected"])):
            wrong.append(case["id"])

    assert set(wrong) == set(NOT_FEEL)
