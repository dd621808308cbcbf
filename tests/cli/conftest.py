"""The command `tradewind` as a user types it: in this process where that is enough, else as the installed program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import admin.cli
from engine import Workspace
from engine.model import load_folder

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "tradewind"

Cli = Callable[..., Result]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trading example, published once; tests take copies of it."""
    folder = tmp_path_factory.mktemp("published") / "trading"
    shutil.copytree(ROOT / "examples" / "trading", folder)
    workspace = Workspace.open(folder)
    workspace.publish(load_folder(folder), message="First")
    workspace.close()
    return folder


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    """A published workspace of one's own."""
    return Path(shutil.copytree(published, tmp_path / "trading"))


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """`cli("check", folder)`, run in this process in an empty folder; what nobody expects goes through as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRADEWIND_DATABASE", raising=False)

    def run(*arguments: object, **options: Any) -> Result:
        found = CliRunner().invoke(admin.cli.root, [str(each) for each in arguments], prog_name="tradewind", **options)
        assert isinstance(found.exception, SystemExit | None), f"a traceback: {found.exception!r}"
        return found

    return run


def program(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """The installed program, as a process of its own."""
    environment = {**os.environ, "NO_COLOR": "1", **options.pop("env", {})}
    environment.pop("TRADEWIND_DATABASE", None)
    words = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, env=environment, check=False, **options)
