"""`tradewind eval`: evaluate FEEL at a prompt, on a record, or a corpus of expressions."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from admin.api.incoming import no_number
from admin.cli.main import FILE, ID, database_option, folder_option, known_entity, opened, root
from dsl import corpus, feel


@root.command("eval")
@click.argument("expression", required=False)
@click.option("--context", "context_text", metavar="JSON", help="Names and values that the expression may use.")
@click.option("--entity", metavar="E", help="Evaluate on a record of this entity …")
@click.option("--id", "record_id", type=ID, metavar="N", help="… with this id.")
@click.option("--sql", is_flag=True, help="Show the SQL of the expression as a filter of --entity.")
@click.option(
    "--corpus", "corpus_file", type=FILE,
    help='Evaluate JSON lines {"id", "expression", "context"}, or decision tables; writes {"id", "value"} lines.',
)  # fmt: skip
@folder_option
@database_option
def evaluate(
    expression: str | None, context_text: str | None, entity: str | None, record_id: int | None, sql: bool,
    corpus_file: Path | None, folder: Path, database: str | None,
) -> None:  # fmt: skip
    """Evaluate a FEEL expression and print its value as FEEL."""
    if corpus_file is not None:
        if expression is not None or entity is not None or context_text is not None:
            raise click.UsageError("--corpus FILE stands alone: its lines hold expressions and contexts")
        with corpus_file.open(encoding="utf-8", errors="replace") as lines:
            for answer in corpus.run(lines):
                click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if expression is None:
        raise click.UsageError("give an EXPRESSION or --corpus FILE")
    if sql or record_id is not None or entity is not None:
        if entity is None:
            raise click.UsageError("--sql and --id need --entity")
        if sql == (record_id is not None):
            raise click.UsageError("--entity needs either --id N, a record to evaluate on, or --sql")
        if context_text is not None:
            raise click.UsageError("--context is for expressions without --entity: a record's fields are its context")
        on_workspace(expression, entity, record_id, sql, folder=folder, database=database)
        return
    context = read_context(context_text)
    compiled = feel.compile(expression, feel.Scope(names=dict.fromkeys(context, feel.ANY)), business=False)
    warnings: list[feel.Warning] = []
    show(compiled(context, warnings=warnings))
    for warning in warnings:
        click.echo(f"warning: {warning.message}", err=True)


@opened
def on_workspace(workspace: Any, expression: str, entity: str, record_id: int | None, sql: bool) -> None:
    known_entity(workspace, entity)
    with workspace.step(None, readonly=True) as step:
        if sql:
            click.echo(step.records.sql(entity, expression))
        else:
            show(step.records.get(entity, record_id).evaluate(expression))


def read_context(text: str | None) -> dict[str, object]:
    """The context given as JSON, its numbers exact."""
    try:
        context = json.loads(text or "{}", parse_float=Decimal, parse_int=Decimal, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--context is not JSON: {error}") from None
    if not isinstance(context, dict):
        raise click.UsageError('--context takes a JSON object, such as {"amount": 7}')
    return context


def show(value: object) -> None:
    click.echo(feel.to_text(value) if value is not None else "null")
