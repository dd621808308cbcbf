"""Scripts (spec 2.3): statements, what they may name, and how they fail; played against effects that note what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dsl import script
from dsl.feel import BOOLEAN, NUMBER, STRING, Choice, ListOf, RecordOf, Scope
from dsl.script.runtime import Limits, ScriptFailed
from dsl.script.writable import Slot, Writable

STATUS = Choice("status", ("draft", "approved"))
ORDER = {"number": STRING, "total": NUMBER, "status": STATUS, "urgent": BOOLEAN, "owner": RecordOf("user"),
         "lines": ListOf(RecordOf("order.lines"))}  # fmt: skip
ENTITIES: dict[str, Mapping[str, Any]] = {
    "order": ORDER,
    "order.lines": {"product": STRING, "quantity": NUMBER},
    "stock": {"product": STRING, "reserved": NUMBER},
    "user": {"name": STRING},
}
SCOPE = Scope({**ORDER, "record": RecordOf("order"), "limit": NUMBER}, ENTITIES.get, frozenset({"order", "stock", "user"}))
WRITABLE = Writable(
    entity="order",
    fields=lambda entity: {n: Slot(t, "is computed" if n == "total" else "") for n, t in ENTITIES.get(entity, {}).items()} or None,
    variables={"limit": NUMBER},
    templates=frozenset({"order_ready"}),
)


class Noted:
    """Effects that write down what a script does, in order."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 8, tzinfo=UTC)

    def call(self, name: str, args: Sequence[object]) -> object:
        raise AssertionError(name)

    def query(self, query: Any, scope: Any, items: Sequence[object]) -> object:
        return [] if query.kind == "lookup all" else None

    def set_field(self, record: Any, field: str, value: object) -> None:
        self.done.append(("set", field, value))

    def set_variable(self, name: str, value: object) -> None:
        self.done.append(("variable", name, value))

    def create(self, entity: str, values: dict[str, object]) -> object:
        self.done.append(("create", entity, values))
        return {"id": 1, **values}

    def update_where(self, entity: str, condition: Any, values: Mapping[str, Any], scope: Any) -> int:
        self.done.append(("update", entity, sorted(values)))
        return 1

    def notify(self, users: Sequence[object], template: str, scope: Any) -> None:
        self.done.append(("notify", len(users), template))

    def log(self, text: str) -> None:
        self.done.append(("log", text))


NAMES = {
    "number": "SO-1", "total": Decimal(120), "status": "draft", "urgent": None, "owner": {"name": "Amy"}, "limit": Decimal(100),
    "lines": [{"product": "tea", "quantity": Decimal(2)}, {"product": "pot", "quantity": Decimal(0)}],
    "record": {"number": "SO-1"},
}  # fmt: skip


def run(text: str, **options: Any) -> list[tuple[Any, ...]]:
    checked = script.check(text, SCOPE, writable=WRITABLE)
    assert checked.script is not None, [p.message for p in checked.problems]
    noted = Noted()
    checked.script.run(NAMES, noted, **options)
    return noted.done


def problems(text: str) -> list[tuple[str, int, int]]:
    return [(p.code, p.at.line, p.at.column) for p in script.check(text, SCOPE, writable=WRITABLE).problems]


def test_who_ends_a_condition_with_then_is_told_that_the_statement_has_none() -> None:
    (found,) = script.check("if number = 1 then\n  log number\nend", SCOPE, writable=WRITABLE).problems

    assert (found.code, found.at.line, found.at.column) == ("TW2001", 1, 15)
    assert found.hint == "the condition of an `if` statement ends with its line, without `then`"


def test_assignments_go_to_fields_and_to_variables_in_order() -> None:
    assert run('set status = "approved", limit = limit + 1') == [("set", "status", "approved"), ("variable", "limit", Decimal(101))]


def test_a_branch_is_taken_by_the_first_condition_that_holds() -> None:
    text = """
    if total > 200
      log "big"
    else if total > 100   # a comment
      log "middle"
    else
      log "small"
    end
    """
    assert run(text) == [("log", "middle")]


def test_lines_are_walked_through_and_filtered() -> None:
    text = """
    for each l in lines where l.quantity > 0
      update stock where product = l.product set reserved = reserved + l.quantity
    end
    """
    assert run(text) == [("update", "stock", ["reserved"])]


def test_a_statement_goes_on_after_a_comma_an_operator_and_within_brackets() -> None:
    text = """
    let goods = for l in lines return {product: l.product,
                                       quantity: l.quantity}
    create order as copy with
      number = number + "-2", status = "draft",
      lines = goods
    log "made {copy.number} with {count(goods)} lines {{so}"
    """
    done = run(text)
    assert done[0][:2] == ("create", "order")
    assert done[1] == ("log", "made SO-1-2 with 2 lines {so}")


def test_a_requirement_that_does_not_hold_fails_with_its_text() -> None:
    with pytest.raises(ScriptFailed, match="Only 100 left of SO-1") as failed:
        run('require total <= limit else "Only {limit} left of {number}"')
    assert failed.value.code == "require"


def test_a_null_where_a_condition_is_needed_fails_and_says_why() -> None:
    with pytest.raises(ScriptFailed):
        run('require urgent else "not urgent"')


def test_fail_stops_at_once() -> None:
    with pytest.raises(ScriptFailed, match="Amy said no"):
        run('fail "{owner.name} said no"\nset status = "approved"')


def test_cost_is_bounded() -> None:
    loop = "for each i in [1, 2, 3, 4, 5]\n  for each j in [1, 2, 3, 4, 5]\n    log \"x\"\n  end\nend"

    with pytest.raises(ScriptFailed) as failed:
        run(loop, limits=Limits(statements=20))
    assert failed.value.code == "limit"


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('set statu = "draft"', "TW2113", 1, 5),
        ('set status = "done"', "TW2123", 1, 14),
        ("set total = 5", "TW2117", 1, 5),
        ("set number = 5", "TW2116", 1, 14),
        ('log "a"\nset number = nmber', "TW2002", 2, 14),
        ("update stok where product = number set reserved = 1", "TW2111", 1, 8),
        ("update stock where product = number set reservd = 1", "TW2112", 1, 41),
        ("notify owner using order_redy", "TW2114", 1, 20),
        ("let status = 1", "TW2118", 1, 5),
        ("for each l in lines\n  log l.product", "TW2103", 1, 1),
        ("sett status = 1", "TW2101", 1, 1),
    ],
)
def test_mistakes_are_found_with_code_line_and_column(text: str, code: str, line: int, column: int) -> None:
    assert problems(text)[0] == (code, line, column)
