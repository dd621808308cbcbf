"""Models drawn at random go to DMN XML and to documents and back, and stay what they are and decide as they did."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.decisions import Input, Output, Rule, Table
from dsl.dmn import compile_models, read
from dsl.dmn.documents import documents
from dsl.dmn.model import (
    Boxed,
    Conditional,
    Context,
    Decision,
    Definitions,
    Entry,
    Filtered,
    Function,
    InputData,
    Invocation,
    ItemType,
    Iteration,
    Knowledge,
    Listed,
    Literal,
    Reference,
    Relation,
    Tabled,
    Variable,
)
from dsl.dmn.settling import settled
from dsl.dmn.writing import write
from dsl.feel.ast import TypeName
from dsl.feel.values import FeelFunction
from engine.model import build

NUMBER = TypeName(0, 0, "number")
GIVEN = {"Net Amount": Decimal(7), "客户等级": "gold"}
FEEL = ("1", "-0.5", "Net Amount * 2", '客户等级 + " & <b> ]]> 🙂"', "null", "[1, 2, 3]", '{a b: 1, "c": [Net Amount]}',
        "if Net Amount > 3 then 1 else 2", "true", '"line\\none"', "", "for i in [1, 2] return\n  i + 1", '"- :#{}"', "[1..5)")  # fmt: skip
TESTS = ("-", "", "> 5", '"gold", "silver"', "not(7)", "[1..8]", "? = 客户等级", "< Net Amount + 1", "null")
TITLES = st.sampled_from(["Net", "押金比例", "Rate (%)", "note", "Loan's Fee", "a", "Fee & Tax", "value", "x.y"])
TYPES = st.sampled_from([None, NUMBER, TypeName(0, 0, "tLevel"), TypeName(0, 0, "string")])
LITERALS = st.builds(Literal, st.sampled_from(FEEL))
NAMES = ("entry one", "项", "z")


def variables(least: int = 0) -> Any:
    return st.lists(st.builds(Variable, st.sampled_from(NAMES), TYPES), min_size=least, max_size=3, unique_by=lambda each: each.name).map(
        tuple
    )


def entries(logic: Any, least: int = 0) -> Any:
    return st.lists(st.builds(Entry, st.sampled_from(NAMES), TYPES, logic), min_size=least, max_size=3, unique_by=lambda e: e.name).map(
        tuple
    )


@st.composite
def tables(draw: Any) -> Tabled:
    hit = draw(st.sampled_from(["U", "A", "F", "R", "C", "C+", "C<", "C>", "C#", "P", "O"]))
    inputs = tuple(Input(name, draw(st.sampled_from(["", name])), draw(TYPES), "", draw(st.sampled_from(["", "标签 & x"])))
                   for name in draw(st.sampled_from([[], ["Net Amount"], ["Net Amount", "客户等级"]])))  # fmt: skip
    ranked = hit in "PO"
    count = 1 if hit[0] == "C" and hit != "C" else draw(st.integers(1, 2))
    names = [None] if count == 1 and draw(st.booleans()) else [f"out {n}" for n in range(count)]
    default = draw(st.sampled_from(["", "2"]))
    outputs = tuple(Output(name, None, "1, 2, 3" if ranked else "", default, draw(st.sampled_from(["", "结果 & x"]))) for name in names)
    results = st.sampled_from(["1", "2", "3"]) if ranked or count == 1 else st.sampled_from(["1", '"text: 1"', "Net Amount"])
    notes = st.sampled_from(["", "注: 大额 <1>", "two\nlines"])
    rules = tuple(
        Rule(tuple(draw(st.sampled_from(TESTS)) for _ in inputs), tuple(draw(results) for _ in outputs), draw(notes))
        for _ in range(draw(st.integers(0, 3)))
    )
    return Tabled(Table(hit, inputs, outputs, rules, "t"), frozenset())


def boxed(inner: Any) -> Any:
    loops = st.builds(Iteration, st.sampled_from(["for", "some", "every"]), st.builds(Variable, st.sampled_from(NAMES)), inner, inner)
    relations = variables(1).flatmap(
        lambda columns: st.builds(Relation, st.just(columns), st.lists(st.tuples(*[inner for _ in columns]), max_size=2).map(tuple))
    )
    contexts = st.one_of(st.builds(Context, entries(inner, 1)), st.builds(Context, entries(inner), inner, TYPES))
    calls = st.builds(Invocation, st.just("Add Tax"), st.just((Entry("net sum", NUMBER, Literal("5")),)))
    return st.one_of(contexts, calls, loops, relations, st.builds(Listed, st.lists(inner, max_size=3).map(tuple)),
                     st.builds(Conditional, inner, inner, inner), st.builds(Filtered, inner, inner),
                     st.builds(Function, variables(), inner, TYPES))  # fmt: skip


LOGIC: st.SearchStrategy[Boxed] = st.recursive(st.one_of(LITERALS, tables()), boxed, max_leaves=6)
ITEM = ItemType("tLevel", TypeName(0, 0, "string"), False, '"gold", "silver"')
TAX = Function((Variable("net sum", NUMBER),), Literal("net sum * 1.13"), NUMBER)


@st.composite
def models(draw: Any) -> Definitions:
    data = [InputData(f"in_{place}", name, draw(TYPES), None, name) for place, name in enumerate(GIVEN)]
    tax = Knowledge("add_tax", "Add Tax", TAX, (), None, None, "Add Tax", "含税")
    inputs, knowledge = [Reference(each.id) for each in data], Reference(tax.id)
    first = Decision(
        "first", draw(TITLES), draw(TYPES), draw(LOGIC), (*inputs, knowledge), None, "First One", draw(st.sampled_from(["", "说明 & more"]))
    )
    second = Decision("second", draw(TITLES), None, draw(LOGIC), (*inputs, Reference("first"), knowledge), None, "第二")
    return Definitions("信用 Model", "urn:信用", (*data, tax, first, second), (ITEM,))


def read_back(model: Definitions) -> Definitions:
    found = read("m.dmn", write(model))
    assert found.problems == ()
    return settled([found.definitions], compile_models([found.definitions]))[0]


def answers(model: Definitions) -> list[Any]:
    compiled = compile_models([model])
    assert not compiled.problems
    return [plain(compiled.decide(name, GIVEN).value) for name in ("first", "second")]


def plain(value: Any) -> Any:
    """A value with functions told by their parameters, as they are no more equal than code is."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return f"function{value.names}" if isinstance(value, FeelFunction) else str(value)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_a_model_that_was_written_is_the_same_model(model: Definitions) -> None:
    again = read_back(model)

    assert documents([again]) == documents([model])
    assert write(again) == write(model)
    assert answers(again) == answers(model)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_documents_of_a_model_are_the_same_model(model: Definitions) -> None:
    files = {f"decisions/{name}.yaml": text for name, text in documents([model]).items()}
    built = build({"workspace.yaml": "workspace: shop\n", **files})
    if built.model is None:
        assert {each.code for each in built.problems if each.severity == "error"} <= {"TW2211"}, built.problems
        return
    own = next(each for each in built.model.decision_models if each.namespace == model.namespace)

    assert {f"decisions/{name}.yaml": text for name, text in documents([read_back(own)]).items()} == files


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_ids_are_given_once_and_are_names_of_xml(model: Definitions) -> None:
    ids = [node.get("id", "") for node in ElementTree.fromstring(write(model)).iter() if node.get("id") is not None]

    assert len(ids) == len(set(ids))
    assert all(each.isprintable() and " " not in each and (each[0].isalpha() or each[0] == "_") for each in ids)
