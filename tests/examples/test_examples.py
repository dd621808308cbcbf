"""Every example is checked without a problem, and its scenarios, those of its modules included, happen as they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import scenario
from engine.model import build, load_folder

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/workspace.yaml")))
def test_the_scenarios_of_an_example_pass(example):
    built = build(load_folder(EXAMPLES / example))
    assert built.model is not None, [problem.place for problem in built.problems]

    results = scenario.run_tests(built.model)

    assert results, "an example without a test teaches nobody how to test"
    assert [(result.name, result.message) for result in results if not result.passed] == []
