"""`tradewind init check publish pull revisions rollback diff schema openapi`."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import create_engine

from engine.model import KINDS
from tests.cli.conftest import PROGRAM, program

REGION = "extend: entity customer\nfields:\n  x_region: {type: choice, options: [north, south]}\n"


def customize(folder: Path, text: str = REGION) -> Path:
    """A customization as a file of the folder."""
    file = folder / "customizations" / "entity_customer.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


# ---- init ----


@pytest.mark.parametrize("example", ["minimal", "trading", "northwind"])
def test_every_example_is_a_workspace_without_problems(cli: Any, tmp_path: Path, example: str) -> None:
    made = cli("init", "mine", "--from", example)
    checked = cli("check", "mine")

    assert (made.exit_code, checked.exit_code) == (0, 0)
    assert "next: tradewind publish mine" in made.stdout
    assert "no problems" in checked.stderr


def test_init_keeps_what_is_there_and_names_the_examples(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")

    full, unknown = cli("init", "full"), cli("init", "new", "--from", "shop")

    assert (full.exit_code, unknown.exit_code) == (2, 2)
    assert "not empty" in full.stderr
    assert "trading" in unknown.stderr
    assert not (tmp_path / "new").exists()


# ---- check ----


def test_check_tells_all_problems_with_their_places(cli: Any, folder: Path) -> None:
    customize(folder, "extend: entity customer\nfields:\n  x_region: {type: chioce}\n  x_size: {typ: text}\n")

    found = cli("check", folder)

    assert found.exit_code == 1
    assert "customizations/entity_customer.yaml:3:20: error TW" in found.stdout
    assert "did you mean 'choice'?" in found.stdout
    assert "customizations/entity_customer.yaml:4:" in found.stdout
    assert "errors" in found.stderr


def test_check_as_json_has_the_members_of_the_specification(cli: Any, folder: Path) -> None:
    customize(folder, "extend: entity customer\nfields:\n  x_region: {type: chioce}\n")

    found = cli("check", folder, "--format", "json")
    problem = json.loads(found.stdout)["problems"][0]

    assert found.exit_code == 1
    assert set(problem) == {"file", "line", "column", "severity", "code", "message", "hint"}
    assert (problem["line"], problem["column"], problem["severity"]) == (3, 20, "error")


def test_check_as_sarif_names_rule_and_region(cli: Any, folder: Path) -> None:
    customize(folder, "extend: entity customer\nfields:\n  x_region: {type: chioce}\n")

    run = json.loads(cli("check", folder, "--format", "sarif").stdout)["runs"][0]

    assert run["results"][0]["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


def test_no_problems_are_an_empty_list_for_tools(cli: Any, folder: Path) -> None:
    assert json.loads(cli("check", folder, "--format", "json").stdout) == {"problems": []}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("binary.yaml", b"\x00\x01\x02\xff\xfe"),
        ("latin.yaml", "entity: café\n".encode("latin-1")),
        ("utf16.yaml", "entity: order\n".encode("utf-16")),
        ("prose.yaml", b"Dear Sir or Madam,\n"),
        ("tab.yaml", b"entity: order\nfields:\n\tname: {type: text}\n"),
        ("open.yaml", b"entity: order\nfields: {name: {type: text}\n"),
        ("empty.yaml", b""),
        ("two.yaml", b"entity: order\n---\nentity: invoice\n"),
        ("deep.yaml", b"entity: order\nfields: " + b"[" * 5000),
        ("bomb.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
        ("number.yaml", b"entity: order\nfields: {n: {type: integer, max: " + b"9" * 5000 + b"}}\n"),
    ],
)
def test_a_file_that_is_no_document_is_a_problem_with_a_place(cli: Any, folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)

    found = cli("check", folder)

    assert found.exit_code == 1
    assert f"{name}:" in found.stdout


# ---- publish, pull, revisions, rollback, diff ----


def test_publish_runs_check_plan_and_tests_and_tells_what_changed(cli: Any, folder: Path) -> None:
    customize(folder)

    tried = cli("publish", folder, "--dry-run")
    before = cli("revisions", folder)
    done = cli("publish", folder, "-m", "Regions")
    again = cli("publish", folder)
    after = cli("revisions", folder)

    assert [r.exit_code for r in (tried, before, done, again, after)] == [0] * 5
    assert "+ entity customer · fields.x_region" in tried.stdout
    assert "dry run: nothing was changed" in tried.stdout
    assert [line.split("\t")[0] for line in before.stdout.splitlines()] == ["1"]
    assert "published revision 2" in done.stdout
    assert "nothing has changed since revision 2" in again.stdout
    assert after.stdout.splitlines()[0].endswith("\tsystem\tRegions")


def test_a_publish_with_problems_leaves_the_model_in_force(cli: Any, folder: Path) -> None:
    customize(folder, "extend: entity customer\nfields:\n  x_region: {type: chioce}\n")

    refused = cli("publish", folder)

    assert refused.exit_code == 1
    assert "not published: 1 error" in refused.stdout
    assert len(cli("revisions", folder).stdout.splitlines()) == 1


def test_a_publish_whose_tests_fail_is_refused_with_the_reason(cli: Any, folder: Path) -> None:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "wrong.yaml").write_text(
        "test: two is three\ngiven:\n  acme: {entity: customer, name: Acme}\nsteps:\n  - expect: {acme.name: Ajax}\n"
    )

    refused = cli("publish", folder)

    assert refused.exit_code == 1
    assert "FAIL two is three" in refused.stdout
    assert "tests/wrong.yaml:5" in refused.stdout
    assert "not published: 1 scenario test failed" in refused.stdout


def test_what_was_pulled_publishes_and_pulls_the_same_bytes(cli: Any, folder: Path, tmp_path: Path) -> None:
    text = "# why: sales asked for it\n" + REGION
    customize(folder, text)
    cli("publish", folder, "-m", "Regions")
    file = folder / "customizations" / "entity_customer.yaml"
    file.unlink()

    pulled = cli("pull", folder)
    written = file.read_bytes()
    published = cli("publish", folder)
    pulled_again = cli("pull", folder)

    assert (pulled.exit_code, published.exit_code, pulled_again.exit_code) == (0, 0, 0)
    assert "wrote customizations/entity_customer.yaml" in pulled.stdout
    assert written == text.encode() == file.read_bytes()


def test_rollback_publishes_an_earlier_revision_and_diff_compares_two(cli: Any, folder: Path) -> None:
    customize(folder)
    cli("publish", folder)

    difference = cli("diff", "1", "2", folder)
    done = cli("rollback", "1", folder)
    unknown = cli("rollback", "99", folder)

    assert "+ entity customer · fields.x_region" in difference.stdout
    assert cli("diff", "1", "3", folder).stdout == ""
    assert (done.exit_code, "published revision 3" in done.stdout) == (0, True)
    assert (unknown.exit_code, unknown.stderr) == (1, "error: there is no revision 99; there are 1 to 3\n")
    assert cli("diff", "1", "99", folder).exit_code == 1


@pytest.mark.needs("postgresql")
def test_a_workspace_is_published_on_postgresql(cli: Any, postgresql_url: str) -> None:
    cli("init", "mine")

    published = cli("publish", "mine", "--database", postgresql_url)
    from_environment = cli("revisions", "mine", env={"TRADEWIND_DATABASE": postgresql_url})

    assert (published.exit_code, from_environment.exit_code) == (0, 0)
    assert from_environment.stdout.startswith("1\t")
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from tw_revision").scalar() == 1
    engine.dispose()


# ---- schema, openapi ----


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_every_kind_is_a_schema(cli: Any, kind: str) -> None:
    found = cli("schema", kind)

    Draft202012Validator.check_schema(json.loads(found.stdout))
    assert found.exit_code == 0


def test_an_unknown_kind_is_wrong_usage(cli: Any) -> None:
    found = cli("schema", "entty")

    assert (found.exit_code, found.stderr) == (2, "error: there is no kind 'entty'; did you mean 'entity'?\n")


def test_openapi_needs_no_database(cli: Any) -> None:
    cli("init", "mine")

    found = cli("openapi", "mine")

    assert found.exit_code == 0
    assert json.loads(found.stdout)["openapi"] == "3.1.0"


# ---- watching ----


def test_check_watches_until_it_is_stopped(folder: Path) -> None:
    watching = subprocess.Popen([PROGRAM, "check", folder, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ending = threading.Timer(60, watching.kill)
    ending.start()
    try:
        assert watching.stdout is not None
        assert "no problems" in watching.stdout.readline()
        customize(folder, "extend: entity customer\nfields:\n  x_region: {type: chioce}\n")
        assert "TW" in watching.stdout.readline()
    finally:
        ending.cancel()
        watching.kill()
        watching.communicate()


def test_the_database_of_another_version_or_kind_is_not_touched(folder: Path) -> None:
    database = folder / "notes.db"
    database.write_text("this is a note, and no database\n" * 10)

    found = program("publish", folder, "--database", f"sqlite:///{database}")

    assert found.returncode == 3
    assert "file is not a database" in found.stderr
    assert database.read_text().startswith("this is a note")
