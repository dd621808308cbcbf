"""Files of rows: CSV and XLSX as texts, each row with its number in the file."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from engine.errors import TradewindError

SEPARATORS = ",;\t|"
ERRORS = ".errors.csv"  # what is put after a file's name for its refused rows
PROBLEM = "problem"  # the column there that says why; it is no data when the corrected file comes back
NO_WORKBOOK = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, KeyError, IndexError, ValueError, TypeError, EOFError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, counted from 1 with the head, and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    path: Path
    columns: tuple[str, ...]
    rows: list[Row] = field(repr=False)


def read_table(path: Path) -> Table:
    """A whole file. Raises TradewindError where it is none of ours, has no head, or a row longer than the head."""
    if not path.is_file():
        raise TradewindError("There is no file {path}", code="no_file", path=str(path))
    rows = iter(xlsx_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else csv_rows(path))
    number, head = next(rows, (1, []))
    columns = tuple(cell.strip() for cell in head)
    if not columns:
        raise TradewindError("{path} is empty: its first row must name the columns", code="no_head", path=str(path))
    if path.name.endswith(ERRORS) and columns[-1] == PROBLEM:
        columns = columns[:-1]
        rows = ((number, cells[: len(columns)]) for number, cells in rows)
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise TradewindError("{path}:{line}: two columns are named '{name}'", code="two_columns", path=str(path), line=number, name=twice)
    found = []
    for number, cells in rows:
        if len(cells) > len(columns):
            raise TradewindError("{path}:{line}: the row has {count} cells, the head {columns}", code="long_row",
                                 path=str(path), line=number, count=len(cells), columns=len(columns))  # fmt: skip
        if any(cells):
            padded = [*cells, *[""] * (len(columns) - len(cells))]
            found.append(Row(number, dict(zip(columns, padded, strict=True))))
    return Table(path, columns, found)


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV file in UTF-8, separated by commas, semicolons, tabs or bars."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TradewindError("{path} is not UTF-8 (byte {at}); save it as UTF-8", code="not_utf8", path=str(path), at=error.start) from None
    head = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise TradewindError("{path}:{line}: {reason}", code="bad_csv", path=str(path), line=reader.line_num, reason=str(error)) from None


def xlsx_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of a workbook's first sheet, as texts."""
    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            texts = [cell_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            yield number, texts
    except NO_WORKBOOK as error:
        template = "{path} is not an XLSX workbook that can be read: {reason}; save it again as .xlsx, or as CSV in UTF-8"
        raise TradewindError(template, code="bad_xlsx", path=str(path), reason=str(error)) from None


def cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell) if isinstance(cell, float) else str(cell)


def write_errors(path: Path, columns: Sequence[str], refused: Iterable[tuple[Row, str]]) -> None:
    """The refused rows as they were, and in the last column why."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, PROBLEM])
        for row, problem in refused:
            writer.writerow([*(row.cells[name] for name in columns), problem])
