"""Exchange rates: records that are in force from their date on, and `convert currency`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl import feel
from engine.errors import ValidationFailed
from engine.model import build, load_folder
from engine.workspace import Step, Workspace

BASE = Path(__file__).parents[2] / "modules" / "base"
PRICE = """
entity: price
fields:
  amount:   {type: money, required: true}
  currency: {type: choice, options: [CNY, USD, EUR, JPY], default: USD}
  on:       {type: date, required: true}
  in_cny:   {type: money, compute: 'convert currency(amount, currency, "CNY", on)'}
"""
FILES = {
    "workspace.yaml": "workspace: shop\nmodules: [base]\ncurrency: CNY\n",
    "entities/price.yaml": PRICE,
    **{f"modules/base/{path}": text for path, text in load_folder(BASE).items()},
}
RATES = [
    ("USD", "CNY", "2026-01-01", "7.0"), ("USD", "CNY", "2026-02-01", "7.2"), ("CNY", "EUR", "2026-01-01", "0.125"),
    ("JPY", "USD", "2026-01-01", "0.0065"),
]  # fmt: skip


@pytest.fixture
def step(database_url: str) -> Iterator[Step]:
    workspace = Workspace.open(None, database_url)
    workspace.publish(FILES)
    with workspace.step(None) as found:
        for source, target, day, rate in RATES:
            values = {"from_currency": source, "to_currency": target, "date": day, "rate": rate}
            found.records.create("exchange_rate", values)
        yield found
    workspace.close()


def converted(step: Step, text: str) -> object:
    expression = feel.compile(f"convert currency({text})", step.records.scope_of(step.model.entities["price"]))
    return expression(step.names(), step.host)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ('100, "USD", "CNY", date("2026-01-31")', "700"),
        ('100, "USD", "CNY", date("2026-02-01")', "720"),
        ('100, "USD", "USD", date("2025-01-01")', "100"),
        ('100, "EUR", "CNY", date("2026-05-01")', "800"),  # by the inverse of CNY to EUR
        ('100, "EUR", "USD", date("2026-01-15")', "114.2857142857142857142857142857143"),  # by way of the workspace's currency
        ('1000, "JPY", "USD", date("2026-01-15")', "6.5"),
    ],
)
def test_the_newest_rate_up_to_the_day_counts(step: Step, asked: str, answer: str) -> None:
    assert str(feel.to_text(converted(step, asked))) == answer


@pytest.mark.parametrize(
    "asked", ['100, "USD", "CNY", date("2025-12-31")', '100, "JPY", "CNY", date("2026-01-15")', 'null, "USD", "CNY", date("2026-01-15")']
)
def test_without_a_rate_or_an_amount_it_is_null(step: Step, asked: str) -> None:
    assert converted(step, asked) is None


def test_a_rate_that_this_step_has_written_counts_and_one_that_it_archived_does_not(step: Step) -> None:
    values = {"from_currency": "USD", "to_currency": "CNY", "date": "2026-01-10", "rate": "8"}
    made = step.records.create("exchange_rate", values)
    assert converted(step, '1, "USD", "CNY", date("2026-01-15")') == 8
    step.records.archive(made)
    assert converted(step, '1, "USD", "CNY", date("2026-01-15")') == 7


def test_a_computed_field_keeps_the_amount_rounded_to_the_cent(step: Step) -> None:
    made = step.records.create("price", {"amount": "33.33", "on": "2026-02-02"})
    step.flush()
    assert str(made["in_cny"]) == "239.98"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"rate": "0"}, "above_zero"),
        ({"to_currency": "USD"}, "two_currencies"),
        ({"date": "2026-01-01"}, "one_a_day"),
        ({"from_currency": "usd"}, "pattern"),
    ],
)
def test_rates_that_cannot_be_are_refused(step: Step, values: dict[str, str], rule: str) -> None:
    usual = {"from_currency": "USD", "to_currency": "CNY", "date": "2026-03-01", "rate": "7.1"}

    def create() -> None:
        with step.savepoint():
            step.records.create("exchange_rate", usual | values)

    with pytest.raises(ValidationFailed) as refused:
        create()
    assert rule in {error.code.removeprefix("rule:") for error in refused.value.errors}


def test_a_workspace_without_rates_is_told_so_and_computed_fields_that_they_may_go_stale() -> None:
    bare = build({"workspace.yaml": "workspace: shop\n", "entities/price.yaml": PRICE}).problems
    assert ("TW1205", "error") in [(problem.code, problem.severity) for problem in bare]
    assert [(problem.code, problem.severity) for problem in build(FILES).problems] == [("TW1322", "warning")]
