"""Gaps, overlaps and rules without use: found as geometry, compared with asking the table everything."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.decisions import CompiledTable, Input, Output, Rule, Table, compile
from dsl.decisions.coverage import Findings, analyse
from dsl.decisions.telling import example
from tests.decisions.conftest import Draw

RATING = {"rating": '"new", "good", "bad"'}


def told(findings: Findings) -> list[str]:
    return [f"gap: {example(gap)}" for gap in findings.gaps] + [
        f"rules {pair.first + 1} and {pair.second + 1}: {example(pair.example)}" for pair in findings.overlaps
    ]


def test_a_gap_comes_with_an_example(draw: Draw) -> None:
    table = draw("F", 'rating; net -> rate\n"bad"; - -> 1\n"new"; > 5000 -> 0.5\n"good"; - -> 0', values=RATING)

    assert told(analyse(table)) == ['gap: rating = "new", net = 4999']


def test_defaults_and_collecting_leave_no_gap(draw: Draw) -> None:
    table = "net -> rate\n> 5000 -> 1"

    assert analyse(draw("F", table, defaults={"rate": "0"})).gaps == ()
    assert analyse(draw("C", table)).gaps == ()
    assert len(analyse(draw("R", table)).gaps) == 1


def test_overlaps_matter_where_a_case_has_one_rule_and_under_any_where_outputs_differ(draw: Draw) -> None:
    table = "net; member -> rate\n<= 10; - -> 1\n>= 10; true -> 1\n>= 10; - -> 2"

    assert told(analyse(draw("U", table))) == [
        "rules 1 and 2: net = 10, member = true",
        "rules 1 and 3: net = 10, member = true",
        "rules 2 and 3: net = 10, member = true",
    ]
    assert told(analyse(draw("A", table))) == ["rules 1 and 3: net = 10, member = true", "rules 2 and 3: net = 10, member = true"]
    assert told(analyse(draw("F", table))) == []


def test_whole_numbers_and_days_have_neighbours() -> None:
    rules = (Rule(("< 5", '< date("2026-03-01")'), ("1",)), Rule(("> 4", '< date("2026-03-01")'), ("2",)),
             Rule(("-", '> date("2026-02-28")'), ("3",)))  # fmt: skip
    inputs = (Input("n", whole=True), Input("day"))

    whole = compile(Table("U", inputs, (Output(),), rules), ["n", "day"])
    dense = compile(Table("U", (Input("n"), inputs[1]), (Output(),), rules), ["n", "day"])
    assert told(analyse(whole)) == []
    assert told(analyse(dense)) == ["rules 1 and 2: n = 4.5, day = 2026-02-27"]


def test_durations_and_times_have_gaps_too(draw: Draw) -> None:
    table = draw("U", 'wait; at -> late\n< duration("P1D"); - -> false\n> duration("P1D"); < time("12:00:00") -> true')

    assert told(analyse(table)) == ["gap: wait = P1D, at = 11:00:00", "gap: wait = P2D, at = 12:00:00"]


def test_a_rule_that_nothing_reaches_is_named(draw: Draw) -> None:
    first = analyse(draw("F", "n -> rate\n< 10 -> 1\n>= 10 -> 2\n[5..20] -> 3\n- -> 4"))
    ranked = analyse(draw("P", 'n -> rate\n< 10 -> "low"\n- -> "high"', values={"rate": '"high", "low"'}))
    never = analyse(draw("F", 'n; rating -> rate\n> 100; - -> 1\n-; "new" -> 2', values={"n": "[0..100]", **RATING}))

    assert first.hidden == (2, 3)
    assert ranked.hidden == (0,)
    assert never.idle == (0,)


def test_only_what_is_certain_is_told_of_tests_that_compute(draw: Draw) -> None:
    table = draw("U", "n; limit -> rate\n> limit; - -> 1\n<= limit; > 5 -> 2\n> limit; < 3 -> 3\n-; 100 -> 4")

    assert [(pair.first, pair.second) for pair in analyse(table).overlaps] == [(0, 2), (0, 3), (1, 3)]
    assert analyse(table).gaps == ()


def test_two_hundred_rules_over_eight_inputs_are_seen_through() -> None:
    def halves(rules: list[list[str]], depth: int) -> list[list[str]]:
        """Each rule cut in two in one more column."""
        if len(rules) >= 200:
            return rules
        cut = [[*rule[:depth], cell, *rule[depth + 1 :]] for rule in rules for cell in (f"< {depth * 10}", f">= {depth * 10}")]
        return halves(cut, depth + 1)

    cells = halves([["-"] * 8], 0)
    inputs = tuple(Input(f"i{n}") for n in range(8))
    complete = Table("U", inputs, (Output(),), tuple(Rule(tuple(row), ("1",)) for row in cells))
    names = [each.name for each in inputs]

    assert len(cells) == 256
    assert analyse(compile(complete, names)) == Findings()
    assert len(analyse(compile(Table("U", inputs, (Output(),), complete.rules[1:]), names)).gaps) == 1


NUMBERS = st.sampled_from(["-", "1", "3", "< 2", ">= 2", "> 3", "[1..3]", "(1..3)", "not(2)", "1, 4", "not(< 1)", "<= 4"])
TEXTS = st.sampled_from(["-", '"a"', '"b"', '"a", "c"', 'not("a")', 'not("b", "c")'])
TRUTHS = st.sampled_from(["-", "true", "false", "not(true)"])
GRID = [
    {"n": Decimal(n) / 2, "t": t, "b": b} for n, t, b in product(range(-1, 12), ["a", "b", "c"], [True, False])
]  # fmt: skip


@st.composite
def tables(draw_: st.DrawFn) -> CompiledTable:
    rows = draw_(st.lists(st.tuples(NUMBERS, TEXTS, TRUTHS, st.sampled_from(["1", "2"])), min_size=1, max_size=7))
    hit = draw_(st.sampled_from(["U", "A", "F", "P", "R"]))
    inputs = (Input("n"), Input("t", values='"a", "b", "c"'), Input("b"))
    rules = tuple(Rule(row[:3], row[3:]) for row in rows)
    return compile(Table(hit, inputs, (Output(values="2, 1"),), rules), ["n", "t", "b"])


@given(tables())
@settings(max_examples=300, deadline=None)
def test_the_findings_are_those_of_asking_everything(table: CompiledTable) -> None:
    source, hit = table.table, table.table.hit
    asked = compile(Table("R", source.inputs, source.outputs, source.rules), ["n", "t", "b"])
    matches = [asked.decide(point).rules for point in GRID]
    outputs = [rule.outputs[0] for rule in source.rules]
    pairs = {pair for rules in matches for pair in combinations(rules, 2)} if hit in "UA" else set()
    order = [*range(1, len(outputs) + 1)] if hit == "F" else sorted(range(1, len(outputs) + 1), key=lambda n: (outputs[n - 1] == "1", n))
    deciding = {min(rules, key=order.index) for rules in matches if rules}
    used = {rule for rules in matches for rule in rules}
    found = analyse(table)

    assert bool(found.gaps) == (() in matches)
    assert all(asked.decide(full(gap)).rules == () for gap in found.gaps)
    assert {(pair.first + 1, pair.second + 1) for pair in found.overlaps} == {
        (one, two) for one, two in pairs if hit == "U" or outputs[one - 1] != outputs[two - 1]
    }
    assert all({pair.first + 1, pair.second + 1} <= set(asked.decide(full(pair.example)).rules) for pair in found.overlaps)
    assert {rule + 1 for rule in found.idle} == set(range(1, len(outputs) + 1)) - used
    if hit in "FP":
        assert {rule + 1 for rule in found.hidden} == used - deciding


def full(example: object) -> dict[str, object]:
    """An example with the inputs that play no part in it."""
    return {"n": Decimal(0), "t": "a", "b": True} | dict(example)  # type: ignore[call-overload]


def test_a_table_of_a_thousand_rules_is_checked_in_bounded_time(draw: Draw) -> None:
    lookup = draw("U", "code -> rate\n" + "\n".join(f'"{n}" -> {n}' for n in range(1000)))
    nested = draw("F", "n -> rate\n" + "\n".join(f">= {n} -> {n}" for n in range(1000)))

    assert told(analyse(lookup)) == ['gap: code = "other"']
    assert len(analyse(nested).hidden) >= 200
