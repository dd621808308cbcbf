"""`tradewind import` and `export`: files of rows, tidy and untidy."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.conftest import SHARED

NORTHWIND = SHARED / "data" / "northwind"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def customers(cli: Any, folder: Path) -> dict[str, str]:
    """Name by code, as exported."""
    return {row["code"]: row["name"] for row in rows_of(cli("export", "customer", "-C", folder).stdout)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def test_rows_become_records_and_with_a_key_are_updated(cli: Any, folder: Path, file: Path) -> None:
    file.write_text("code,name\nAPEX,Apex Tea\nBIRCH,Birch & Sons\n")
    first = cli("import", "customer", file, "--key", "code", "-C", folder)
    file.write_text("code,name\nAPEX,Apex Teas\n")
    second = cli("import", "customer", file, "--key", "code", "-C", folder)

    assert first.stdout == "created 2, updated 0, skipped 0, refused 0\n"
    assert second.stdout == "created 0, updated 1, skipped 0, refused 0\n"
    assert customers(cli, folder)["APEX"] == "Apex Teas"


def test_a_dry_run_keeps_nothing_and_writes_no_file(cli: Any, folder: Path, file: Path) -> None:
    file.write_text("code,name\nAPEX,Apex Tea\nBIRCH,\n")

    tried = cli("import", "customer", file, "--dry-run", "-C", folder)

    assert (tried.exit_code, tried.stdout) == (1, "would be created 1, updated 0, skipped 0, refused 1\n")
    assert "customers.csv:3: name: Name is required" in tried.stderr
    assert "APEX" not in customers(cli, folder)
    assert not file.with_name("customers.csv.errors.csv").exists()


def test_refused_rows_are_corrected_in_their_own_file_and_imported_again(cli: Any, folder: Path, file: Path) -> None:
    file.write_text("code,name\nAPEX,Apex Tea\nBIRCH,\n")
    first = cli("import", "customer", file, "--key", "code", "-C", folder)
    errors = file.with_name("customers.csv.errors.csv")
    refused = rows_of(errors.read_text("utf-8-sig"))

    errors.write_text(errors.read_text("utf-8-sig").replace("BIRCH,,", "BIRCH,Birch & Sons,"), "utf-8-sig")
    second = cli("import", "customer", errors, "--key", "code", "-C", folder)

    assert first.exit_code == 1
    assert refused == [{"code": "BIRCH", "name": "", "problem": "name: Name is required"}]
    assert second.stdout == "created 1, updated 0, skipped 0, refused 0\n"
    assert customers(cli, folder)["BIRCH"] == "Birch & Sons"


def test_lines_of_refused_records_come_back_with_them(cli: Any, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("order,customer\nA-1,LANTERN\nA-2,NOBODY\n")
    (tmp_path / "lines.csv").write_text("order,product,quantity\nA-1,1,2\nA-2,1,3\n")
    (tmp_path / "map.yaml").write_text("""
entity: sales_order
columns: {order: reference, customer: {field: customer, link_by: code}}
lines:
  field: lines
  file: lines.csv
  key: {order: order}
  columns: {order: {drop: true}, product: product, quantity: quantity}
