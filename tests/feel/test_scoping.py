"""What a name means: the item of the innermost filter first, then what is around it."""

from __future__ import annotations

from decimal import Decimal

from dsl import feel
from dsl.feel import ANY, NUMBER, STRING, ListOf, RecordOf, Scope, ast

ENTITIES = {
    "order": {"number": STRING, "total": NUMBER, "lines": ListOf(RecordOf("order.lines")), "owner": RecordOf("user")},
    "order.lines": {"quantity": NUMBER},
    "invoice": {"order": RecordOf("order"), "total": NUMBER},
    "user": {"name": STRING},
}
SCOPE = Scope(
    {**ENTITIES["order"], "record": RecordOf("order"), "payload": ANY, "user": RecordOf("user")},
    ENTITIES.get,
    frozenset({"order", "invoice", "user"}),
)


def resolved(text: str) -> ast.Node:
    checked = feel.check(text, SCOPE)
    assert not checked.problems
    assert checked.ast is not None
    return checked.ast


def means(node: ast.Node) -> str:
    """A name or path as text, items by their depth: `#0.total`."""
    if isinstance(node, ast.Path):
        return f"{means(node.base)}.{node.member}"
    if isinstance(node, ast.Item):
        return f"#{node.depth}"
    assert isinstance(node, ast.Name)
    return node.name


def sides(node: ast.Node | None) -> tuple[str, str]:
    assert isinstance(node, ast.Comparison)
    return means(node.left), means(node.right)


def test_a_filters_bare_names_are_its_items_members_first() -> None:
    node = resolved("lines[quantity > total]")

    assert isinstance(node, ast.Filter)
    assert sides(node.condition) == ("#0.quantity", "total")


def test_item_is_the_item_itself() -> None:
    node = resolved("lines[item.quantity > item.quantity]")

    assert isinstance(node, ast.Filter)
    assert sides(node.condition) == ("#0.quantity", "#0.quantity")


def test_the_items_of_unknown_lists_are_asked_at_run_time() -> None:
    node = resolved("payload[size > total]")

    assert isinstance(node, ast.Filter)
    assert sides(node.condition) == ("size", "total")
    wide = {"payload": [{"size": Decimal(5), "total": Decimal(9)}, {"size": Decimal(5)}], "total": Decimal(3)}
    assert feel.compile("payload[size > total]", SCOPE)(wide) == [{"size": Decimal(5)}]


def test_a_query_inside_a_filter_counts_rows_from_the_inside_out() -> None:
    node = resolved("lines[exists(invoice, total > quantity)]")

    assert isinstance(node, ast.Filter)
    assert isinstance(node.condition, ast.Query)
    assert sides(node.condition.condition) == ("#0.total", "#1.quantity")


def test_a_query_sees_the_record_outside_by_record() -> None:
    node = resolved('lookup all("invoice", total > record.total)')

    assert isinstance(node, ast.Query)
    assert sides(node.condition) == ("#0.total", "record.total")


def test_a_loops_variable_wins_over_what_is_around() -> None:
    node = resolved("for total in lines return total")

    assert isinstance(node, ast.For)
    assert means(node.result) == "total"
    assert node.iterators[0].name == "total"


def test_a_condition_on_rows_takes_bare_names_from_the_row() -> None:
    checked = feel.check_condition("owner = user", Scope({"user": RecordOf("user")}, ENTITIES.get, SCOPE.entities), "order")

    assert checked.ast is not None
    assert sides(checked.ast) == ("#0.owner", "user")
    assert checked.expression is not None
    assert checked.expression.paths == {("user",)}


def test_record_is_the_row_unless_one_is_outside_already() -> None:
    alone = feel.check_condition("record.total = total", Scope({}, ENTITIES.get, SCOPE.entities), "order")
    within = feel.check_condition("record.total = total", SCOPE, "invoice")

    assert alone.ast is not None
    assert sides(alone.ast) == ("#0.total", "#0.total")
    assert within.ast is not None
    assert sides(within.ast) == ("record.total", "#0.total")


def test_a_built_in_function_stays_one_beside_a_field_of_its_name() -> None:
    expression = feel.compile('number("5") + string length(number)', SCOPE)

    assert expression({"number": "SO-1"}) == 9
