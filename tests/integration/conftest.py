"""The demo's trading company, published on a fresh database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import Workspace
from engine.model import load_folder

TRADING = Path(__file__).parents[2] / "examples" / "trading"


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Harbour & Pine with its demo data, on SQLite and on PostgreSQL."""
    workspace = Workspace.open(tmp_path, database_url)
    workspace.publish(load_folder(TRADING))
    yield workspace
    workspace.close()