""")
    first = cli("import", "sales_order", "orders.csv", "--map", "map.yaml", "-C", folder)
    errors = tmp_path / "orders.csv.errors.csv"
    errors.write_text(errors.read_text("utf-8-sig").replace("NOBODY", "MAPLE"))

    second = cli("import", "sales_order", errors, "--map", "map.yaml", "-C", folder)

    assert first.stdout == "created 1, updated 0, skipped 0, refused 1\n"
    assert (second.exit_code, second.stdout) == (0, "created 1, updated 0, skipped 0, refused 0\n")
    found = cli("export", "sales_order", "--format", "jsonl", "--filter", 'reference = "A-2"', "-C", folder)
    assert [line["quantity"] for line in json.loads(found.stdout)["lines"]] == ["3"]


def test_a_key_on_the_command_line_goes_before_the_one_of_the_map(cli: Any, folder: Path, file: Path, tmp_path: Path) -> None:
    file.write_text("code,name\nLANTERN,Lantern Street\n")
    (tmp_path / "map.yaml").write_text("entity: customer\ncolumns: {code: code, name: name}\n")

    updated = cli("import", "customer", file, "--map", "map.yaml", "--key", "code", "-C", folder)

    assert updated.stdout == "created 0, updated 1, skipped 0, refused 0\n"


def test_a_workbook_is_imported_like_a_csv_file(cli: Any, folder: Path, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["code", "name", "payment_days", None])
    book.active.append(["APEX", "Apex Tea 顶峰茶", 30, None])
    book.save(tmp_path / "customers.xlsx")

    done = cli("import", "customer", "customers.xlsx", "-C", folder)

    assert done.stdout == "created 1, updated 0, skipped 0, refused 0\n"
    assert customers(cli, folder)["APEX"] == "Apex Tea 顶峰茶"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_byte_order_mark_and_any_usual_separator_are_understood(cli: Any, folder: Path, file: Path, separator: str) -> None:
    file.write_text(f"code{separator}name\r\nAPEX{separator}Apex Tea\r\n", "utf-8-sig")

    assert cli("import", "customer", file, "-C", folder).exit_code == 0
    assert customers(cli, folder)["APEX"] == "Apex Tea"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("latin.csv", b"code,name\nA1,Caf\xe9\n", "not UTF-8 (byte 16); save it as UTF-8"),
        ("utf16.csv", "code,name\n".encode("utf-16"), "not UTF-8"),
        ("empty.csv", b"", "its first row must name the columns"),
        ("long.csv", b"code,name\nA1,Alpha,extra\n", "long.csv:2: the row has 3 cells, the head 2"),
        ("twice.csv", b"code,code\nA1,A2\n", "twice.csv:1: two columns are named 'code'"),
        ("open.csv", b'code,name\n"A1,Alpha\n', "open.csv:2:"),
        ("wrong.csv", b"code,nme\nA1,Alpha\n", "wrong.csv:1:6: error TW1801: customer has no field 'nme'"),
        ("nameless.csv", b"code,,name\nA1,x,Alpha\n", "nameless.csv:1:6: error TW1801: this column has no name"),
        ("text.xlsx", b"code,name\nA1,Alpha\n", "not an XLSX workbook"),
        ("broken.xlsx", b"PK\x03\x04" + b"\x00" * 200, "not an XLSX workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(
    cli: Any, folder: Path, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    before = customers(cli, folder)

    refused = cli("import", "customer", name, "-C", folder)

    assert refused.exit_code == 1
    assert told in refused.output
    assert customers(cli, folder) == before


def test_short_rows_are_filled_with_nothing(cli: Any, folder: Path, file: Path) -> None:
    file.write_text("name,code,city\nApex Tea\n")

    assert cli("import", "customer", file, "-C", folder).exit_code == 0


def test_problems_of_a_map_are_told_with_their_lines(cli: Any, folder: Path, file: Path, tmp_path: Path) -> None:
    file.write_text("code,name,fax\nA1,Alpha,1\n")
    (tmp_path / "map.yaml").write_text("entity: customer\ncolumns:\n  code: cod\n  name: {field: name, transform: 'upper(name)'}\n")

    refused = cli("import", "customer", file, "--map", "map.yaml", "-C", folder)

    assert refused.exit_code == 1
    assert "map.yaml:3:" in refused.stdout
    assert "did you mean 'code'?" in refused.stdout
    assert "map.yaml:4:" in refused.stdout
    assert "'fax' that the map does not name" in refused.stdout


def test_a_map_for_another_entity_and_an_unknown_key_are_refused(cli: Any, folder: Path, file: Path, tmp_path: Path) -> None:
    file.write_text("code,name\nA1,Alpha\n")
    (tmp_path / "map.yaml").write_text("entity: supplier\ncolumns: {code: code, name: name}\n")

    other, unknown = cli("import", "customer", file, "--map", "map.yaml", "-C", folder), cli("import", "customr", file, "-C", folder)
    key = cli("import", "customer", file, "--key", "nme", "-C", folder)

    assert (other.exit_code, unknown.exit_code, key.exit_code) == (2, 2, 1)
    assert "maps supplier, not customer" in other.stderr
    assert "did you mean 'customer'?" in unknown.stderr
    assert "did you mean 'name'?" in key.stderr


@pytest.mark.needs("shared")
def test_northwind_comes_in_through_the_maps_of_its_example(cli: Any, tmp_path: Path) -> None:
    shutil.copytree(NORTHWIND, tmp_path / "data")
    cli("init", "northwind", "--from", "northwind")
    cli("publish", "northwind")
    files = {
        "product_category": "categories", "supplier": "suppliers", "product": "products", "stock": "stock", "shipper": "shippers",
        "employee": "employees", "customer": "customers", "contact": "contacts", "sales_order": "orders",
    }  # fmt: skip
    data = {"stock": "products", "contacts": "customers"}

    for entity, name in files.items():
        done = cli("import", entity, tmp_path / "data" / f"{data.get(name, name)}.csv",
                   "--map", f"northwind/maps/{name}.yaml", "-C", "northwind")  # fmt: skip
        assert (done.exit_code, done.stderr) == (0, ""), entity

    orders = [json.loads(line) for line in cli("export", "sales_order", "--format", "jsonl", "-C", "northwind").stdout.splitlines()]
    assert (len(orders), sum(len(order["lines"]) for order in orders)) == (830, 2155)
    assert len(rows_of(cli("export", "customer", "-C", "northwind").stdout)) == 91


# ---- export ----


def test_csv_comes_back_with_filter_and_as_it_went_out(cli: Any, folder: Path, tmp_path: Path) -> None:
    shown = cli("export", "customer", "--filter", 'country = "Japan"', "-C", folder)
    told = cli("export", "customer", "out.csv", "--filter", 'country = "Japan"', "-C", folder)

    assert {row["country"] for row in rows_of(shown.stdout)} == {"Japan"}
    assert (tmp_path / "out.csv").read_bytes().decode("utf-8-sig") == shown.stdout_bytes.decode()
    assert (told.stdout, "exported" in told.stderr) == ("", True)


def test_jsonl_has_lines_and_exact_numbers(cli: Any, folder: Path) -> None:
    found = [json.loads(line) for line in cli("export", "sales_order", "--format", "jsonl", "-C", folder).stdout.splitlines()]

    assert all(isinstance(order["total"], str) for order in found)
    assert all(isinstance(order["lines"], list) for order in found)


def test_a_workbook_has_a_head_and_a_row_for_each_record(cli: Any, folder: Path, tmp_path: Path) -> None:
    done = cli("export", "customer", "out.xlsx", "-C", folder)

    rows = list(load_workbook(tmp_path / "out.xlsx").active.iter_rows(values_only=True))
    assert done.exit_code == 0
    assert rows[0][:3] == ("id", "number", "code")
    assert {row[2] for row in rows[1:]} == set(customers(cli, folder))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["export", "custmer"], 2, "did you mean 'customer'?"),
        (["export", "customer", "out.pdf"], 2, "choose --format csv, xlsx or jsonl"),
        (["export", "customer", "--format", "xlsx"], 2, "needs a FILE"),
        (["export", "customer", "--filter", "nme = 1"], 1, "did you mean 'name'?"),
        (["export", "customer", "--filter", "name = "], 1, "<expression>:1:"),
        (["export", "customer", "--filter", "name"], 1, "a boolean is needed here"),
        (["export", "customer", "none/out.csv"], 3, "none/out.csv: No such file or directory"),
        (["export", "customer", "none/out.xlsx"], 3, "none/out.xlsx: No such file or directory"),
    ],
)
def test_an_export_that_cannot_be_says_why(cli: Any, folder: Path, words: list[str], code: int, told: str) -> None:
    found = cli(*words, "-C", folder)

    assert (found.exit_code, told in found.output) == (code, True), found.output
