"""Which records a person sees: lists, counts and single records agree, on both databases."""

from __future__ import annotations

import pytest

from engine.errors import AccessDenied, NotFound, TradewindError


@pytest.mark.parametrize(
    ("scope", "ann", "cat", "dan"),
    [
        ("all", {"ann", "ben", "cat", "dan", "nobody"}, {"ann", "ben", "cat", "dan", "nobody"},
         {"ann", "ben", "cat", "dan", "nobody"}),
        ("own", {"ann"}, {"cat"}, {"dan"}),
        ("department", {"ann"}, {"ben", "cat"}, {"dan"}),  # dan has no department, and sees his own
        ("department_tree", {"ann", "ben", "cat"}, {"ben", "cat"}, {"dan"}),
        ("none", set(), set(), set()),
        ("'owner = user or name = \"nobody\"'", {"ann", "nobody"}, {"cat", "nobody"}, {"dan", "nobody"}),
        ("owner.department.name = user.department.name and stage = \"fresh\"", {"ann"}, {"ben", "cat"},
         {"dan", "nobody"}),  # null = null
    ],
)  # fmt: skip
def test_a_scope_takes_in_the_same_records_in_lists_and_one_by_one(company, scope, ann, cat, dan):
    company = company(staff=f"lead: {{read: {scope}}}")
    for login in ("ann", "cat", "dan"):
        company.join(login, "staff")
    company.leads_of_everybody()

    assert (company.seen_by("ann"), company.seen_by("cat"), company.seen_by("dan")) == (ann, cat, dan)


def test_roles_add_up_and_a_denial_in_any_of_them_wins(company):
    company = company(seller="lead: {read: own}", winner="lead: {read: 'name = \"nobody\"'}", guest="lead: {deny: [read]}")
    company.leads_of_everybody()
    company.join("ben", "seller", "winner")
    assert company.seen_by("ben") == {"ben", "nobody"}

    company.join("ben", "seller", "winner", "guest")
    assert company.seen_by("ben") == set()


def test_an_admin_sees_everything_and_somebody_without_a_role_nothing(company):
    company = company(seller="lead: {read: own}")
    company.leads_of_everybody()
    company.join("ann", "admin")

    assert len(company.seen_by("ann")) == 5
    assert company.seen_by("ben") == set()


def test_a_record_that_may_not_be_read_is_not_found_and_not_linked_to(company):
    company = company(seller="lead: {read: own, create: true}")
    company.leads_of_everybody()
    company.join("ben", "seller")
    with company.step(None) as step:
        foreign = step.records.find("lead", 'name = "cat"')[0].id
    with company.step("ben") as step:
        with pytest.raises(NotFound):
            step.records.get("lead", foreign)
        with pytest.raises(Exception, match="or you may not see it"):
            step.records.create("lead", {"name": "mine", "rival": foreign})


def test_what_may_be_read_is_not_what_may_be_changed(company):
    company = company(seller="lead: {read: all, update: 'owner = user and stage = \"fresh\"', create: true}")
    company.join("ben", "seller")
    company.leads_of_everybody()
    with company.step("ben") as step:
        mine, other = (step.records.find("lead", f'name = "{name}"')[0] for name in ("ben", "cat"))
        step.records.update(mine, {"stage": "won"})
        with pytest.raises(AccessDenied, match="You may not change this Lead"):
            step.records.update(mine, {"name": "again"})
        with pytest.raises(AccessDenied, match="You may not change this Lead"):
            step.records.update(other, {"name": "mine now"})
        with pytest.raises(AccessDenied, match="You may not delete this Lead"):
            step.records.archive(mine)


def test_creating_is_granted_apart_from_reading(company):
    company = company(reader="lead: {read: all}")
    company.join("ben", "reader")
    with company.step("ben") as step, pytest.raises(AccessDenied, match="You may not create any Lead"):
        step.records.create("lead", {"name": "x"})


def test_lines_follow_their_record(company):
    company = company(seller="lead: {read: own}")
    company.join("ben", "seller")
    company.leads_of_everybody(lines=[{"what": "tea"}])
    with company.step("ben") as step:
        lines = {line["parent"]["name"]: line for line in step.records.get_many("lead.lines", range(1, 6))}
        assert step.access.can("read", lines["ben"])
        assert not step.access.can("read", lines["cat"])
        assert [line["parent"]["name"] for line in step.records.find("lead.lines")] == ["ben"]


