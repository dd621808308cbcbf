"""`tradewind explain-access` says what holds and why."""

from __future__ import annotations

import pytest


@pytest.fixture
def database_url():
    """In memory: nothing here depends on the kind of database."""
    return "sqlite://"


def test_every_operation_is_answered_with_the_roles_that_decide_it(company):
    company = company(seller="lead: {read: own, create: true, hide: [cost]}", winner="lead: {read: 'stage = \"won\"', deny: [update]}")
    company.join("ben", "seller", "winner")
    company.leads_of_everybody()
    with company.step(None) as step:
        cats = step.records.find("lead", 'name = "cat"')[0]
        told = step.access.explain(step.access.user_by_login("ben"), "lead", cats)

    assert told == [
        f"ben (seller, winner) and lead {cats.id}",
        "read: no",
        "  the role seller grants own records: does not hold",
        '  the role winner grants where stage = "won": does not hold',
        "create: yes",
        "  the role seller grants all",
        "update: no",
        "  denied by the role winner, which wins over every grant",
        "delete: no",
        "  no role grants it",
        "import: no",
        "  no role grants it",
        "export: no",
        "  no role grants it",
        "purge: no",
        "  no role grants it",
        "locked fields: cost",
        "  the role seller says: cost hide",
    ]


def test_admins_need_no_reasons_and_unknown_entities_are_said_to_be_unknown(company):
    company = company(seller="lead: {read: own}")
    company.join("ann", "admin")
    with company.step(None) as step:
        ann, ben = (step.access.user_by_login(login) for login in ("ann", "ben"))
        assert step.access.explain(ann, "lead")[1:] == ["everything: by the role admin"]
        assert step.access.explain(ben, "led")[1:] == ["There is no entity 'led'"]
