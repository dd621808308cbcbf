"""`tradewind dmn import`, `dmn export`, and `decide` on files and on what was imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from admin.cli import root
from tests.dmn.conftest import FILES

AMY = {"First Name": "Amy", "Marital Status": "S", "Born": "2000-01-01", "Incomes": [900, 800]}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "workspace.yaml").write_text("workspace: shop\n")
    return folder


def run(*words: object) -> Any:
    return CliRunner().invoke(root, [str(word) for word in words])


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "decisions").glob("*.yaml")}


def test_an_imported_model_is_checked_and_asked(shop: Path) -> None:
    assert run("dmn", "import", FILES / "lending.dmn", shop).exit_code == 0

    assert run("check", shop).exit_code == 0
    found = run("decide", "risk", shop, "--context", json.dumps({"Applicant": AMY}))
    assert found.stdout == 'Medium\nrule 1: - (the usual case)\nrule 2: status: "S"\n'


@pytest.mark.parametrize("name", ["lending.dmn", "dish.dmn", "imports/order.dmn"])
@pytest.mark.parametrize("version", ["1.5", "1.3"])
def test_what_is_imported_exported_and_imported_again_is_the_same(shop: Path, tmp_path: Path, name: str, version: str) -> None:
    run("dmn", "import", FILES / name, shop)
    out = tmp_path / "out"
    again = tmp_path / "again"
    for folder in (out, again):
        folder.mkdir()
    (again / "workspace.yaml").write_text("workspace: again\n")

    exported = run("dmn", "export", "--all", out / "x.dmn", shop, "--dmn", version)
    if name == "lending.dmn" and version == "1.3":
        assert "TW2311: 'Affordable' has a conditional, an iteration or a filter, which DMN 1.3 lacks" in exported.stdout
        return
    assert exported.exit_code == 0
    assert run("dmn", "import", out / "x.dmn", again).exit_code == 0
    assert contents(again) == contents(shop)


def test_a_decision_is_exported_with_what_it_requires(shop: Path) -> None:
    run("dmn", "import", FILES / "dish.dmn", shop)

    run("dmn", "export", "season", shop / "season.dmn", shop)

    assert run("decide", shop / "season.dmn", "--context", '{"temperature": 40}').stdout == "Summer\nrule 1: celsius: celsius > 30\n"
    assert "guest" not in (shop / "season.dmn").read_text()


def test_a_plain_table_goes_to_dmn_and_comes_back(shop: Path) -> None:
    (shop / "rate.yaml").write_text(
        "decision: rate\nhit: F\ninputs: {net: {type: decimal}}\noutputs: {rate: {type: decimal, default: 0}}\n"
        "rules: [{net: '> 5000', rate: 0.5, note: large}, {net: '> 100', rate: 0.1}]\n"
    )

    assert run("dmn", "export", "rate", shop / "rate.dmn", shop).exit_code == 0
    assert run("decide", shop / "rate.dmn", "--context", '{"net": 6000}').stdout == "0.5\nrule 1: net: > 5000 (large)\nrule 2: net: > 100\n"
    assert run("decide", shop / "rate.dmn", "--context", '{"net": 6}').stdout == "0\nno rule matches\n"


def test_documents_are_overwritten_on_demand_only(shop: Path) -> None:
    run("dmn", "import", FILES / "dish.dmn", shop)
    path = shop / "decisions" / "dish.yaml"
    path.write_text(path.read_text().replace("Stew", "Soup"))

    refused = run("dmn", "import", FILES / "dish.dmn", shop)
    assert (refused.exit_code, "dish.yaml would be overwritten; --replace does so" in refused.stderr) == (2, True)
    assert run("dmn", "import", FILES / "dish.dmn", shop, "--replace").exit_code == 0
    assert "Stew" in path.read_text()


def test_a_file_with_an_error_is_not_imported(shop: Path) -> None:
    text = (FILES / "dish.dmn").read_text().replace('"Roastbeef"', '"Roastbeef" +')
    (shop / "dish.dmn").write_text(text)

    found = run("dmn", "import", shop / "dish.dmn", shop)

    assert found.exit_code == 1
    assert f"{shop}/dish.dmn:30:29: error TW2001: decision 'Dish' (dish-decision): " in found.stdout
    assert not (shop / "decisions").exists()


def test_a_file_whose_decisions_require_each_other_says_so(tmp_path: Path) -> None:
    text = (
        (FILES / "dish.dmn").read_text().replace('<requiredInput href="#temperature_id" />', '<requiredDecision href="#dish-decision" />')
    )
    (tmp_path / "dish.dmn").write_text(text)

    found = run("decide", tmp_path / "dish.dmn", "--decision", "Dish")

    assert (found.exit_code, "error TW2306: these require each other in a circle" in found.stdout) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["decide", FILES / "dish.dmn"], 2, "--decision NAME says which to ask; there are: Dish, Guest Count, Season decision"),
        (["decide", FILES / "dish.dmn", "--decision", "Dsh"], 2, "has no decision 'Dsh'; did you mean 'Dish'?"),
        (["decide", "none.dmn"], 3, "there is no file none.dmn"),
        (["decide", FILES / "dish.dmn", "--decision", "Dish", "--context", '{"temprature": 1}'], 2, "did you mean 'temperature'?"),
        (["decide", "x", "--decision", "Dish"], 2, "--decision names a decision of a DMN file"),
        (["dmn", "export", "x"], 2, "write: tradewind dmn export DECISION FILE [DIR]"),
    ],
)
def test_wrong_usage(words: list[object], code: int, told: str) -> None:
    found = run(*words)

    assert (found.exit_code, told in found.stderr) == (code, True), found.stderr
