"""Every code that a check reports is explained, and the reference page is in step."""

import re
from pathlib import Path

from engine.model.codes import CODES, GROUPS, reference

ROOT = Path(__file__).parents[2]


def test_every_code_in_the_source_is_explained():
    used = {
        code
        for folder in ("dsl", "engine/model")
        for file in (ROOT / folder).rglob("*.py")
        if file.name != "codes.py"
        for code in re.findall(r'"(TW\d{4})"', file.read_text())
    }

    assert used <= CODES.keys()


def test_no_code_has_two_meanings():
    assert sum(map(len, GROUPS.values())) == len(CODES)


def test_the_reference_page_is_in_step():
    assert (ROOT / "docs/reference/problems.md").read_text() == reference()
