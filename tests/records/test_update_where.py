"""`update … where` writes what any write would, by one UPDATE, however many records it touches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from dsl import feel
from engine.errors import ValidationFailed
from engine.model.scopes import row_scope
from engine.workspace import Step, Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/shelf.yaml": """
entity: shelf
fields:
  code:   {type: text}
  stock:  {type: decimal, scale: 2}
  price:  {type: money}
  state:  {type: choice, options: [open, closed]}
  worth:  {type: money, compute: stock * price}
rules:
  none_missing: {require: stock = null or stock >= -1000, message: Only what is there can be taken}
""",
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def shop(request: Any, tmp_path_factory: Any) -> Iterator[Workspace]:
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("shared_postgresql") if postgresql else f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    found = Workspace.open(None, url)
    found.publish(FILES)
    yield found
    found.close()


def tree(step: Step, text: str) -> feel.Node:
    checked = feel.check_condition(text, row_scope(step.model), "shelf", expected=None)
    assert checked.ast is not None
    return checked.ast


def fill(shop: Workspace, rows: list[dict[str, object]], code: str) -> None:
    with shop.step(None) as step:
        for row in rows:
            step.records.create("shelf", {"code": code, **row})


def change(shop: Workspace, condition: str, **values: str) -> int:
    with shop.step(None) as step:
        trees = {name: tree(step, text) for name, text in values.items()}
        return int(step.records.update_where("shelf", tree(step, condition), trees, {}))


def read(shop: Workspace, code: str) -> list[tuple[Any, ...]]:
    with shop.step(None, readonly=True) as step:
        found = step.records.find("shelf", "code = wanted", {"wanted": code})
        every = [(r["stock"], r["price"], r["state"], r["worth"], r.version) for r in found]
        return sorted(every, key=lambda row: [(value is not None, str(value)) for value in row])


def test_one_update_writes_all_records(shop: Workspace) -> None:
    fill(shop, [{"stock": n, "price": 2} for n in range(300)], "many")
    seen: list[str] = []

    def after(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "UPDATE shelf" in statement:
            seen.append(statement)

    event.listen(shop.database.engine, "after_cursor_execute", after)
    count = change(shop, 'code = "many"', stock="stock + 1", state='if stock > 10 then "open" else null')
    event.remove(shop.database.engine, "after_cursor_execute", after)

    assert count == 300
    assert len([each for each in seen if "state" in each.partition(" FROM ")[0]]) <= 2  # those whose state changed, those whose did not
    assert (12, 2, "open", 24, 2) in read(shop, "many")
    assert (5, 2, None, 10, 2) in read(shop, "many")


def test_a_rule_refuses_all_of_it(shop: Workspace) -> None:
    fill(shop, [{"stock": 5, "price": 1}, {"stock": -999, "price": 1}], "ruled")

    with pytest.raises(ValidationFailed, match="Only what is there can be taken"):
        change(shop, 'code = "ruled"', stock="stock - 2")

    assert {row[0] for row in read(shop, "ruled")} == {-999, 5}


def test_history_tells_what_each_record_held(shop: Workspace) -> None:
    fill(shop, [{"stock": 1, "price": 1}, {"stock": 2, "price": 1}], "told")

    change(shop, 'code = "told"', stock="stock * 10")

    with shop.step(None, readonly=True) as step:
        found = step.records.find("shelf", "code = wanted", {"wanted": "told"})
        changes = [entry.data["changes"]["stock"] for record in found for entry in step.history.of(record) if entry.kind == "changed"]
    assert sorted([Decimal(str(old)), Decimal(str(new))] for old, new in changes) == [[1, 10], [2, 20]]


def test_people_who_take_at_once_take_no_more_than_there_is(shop: Workspace) -> None:
    fill(shop, [{"stock": 5, "price": 1}, {"stock": 0, "price": 1}], "last")

    def take(_: int) -> int:
        def work(step: Step) -> int:
            condition = tree(step, 'code = "last" and stock >= 1')
            return int(step.records.update_where("shelf", condition, {"stock": tree(step, "stock - 1")}, {}))

        return int(shop.run(None, work))

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(20)))

    assert sum(taken) == 5
    assert [row[0] for row in read(shop, "last")] == [0, 0]


amount = st.none() | st.decimals(-999, 999, places=2)
rows = st.lists(
    st.fixed_dictionaries({"stock": amount, "price": amount, "state": st.sampled_from([None, "open", "closed"])}), min_size=1, max_size=6
)
VALUES = st.sampled_from(
    [
        {"stock": "stock / 3"},
        {"stock": "price * 0.5", "state": '"closed"'},
        {"price": "if state = \"open\" then null else stock"},
        {"stock": "stock", "price": "price + 0.005"},
        {"state": "null", "stock": "null"},
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(["true", "stock > 0", 'state = "open"', "price = null", 'not(state in ("open", "closed"))'])


@given(rows, VALUES, CONDITIONS, st.uuids())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_gives_what_one_by_one_gives(
    shop: Workspace, rows: list[dict[str, object]], values: dict[str, str], condition: str, code: Any
) -> None:
    together, alone = f"{code} t", f"{code} a"
    fill(shop, rows, together)
    fill(shop, rows, alone)

    change(shop, f'code = "{together}" and {condition}', **values)
    with shop.step(None) as step:
        for record in step.records.find("shelf", "code = wanted", {"wanted": alone}):
            number = record.id
            trees = {name: tree(step, text) for name, text in values.items()}
            step.records.update_where("shelf", tree(step, f"id = {number} and {condition}"), trees, {})

    assert read(shop, together) == read(shop, alone)
