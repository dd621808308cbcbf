"""Search finds parts of words, Chinese and English, in what the reader may see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.store.search import asked, grams
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\n",
    "entities/client.yaml": """
entity: client
fields:
  name:  {type: text, search: true}
  note:  {type: long_text}
  phone: {type: phone, search: true}
  code:  {type: text}
""",
    "roles/clerk.yaml": "role: clerk\ngrants: {client: {read: all, fields: {phone: hide}}}\n",
}
NAMES = {"Tradewind Trading": "信风贸易", "Acme Ltd": "上海风行", "A-1 Tools": "ÉCLAIR café", "50% off": "x_y"}


@pytest.fixture
def shop(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(None, database_url)
    found.publish(FILES)
    with found.step(None) as step:
        for code, name in NAMES.items():
            step.records.create("client", {"name": name, "code": code, "phone": "+86 138 0013 8000", "note": "贸易"})
        step.records.create("user", {"login": "amy", "name": "Amy", "roles": ["clerk"]})
    yield found
    found.close()


def found(shop: Workspace, text: str, by: str | None = None) -> list[str]:
    with shop.step(by, readonly=True) as step:
        return sorted(str(record["code"]) for record in step.records.list("client", search=text, limit=50).records)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("信风", ["Tradewind Trading"]),
        ("风", ["Acme Ltd", "Tradewind Trading"]),
        ("信风贸易", ["Tradewind Trading"]),
        ("风贸易", ["Tradewind Trading"]),
        ("rade", ["Tradewind Trading"]),
        ("TRADEWIND", ["Tradewind Trading"]),
        ("ai", ["A-1 Tools"]),
        ("tr", ["Tradewind Trading"]),
        ("d", ["Acme Ltd", "Tradewind Trading"]),
        ("cme l", ["Acme Ltd"]),
        ("-1", ["A-1 Tools"]),
        ("50%", ["50% off"]),
        ("x_y", ["50% off"]),
        ("caf", ["A-1 Tools"]),
        ("café", ["A-1 Tools"]),
        ("138 0013", ["50% off", "A-1 Tools", "Acme Ltd", "Tradewind Trading"]),
        ("不在", []),
        ("贸信", []),
    ],
)
def test_any_part_of_a_searched_text_is_found(shop: Workspace, text: str, codes: list[str]) -> None:
    assert found(shop, text) == codes


def test_what_changes_is_found_by_its_new_text_only(shop: Workspace) -> None:
    with shop.step(None) as step:
        client = step.records.list("client", search="信风").records[0]
        step.records.update(client, {"name": "东风"})

    assert (found(shop, "信风"), found(shop, "东风")) == ([], ["Tradewind Trading"])


def test_what_is_taken_back_is_not_found(shop: Workspace) -> None:
    def give_up() -> None:
        with shop.step(None) as step:
            step.records.create("client", {"name": "南风", "code": "S"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()

    assert found(shop, "南风") == []


def test_a_hidden_field_does_not_tell_what_it_holds(shop: Workspace) -> None:
    assert found(shop, "138", by="amy") == []
    assert found(shop, "信风", by="amy") == ["Tradewind Trading"]


def test_a_field_that_becomes_searched_is_found_in_old_records(shop: Workspace) -> None:
    assert found(shop, "贸易") == ["Tradewind Trading"]

    shop.publish({**FILES, "entities/client.yaml": FILES["entities/client.yaml"].replace("long_text}", "long_text, search: true}")})

    assert len(found(shop, "贸易")) == 4


def test_an_entity_that_is_searched_no_more_is_left_without_its_index(shop: Workspace) -> None:
    shop.publish({**FILES, "entities/client.yaml": FILES["entities/client.yaml"].replace(", search: true", "")})

    assert found(shop, "信风") == ["Tradewind Trading"]
    assert shop.plan(shop.model) == []


def test_grams_are_runs_of_one_to_three_characters() -> None:
    assert grams("信风 Tea!") == "信 风 信风 te ea tea"
    assert asked("信风") == ["信风"]
    assert asked("Teapot") == ["Tea", "eap", "apo", "pot"]
    assert asked("- a !") == []
