"""Fields that are hidden or locked, on every way out and in."""

from __future__ import annotations

import pytest

from engine.errors import AccessDenied, TradewindError, ValidationFailed


@pytest.fixture
def database_url():
    """In memory: nothing here depends on the kind of database."""
    return "sqlite://"


@pytest.fixture
def seen(company):
    """The fields of a lead that ben sees and may write, with these roles."""

    def seen(**roles):
        made = company(**roles)
        made.join("ben", *roles)
        with made.step("ben") as step:
            lead = step.model.entities["lead"]
            return set(step.access.visible_fields(lead)), set(step.access.writable_fields(lead))

    return seen


ALL = {"name", "cost", "stage", "rating", "rival", "lines"}


def test_fields_are_shown_and_writable_unless_a_grant_says_otherwise(seen):
    shown, writable = seen(seller="lead: {read: all, update: own, fields: {rating: read, cost: hide}}")
    assert (shown, writable) == (ALL - {"cost"}, ALL - {"cost", "rating"})


def test_hiding_is_short_for_a_field_that_is_hidden(seen):
    shown, _ = seen(seller="lead: {read: all, hide: [cost, rating]}")
    assert shown == ALL - {"cost", "rating"}


def test_a_field_is_hidden_if_no_role_that_reads_shows_it(seen):
    shown, writable = seen(
        seller="lead: {read: own, update: own, hide: [cost, rating]}",
        buyer="lead: {read: all, hide: [cost], fields: {stage: read}}",
        clerk="lead: {create: true, fields: {name: read}}",
    )
    assert shown == ALL - {"cost"}
    assert writable == ALL - {"cost"}


def test_who_only_reads_writes_nothing(seen):
    assert seen(reader="lead: {read: all}") == (ALL, set())


def test_a_role_shows_a_field_only_on_the_records_that_it_reads(company):
    company = company(seller="lead: {read: own}", clerk="lead: {read: all, hide: [cost]}")
    company.join("ben", "seller", "clerk")
    company.leads_of_everybody(cost="5")
    with company.step("ben") as step:
        shown = {lead["name"]: "cost" in lead.visible_fields() for lead in step.records.list("lead").records}
    assert shown == {"ann": False, "ben": True, "cat": False, "dan": False, "nobody": False}


def test_a_hidden_field_is_neither_written_nor_sorted_by_and_its_lines_are_hidden_with_it(company):
    company = company(seller="lead: {read: all, update: all, hide: [cost, lines]}")
    company.join("ben", "seller")
    company.leads_of_everybody(cost="5", lines=[{"what": "tea"}])
    with company.step("ben") as step:
        lead = step.records.find("lead")[0]
        with pytest.raises(ValidationFailed, match="Cost cannot be changed here"):
            step.records.update(lead, {"cost": "1"})
        with pytest.raises(TradewindError, match="cannot be sorted by"):
            step.records.list("lead", sort=["cost"])
        assert step.access.visible_fields(step.model.entities["lead.lines"]) == {}
        assert step.access.writable_fields(step.model.entities["lead.lines"]) == set()


@pytest.mark.parametrize(
    "filter",
    ["cost > 1", "rival.cost > 1", "rival.rival.cost > 1", 'exists(lead, cost > 1 and name = "ann")', "lookup(lead, id = 1).cost > 1",
     'count of(lead, rival.cost > 1) > 0', "some l in lines satisfies l.parent.cost > 1", "(if true then rival else null).cost > 1"],
)  # fmt: skip
def test_a_hidden_field_is_not_found_out_by_filters(company, filter):
    company = company(seller="lead: {read: all, hide: [cost]}")
    company.join("ben", "seller")
    company.leads_of_everybody(cost="5")
    with company.step("ben") as step:
        assert step.records.count("lead", 'name = "ann" and rival = null') == 1
        with pytest.raises(AccessDenied, match="You may not see 'cost'"):
            step.records.count("lead", filter)


def test_a_hidden_field_is_not_searched_and_its_changes_are_not_told(company):
    company = company(seller="lead: {read: all, hide: [name]}", clerk="lead: {read: all}")
    company.join("ben", "seller")
    company.join("cat", "clerk")
    company.leads_of_everybody()
    with company.step(None) as step:
        step.records.update(step.records.find("lead")[0], {"name": "secret", "rating": 5})
    told = {}
    for login in ("ben", "cat"):
        with company.step(login) as step:
            lead = step.records.find("lead")[0]
            found = len(step.records.list("lead", search="secret").records)
            told[login] = found, set(step.records.history(lead)[0].data["changes"])
    assert told == {"ben": (0, {"rating"}), "cat": (1, {"name", "rating"})}
