"""What the hit policies make of the rules that match (DMN 1.5, 8.2.10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dsl.decisions import Input, Output, Rule, Table, compile
from dsl.problems import InvalidText
from tests.decisions.conftest import Draw, decide

DISCOUNTS = """
    total; level -> discount; gift
    >= 100; - -> 5; null
    >= 500; - -> 10; "cap"
    -; "gold" -> 7; "card"
"""
FEES = """
    weight -> fee
    > 0 -> 3
    > 10 -> 8
    > 20 -> 5
"""


def test_a_unique_table_has_one_rule_for_each_case(draw: Draw) -> None:
    table = draw("U", DISCOUNTS)

    assert decide(table, total=200, level="new").value == {"discount": 5, "gift": None}
    assert decide(table, total=200, level="new").rules == (1,)


def test_several_matches_of_a_unique_table_are_null_and_say_which(draw: Draw) -> None:
    decided = decide(draw("U", DISCOUNTS), total=600, level="gold")

    assert (decided.value, decided.rules) == (None, (1, 2, 3))
    assert decided.warnings[-1].message == "several rules match (1, 2 and 3), and the hit policy is unique"


def test_any_takes_matches_that_agree_and_refuses_those_that_do_not(draw: Draw) -> None:
    table = draw("A", "age; member -> fee\n< 18; - -> 0\n-; true -> 0\n>= 65; - -> 2")

    assert decide(table, age=10, member=True).value == 0
    assert decide(table, age=10, member=True).rules == (1, 2)
    refused = decide(table, age=70, member=True)
    assert refused.value is None
    assert refused.warnings[-1].message == "rules 2 and 3 match with different outputs, and the hit policy is any"


def test_first_takes_the_first_that_matches(draw: Draw) -> None:
    assert decide(draw("F", DISCOUNTS), total=600, level="gold").value == {"discount": 5, "gift": None}


def test_priority_and_output_order_go_by_the_order_of_the_output_values(draw: Draw) -> None:
    values = {"gift": '"card", "cap"', "discount": "10, 7, 5"}

    assert decide(draw("P", DISCOUNTS, values=values), total=600, level="gold").value == {"discount": 10, "gift": "cap"}
    assert decide(draw("P", DISCOUNTS, values={"gift": '"card", "cap"'}), total=600, level="gold").value == {"discount": 7, "gift": "card"}
    ordered = decide(draw("O", DISCOUNTS, values={"gift": '"card", "cap"'}), total=600, level="gold").value
    assert [each["gift"] for each in ordered] == ["card", "cap", None]  # type: ignore[index,attr-defined]


@pytest.mark.parametrize(
    ("hit", "value"), [("R", [3, 8, 5]), ("C", [3, 8, 5]), ("C+", 16), ("C<", 3), ("C>", 8), ("C#", 3)]
)  # fmt: skip
def test_collecting(draw: Draw, hit: str, value: Any) -> None:
    assert decide(draw(hit, FEES), weight=30).value == value


@pytest.mark.parametrize(
    ("hit", "value"), [("U", None), ("F", None), ("R", []), ("O", []), ("C", []), ("C+", None), ("C<", None), ("C#", 0)]
)  # fmt: skip
def test_nothing_matches(draw: Draw, hit: str, value: Any) -> None:
    decided = decide(draw(hit, FEES, values={"fee": "8, 5, 3"}), weight=-1)

    assert (decided.value, decided.rules) == (value, ())


def test_defaults_are_what_no_rule_gives(draw: Draw) -> None:
    assert decide(draw("U", FEES, defaults={"fee": "1 + 1"}), weight=-1).value == 2
    assert decide(draw("C", FEES, defaults={"fee": "2"}), weight=-1).value == [2]
    assert decide(draw("F", DISCOUNTS, defaults={"discount": "0"}), total=1, level="new").value == {"discount": 0, "gift": None}


def test_sums_are_of_numbers_and_the_least_and_greatest_of_anything_with_an_order(draw: Draw) -> None:
    table = 'n -> name\n> 0 -> "b"\n> 1 -> "a"'

    assert decide(draw("C<", table), n=2).value == "a"
    assert decide(draw("C>", table), n=2).value == "b"
    assert decide(draw("C+", table), n=2).value is None


def test_collecting_into_one_value_is_for_one_output(draw: Draw) -> None:
    with pytest.raises(InvalidText, match=r"C\+ collects the values of one output, and the table has 2"):
        draw("C+", DISCOUNTS)


def test_inputs_that_are_not_allowed_decide_nothing(draw: Draw) -> None:
    table = draw("F", "level -> rate\n- -> 1", values={"level": '"new", "gold"'})

    assert decide(table, level="gold").value == 1
    for level in ("platin", None):
        decided = decide(table, level=level)
        assert decided.value is None
        assert "none of the values that level takes" in decided.warnings[0].message


def test_outputs_that_are_not_allowed_decide_nothing(draw: Draw) -> None:
    table = draw("F", "n -> rate\n- -> n * 2", values={"rate": "[0..10]"})

    assert decide(table, n=5).value == 10
    assert decide(table, n=6).value is None


def test_cells_see_the_context_and_inputs_are_expressions() -> None:
    rules = (Rule(("> Credit Limit",), ("Net Total - Credit Limit",)),)
    table = compile(Table("U", (Input("Net Total * 2"),), (Output(),), rules), ["Net Total", "Credit Limit"])

    assert table.decide({"Net Total": Decimal(60), "Credit Limit": Decimal(100)}).value == -40


def test_a_long_table_answers_by_look_up_as_a_short_one_does_by_testing(draw: Draw) -> None:
    cells = ["< 1", "1", "(1..5]", "not(3)", "2, 4, > 7", "-", "[3..3]", ">= 5", "not(< 2, > 6)"]
    long = draw("R", "n -> rule\n" + "\n".join(f"{cell} -> {i}" for i, cell in enumerate(cells)))
    short = [draw("R", f"n -> rule\n{cell} -> {i}") for i, cell in enumerate(cells)]

    for tenth in range(-5, 90, 5):
        n = Decimal(tenth) / 10
        assert long.decide({"n": n}).value == [each for table in short for each in table.decide({"n": n}).value]  # type: ignore[attr-defined]
    for odd in (None, "3", True):
        assert long.decide({"n": odd}).rules == tuple(i for i, table in enumerate(short, 1) if table.decide({"n": odd}).rules)
