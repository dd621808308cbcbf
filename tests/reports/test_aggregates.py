"""Figures over many records: exact, by group and period, and only over what the reader may see."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import AccessDenied, TradewindError
from engine.reports import Question, answer, group_of, measure_of
from engine.reports.answers import titles
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: figures\ncurrency: CNY\ntimezone: Asia/Shanghai\n",
    "entities/client.yaml": "entity: client\ntitle: name\nfields:\n  name: {type: text}\n  region: {type: choice, options: [east, west]}\n",
    "entities/deal.yaml": """
entity: deal
fields:
  client:   {type: link, to: client}
  closed:   {type: date}
  seen:     {type: datetime}
  currency: {type: choice, options: [CNY, USD], default: CNY}
  amount:   {type: money}
  cost:     {type: money}
  weight:   {type: decimal, scale: 3}
  notes:    {type: long_text}
""",
    "roles/seller.yaml": "role: seller\ngrants:\n  deal: {read: own, create: true, hide: [cost]}\n  client: {read: 'region = \"east\"'}\n",
    "roles/auditor.yaml": "role: auditor\ngrants:\n  deal: {read: 'amount > 100'}\n",
}


class Figures:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        with workspace.step(None) as step:
            people = step.records
            self.amy = people.create("user", {"login": "amy", "name": "Amy", "roles": ["seller"]}).id
            self.ben = people.create("user", {"login": "ben", "name": "Ben", "roles": ["seller", "auditor"]}).id
            self.east = people.create("client", {"name": "East Tea", "region": "east"}).id
            self.west = people.create("client", {"name": "West Tea", "region": "west"}).id

    def deal(self, owner: int | None = None, **values: Any) -> None:
        with self.workspace.step(None) as step:
            step.records.create("deal", {"owner": owner, **values})

    def ask(self, group: str = "", measures: str = "count", user: str | None = None, **more: Any) -> list[tuple[Any, ...]]:
        groups = tuple(group_of(each) for each in group.split(",") if each)
        question = Question("deal", groups, tuple(measure_of(each) for each in measures.split(",")), **more)
        with self.workspace.step(user, readonly=True) as step:
            return answer(step.records, question).rows


@pytest.fixture
def figures(database_url: str) -> Any:
    workspace = Workspace.open(None, database_url)
    workspace.publish(FILES)
    yield Figures(workspace)
    workspace.close()


def test_sums_and_averages_are_exact(figures):
    for weight in ("0.1", "0.2", "0.002"):
        figures.deal(weight=weight)
    figures.deal()

    assert figures.ask("", "count,sum:weight,average:weight,min:weight,max:weight") == [
        (Decimal(4), Decimal("0.302"), Decimal("0.100667"), Decimal("0.002"), Decimal("0.2"))
    ]


def test_nothing_adds_up_to_nothing(figures):
    assert figures.ask("", "count,sum:weight,average:weight") == [(Decimal(0), None, None)]
    assert figures.ask("closed:month", "count") == []


def test_days_fall_into_weeks_from_monday_months_quarters_and_years(figures):
    for day in ("2026-03-29", "2026-03-30", "2026-04-05", "2025-12-31"):
        figures.deal(closed=day)
    figures.deal()

    def periods(step: str) -> list[Any]:
        return [(day, int(number)) for day, number in figures.ask(f"closed:{step}")]

    assert periods("week") == [(date(2025, 12, 29), 1), (date(2026, 3, 23), 1), (date(2026, 3, 30), 2), (None, 1)]
    assert periods("month") == [(date(2025, 12, 1), 1), (date(2026, 3, 1), 2), (date(2026, 4, 1), 1), (None, 1)]
    assert periods("quarter") == [(date(2025, 10, 1), 1), (date(2026, 1, 1), 2), (date(2026, 4, 1), 1), (None, 1)]
    assert periods("year") == [(date(2025, 1, 1), 1), (date(2026, 1, 1), 3), (None, 1)]
    assert len(periods("day")) == 5


def test_a_moment_lies_on_the_day_of_the_workspaces_time_zone(figures):
    figures.deal(seen=datetime(2026, 1, 31, 17, tzinfo=UTC))  # 1 February, 01:00 in Shanghai
    figures.deal(seen=datetime(2026, 1, 31, 15, tzinfo=UTC))

    assert figures.ask("seen:month") == [(date(2026, 1, 1), Decimal(1)), (date(2026, 2, 1), Decimal(1))]
    assert figures.ask("seen") == [(date(2026, 1, 31), Decimal(1)), (date(2026, 2, 1), Decimal(1))]


def test_amounts_of_two_currencies_are_never_added_up(figures):
    for currency, amount in (("CNY", 10), ("USD", 5), ("CNY", "0.10")):
        figures.deal(currency=currency, amount=amount)

    assert figures.ask("", "sum:amount") == [("CNY", Decimal("10.10")), ("USD", Decimal("5.00"))]
    assert figures.ask("currency", "sum:amount,count") == [("CNY", Decimal("10.10"), 2), ("USD", Decimal("5.00"), 1)]


def test_a_person_counts_only_what_they_may_read(figures):
    figures.deal(figures.amy, amount=10)
    figures.deal(figures.ben, amount=20)
    figures.deal(None, amount=500)

    assert figures.ask("", "count", "amy") == [(1,)]
    assert figures.ask("", "count", "ben") == [(2,)]
    assert figures.ask("", "count", filter="amount > 15") == [(2,)]


def test_a_hidden_field_is_neither_measured_nor_grouped_nor_filtered_by(figures):
    figures.deal(figures.amy, amount=10, cost=3)
    for group, measures, condition in (("", "sum:cost", None), ("cost", "count", None), ("", "count", "cost > 1")):
        with pytest.raises(AccessDenied):
            figures.ask(group, measures, "amy", filter=condition)


def test_what_one_role_hides_in_some_records_is_not_added_up_by_way_of_another(figures):
    figures.deal(figures.ben, amount=10, cost=3)
    with pytest.raises(AccessDenied):
        figures.ask("", "sum:cost", "ben")


def test_what_is_behind_a_link_to_a_hidden_record_counts_as_no_value(figures):
    figures.deal(figures.amy, client=figures.east)
    figures.deal(figures.amy, client=figures.west)

    assert figures.ask("client.region") == [("east", 1), ("west", 1)]
    assert figures.ask("client.region", user="amy") == [("east", 1), (None, 1)]
    with figures.workspace.step("amy", readonly=True) as step:
        assert titles(step.records, "client", [figures.east, figures.west]) == {figures.east: "East Tea"}


def test_what_makes_no_sense_is_refused(figures):
    groups = ("colour", "notes", "weight:month", "client.size", "closed.day", "closed:decade", "closed,closed:month")
    measures = ("sum:closed", "sum:client", "median:weight", "sum", "count:weight", "sum:colour", "count,count")
    for group, measure in (*((each, "count") for each in groups), *(("", each) for each in measures)):
        with pytest.raises(TradewindError):
            figures.ask(group, measure)
