"""The history proves that it is as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from engine.clock import MovableClock
from engine.records import auditing
from engine.work import fire_due
from engine.workspace import Workspace

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/item.yaml": "entity: item\nfields:\n  name: {type: text}\n  price: {type: money}\n",
}


class Shop:
    def __init__(self, url: str) -> None:
        self.clock = MovableClock(NOON)
        self.workspace = Workspace.open(None, url, clock=self.clock)
        self.workspace.publish(FILES)

    def items(self, count: int) -> None:
        for index in range(count):
            with self.workspace.step(None) as step:
                made = step.records.create("item", {"name": f"item {index}", "price": "1.50"})
            with self.workspace.step(None) as step:
                step.records.update(step.records.get("item", made.id), {"price": "2.75"})
                step.history.comment(step.records.get("item", made.id), "茶 \u2028 \"quoted\"")

    def night(self) -> None:
        fire_due(self.workspace, self.clock() + timedelta(days=1), self.clock)

    def told(self) -> list[str]:
        return [f"{each.entity} {each.record}: {each.what}" if each.entry else each.what for each in auditing.verify(self.workspace)]

    def tamper(self, **values: object) -> None:
        """Change or, without values, remove the second item's last entry."""
        with self.workspace.step(None) as step:
            table = step.schema.history
            number = max(row.id for row in step.connection.execute(table.select()) if row.record == 2)
            changing = update(table).values(**values) if values else delete(table)
            step.connection.execute(changing.where(table.c.id == number))


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    found = Shop(database_url)
    found.items(3)
    yield found
    found.workspace.close()


def test_an_untouched_history_is_as_it_was_written(shop: Shop) -> None:
    shop.night()
    shop.items(2)
    shop.night()
    assert shop.told() == []
    with shop.workspace.step(None) as step:
        assert [(seal.number, seal.count > 0) for seal in auditing.seals(step)] == [(1, True), (2, True)]


def test_a_changed_entry_breaks_its_records_chain(shop: Shop) -> None:
    shop.tamper(text="never said")
    assert shop.told() == ["item 2: it, or one before it on the same record, was changed or removed"]


def test_a_changed_time_is_told_too(shop: Shop) -> None:
    shop.tamper(at=NOON - timedelta(days=3))
    assert len(shop.told()) == 1


def test_an_entry_that_was_removed_at_the_end_of_a_chain_breaks_the_seal(shop: Shop) -> None:
    shop.night()
    shop.tamper()
    (told,) = shop.told()
    assert told.startswith("seal 1 of ")
    assert told.endswith("does not fit: 1 entries were removed")


def test_a_change_after_the_last_seal_leaves_the_seals_alone(shop: Shop) -> None:
    shop.night()
    shop.items(1)
    assert shop.told() == []


def test_what_is_less_than_an_hour_old_is_not_sealed(shop: Shop) -> None:
    with shop.workspace.step(None) as step:
        assert auditing.seal(step) is None
    shop.clock.move(timedelta(hours=2))
    with shop.workspace.step(None) as step:
        made = auditing.seal(step)
    assert made is not None
    assert made.count >= 9
