"""`tradewind init check publish pull revisions rollback diff schema openapi`: a workspace's configuration."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import click

from admin.api.openapi import document
from admin.cli.main import PROBLEMS, USAGE, database_option, fail, folder_argument, opened, require_workspace, root
from admin.cli.report import show_outcome, show_problems, summary
from admin.cli.watching import changes_of, forever
from dsl.problems import did_you_mean
from engine import publishing
from engine.clock import system_clock
from engine.model import KINDS, build, load_folder, schema
from engine.workspace import Workspace


def examples() -> list[str]:
    return sorted(e.name for e in files("examples").iterdir() if e.joinpath("workspace.yaml").is_file())


@root.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "example", default="minimal", show_default=True, metavar="EXAMPLE", help="Which example to copy.")
def init(folder: Path, example: str) -> None:
    """Make a workspace folder to start from."""
    if example not in examples():
        fail(f"there is no example '{example}'; there are: {', '.join(examples())}", USAGE)
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty; choose a new folder", USAGE)
    with as_file(files("examples").joinpath(example)) as source:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "var"))
    click.echo(f"made {folder} from the example '{example}'; next: tradewind publish {folder}")


@root.command()
@folder_argument
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json", "sarif"]))
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
def check(folder: Path, form: str, watch: bool) -> None:
    """Check every document, and tell all problems at once."""
    require_workspace(folder)
    if watch:
        for files in changes_of(folder, forever):
            check_once(files, form)
            sys.stdout.flush()
    sys.exit(PROBLEMS if check_once(load_folder(folder), form) else 0)


def check_once(files: Mapping[str, str], form: str) -> bool:
    built = build(files)
    show_problems(built.problems, form)
    if form == "text":
        click.echo(summary(built.problems, len(built.documents)), err=True)
    return any(problem.severity == "error" for problem in built.problems)


@root.command()
@folder_argument
@database_option
@click.option("-m", "message", default="", metavar="MESSAGE", help="What this revision is for.")
@click.option("--dry-run", is_flag=True, help="Check, plan and test, but change nothing.")
def publish(folder: Path, database: str | None, message: str, dry_run: bool) -> None:
    """Check, plan, test and apply the folder's configuration."""
    workspace = Workspace.open(require_workspace(folder), database, clock=system_clock)
    try:
        outcome = publishing.publish_folder(workspace, folder, message=message, dry_run=dry_run)
    finally:
        workspace.close()
    show_outcome(outcome)
    sys.exit(0 if outcome.accepted else PROBLEMS)


@root.command()
@folder_argument
@database_option
def pull(folder: Path, database: str | None) -> None:
    """Write the published customizations as files."""
    pull_into(folder=folder, database=database, target=folder)


@opened
def pull_into(workspace: Any, target: Path) -> None:
    for line in publishing.pull(workspace, target):
        click.echo(line)


@root.command()
@folder_argument
@database_option
@opened
def revisions(workspace: Any) -> None:
    """List what was published, newest first."""
    for revision in workspace.revisions():
        when = revision.created_at.strftime("%Y-%m-%d %H:%M:%SZ")
        click.echo(f"{revision.number}\t{when}\t{revision.author or 'system'}\t{revision.message}".rstrip())


@root.command()
@click.argument("number", type=int)
@folder_argument
@database_option
@opened
def rollback(workspace: Any, number: int) -> None:
    """Publish revision NUMBER again."""
    outcome = publishing.rollback(workspace, number)
    show_outcome(outcome)
    sys.exit(0 if outcome.accepted else PROBLEMS)


@root.command("diff")
@click.argument("before", metavar="A", type=int)
@click.argument("after", metavar="B", type=int)
@folder_argument
@database_option
@opened
def diff_revisions(workspace: Any, before: int, after: int) -> None:
    """Show what changed in the configuration from revision A to revision B."""
    for change in publishing.compare(workspace, before, after):
        click.echo(str(change))


@root.command("schema")
@click.argument("kind")
def show_schema(kind: str) -> None:
    """Print the JSON Schema of a document kind, for editors."""
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS)
        fail(f"there is no kind '{kind}'; {hint or 'there are: ' + ', '.join(KINDS)}", USAGE)
    click.echo(json.dumps(schema(kind), ensure_ascii=False, indent=2))


@root.command()
@folder_argument
def openapi(folder: Path) -> None:
    """Print the OpenAPI 3.1 document of the folder's model."""
    built = build(load_folder(require_workspace(folder)))
    if built.model is None:
        show_problems(built.problems, "text")
        sys.exit(PROBLEMS)
    click.echo(json.dumps(document(built.model), ensure_ascii=False, indent=2))
