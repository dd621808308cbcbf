"""`tradewind import` and `export`: records from and to files."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import click
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from admin.api.serial import plain, record_json
from admin.cli.main import FILE, PROBLEMS, USAGE, database_option, fail, folder_option, is_terminal, known_entity, opened, root
from engine.model.model import Entity
from engine.records.importing import default_mapping, keyed, read_mapping, read_table, run_import
from engine.records.importing.tables import ERRORS, write_errors

PAGE = 200


@root.command("import")
@click.argument("entity")
@click.argument("file", type=FILE)
@click.option("--map", "map_file", metavar="MAP", type=FILE, help="A mapping file: how columns become fields.")
@click.option("--key", metavar="FIELD", help="A record with this field's value is updated, else created.")
@click.option("--dry-run", is_flag=True, help="Do everything, keep nothing.")
@folder_option
@database_option
@opened
def import_(workspace: Any, entity: str, file: Path, map_file: Path | None, key: str | None, dry_run: bool) -> None:
    """Import a CSV or XLSX FILE into ENTITY; bad rows go to FILE.errors.csv with their reasons."""
    known = known_entity(workspace, entity)
    table = read_table(file)

    def lines_file(name: str) -> Path:
        refused = file.parent / (name + ERRORS)
        return refused if file.name.endswith(ERRORS) and refused.is_file() else file.parent / name

    if map_file is None:
        mapping = default_mapping(known, str(file), table.columns, key)
    else:
        text = map_file.read_text(encoding="utf-8", errors="surrogateescape")
        mapping = read_mapping(str(map_file), text, workspace.model, table.columns, lambda name: read_table(lines_file(name)).columns)
        if mapping.entity is not known:
            fail(f"{map_file} maps {mapping.entity.name}, not {entity}", USAGE)
        mapping = keyed(mapping, key)
    lines = read_table(lines_file(mapping.lines.file)) if mapping.lines is not None else None
    with click.progressbar(length=len(table.rows), label=file.name, file=sys.stderr, hidden=not is_terminal()) as bar:  # type: ignore[var-annotated]
        report = run_import(workspace, mapping, table, lines, dry_run=dry_run, progress=bar.update)
    for refused, source in ((report.refused, table), (report.refused_lines, lines)):
        if refused and source is not None:
            target = source.path.with_name(source.path.name + ERRORS)
            if not dry_run:
                write_errors(target, source.columns, refused)
            for row, problem in refused[:20]:
                click.echo(f"{source.path}:{row.number}: {problem}", err=True)
            told = f"{len(refused)} row{'s' * (len(refused) != 1)} of {source.path.name} refused"
            click.echo(told if dry_run else f"{told}, see {target}", err=True)
    click.echo(
        f"{'would be ' if dry_run else ''}created {report.created}, updated {report.updated}, "
        f"skipped {report.skipped}, refused {len(report.refused)}"
    )
    sys.exit(PROBLEMS if report.refused or report.refused_lines else 0)


@root.command("export")
@click.argument("entity")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--filter", "condition", metavar="FEEL", help="Only records for which this holds.")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "jsonl"]), help="Default: by the file's name, else csv.")
@folder_option
@database_option
@opened
def export(workspace: Any, entity: str, file: Path | None, condition: str | None, form: str | None) -> None:
    """Export the records of ENTITY to FILE, or to standard output."""
    known = known_entity(workspace, entity)
    form = form or (file.suffix.lower().lstrip(".") if file is not None else "csv")
    if form not in ("csv", "xlsx", "jsonl"):
        fail(f"{file}: choose --format csv, xlsx or jsonl", USAGE)
    if form == "xlsx" and file is None:
        fail("an XLSX workbook needs a FILE", USAGE)
    records = all_records(workspace, known, condition)
    if form == "xlsx":
        assert file is not None
        write_xlsx(file, known, records)
    else:
        text = as_csv(known, records) if form == "csv" else "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        if file is None:
            click.echo(text, nl=False)
        else:
            file.write_text(text, encoding="utf-8-sig" if form == "csv" else "utf-8", newline="")
    if file is not None:
        click.echo(f"exported {len(records)} records to {file}", err=True)


def all_records(workspace: Any, entity: Entity, condition: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with workspace.step(None, readonly=True) as step:
        cursor = None
        while True:
            page = step.records.list(entity.name, filter=condition, sort=("id",), limit=PAGE, cursor=cursor)
            found.extend(record_json(record) for record in page.records)
            cursor = page.next
            if cursor is None:
                return found


def columns_of(entity: Entity) -> list[str]:
    return ["id", *(f.name for f in entity.fields.values() if f.type not in ("lines", "related"))]


def cells(entity: Entity, record: dict[str, Any]) -> list[Any]:
    values = (record.get(name) for name in columns_of(entity))
    return [";".join(map(str, v)) if isinstance(v, list) else json.dumps(v) if isinstance(v, dict) else v for v in values]


def as_csv(entity: Entity, records: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns_of(entity))
    for record in records:
        writer.writerow(["" if v is None else str(v).lower() if isinstance(v, bool) else v for v in cells(entity, record)])
    return out.getvalue()


def write_xlsx(file: Path, entity: Entity, records: list[dict[str, Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(entity.name[:31])
    sheet.append(columns_of(entity))
    for record in records:
        sheet.append([in_workbook(plain(value)) for value in cells(entity, record)])
    made = io.BytesIO()
    book.save(made)
    file.write_bytes(made.getvalue())


def in_workbook(value: Any) -> Any:
    """The value without the control characters that XML 1.0, and so XLSX, cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
