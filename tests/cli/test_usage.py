"""Exit codes (spec 4.1): 0 fine, 1 problems found, 2 wrong usage, 3 could not reach what it needs; and never a traceback."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PROGRAM, program

LATER = ["bpmn", "backup", "restore"]
ON_A_FOLDER = [["check"], ["publish"], ["pull"], ["revisions"], ["rollback", "1"], ["diff", "1", "2"], ["serve"], ["test"], ["openapi"]]


def test_the_installed_program_tells_its_version_and_help() -> None:
    version, help_text = program("--version"), program("--help")

    assert (version.returncode, version.stdout.startswith("tradewind, version ")) == (0, True)
    assert (help_text.returncode, "publish" in help_text.stdout) == (0, True)


@pytest.mark.parametrize("command", [*LATER, "chekc"])
def test_a_command_that_is_not_there_is_wrong_usage(cli: Any, command: str) -> None:
    found = cli(command)

    assert (found.exit_code, f"No such command '{command}'" in found.stderr) == (2, True)


@pytest.mark.parametrize("words", ON_A_FOLDER, ids=lambda words: words[0])
def test_a_folder_that_is_missing_is_not_reached(cli: Any, words: list[str]) -> None:
    found = cli(*words, "none")

    assert (found.exit_code, found.stderr) == (3, "error: Directory 'none' does not exist\n")


@pytest.mark.parametrize("words", ON_A_FOLDER, ids=lambda words: words[0])
def test_a_folder_without_a_workspace_says_how_to_make_one(cli: Any, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "empty").mkdir()

    found = cli(*words, "empty")

    assert found.exit_code == 3
    assert found.stderr == "error: empty/workspace.yaml not found; make a workspace with: tradewind init DIR\n"


@pytest.mark.parametrize("words", ON_A_FOLDER, ids=lambda words: words[0])
def test_a_file_where_a_folder_is_needed_is_wrong_usage(cli: Any, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "file").write_text("")

    found = cli(*words, "file")

    assert (found.exit_code, "Directory 'file' is a file" in found.stderr) == (2, True)


@pytest.mark.parametrize("words", [["revisions", "mine"], ["export", "user", "-C", "mine"], ["serve", "mine"], ["pull", "mine"]])
def test_what_needs_a_published_workspace_says_how_to_publish(cli: Any, words: list[str]) -> None:
    cli("init", "mine")

    found = cli(*words)

    assert (found.exit_code, found.stderr) == (1, "error: nothing is published yet; run: tradewind publish mine\n")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "'nonsense' is not a database URL"),
        ("mysql://shop/db", "'mysql' is not supported"),
        ("postgresql+psycopg2://127.0.0.1/db", "'postgresql+psycopg2' is not supported"),
        ("sqlite+other:///file.db", "'sqlite+other' is not supported"),
        ("postgresql://nobody:secret@127.0.0.1:1/db", "does not answer: connection failed"),
        ("postgresql://nobody@nowhere.invalid/db", "nowhere.invalid"),
        ("sqlite:////proc/none/file.db", "/proc/none"),
        ("sqlite:///mine", "unable to open database file"),
        ("sqlite:///mine/workspace.yaml", "file is not a database"),
    ],
)
def test_a_database_that_is_not_to_be_had_is_not_reached(cli: Any, url: str, told: str) -> None:
    cli("init", "mine")

    found = cli("publish", "mine", "--database", url)

    assert (found.exit_code, told in found.stderr) == (3, True), found.output
    assert "secret" not in found.output


def test_a_document_that_cannot_be_read_is_not_reached(cli: Any, tmp_path: Path) -> None:
    cli("init", "mine")
    (tmp_path / "mine" / "entities" / "gone.yaml").symlink_to("nowhere")

    found = cli("check", "mine")

    assert (found.exit_code, found.stderr) == (3, "error: mine/entities/gone.yaml: No such file or directory\n")


def test_a_reader_that_has_had_enough_is_no_error(folder: Path) -> None:
    shell = f'"{PROGRAM}" export stock --format jsonl -C "{folder}" | head -c 10; exit "${{PIPESTATUS[0]}}"'
    found = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=False)

    assert (found.returncode, found.stderr) == (0, "")


# ---- test ----


def test_scenario_tests_are_chosen_by_name_and_tell_how_they_went(cli: Any, folder: Path) -> None:
    some, none = cli("test", folder, "-k", "lead is lost"), cli("test", folder, "-k", "no such test")

    assert (some.exit_code, "1 passed, 0 failed" in some.stdout) == (0, True)
    assert (none.exit_code, none.stdout) == (0, "no tests found\n")


def test_a_failing_scenario_shows_expected_actual_and_line(cli: Any, folder: Path) -> None:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "wrong.yaml").write_text(
        "test: two is three\ngiven:\n  acme: {entity: customer, name: Acme}\nsteps:\n  - expect: {acme.name: Ajax}\n"
    )

    found = cli("test", folder, "-k", "two is three")

    assert found.exit_code == 1
    assert "FAIL two is three" in found.stdout
    assert "tests/wrong.yaml:5:" in found.stdout
    assert "Ajax" in found.stdout
    assert "Acme" in found.stdout