def test_an_export_holds_only_what_may_be_seen(company):
    company = company(seller="lead: {read: own, export: all}")
    company.join("ben", "seller")
    company.leads_of_everybody()
    with company.step("ben") as step:
        allowed = {lead["name"] for lead in step.records.find("lead") if step.access.can("export", lead)}
        table = step.schema.table("lead")
        rows = step.connection.execute(table.select().where(step.access.row_filter("export", "lead", table)))
        assert allowed == {row.name for row in rows} == {"ben"}


def test_people_and_departments_are_known_to_everybody_and_changed_by_admins(company):
    company = company(seller="lead: {read: own}")
    with company.step("ben") as step:
        assert [user["name"] for user in step.records.find("user")] == ["Ann", "Ben", "Cat", "Dan"]
        assert len(step.records.find("department")) == 2
        with pytest.raises(AccessDenied):
            step.records.update(step.user, {"name": "Benjamin"})


def test_whoever_manages_people_does_not_make_admins(company):
    company = company(personnel="user: {update: all, create: true}")
    company.join("ben", "personnel")
    with company.step("ben") as step:
        step.records.update(step.access.user_by_login("cat"), {"name": "Catherine"})
        with pytest.raises(Exception, match="cannot be changed here"):
            step.records.update(step.user, {"roles": ["admin"]})


def test_the_engine_acting_asks_no_permission(company):
    company = company(seller="lead: {read: own}")
    company.leads_of_everybody()
    with company.step("ben") as step:
        with step.as_engine():
            assert step.access.can("purge", "lead")
            assert step.access.row_filter("read", "lead", step.schema.table("lead")) is None
        assert not step.access.can("read", "lead")


@pytest.fixture
def rivals(company):
    """Ben sees his own leads; one of them has Cat's as its rival, which costs 5, the other his own, which costs 3."""
    made = company(seller="lead: {read: own}")
    made.join("ben", "seller")
    with made.step(None) as step, step.as_engine():
        ben, cat = (step.access.user_by_login(login) for login in ("ben", "cat"))
        theirs = step.records.create("lead", {"name": "theirs", "cost": "5", "owner": cat})
        mine = step.records.create("lead", {"name": "mine", "cost": "3", "owner": ben})
        step.records.create("lead", {"name": "against theirs", "rival": theirs, "owner": ben})
        step.records.create("lead", {"name": "against mine", "rival": mine, "owner": ben})
        step.records.update(theirs, {"owner": cat})
    return made


@pytest.mark.parametrize(
    "filter",
    [
        "rival.cost > 4", 'rival.name = "theirs"', 'exists(lead, name = "theirs")', "count of(lead, cost > 4) > 0",
        'lookup(lead, name = "theirs").cost > 4', "exists(lead, rival.cost > 4)",
    ],
)  # fmt: skip
def test_a_record_that_one_may_not_see_is_not_found_out_by_filters(rivals, filter):
    with rivals.step("ben") as step:
        assert step.records.count("lead", filter) == 0
        assert step.records.count("lead", "rival.cost = 3") == 1
    with rivals.step(None) as step:
        assert step.records.count("lead", filter) > 0


def test_nor_by_the_order_of_a_list(rivals):
    with rivals.step("ben") as step:
        page = step.records.list("lead", filter="rival != null", sort=["-rival.cost"])

        assert [lead["name"] for lead in page.records] == ["against mine", "against theirs"]


def test_whose_a_record_is_may_be_asked_by_everybody(rivals):
    with rivals.step("ben") as step:
        assert step.records.count("lead", 'owner.name = "Ben"') == 3


@pytest.mark.parametrize(
    "filter",
    [
        'lookup(lead, name = "against theirs").rival.cost > 4', "some l in lookup all(lead, true) satisfies l.rival.cost > 4",
        "(if true then lookup(lead, id = 3) else null).rival.cost > 4", "lookup all(lead, id = 3)[1].rival.cost > 4",
        "count(lookup all(lead, true)[rival.cost > 4]) > 0",
    ],
)  # fmt: skip
def test_links_of_what_a_look_up_finds_are_not_followed(rivals, filter):
    with rivals.step("ben") as step, pytest.raises(TradewindError, match="only its own fields"):
        step.records.count("lead", filter)


def test_a_filter_takes_no_number_of_a_series(rivals):
    with rivals.step("ben") as step:
        assert step.records.count("lead", 'next number("secret") = "1"') == 0
    with rivals.step(None) as step:
        assert step.host.call("next number", ["secret"]) == "1"
