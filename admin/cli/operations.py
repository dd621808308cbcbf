"""`tradewind doctor`: whether what is stored is as it should be."""

from __future__ import annotations

import sys
from typing import Any

import click

from admin.cli.main import PROBLEMS, database_option, folder_option, is_terminal, opened, root
from dsl import feel
from engine.records.recomputation import Difference, compare, repair, size
from engine.workspace import Workspace


@root.command("doctor")
@click.option("--recompute", is_flag=True, help="Compare every stored computed value with its expression.")
@click.option("--fix", is_flag=True, help="Store what was computed where it differs.")
@folder_option
@database_option
@opened
def doctor(workspace: Any, recompute: bool, fix: bool) -> None:
    """Look for stored data that is wrong."""
    if not recompute:
        raise click.UsageError("Say what to look at: --recompute")
    with click.progressbar(length=size(workspace), label="Comparing", file=sys.stderr, hidden=not is_terminal()) as bar:  # type: ignore[var-annotated]
        found = 0
        for each in (repair if fix else compare)(workspace, bar.update):
            found += 1
            click.echo(described(workspace, each))
    values = f"{found} computed value{'s' * (found != 1)}"
    if fix:
        click.echo(f"{values} repaired", err=True)
    else:
        click.echo(f"{values} wrong" + ("; to repair: tradewind doctor --recompute --fix" if found else ""), err=True)
        sys.exit(PROBLEMS if found else 0)


def described(workspace: Workspace, each: Difference) -> str:
    field = workspace.model.entities[each.entity].fields[each.field]
    stored, computed = ("•••" if field.sensitive else feel.to_text(value) or "null" for value in (each.stored, each.computed))
    return f"{each.entity} {each.id} {each.field}: stored {stored}, computed {computed}"
