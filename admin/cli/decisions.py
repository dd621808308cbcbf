"""`tradewind decide`: ask a decision table of a folder's configuration."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from admin.cli.expressions import read_context, show
from admin.cli.main import PROBLEMS, USAGE, fail, folder_argument, require_workspace, root
from admin.cli.report import show_problems
from dsl import feel
from dsl.decisions import Decided
from dsl.decisions.table import written
from dsl.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from dsl.feel.text import number_text
from dsl.problems import did_you_mean
from engine.clock import system_clock
from engine.model import build, load_folder
from engine.model.model import Decision, Model
from engine.records.host import ClockHost

READ = {
    feel.DATE: (parse_date, "a date such as 2026-01-31"),
    feel.TIME: (parse_time, "a time such as 10:30:00"),
    feel.DATETIME: (parse_datetime, "a date and time such as 2026-01-31T10:30:00+08:00"),
    feel.DAYS: (parse_duration, "a duration such as P2D or PT4H"),
}  # fmt: skip
"""What JSON has no form for comes as text."""


@root.command()
@click.argument("name", metavar="DECISION")
@click.option("--context", "context_text", metavar="JSON", default="{}", help="The inputs by name; dates and durations as text.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]))
@folder_argument
def decide(name: str, context_text: str, form: str, folder: Path) -> None:
    """Ask a decision table, and tell which rules matched."""
    built = build(load_folder(require_workspace(folder)))
    if built.model is None:
        show_problems(built.problems, "text")
        sys.exit(PROBLEMS)
    decision = known_decision(built.model, name)
    host = ClockHost(system_clock, built.model.settings.zone)
    decided = decision.table.decide(inputs(decision, read_context(context_text)), host)
    if form == "json":
        warnings = [warning.message for warning in decided.warnings]
        click.echo(as_json({"value": decided.value, "rules": list(decided.rules), "warnings": warnings}))
        return
    show(decided.value)
    for number in decided.rules:
        click.echo(f"rule {number}: {rule_of(decision, number)}")
    if not decided.rules:
        click.echo("no rule matches")
    tell(decided)


def tell(decided: Decided) -> None:
    for warning in decided.warnings:
        click.echo(f"warning: {warning.message}", err=True)


def known_decision(model: Model, name: str) -> Decision:
    if name not in model.decisions:
        hint = did_you_mean(name, model.decisions) or "there are: " + (", ".join(sorted(model.decisions)) or "none")
        fail(f"there is no decision '{name}'; {hint}", USAGE)
    return model.decisions[name]


def inputs(decision: Decision, given: Mapping[str, object]) -> dict[str, object]:
    """The context as the decision takes it; ends the command if an input is missing, unknown or unreadable."""
    wanted = decision.type.inputs or {}
    for name in given:
        if name not in wanted:
            hint = did_you_mean(name, wanted) or f"its inputs are {', '.join(wanted)}"
            raise click.UsageError(f"the decision '{decision.name}' has no input '{name}'; {hint}")
    for name in wanted:
        if name not in given:
            raise click.UsageError(f"--context lacks '{name}', an input of the decision '{decision.name}'; give null for none")
    return {name: read(name, value, wanted[name]) for name, value in given.items()}


def read(name: str, value: object, type_: feel.Type) -> object:
    if type_ not in READ or not isinstance(value, str):
        return value
    reader, example = READ[type_]
    try:
        found: object = reader(value)
    except ValueError:
        found = None
    if found is None:
        raise click.UsageError(f"--context: '{name}' is {example}, not '{value}'")
    return found


def rule_of(decision: Decision, number: int) -> str:
    """A rule as it is written: its tests, without those that match all, and its note."""
    table = decision.table.table
    rule = table.rules[number - 1]
    cells = zip(table.inputs, map(written, rule.inputs), strict=True)
    tests = [f"{source.name}: {cell}" for source, cell in cells if cell not in ("", "-")]
    return (", ".join(tests) or "-") + (f" ({rule.note})" if rule.note else "")


def as_json(value: Any) -> str:
    """JSON with exact numbers; what JSON has no form for as FEEL's text."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_json(str(key))}: {as_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, Decimal):
        return number_text(value)
    return json.dumps(value if value is None or isinstance(value, bool | int | str) else feel.to_text(value), ensure_ascii=False)
