"""What the pages show is so: documents pass the check, tests pass, expressions have the value that is told, scripts are right."""

from __future__ import annotations

from functools import cache

import pytest

from dsl import feel
from dsl.documents import load
from dsl.feel.builtins import BUILT_INS, CLOCK
from dsl.script.parser import FORMS
from engine.model import Built, build, load_folder
from engine.model.names import FUNCTIONS
from engine.records.importing.mapping import read_mapping
from engine.scenario import run_tests
from tests.docs.pages import ROOT, Block, blocks, code, every, pages, rows

OWN_WORKSPACE = ("README.md", "docs/tutorial.md")  # their documents stand alone and are tested by themselves
EXPRESSIONS = "docs/reference/expressions.md"
WITH_DOCUMENTS = [page for page in pages() if page not in OWN_WORKSPACE and any(b.document for b in blocks(page, "yaml"))]
HOST_QUERIES = {"lookup", "lookup all", "exists", "count of"}


@cache
def sales() -> dict[str, str]:
    """A workspace with the sales module."""
    folder = ROOT / "modules"
    files = {"workspace.yaml": "workspace: shop\nlabel: Shop\nmodules: [sales]\ncurrency: CNY\ntime_zone: Asia/Shanghai\n"}
    for name in ("base", "crm", "inventory", "sales"):
        files |= {f"modules/{name}/{path}": text for path, text in load_folder(folder / name).items()}
    return files


def built(page: str) -> Built:
    """The sales workspace with a page's documents."""
    documents = [block for block in blocks(page, "yaml") if block.document]
    names = {block.document.kind for block in documents if block.document}
    base = {path: text for path, text in sales().items() if path != "workspace.yaml" or "workspace" not in names}
    return build(base | {f"{index}.yaml": block.text for index, block in enumerate(documents)})


def told(found: Built) -> list[str]:
    return [f"{problem.place} {problem.message} {problem.hint}" for problem in found.problems]


@pytest.mark.parametrize("page", WITH_DOCUMENTS)
def test_documents_pass_the_check(page: str) -> None:
    assert told(built(page)) == []


def test_the_process_that_the_readme_shows_could_stand_for_that_of_the_module() -> None:
    (shown,) = blocks("README.md", "yaml")
    own = "modules/sales/processes/order_approval.yaml"  # the module's scenarios are about its own
    around = {path: text for path, text in sales().items() if path != own and "/tests/" not in path}

    assert told(build(around | {"shown.yaml": shown.text})) == []


@pytest.mark.parametrize("page", [page for page in WITH_DOCUMENTS if any("test: " in b.text for b in blocks(page, "yaml"))])
def test_tests_that_are_shown_pass(page: str) -> None:
    model = built(page).model
    assert model is not None
    own = [test.name for test in model.tests if not test.module]
    results = [result for name in own for result in run_tests(model, match=name)]

    assert own
    assert [f"line {result.line}: {result.message}" for result in results if not result.passed] == []


@pytest.mark.parametrize("block", every("yaml"), ids=str)
def test_parts_of_documents_are_readable(block: Block) -> None:
    problems = [problem.message for problem in load(str(block), block.text).problems if problem.code != "TW1009"]
    assert problems == []


@pytest.mark.parametrize("block", [b for b in blocks("docs/reference/import.md", "yaml") if "columns:" in b.text], ids=str)
def test_mapping_files_fit_the_example(block: Block) -> None:
    model = build(load_folder(ROOT / "examples/northwind")).model
    assert model is not None
    columns = ["orderID", "customerID", "orderDate", "shippedDate", "shipName"]
    lines = ["orderID", "productID", "unitPrice", "quantity", "discount"]

    assert read_mapping(str(block), block.text, model, columns, lambda _: lines).key == "reference"


# ---- expressions ----


def examples() -> list[tuple[str, str]]:
    """Each expression that a page shows with its value."""
    found = []
    for block in every("feel"):
        for line in filter(str.strip, block.text.splitlines()):
            expression, _, value = line.rpartition(" // ")
            found.append((expression.strip(), value.strip()))
    for row in rows(EXPRESSIONS):
        if len(row) == 4 and row[2:] != ["example", "value"] and row[2]:
            found.append((code(row[2]), code(row[3])))
    return found


@pytest.mark.parametrize(("expression", "value"), examples())
def test_expressions_have_the_value_that_is_told(expression: str, value: str) -> None:
    assert expression
    wanted = feel.evaluate(value, {})
    assert (wanted is None) == (value == "null")

    found = feel.evaluate(expression, {})

    assert type(found) is type(wanted)
    assert found == wanted


def test_every_built_in_function_is_described_with_its_parameters() -> None:
    described = [code(row[0]) for row in rows(EXPRESSIONS) if len(row) == 4 and row[0] != "function"]
    names = {signature.partition("(")[0] for signature in described}

    assert names == BUILT_INS.keys() | CLOCK


def test_every_function_of_the_host_is_described() -> None:
    described = {code(row[0]).partition("(")[0] for row in rows(EXPRESSIONS) if len(row) == 2 and "(" in row[0]}

    assert described == FUNCTIONS.keys() | HOST_QUERIES


# ---- scripts ----


@pytest.mark.parametrize("block", every("script"), ids=str)
def test_scripts_pass_the_check(block: Block) -> None:
    indented = "".join(f"      {line}\n" for line in block.text.splitlines())
    process = (
        "process: shown\nentity: sales_order\nstart: {on: manual}\nvariables: {reason: {type: text}, priority: {type: integer}}\n"
        f"nodes:\n  work:\n    to: over\n    type: script_task\n    do: |\n{indented}  over: {{type: end_event}}\n"
    )
    parcels = {
        "message.yaml": 'template: big_order\nsubject: "Order {number}"\nbody: "{customer.name} orders for {total}"\n',
        "process.yaml": "process: delivery\nentity: sales_order\nstart: {on: manual}\nvariables: {priority: {type: integer}}\n"
        "nodes: {go: {type: state, actions: {end: {to: over}}}, over: {type: end_event}}\n",
    }
    assert told(build(sales() | parcels | {"shown.yaml": process})) == []


def test_every_statement_is_described() -> None:
    described = {code(row[0]).split(" ")[0] for row in rows("docs/reference/scripts.md") if row[0].startswith("`")}

    assert FORMS.keys() - {"end", "else"} <= described
