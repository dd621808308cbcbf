"""Models as documents of a workspace: written from DMN XML, checked, decided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.dmn import compile_models, read
from dsl.dmn.documents import documents, slug
from dsl.dmn.settling import settled
from engine.model import build
from tests.dmn.conftest import FILES, exact

AMY = {"First Name": "Amy", "Marital Status": "S", "Born": date(2000, 1, 1), "Incomes": [900, 800]}


def imported(*names: str) -> dict[str, str]:
    """The documents of files, the main one first."""
    models = [read(name, (FILES / name).read_bytes()).definitions for name in names]
    return {f"decisions/{name}.yaml": text for name, text in documents(settled(models, compile_models(models))).items()}


def workspace(files: dict[str, str]) -> Any:
    return build({"workspace.yaml": "workspace: shop\n", **files})


def decide(files: dict[str, str], name: str, context: dict[str, Any]) -> Any:
    built = workspace(files)
    assert not [each for each in built.problems if each.severity == "error"]
    return built.model.decisions[name].table.decide(exact(context)).value


@pytest.mark.parametrize(
    ("name", "value"),
    [("risk", "Medium"), ("offer", Decimal("193.33")), ("affordable", True), ("offers_by_year", [Decimal("860.66"), Decimal("443.21")])],
)
def test_documents_decide_as_their_file(name: str, value: Any) -> None:
    assert decide(imported("lending.dmn"), name, {"Applicant": AMY, "Loan Amount": 10000}) == value


def test_what_camunda_leaves_open_is_declared() -> None:
    files = imported("dish.dmn")

    assert "given: {temperature: number}" in files["decisions/season.yaml"]
    assert decide(files, "dish", {"temperature": 5, "dayType": "WeekEnd"}) == "Stew"


def test_models_that_import_one_another() -> None:
    files = imported("imports/order.dmn", "imports/customer.dmn")

    assert "imports: {c: customer}" in files["decisions/order.yaml"]
    assert decide(files, "greeting", {"c": {"Customer": {"Full Name": "Amy"}}}) == "Hello, Amy! (friend)"


FEE = """decision: fee
given: {amount: number}
requires: [rate]
expression: amount * %s
"""
RATE = """decision: rate
inputs: {rating: {type: text}}
outputs: {rate: {type: decimal, default: '0.2'}}
rules:
  - {rating: '"good"', rate: 0.1}
"""


def test_a_plain_table_can_be_required() -> None:
    files = {"fee.yaml": FEE % "rate", "rate.yaml": RATE}

    assert decide(files, "fee", {"amount": 50, "rating": "good"}) == Decimal(5)
    assert list(workspace(files).model.decisions["fee"].type.inputs) == ["rating", "amount"]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (FEE % "rates", "TW2002", "decision 'fee': nothing is named 'rates' here"),
        (FEE % "(rate", "TW2001", "decision 'fee': "),
        ("decision: fee\ngiven: {amount: money}\nexpression: amount\n", "TW2307", "there is no type 'money'"),
        ("decision: fee\nrequires: [rat]\nexpression: '1'\n", "TW2305", "there is no decision 'rat'"),
        ("decision: fee\nexpression: '1'\nlist: ['1']\n", "TW2312", "has `expression` and `list`"),
        ("decision: fee\nif: 'true'\nthen: '1'\n", "TW2312", "`if` needs `else` beside it"),
        ("decision: fee\nrequires: [fee]\nexpression: '1'\n", "TW2306", "require each other in a circle"),
        ("decision: fee\nmodel: lending\nexpression: '1'\n", "TW2305", "there is no model 'lending'"),
        ("decision: fee\nexpression: '1'\nwhere: '2'\n", "TW2312", "`where` does not go with `expression`"),
        ("decision: fee\nrequires: [rate]\n", "TW2312", "this has no logic"),
        (f"{RATE}requires: [rate]\n".replace(": rate\n", ": fee\n", 1), "TW2312", "`rules` at the top is of a plain table"),
    ],
)
def test_what_is_wrong_with_a_document(text: str, code: str, told: str) -> None:
    problems = workspace({"fee.yaml": text, "rate.yaml": RATE}).problems

    assert any(each.code == code and told in each.message and each.at.source.path == "fee.yaml" for each in problems), problems


@pytest.mark.parametrize(
    ("name", "document"),
    [("Pre-Bureau Risk", "pre_bureau_risk"), ("desiredDish", "desired_dish"), ("2nd look", "d_2nd_look"), ("押金", "")],
)
def test_names_of_documents(name: str, document: str) -> None:
    assert slug(name) == document


def test_gaps_and_overlaps_of_tables_are_told() -> None:
    text = "decision: fee\nmodel: m\ngiven: {rating: tRating, net: number}\ntable:\n  inputs: {rating: {type: tRating}, net: {}}\n"
    text += "  outputs: {fee: {}}\n  rules:\n  - {rating: '\"a\"', fee: 1}\n  - {rating: '\"b\"', net: '> 5', fee: 2}\n"
    files = {"fee.yaml": text, "m.yaml": 'decision: m\ntypes: {tRating: {type: string, values: \'"a", "b"\'}}\n'}

    (gap,) = workspace(files).problems
    assert (gap.code, gap.message) == ("TW2210", "decision 'fee': no rule matches rating = \"b\", net = 4")

    (overlap,) = workspace({**files, "fee.yaml": text + "  - {net: '<= 5', fee: 2}\n"}).problems
    assert (overlap.code, overlap.severity, overlap.at.line) == ("TW2211", "error", 10)
