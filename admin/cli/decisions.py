"""`tradewind decide`: ask a decision of a folder's configuration, or of a DMN file."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from admin.cli.decision_models import read_models
from admin.cli.expressions import read_context, show
from admin.cli.main import PROBLEMS, UNREACHABLE, USAGE, fail, folder_argument, require_workspace, root
from admin.cli.report import show_problems
from dsl import feel
from dsl.decisions import Decided, Table
from dsl.decisions.table import written
from dsl.dmn import Model as DmnModel
from dsl.dmn import compile_models
from dsl.dmn.asking import Asked
from dsl.dmn.model import Decision as DmnDecision
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
@click.option("--decision", "wanted", metavar="NAME", help="Of a DMN file, the decision, service or function to ask.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]))
@folder_argument
def decide(name: str, context_text: str, wanted: str | None, form: str, folder: Path) -> None:
    """Ask a decision of the workspace, or of a DMN file (FILE.dmn --decision NAME), and tell which rules matched."""
    if name.endswith(".dmn"):
        decided, table = asked_of_file(Path(name), wanted, read_context(context_text))
        answer(decided, table, form)
        return
    if wanted is not None:
        raise click.UsageError("--decision names a decision of a DMN file: tradewind decide FILE.dmn --decision NAME")
    built = build(load_folder(require_workspace(folder)))
    if built.model is None:
        show_problems(built.problems, "text")
        sys.exit(PROBLEMS)
    decision = known_decision(built.model, name)
    host = ClockHost(system_clock, built.model.settings.zone)
    decided = decision.table.decide(inputs(decision, read_context(context_text)), host)
    answer(decided, decision.table.table, form)


def asked_of_file(file: Path, name: str | None, context: Mapping[str, object]) -> tuple[Decided, Table | None]:
    """What a decision of a DMN file says; ends the command if there is no such file or decision, or it has an error."""
    if not file.is_file():
        fail(f"there is no file {file}", UNREACHABLE)
    found = read_models(file)
    model = compile_models([each.definitions for each in found], [problem for each in found for problem in each.problems])
    if not model.parts and model.problems:
        show_problems(model.problems, "text")
        sys.exit(PROBLEMS)
    try:
        part = model.part(name or only(model))
    except KeyError as error:
        fail(f"{file} has no decision '{name}'; {error.args[0]}" if name else f"--decision NAME says which to ask; {error.args[0]}", USAGE)
    trouble = model.trouble(part.element.id)
    if trouble:
        show_problems(trouble, "text")
        sys.exit(PROBLEMS)
    known = model.inputs_of(part.key)
    for each in context:
        if each not in known:
            hint = did_you_mean(each, known) or f"its inputs are {', '.join(known) or 'none'}"
            raise click.UsageError(f"the decision '{part.element.name}' has no input '{each}'; {hint}")
    host = ClockHost(system_clock, ZoneInfo("UTC"))
    return model.decide_part(part, model.read_context(part.key, context), host), Asked(model, part.key, ()).table


def only(model: DmnModel) -> str:
    """The decision of a model that has one; otherwise a name that none has."""
    found = [key for key, part in model.parts.items() if key[0] == model.namespace and isinstance(part.element, DmnDecision)]
    return found[0][1] if len(found) == 1 else ""


def answer(decided: Decided, table: Table | None, form: str) -> None:
    """Show what was decided."""
    if form == "json":
        warnings = [warning.message for warning in decided.warnings]
        click.echo(as_json({"value": decided.value, "rules": list(decided.rules), "warnings": warnings}))
        return
    show(decided.value)
    if table is not None:
        for number in decided.rules:
            click.echo(f"rule {number}: {rule_of(table, number)}")
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
    if isinstance(decision.table, Asked):
        return decision.table.model.read_context(decision.table.key, given)
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


def rule_of(table: Table, number: int) -> str:
    """A rule as it is written: its tests, without those that match all, and its note."""
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
