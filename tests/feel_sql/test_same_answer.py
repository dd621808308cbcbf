"""The same answer on the same data: a FEEL condition in Python and as SQL, nulls and decimals included."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl import feel
from dsl.feel.sql import NotSql
from engine import Workspace
from engine.errors import TradewindError
from engine.model.scopes import row_scope
from engine.records.queries import OuterNames, rows_where, sql_of, value_of
from engine.workspace import Step

FILES = {
    "workspace.yaml": "workspace: numbers\n",
    "entities/item.yaml": """
entity: item
fields:
  name:   {type: text}
  code:   {type: text}
  whole:  {type: integer}
  amount: {type: money}
  share:  {type: percent}
  size:   {type: decimal, scale: 3}
  flag:   {type: boolean}
  day:    {type: date}
  kind:   {type: choice, options: [a, b, c]}
  next:   {type: link, to: item}
  parts:
    type: lines
    fields:
      quantity: {type: decimal, scale: 2}
      label:    {type: text}
""",
}
ROWS = [
    {"name": "Tea", "code": "t", "whole": 3, "amount": "10.00", "share": "0.1", "size": "1.5", "flag": True, "day": "2026-01-31",
     "kind": "a", "parts": [{"quantity": "1.5", "label": "x"}, {"quantity": "2", "label": None}]},
    {"name": "茶", "whole": 0, "amount": "0.00", "flag": False, "day": "2026-02-28", "kind": "b", "next": 1},
    {"name": "tea", "code": "T", "whole": -5, "amount": "-3.33", "share": "0.333333", "size": "0.001", "kind": "c", "next": 2,
     "parts": [{"quantity": None, "label": "y"}]},
    {},
    {"name": "", "whole": 7, "amount": "99999999.99", "size": "12.345", "flag": True, "day": "2027-12-31", "next": 1,
     "parts": [{"quantity": "0"}]},
    {"name": "a%b_c", "code": "t", "whole": 3, "amount": "10.00", "day": "2026-01-31", "kind": "a", "next": 5},
]  # fmt: skip

number = st.one_of(
    st.sampled_from(["whole", "amount", "share", "size", "next.amount", "next.whole", "count(parts)", "sum(parts.quantity)"]),
    st.decimals(-20, 20, places=2).map(str),
    st.just("null"),
)
arithmetic = st.one_of(number, st.tuples(number, st.sampled_from(["+", "-", "*"]), number).map(lambda t: f"({t[0]} {t[1]} {t[2]})"))
string = st.sampled_from(["name", "code", "next.name", '"Tea"', '"t"', '""', '"茶"', "null", 'name + "x"'])
day = st.sampled_from(["day", "next.day", 'date("2026-01-31")', "null"])
order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
condition = st.one_of(
    st.tuples(arithmetic, order, arithmetic).map(" ".join),
    st.tuples(string, st.sampled_from(["=", "!=", "<", ">="]), string).map(" ".join),
    st.tuples(day, order, day).map(" ".join),
    st.tuples(st.sampled_from(["kind", "next.kind"]), st.sampled_from(["=", "!="]), st.sampled_from(['"a"', '"b"', "null"])).map(" ".join),
    st.tuples(number, number, number).map(lambda t: f"{t[0]} between {t[1]} and {t[2]}"),
    st.tuples(number, number, number).map(lambda t: f"{t[0]} in ({t[1]}, > {t[2]})"),
    st.tuples(number, st.sampled_from("[("), number, number, st.sampled_from("])")).map(lambda t: f"{t[0]} in {t[1]}{t[2]}..{t[3]}{t[4]}"),
    st.sampled_from(
        ["flag", "next.flag", "not(flag)", "flag = null", 'kind in ("a", "c")', "next = null", "next.next != null", 'contains(name, "%")',
         'starts with(name, "T")', "some p in parts satisfies p.quantity > 1", "every p in parts satisfies p.quantity > 1",
         "count(parts[quantity > 1]) > 0", "exists(item, next = record)", "not(exists(item, next = record and whole > 2))",
         "count of(item, kind = record.kind) > 1", "sum(lookup all(item, next = record).whole) > 2",
         "whole in [1..5]", "whole in ]5..1]", "size in [1..null]", 'list contains(parts.label, "x")', "true", "null"]
    ),
)  # fmt: skip
boolean = st.recursive(
    condition,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda c: f"not({c})"),
        st.tuples(inner, inner, inner).map(lambda t: f"(if {t[0]} then {t[1]} else {t[2]})"),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def items(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A few awkward rows: nulls, zeros, empty texts, wildcards, links to links."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sql') / 'items.db'}"
    else:
        url = request.getfixturevalue("shared_postgresql")
    workspace = Workspace.open(Path("."), url)
    workspace.publish(FILES)
    with workspace.step(None) as step:
        for row in ROWS:
            step.records.create("item", row)
    yield workspace
    workspace.close()


def by_python_and_sql(step: Step, text: str) -> tuple[list[int | None], list[int | None]] | None:
    """The ids for which the condition is true, in Python and in SQL; None where SQL refuses it."""
    checked = feel.check_condition(text, row_scope(step.model), "item")
    if checked.expression is None:
        return None
    node, names = checked.expression.ast, OuterNames(step.records, {})
    try:
        sql_of(step.records, node, step.schema.table("item"), "item", names)
    except NotSql:
        return None
    test = value_of(node)
    everything = step.records.find("item")
    by_python = [record.id for record in everything if test(record, names, (), step.records.host) is True]
    try:
        return by_python, [record.id for record in rows_where(step.records, "item", node, names)]
    except TradewindError as refused:
        if refused.code != "too_large":
            raise
        return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=boolean)
def test_a_condition_selects_the_same_rows_in_python_and_in_sql(items: Workspace, text: str) -> None:
    with items.step(None, readonly=True) as step:
        found = by_python_and_sql(step, text)
        if found is not None:
            assert found[0] == found[1], text


@pytest.mark.parametrize(
    "text", ["amount > 5", 'status_of(name) = "x"', 'next.name = "Tea" or whole in [1..5]', "sum(parts.quantity) >= 3.5"]
)
def test_what_filters_need_is_translated(items: Workspace, text: str) -> None:
    with items.step(None, readonly=True) as step:
        found = by_python_and_sql(step, text)
        assert (found is None) == ("status_of" in text)


def test_one_and_true_at_the_same_place_are_told_apart(items: Workspace) -> None:
    with items.step(None, readonly=True) as step:
        for text in ("(if whole <= 9 then 1.00 else amount) < 0", "(if whole <= 9 then true else flag)"):
            found = by_python_and_sql(step, text)
            assert found is not None
            assert found[0] == found[1]


def test_a_number_beyond_what_the_database_holds_is_told_and_never_compared_wrongly(items: Workspace) -> None:
    text = "amount * amount > whole" if items.database.sqlite else "amount * amount * amount * amount * amount > whole"
    with items.step(None, readonly=True) as step, pytest.raises(TradewindError, match="too large for the database"):
        step.records.list("item", filter=text)


def test_numbers_are_compared_exactly(items: Workspace) -> None:
    with items.step(None, readonly=True) as step:
        assert [r["amount"] for r in step.records.find("item", "amount = 99999999.99")] == [Decimal("99999999.99")]
        assert step.records.find("item", "amount = 99999999.991") == []
        assert len(step.records.find("item", "amount * 3 = -9.99")) == 1
