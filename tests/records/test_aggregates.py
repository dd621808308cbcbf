"""Sums and counts over related records are kept right by differences, at the cost of the rows that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert

from engine.records.recomputation import compare
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/client.yaml": """
entity: client
fields:
  name:   {type: text}
  bills:  {type: related, from: bill.client}
  volume: {type: money, compute: sum(bills.net)}
  open:   {type: integer, compute: 'count(bills[not(paid)])'}
  owed:   {type: money, compute: 'sum(bills[paid = false].net)'}
  share:  {type: decimal, compute: if volume = 0 then 0 else owed / volume}
""",
    "entities/bill.yaml": """
entity: bill
fields:
  client: {type: link, to: client}
  paid:   {type: boolean, default: false}
  net:    {type: money}
""",
}


@pytest.fixture
def shop(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(None, database_url)
    found.publish(FILES)
    yield found
    found.close()


def client(shop: Workspace) -> int:
    with shop.step(None) as step:
        return int(step.records.create("client", {"name": "Acme"}).id or 0)


def bill(shop: Workspace, number: int | None, net: object = "10.50", **values: object) -> int:
    with shop.step(None) as step:
        return int(step.records.create("bill", {"client": number, "net": net, **values}).id or 0)


def change(shop: Workspace, number: int, **values: object) -> None:
    with shop.step(None) as step:
        step.records.update(step.records.get("bill", number), values)


def read(shop: Workspace, number: int) -> tuple[Any, ...]:
    with shop.step(None, readonly=True) as step:
        found = step.records.get("client", number)
        return tuple(found[name] for name in ("volume", "open", "owed"))


def test_what_is_added_changed_moved_and_archived_is_counted(shop: Workspace) -> None:
    acme, other = client(shop), client(shop)
    first, second = bill(shop, acme), bill(shop, acme, "4.50")
    assert read(shop, acme) == (Decimal("15.00"), 2, Decimal("15.00"))

    change(shop, first, net="20", paid=True)
    assert read(shop, acme) == (Decimal("24.50"), 1, Decimal("4.50"))

    change(shop, second, client=other)
    assert (read(shop, acme), read(shop, other)) == ((20, 0, 0), (Decimal("4.50"), 1, Decimal("4.50")))

    with shop.step(None) as step:
        step.records.archive(step.records.get("bill", second))
    assert read(shop, other) == (0, 0, 0)
    assert list(compare(shop)) == []


def test_a_null_makes_a_sum_null_until_it_is_gone(shop: Workspace) -> None:
    acme = client(shop)
    bill(shop, acme)
    empty = bill(shop, acme, None)
    assert read(shop, acme)[0] is None

    change(shop, empty, net="1")

    assert read(shop, acme)[0] == Decimal("11.50")


def test_several_changes_of_one_step_are_counted_once(shop: Workspace) -> None:
    acme = client(shop)
    with shop.step(None) as step:
        one = step.records.create("bill", {"client": acme, "net": 1})
        step.records.update(one, {"net": 5})
        step.records.create("bill", {"client": acme, "net": 2})
        step.records.update(one, {"net": 7})
        step.records.archive(one)

    assert read(shop, acme) == (2, 1, 2)


def test_people_who_add_at_once_lose_nothing(shop: Workspace) -> None:
    acme = client(shop)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shop.run(None, lambda step: step.records.create("bill", {"client": acme, "net": "0.10"})), range(40)))

    assert read(shop, acme) == (Decimal("4.00"), 40, Decimal("4.00"))


def test_one_more_costs_the_same_however_many_there_are(shop: Workspace) -> None:
    """No statement of the step reads the others."""
    acme = client(shop)
    with shop.step(None) as step:
        table = step.schema.table("bill")
        row = {"client": acme, "net": Decimal(1), "paid": True, "version": 1, "archived": False}
        step.connection.execute(insert(table), [row | {"created_at": step.now, "updated_at": step.now}] * 500)
    assert [each.field for each in compare(shop)] == ["volume"]  # written past the engine

    assert bills_read(shop, lambda: bill(shop, acme)) == []
    assert read(shop, acme)[1:] == (1, Decimal("10.50"))


def bills_read(shop: Workspace, work: Callable[[], object]) -> list[str]:
    """The statements by which some work reads bills."""
    engine = shop.database.engine
    seen: list[str] = []

    def after(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT") and "FROM bill" in statement:
            seen.append(statement)

    event.listen(engine, "after_cursor_execute", after)
    work()
    event.remove(engine, "after_cursor_execute", after)
    return seen
