"""`tradewind test`: run the scenario tests of a workspace (spec 4.3)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from admin.cli.main import PROBLEMS, folder_argument, require_workspace, root
from admin.cli.report import show_failure, show_problems
from engine import scenario
from engine.model import build, load_folder


@root.command("test")
@folder_argument
@click.option("-k", "match", metavar="TEXT", help="Only tests whose name or file holds this text.")
def test(folder: Path, match: str | None) -> None:
    """Run the scenario tests of modules and workspace on a scratch database."""
    built = build(load_folder(require_workspace(folder)))
    if built.model is None:
        show_problems(built.problems, "text")
        sys.exit(PROBLEMS)
    results = scenario.run_tests(built.model, match=match, each=show)
    failed = sum(not result.passed for result in results)
    click.echo(f"{len(results) - failed} passed, {failed} failed" if results else "no tests found")
    sys.exit(PROBLEMS if failed else 0)


def show(result: scenario.TestResult) -> None:
    if result.passed:
        click.echo(f"{click.style('ok  ', 'green')} {result.name} ({result.seconds:.2f} s)")
    else:
        show_failure(result)
