"""The command `tradewind` (spec 4.1): its root, its exit codes and how errors are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from dsl.problems import InvalidText
from engine.clock import system_clock
from engine.errors import TradewindError, Unavailable
from engine.workspace import Workspace

PROBLEMS, USAGE, UNREACHABLE = 1, 2, 3


class Root(click.Group):
    """A group that turns every expected failure into one clear message and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidText as error:
            from admin.cli.report import show_problems

            show_problems(list(error.problems), "text")
            sys.exit(PROBLEMS)
        except Unavailable as error:
            fail(error.text, UNREACHABLE)
        except TradewindError as error:
            fail(error.text, PROBLEMS)
        except OperationalError as error:
            fail(f"the database does not answer: {error.orig}", UNREACHABLE)
        except BrokenPipeError:
            sys.exit(0)


def fail(message: str, code: int) -> None:
    """End the command with a message on standard error."""
    click.secho("error: ", fg="red", nl=False, err=True)
    click.echo(message, err=True)
    sys.exit(code)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradewind", prog_name="tradewind")
def root() -> None:
    """Tradewind: business records and processes, declared in YAML."""


folder_argument = click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
folder_option = click.option(
    "-C",
    "--dir",
    "folder",
    default=".",
    metavar="DIR",
    help="The workspace folder (default: this one).",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
database_option = click.option(
    "--database",
    metavar="URL",
    envvar="TRADEWIND_DATABASE",
    help="SQLAlchemy URL; by default SQLite in DIR/var/. Also TRADEWIND_DATABASE.",
)


def require_workspace(folder: Path) -> Path:
    """The folder, if it holds a workspace; ends the command otherwise."""
    if not (folder / "workspace.yaml").is_file():
        fail(f"{folder}/workspace.yaml not found; make a workspace with: tradewind init DIR", USAGE)
    return folder


def opened(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command a published workspace as its first argument, from `folder` and `database`, and close it after."""

    @wraps(command)
    def run(*args: Any, folder: Path, database: str | None, **options: Any) -> Any:
        workspace = Workspace.open(require_workspace(folder), database, clock=system_clock)
        try:
            if workspace.revision == 0:
                fail(f"nothing is published yet; run: tradewind publish {folder}", PROBLEMS)
            return command(workspace, *args, **options)
        finally:
            workspace.close()

    return run


def is_terminal() -> bool:
    """Whether a person watches the output."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
