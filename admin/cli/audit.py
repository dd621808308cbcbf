"""`tradewind audit`: whether the history is as it was written."""

from __future__ import annotations

import sys
from typing import Any

import click

from admin.cli.main import PROBLEMS, database_option, folder_option, is_terminal, opened, root
from engine.records import auditing


@root.group()
def audit() -> None:
    """The history of records, which nobody may change."""


@audit.command()
@folder_option
@database_option
@opened
def verify(workspace: Any) -> None:
    """Prove that no entry of the history was changed or removed."""
    number, found = auditing.size(workspace), 0
    with click.progressbar(length=number, label="Verifying", file=sys.stderr, hidden=not is_terminal()) as bar:  # type: ignore[var-annotated]
        for each in auditing.verify(workspace, bar.update):
            found += 1
            where = f"entry {each.entry} ({each.entity} {each.record}): " if each.entry else ""
            click.echo(f"{where}{each.what}")
    with workspace.step(None, readonly=True) as step:
        newest = auditing.newest(step)
    sealed = f"sealed up to entry {newest.last}, seal {newest.number}: {newest.digest}" if newest is not None else "not sealed yet"
    click.echo(f"{number} entries, {found or 'none'} wrong; {sealed}", err=True)
    sys.exit(PROBLEMS if found else 0)
