"""`tradewind incident`: what failed for good, done again or skipped."""

from __future__ import annotations

from typing import Any

import click

from admin.cli.main import ID, database_option, folder_option, opened, root
from engine.work import incidents


@root.group()
def incident() -> None:
    """Work that failed for good: calls, mails, timers, schedules."""


@incident.command("list")
@folder_option
@database_option
@opened
def list_incidents(workspace: Any) -> None:
    """List incidents, newest first: id, kind, what, where, and why it failed."""
    with workspace.step(None, readonly=True) as step:
        for each in incidents.listed(step):
            where = f"{each.process} {each.instance} {each.node or ''}".strip() if each.process is not None else ""
            click.echo("\t".join([str(each.id), each.kind, each.what, where, " ".join(each.error.split())]))


@incident.command()
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@folder_option
@database_option
@opened
def retry(workspace: Any, ids: tuple[int, ...]) -> None:
    """Do incidents again, from their first attempt on: all or none."""
    with workspace.step(None, origin="cli") as step:
        for number in ids:
            incidents.retry(step, number)
    click.echo(f"{len(ids)} to be done again")


@incident.command()
@click.argument("ids", metavar="ID...", type=ID, nargs=-1, required=True)
@folder_option
@database_option
@opened
def skip(workspace: Any, ids: tuple[int, ...]) -> None:
    """Let incidents be: what waited for an answer goes on without one. All or none."""
    with workspace.step(None, origin="cli") as step:
        for number in ids:
            incidents.skip(step, number)
    click.echo(f"{len(ids)} skipped")
