"""The command `tradewind` (spec 4.1): its root, its exit codes and how errors are told."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from dsl.feel import LimitExceeded
from dsl.problems import InvalidText, did_you_mean
from engine.clock import system_clock
from engine.errors import TradewindError, Unavailable
from engine.model.model import Entity
from engine.records.values import LARGEST_INTEGER
from engine.workspace import Workspace

PROBLEMS, USAGE, UNREACHABLE = 1, 2, 3


class Root(click.Group):
    """A group that turns every expected failure into one clear message and an exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):  # what the terminal, or UTF-8, has no character for is shown as ?
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except InvalidText as error:
            from admin.cli.report import show_problems

            show_problems(list(error.problems), "text")
            sys.exit(PROBLEMS)
        except Unavailable as error:
            fail(error.text, UNREACHABLE)
        except (TradewindError, LimitExceeded) as error:
            fail(str(error), PROBLEMS)
        except OperationalError as error:
            fail(f"the database does not answer: {error.orig}", UNREACHABLE)
        except DBAPIError as error:
            fail(f"the database refuses this: {error.orig}", PROBLEMS)
        except BrokenPipeError:  # who reads has had enough, as in `tradewind export … | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            fail(f"{error.filename or 'the system'}: {error.strerror or error}", UNREACHABLE)


def fail(message: str, code: int) -> NoReturn:
    """End the command with a message on standard error."""
    click.secho("error: ", fg="red", nl=False, err=True)
    click.echo(message, err=True)
    sys.exit(code)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradewind", prog_name="tradewind")
def root() -> None:
    """Tradewind: business records and processes, declared in YAML."""


class Given(click.Path):
    """A path that must be there: what is missing or may not be read ends the command as not reached, not as wrong usage."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            path = Path(os.fsdecode(value))
            if path.is_dir() == self.file_okay and path.exists():
                raise  # a folder where a file is needed, or the other way round
            fail(error.message.rstrip("."), UNREACHABLE)


FILE = Given(exists=True, dir_okay=False, path_type=Path)
FOLDER = Given(exists=True, file_okay=False, path_type=Path)
ID = click.IntRange(1, LARGEST_INTEGER)

folder_argument = click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
folder_option = click.option(
    "-C", "--dir", "folder", default=".", metavar="DIR", help="The workspace folder (default: this one).", type=FOLDER
)
database_option = click.option(
    "--database",
    metavar="URL",
    envvar="TRADEWIND_DATABASE",
    help="SQLAlchemy URL; by default SQLite in DIR/var/. Also TRADEWIND_DATABASE.",
)

redis_option = click.option(
    "--redis", metavar="URL", envvar="TRADEWIND_REDIS_URL", help="Where RQ's workers listen, redis://host:6379/0. Also TRADEWIND_REDIS_URL."
)
queue_option = click.option(
    "--queue", default="tradewind", show_default=True, envvar="TRADEWIND_QUEUE",
    help="RQ's queue; one for each workspace that shares a Redis. Also TRADEWIND_QUEUE.",
)  # fmt: skip


def require_workspace(folder: Path) -> Path:
    """The folder, if it holds a workspace; ends the command otherwise."""
    if not (folder / "workspace.yaml").is_file():
        fail(f"{folder}/workspace.yaml not found; make a workspace with: tradewind init DIR", UNREACHABLE)
    return folder


def known_entity(workspace: Workspace, name: str) -> Entity:
    """The entity of that name; ends the command if there is none."""
    entities = {e.name: e for e in workspace.model.entities.values() if e.parent is None}
    if name not in entities:
        hint = did_you_mean(name, entities) or "there are: " + ", ".join(sorted(entities))
        fail(f"there is no entity '{name}'; {hint}", USAGE)
    return entities[name]


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
