"""The command line: every command is a thin face over the engine's services."""

from __future__ import annotations

from admin.cli import (  # noqa: F401  (they register commands)
    audit,
    configuration,
    decision_models,
    decisions,
    expressions,
    incidents,
    operations,
    people,
    records,
    serving,
    testing,
)
from admin.cli.main import root

__all__ = ["main", "root"]


def main() -> None:
    """Entry point of the console script."""
    root(prog_name="tradewind")
