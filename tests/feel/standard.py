"""Cases of the standard (DMN 1.5, chapter 10), one a line: `expression => value`, both FEEL; what FEEL calls an error is null."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsl import corpus


def cases(text: str) -> pytest.MarkDecorator:
    """The lines of a text as parameters of a test; a line that begins with # is a remark."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pairs = [(expression, expected) for expression, _, expected in (line.rpartition(" => ") for line in lines)]
    return pytest.mark.parametrize(("expression", "expected"), pairs, ids=[expression for expression, _ in pairs])


def check(expression: str, expected: str) -> None:
    wanted = _value(expected)
    assert (expected == "null") == (wanted == {"t": "null"}), "the expected value is wrong itself"
    assert _value(expression) == wanted


def _value(expression: str) -> dict[str, Any]:
    value: dict[str, Any] = corpus.answer(json.dumps({"id": "", "expression": expression}))["value"]
    return value
