"""Decisions as documents: checked with the model, asked from expressions."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent

from dsl.feel import BOOLEAN, NUMBER, Choice, ContextOf, ListOf
from dsl.problems import Problem
from engine.model import Built, build

RATE = """
    decision: deposit_rate
    hit: F
    inputs:
      rating: {type: text, values: '"new", "good", "bad"'}
      net: {type: decimal}
    outputs:
      rate: {type: decimal, default: '1'}
    rules:
      - {rating: '"bad"', rate: '1'}
      - {rating: '"new"', net: '> 5000', rate: 0.5, note: large first orders}
      - {rating: '"good"', net: '-', rate: '0'}
    """
ORDER = """
    entity: order
    fields:
      rating: {type: choice, options: [new, good, bad]}
      net: {type: money}
      rate: {type: decimal, compute: 'decide(deposit_rate, %s)'}
    """


def built(*documents: str) -> Built:
    return build({"workspace.yaml": "workspace: shop\n"} | {f"{i}.yaml": dedent(text).lstrip("\n") for i, text in enumerate(documents, 1)})


def said(found: Built) -> list[tuple[str, str, str]]:
    def line(problem: Problem) -> tuple[str, str, str]:
        place = problem.place.removeprefix("1.yaml:")
        return place, problem.code, f"{problem.message}; {problem.hint}".removesuffix("; ")

    return [line(problem) for problem in found.problems]


def rated(*changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    """The problems of the deposit rate with some texts changed."""
    text = RATE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return said(built(text))


def test_a_decision_is_compiled_with_the_model() -> None:
    found = built(RATE)

    assert found.problems == []
    assert found.model is not None
    decision = found.model.decisions["deposit_rate"]
    assert decision.type.inputs == {"rating": Choice("rating", ("new", "good", "bad")), "net": NUMBER}
    assert decision.type.result == NUMBER
    decided = decision.table.decide({"rating": "new", "net": Decimal(6000)})
    assert (decided.value, decided.rules) == (Decimal("0.5"), (2,))


def test_what_a_decision_gives_is_typed_by_its_hit_policy() -> None:
    def result(hit: str, outputs: str) -> object:
        rules = "rules: [{n: '-', x: '1', y: 'true'}]"
        model = built(f"decision: d\nhit: {hit}\ninputs: {{n: {{type: decimal}}}}\noutputs: {outputs}\n{rules}").model
        assert model is not None
        return model.decisions["d"].type.result

    both = "{x: {type: decimal}, y: {}}"
    assert result("U", both) == ContextOf({"x": NUMBER, "y": BOOLEAN})
    assert result("R", both) == ListOf(ContextOf({"x": NUMBER, "y": BOOLEAN}))


def test_cells_of_unknown_columns_and_missing_outputs() -> None:
    assert rated(("- {rating: '\"bad\"', rate: '1'}", "- {ratng: '\"bad\"', note: late}")) == [
        ("9:5", "TW2202", "rule 1 gives no 'rate'; write null where there is nothing to give"),
        ("9:6", "TW2202", "the table has no input and no output 'ratng'; did you mean 'rating'?"),
    ]


def test_cells_are_checked_where_they_stand() -> None:
    assert rated(('"good"', '"goood"'), ("net: '> 5000'", "net: '> \"5000\"'"), ("rate: 0.5", "rate: '\"half\"'")) == [
        ("10:29", "TW2005", "'>' cannot compare a number with a string; numbers stand without quotes"),
        ("10:47", "TW2009", "a number is needed here, not a string"),
    ]
    assert rated(("- {rating: '\"good\"'", "- {rating: '\"godo\"'")) == [
        ("11:15", "TW2006", "'rating' has no option 'godo'; did you mean 'good'?")
    ]


def test_outputs_are_among_their_values() -> None:
    assert rated(("rate: {type: decimal, ", "rate: {type: decimal, values: '[0..0.3], 1', ")) == [
        ("10:44", "TW2204", "0.5 is none of the values of 'rate': [0..0.3], 1")
    ]


def test_names_of_columns_are_their_own() -> None:
    text = "decision: d\ninputs: {x: {}, note: {}}\noutputs: {x: {}}\nrules: [{x: '1'}]\n"

    assert [code for _, code, _ in said(built(text))] == ["TW2203", "TW2203"]


def test_types_are_those_of_fields() -> None:
    assert rated(("rate: {type: decimal", "rate: {type: decimel")) == [
        ("7:16", "TW1104", "unknown type 'decimel'; did you mean 'decimal'?")
    ]


def test_priority_needs_an_order() -> None:
    assert rated(("hit: F", "hit: P"))[0][:2] == ("2:6", "TW2201")


def test_gaps_warn_and_overlaps_of_a_unique_table_are_errors() -> None:
    either = "make one of them narrower, or choose another hit policy, such as F"

    assert rated(("hit: F", "hit: U"), (", default: '1'", ""), ("- {rating: '\"bad\"', rate", "- {net: '> 9000', rate")) == [
        ("2:6", "TW2210", 'no rule matches rating = "bad", net = 4999; add a rule, or a default to every output'),
        ("2:6", "TW2210", 'no rule matches rating = "new", net = 4999; add a rule, or a default to every output'),
        ("10:5", "TW2211", f'rules 1 and 2 both match rating = "new", net = 9001; {either}'),
        ("11:5", "TW2211", f'rules 1 and 3 both match rating = "good", net = 9001; {either}'),
    ]


def test_any_warns_where_outputs_differ() -> None:
    found = built(RATE.replace("hit: F", "hit: A").replace("'\"good\"', net: '-'", "'\"new\"', net: '> 9000'"))

    assert [(p.place, p.code, p.severity) for p in found.problems] == [("1.yaml:11:5", "TW2211", "warning")]


def test_a_rule_that_never_decides_is_told() -> None:
    assert rated(("'\"new\"', net: '> 5000'", "'\"bad\"', net: '> 5000'")) == [
        ("10:5", "TW2212", "rule 2 never decides: rules before it match all that it matches")
    ]


def test_decide_is_checked_against_the_inputs() -> None:
    def asked(context: str) -> list[tuple[str, str]]:
        return [(code, text) for _, code, text in said(built(ORDER % context, RATE))]

    assert asked("{rating: rating, net: net}") == []
    assert asked("record") == []
    assert asked("{rating: rating}") == [
        ("TW2221", "'net' is not given, an input of the decision 'deposit_rate'; its inputs are rating, net")
    ]
    assert asked("{rating: rating, net: net, nett: 1}") == [
        ("TW2221", "the decision 'deposit_rate' has no input 'nett'; did you mean 'net'?")
    ]
    assert asked("{rating: rating, net: rating}") == [("TW2221", "'deposit_rate' takes a number as net, not a choice")]
    assert asked('{rating: "poor", net: net}') == [("TW2006", "'rating' has no option 'poor'; the options are new, good, bad")]
    assert asked("net") == [("TW2221", "'deposit_rate' is asked with a context of its inputs, not a number")]


def test_a_choice_with_more_options_than_the_decision_knows_is_a_warning() -> None:
    found = built((ORDER % "record").replace("[new, good, bad]", "[new, good, bad, lost]"), RATE)

    assert [(p.code, p.severity, p.message) for p in found.problems] == [
        ("TW2221", "warning", "the decision 'deposit_rate' gives nothing where rating is lost")
    ]


def test_decisions_are_called_by_name_bare_or_quoted() -> None:
    order = ORDER % "record"

    assert said(built(order.replace("deposit_rate", '"deposit_rate"'), RATE)) == []
    assert said(built(order.replace("deposit_rate", "deposit_rat"), RATE)) == [
        ("5:42", "TW2220", "there is no decision 'deposit_rat'; did you mean 'deposit_rate'?")
    ]


def test_a_computed_field_depends_on_what_its_decision_reads() -> None:
    model = built(ORDER % "record", RATE).model
    assert model is not None

    assert model.entities["order"].fields["rate"].compute.paths == {("record",), ("record", "rating"), ("record", "net")}  # type: ignore[union-attr]


def test_a_computed_field_asks_no_decision_that_reads_the_clock() -> None:
    moving = RATE.replace("net: '> 5000'", "net: '> 5000 + today().year'")

    assert [code for _, code, _ in said(built(ORDER % "record", moving))] == ["TW1320"]


def test_filters_and_row_rules_ask_no_decision() -> None:
    view = "    views: {dear: {type: list, columns: [net], filter: 'net > 5 and decide(deposit_rate, record) = 1'}}\n"
    role = "role: clerk\ngrants: {order: {read: 'decide(deposit_rate, {rating: rating, net: net}) = 1'}}\n"
    found = built(dedent(ORDER % "record").rstrip() + "\n" + dedent(view), RATE, role)

    assert [(p.place, p.code) for p in found.problems] == [("1.yaml:6:65", "TW2222"), ("3.yaml:2:25", "TW2222")]


def test_an_extension_replaces_the_rules_of_a_module() -> None:
    change = """
        extend: decision deposit_rate
        hit: U
        rules:
          - {rating: '"bad"', rate: '1'}
          - {rating: 'not("bad")', rate: '0'}
        """
    found = built(RATE, change)

    assert found.problems == []
    assert found.model is not None
    assert found.model.decisions["deposit_rate"].table.decide({"rating": "new", "net": None}).value == 0


def test_decide_takes_named_arguments() -> None:
    order = ORDER.replace("decide(deposit_rate, %s)", "decide(context: record, decision: deposit_rate)")

    assert said(built(order, RATE)) == []


def test_what_a_decision_gives_has_members() -> None:
    grading = """
        decision: grading
        inputs: {net: {type: money}}
        outputs: {grade: {type: text}, days: {type: integer}}
        rules: [{grade: '"a"', days: 30}]
        """
    order = """
        entity: order
        fields:
          net: {type: money}
          days: {type: integer, compute: 'decide(grading, record).days'}
          grade: {type: text, compute: 'decide(grading, record).grad'}
        """

    assert said(built(order, grading)) == [
        ("5:57", "TW2003", "a context<grade: string, days: number> has no member 'grad'; did you mean 'grade'?")
    ]


def test_an_input_may_be_any_expression_over_what_it_is_asked_with() -> None:
    shipping = """
        decision: shipping
        inputs:
          heavy: {expression: parcel.weight * count(parcel.items) > 20, type: boolean}
          far: {expression: 'km > 500', type: boolean}
        outputs: {price: {type: money}}
        rules:
          - {heavy: false, far: false, price: 5}
          - {heavy: true, far: false, price: 9}
          - {far: true, price: km / 50}
        """
    found = built(shipping)

    assert found.problems == []
    assert found.model is not None
    decision = found.model.decisions["shipping"]
    assert set(decision.type.inputs or ()) == {"km", "parcel"}
    parcel = {"weight": Decimal(11), "items": ["tea", "pot"]}
    assert decision.table.decide({"km": Decimal(10), "parcel": parcel}).value == 9
    assert decision.table.decide({"km": Decimal(1000), "parcel": parcel}).value == 20
