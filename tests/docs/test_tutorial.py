"""The tutorial works when it is typed: its files saved, its commands run in order, its change made on the live system."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import blocks

PAGE = "docs/tutorial.md"
TRADEWIND = str(Path(sys.executable).with_name("tradewind"))
ELSEWHERE = ("python3", "export", ".venv/bin/pip", "cd")  # making the environment, which the tests run in


def test_the_tutorial_works_when_it_is_typed(tmp_path):
    folder, told = tmp_path / "samples", ""
    for block in blocks(PAGE, "sh", "yaml"):
        if block.language == "yaml":
            save(folder, block.text, block.before)
            continue
        for words in (shlex.split(line) for line in block.text.splitlines()):
            if words[0] == "tradewind" and words[1] not in ("serve", "--version"):
                where = tmp_path if words[1] == "init" else folder
                told += run(where, words[1:])
            else:
                assert words[0] in (*ELSEWHERE, "tradewind")

    assert "2 passed, 0 failed" in told
    assert "published revision 2" in told
    assert "carrier" in (folder / "entities/loan.yaml").read_text(encoding="utf-8")


def test_the_mistakes_that_the_tutorial_asks_for_are_told(tmp_path):
    run(tmp_path, ["init", "samples"])
    folder = tmp_path / "samples"
    for block in blocks(PAGE, "yaml"):
        save(folder, block.text, block.before)

    change(folder / "processes/lending.yaml", "total > 500,", "total > 5000,")
    failed = run(folder, ["test"], code=1)
    change(folder / "entities/loan.yaml", "sum(cases.amount)", "sum(cases.amuont)")
    misspelled = run(folder, ["check"], code=1)

    assert "tests/lending.yaml:13" in failed
    assert "expected" in failed
    assert re.search(r"entities/loan\.yaml:\d+:\d+: error TW1203", misspelled)
    assert "did you mean 'amount'?" in misspelled


def save(folder: Path, text: str, before: str) -> None:
    """Save a block under the name that the text before it gives, or below the field that it names."""
    named = re.search(r"as `([^`]+\.yaml)`", before)
    if named:
        path = folder / named[1]
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    below = re.search(r"below `(\w+)`", before)
    assert below, before
    loan = folder / "entities/loan.yaml"
    loan.write_text(re.sub(rf"(\n  {below[1]}:.*\n)", lambda line: line[1] + text, loan.read_text(encoding="utf-8")), encoding="utf-8")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, words: list[str], code: int = 0) -> str:
    done = subprocess.run([TRADEWIND, *words], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr
