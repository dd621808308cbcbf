"""The import itself: rows in batches, each row its own savepoint, refused rows told with every reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dsl import feel
from engine.errors import FieldError, TradewindError, ValidationFailed
from engine.records.importing.mapping import Mapping, Target
from engine.records.importing.tables import Row, Table
from engine.records.record import Record

if TYPE_CHECKING:
    from engine.workspace import Step, Workspace

BATCH = 200


@dataclass(slots=True)
class Report:
    """How an import went. `refused` are rows of the main file, `refused_lines` of the lines' file, each with its reasons."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: list[tuple[Row, str]] = field(default_factory=list)
    refused_lines: list[tuple[Row, str]] = field(default_factory=list)


class NothingKept(Exception):
    """Ends the step of a dry run, so that the database takes everything back."""


class Importer:
    """One import of one file."""

    def __init__(self, mapping: Mapping, lines: Map[tuple[str, ...], list[Row]], progress: Callable[[int], None]) -> None:
        self.mapping = mapping
        self.lines = lines
        self.progress = progress
        self.report = Report()
        self.linked: dict[tuple[str, str], dict[str, list[int]]] = {}
        self.later: list[tuple[int, Target, str, Row]] = []

    def batch(self, step: Step, rows: Sequence[Row]) -> None:
        self.prefetch(step, rows)
        with step.as_engine():
            step.records.exact = True
            for row in rows:
                self.row(step, row)
                self.progress(1)

    # ---- one row ----

    def row(self, step: Step, row: Row) -> None:
        names = self.names(row, self.mapping.columns)
        try:
            if self.mapping.when is not None and self.mapping.when(names, step.host) is not True:
                self.report.skipped += 1
                return
            later: list[tuple[Target, str]] = []
            values = self.values(step, self.mapping.targets, names, "", later)
            if self.mapping.lines is not None:
                values[self.mapping.lines.field.name] = self.line_values(step, row)
            with step.savepoint():
                record, created = self.save(step, values)
            self.report.created += created
            self.report.updated += not created
            self.later.extend((record.id, target, text, row) for target, text in later if record.id is not None)
        except TradewindError as error:
            self.refuse(row, error)

    def refuse(self, row: Row, error: TradewindError) -> None:
        reasons = [f"{e.path}: {e.text}" if e.path else e.text for e in getattr(error, "errors", ())] or [error.text]
        self.report.refused.append((row, "; ".join(dict.fromkeys(reasons))))
        for line in self.lines_of(row):
            self.report.refused_lines.append((line, "its record was refused"))

    def names(self, row: Row, columns: Sequence[str]) -> dict[str, Any]:
        cells = {name: None if (text := row.cells[name]) in self.mapping.empty else text for name in columns}
        return {**cells, "row": cells}

    def values(
        self, step: Step, targets: Sequence[Target], names: Map[str, Any], prefix: str, later: list[tuple[Target, str]]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for target in targets:
            path = prefix + target.field.name
            warnings: list[feel.Warning] = []
            value = names.get(target.column or "") if target.transform is None else target.transform(names, step.host, warnings)
            if value is None and warnings:
                errors.append(FieldError(path, "transform", warnings[0].message))
            elif target.link_by is not None and value is not None:
                self.link(step, target, feel.to_text(value) or "", path, values, errors, later)
            else:
                values[target.field.name] = split(target, value)
        if errors:
            raise ValidationFailed(errors)
        return values

    def link(
        self,
        step: Step,
        target: Target,
        text: str,
        path: str,
        values: dict[str, Any],
        errors: list[FieldError],
        later: list[tuple[Target, str]],
    ) -> None:
        found = self.look_up(step, target, text)
        if len(found) == 1:
            values[target.field.name] = found[0]
        elif not found and target.field.to == self.mapping.entity.name:
            later.append((target, text))  # it may be a row further down
        else:
            template = "{count} {entity} have {field} '{value}'" if found else "There is no {entity} with {field} '{value}'"
            told = {"entity": target.field.to, "field": target.link_by, "value": text, "count": len(found)}
            errors.append(FieldError(path, "link", template, told))

    def line_values(self, step: Step, row: Row) -> list[dict[str, Any]]:
        assert self.mapping.lines is not None
        found: list[dict[str, Any]] = []
        errors: list[FieldError] = []
        for index, line in enumerate(self.lines_of(row)):
            names = self.names(line, self.mapping.lines.columns)
            try:
                found.append(self.values(step, self.mapping.lines.targets, names, f"{self.mapping.lines.field.name}.{index}.", []))
            except ValidationFailed as error:
                errors.extend(error.errors)
        if errors:
            raise ValidationFailed(errors)
        return found

    def lines_of(self, row: Row) -> list[Row]:
        if self.mapping.lines is None:
            return []
        return self.lines.get(tuple(row.cells[main] for main in self.mapping.lines.key.values()), [])

    def save(self, step: Step, values: dict[str, Any]) -> tuple[Record, bool]:
        key = self.mapping.key
        entity = self.mapping.entity.name
        if key is not None:
            wanted = values.get(key)
            if wanted is None:
                raise ValidationFailed([FieldError(key, "required", "The key {field} has no value", {"field": key})])
            condition = f"{key} = wanted" if not isinstance(wanted, int) else f"{key}.id = wanted"
            found = step.records.find(entity, condition, {"wanted": wanted})
            if len(found) > 1:
                raise ValidationFailed([FieldError(key, "key", "{count} records have this {field}", {"count": len(found), "field": key})])
            if found:
                step.records.write(found[0], values)
                step.settle()
                return found[0], False
        record = step.records.create(entity, values)
        step.settle()
        return record, True

    # ---- links ----

    def prefetch(self, step: Step, rows: Sequence[Row]) -> None:
        """Read the linked records of a whole batch at once, for links that a column names as it is."""
        line_rows = [line for row in rows for line in self.lines_of(row)]
        self._prefetch(step, self.mapping.targets, rows)
        if self.mapping.lines is not None:
            self._prefetch(step, self.mapping.lines.targets, line_rows)

    def _prefetch(self, step: Step, targets: Sequence[Target], rows: Sequence[Row]) -> None:
        for target in targets:
            if target.link_by is not None and target.column is not None and target.transform is None:
                self.fetch(step, target, {row.cells[target.column] for row in rows} - self.mapping.empty)

    def fetch(self, step: Step, target: Target, texts: set[str]) -> None:
        assert target.field.to is not None
        assert target.link_by is not None
        known = self.linked.setdefault((target.field.to, target.link_by), {})
        missing = sorted(text for text in texts if not known.get(text))
        if not missing:
            return
        table = step.schema.table(target.field.to)
        column = table.c[target.link_by]
        numeric = step.model.entities[target.field.to].fields[target.link_by].type == "integer"
        wanted = [int(text) for text in missing if text.isdigit()] if numeric else missing
        known.update({text: [] for text in missing})
        for start in range(0, len(wanted), 500):
            query = select(table.c.id, column).where(column.in_(wanted[start : start + 500]), table.c.archived.is_(False))
            for number, value in step.connection.execute(query):
                known[feel.to_text(value) or ""].append(number)

    def look_up(self, step: Step, target: Target, text: str) -> list[int]:
        assert target.field.to is not None
        assert target.link_by is not None
        if text not in self.linked.get((target.field.to, target.link_by), {}):
            self.fetch(step, target, {text})
        return self.linked[target.field.to, target.link_by][text]

    def set_later(self, step: Step) -> None:
        """Links between rows of the file, which may point forward."""
        with step.as_engine():
            for record_id, target, text, row in self.later:
                self.fetch(step, target, {text})
                try:
                    found = self.look_up(step, target, text)
                    if len(found) != 1:
                        template = "There is no {entity} with {field} '{value}'"
                        told = {"entity": target.field.to, "field": target.link_by, "value": text}
                        raise ValidationFailed([FieldError(target.field.name, "link", template, told)])
                    with step.savepoint():
                        record = step.records.get_many(self.mapping.entity.name, [record_id])[0]
                        step.records.write(record, {target.field.name: found[0]})
                except TradewindError as error:
                    self.refuse(row, error)


def split(target: Target, value: Any) -> Any:
    """Several values of a `choices` or `links` field stand in one cell, separated by `;`."""
    if target.field.type in ("choices", "links") and isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value


def grouped(mapping: Mapping, table: Table, lines: Table | None, report: Report) -> dict[tuple[str, ...], list[Row]]:
    """The lines' rows by the record that they belong to; those of no record are refused."""
    if mapping.lines is None or lines is None:
        return {}
    known = {tuple(row.cells[main] for main in mapping.lines.key.values()) for row in table.rows}
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in lines.rows:
        key = tuple(row.cells[name] for name in mapping.lines.key)
        if key in known:
            found[key].append(row)
        else:
            report.refused_lines.append((row, f"no record has {', '.join(key)}"))
    return found


def run_import(
    workspace: Workspace, mapping: Mapping, table: Table, lines: Table | None, *, dry_run: bool = False,
    progress: Callable[[int], None] = lambda count: None,
) -> Report:  # fmt: skip
    """Import a file. Rows that can be taken are kept, a batch a transaction; with `dry_run` nothing is."""
    lost = Report()
    importer = Importer(mapping, grouped(mapping, table, lines, lost), progress)
    importer.report.refused_lines.extend(lost.refused_lines)
    try:
        with workspace.step(None, origin="import") if dry_run else nullcontext() as whole:
            for rows in batches(table.rows):
                with nullcontext(whole) if whole is not None else workspace.step(None, origin="import") as step:
                    importer.batch(step, rows)
            with nullcontext(whole) if whole is not None else workspace.step(None, origin="import") as step:
                importer.set_later(step)
            if dry_run:
                raise NothingKept
    except NothingKept:
        pass
    return importer.report


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
