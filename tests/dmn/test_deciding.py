"""Models of DMN XML decide as DMN says, over all kinds of boxed expressions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dsl.dmn import compile_models, read

SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
AMY = {"First Name": "Amy", "Marital Status": "S", "Born": date(2000, 1, 1), "Incomes": [900, 800]}


def test_a_file_of_camunda_modeler_decides(load: Any, decide: Any) -> None:
    """Its inputs are no input data, its decisions have no variable, and are known by the names of their outputs."""
    dish = load("dish.dmn")

    assert decide(dish, "Dish", temperature=5, dayType="WeekEnd").value == "Stew"
    summer = decide(dish, "dish-decision", temperature=35, dayType="WeekDay")
    assert (summer.value, summer.rules) == ("Light Salad and a nice Steak", (3,))
    assert not dish.trouble("Dish")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Monthly Income", Decimal(1700)),
        ("Risk", "Medium"),
        ("Rate", [{"risk": "Medium", "rate": Decimal("0.06")}]),
        ("Offer", Decimal("193.33")),
        ("Offers by year", [Decimal("860.66"), Decimal("443.21")]),
        ("Affordable", True),
    ],
)
def test_every_kind_of_logic(load: Any, decide: Any, name: str, value: Any) -> None:
    lending = load("lending.dmn")

    found = decide(lending, name, Applicant=AMY, Loan_Amount=10000)

    assert (found.value, found.warnings) == (value, ())


def test_a_service_is_a_function_and_a_decision(load: Any, decide: Any) -> None:
    lending = load("lending.dmn")

    what_if = decide(lending, "What if", Loan_Amount=10000).value
    assert (what_if["poor"], what_if["rich"], what_if["twice"]) == (False, True, Decimal(20000))
    assert decide(lending, "Loan service", Loan_Amount=10000, Monthly_Income=9000).value is True
    assert list(lending.inputs("Loan service")) == ["Loan Amount", "Monthly Income"]


def test_a_function_can_be_asked_too(load: Any, decide: Any) -> None:
    lending = load("lending.dmn")

    assert decide(lending, "Monthly Payment", amount=10000, yearly_rate=Decimal("0.06"), months=60).value == Decimal("193.33")


def test_a_value_that_an_item_definition_does_not_allow_is_null(load: Any, decide: Any) -> None:
    lending = load("lending.dmn")

    found = decide(lending, "Monthly Income", Applicant={**AMY, "Incomes": [-1]})

    assert found.value is None
    assert found.warnings[0].message == "Applicant: -1 is none of the values of tAmount: >= 0"


def one(expression: str, type_: str = "", types: str = "") -> str:
    return f'{types}<decision id="d" name="D"><variable name="D" typeRef="{type_}"/>{expression}</decision>'


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("[1]", "number", Decimal(1)),
        ("1", "numbers", [Decimal(1)]),
        ('date("2026-01-31")', "dateTime", "2026-01-31T00:00:00Z"),
        ('"x"', "number", None),
        ("[1, 2]", "number", None),
        ('[1, "x"]', "numbers", None),
        ("1", "integer", Decimal(1)),
        ("[1, 2, 3]", "few", None),
        ("[1, 2]", "few", [Decimal(1), Decimal(2)]),
    ],
)
def test_values_are_converted_where_they_leave_a_decision(model: Any, decide: Any, text: str, type_: str, value: Any) -> None:
    types = '<itemDefinition name="numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
    types += '<itemDefinition name="few" isCollection="true"><typeRef>number</typeRef>'
    types += "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"

    found = decide(model(one(literal(text), type_, types)), "D").value

    assert (str(found.isoformat()).replace("+00:00", "Z") if type_ == "dateTime" else found) == value


def test_every_iteration_and_partial_results(model: Any, decide: Any) -> None:
    body = f'<for iteratorVariable="i"><in>{literal("[1..4]")}</in><return>{literal("count(partial)")}</return></for>'
    assert decide(model(one(body)), "D").value == [0, 1, 2, 3]
    body = f'<every iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i > 0")}</satisfies></every>'
    assert decide(model(one(body)), "D").value is True


def test_a_filter_sees_the_item_and_its_members(model: Any, decide: Any) -> None:
    people = '[{name: "a", old age: 1}, {name: "b", old age: 2}]'
    types = '<itemDefinition name="t"><itemComponent name="old age"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    body = f"<filter><in>{literal(people)}</in><match>{literal('item.old age > 1 and old age &lt; 3')}</match></filter>"

    assert decide(model(one(body, types=types)), "D").value == [{"name": "b", "old age": Decimal(2)}]
    second = f"<filter><in>{literal('[5, 6]')}</in><match>{literal('2')}</match></filter>"
    assert decide(model(one(second)), "D").value == Decimal(6)


def test_a_function_may_call_itself(model: Any, decide: Any) -> None:
    body = '<businessKnowledgeModel id="f" name="fac"><variable name="fac"/><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    body += literal("if n = 0 then 1 else n * fac(n - 1)") + "</encapsulatedLogic></businessKnowledgeModel>"

    assert decide(model(body), "fac", n=20).value == Decimal(2432902008176640000)


def test_decisions_see_only_what_they_require(model: Any, decide: Any) -> None:
    body = '<decision id="a" name="A"><variable name="A"/>' + literal("1") + "</decision>" + one(literal("A"))

    assert decide(model(body), "D").value is None


def test_decisions_that_require_each_other_are_an_error(model: Any) -> None:
    body = "".join(
        f'<decision id="{own}" name="{own}"><informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        f"{literal('1')}</decision>"
        for own, other in ("ab", "bc", "ca")
    )

    (problem,) = model(body).problems

    assert (problem.code, problem.at.line) == ("TW2306", 1)
    assert "'a'" in problem.message
    assert "circle" in problem.message


def test_an_error_in_one_decision_does_not_keep_others_from_deciding(model: Any, decide: Any) -> None:
    wrong = '<decision id="w" name="W"><literalExpression expressionLanguage="juel"><text>${a}</text></literalExpression></decision>'
    found = model(wrong + one(literal("1")) + '<itemDefinition name="t"><typeRef>number</typeRef></itemDefinition>')

    assert [each.code for each in found.trouble("W")] == ["TW2304"]
    assert not found.trouble("D")
    assert decide(found, "D").value == 1
    assert decide(found, "W").warnings[0].message == "decision 'W' (w): it is not written in FEEL"


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        (one("<literalExpression expressionLanguage='juel'><text>${a}</text></literalExpression>"), "TW2304", "is written in 'juel'"),
        (one("<functionDefinition kind='Java'><context/></functionDefinition>"), "TW2304", "is a function in Java"),
        (one(literal("1"), "nummer"), "TW2307", "there is no type 'nummer'"),
        (one("<decisionTable id='t' hitPolicy='SOME'><output/></decisionTable>"), "TW2308", "decisionTable 't' has the hit policy 'SOME'"),
        (one("<decisionTable id='t'/>"), "TW2308", "decisionTable 't' has no output"),
        (one("<conditional><if/></conditional>"), "TW2308", "has no if"),
        ("<decision id='a' name='A'/><decision id='a' name='B'/>", "TW2309", "the id 'a' is given twice"),
        ("<import name='x' namespace='urn:x'/>", "TW2310", "the model 'x' (urn:x) is not there"),
        ("<decision id='a' name='A'><informationRequirement><requiredInput href='#b'/></informationRequirement></decision>",
         "TW2305", "decision 'A' (a) requires 'b', which is not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_the_element(model: Any, body: str, code: str, told: str) -> None:
    found = model(body)
    problems = [*found.problems, *(problem for part in found.parts.values() for problem in part.problems)]

    assert any(each.code == code and told in each.message for each in problems), problems


def named(space: str, body: str, *imports: str) -> str:
    """A model of a namespace that imports others by their last letter."""
    found = "".join(f'<import name="{each.upper()}" namespace="urn:{each}" importType="{SPACE}"/>' for each in imports)
    return f'<definitions xmlns="{SPACE}" name="{space}" namespace="urn:{space}">{found}{body}</definitions>'


def required(*references: str) -> str:
    return "".join(f'<informationRequirement><requiredDecision href="{each}"/></informationRequirement>' for each in references)


def test_a_model_that_is_imported_on_two_ways_gets_the_inputs_of_each() -> None:
    person = '<inputData id="p" name="person"><variable name="person"/></inputData><decision id="g" name="greet"><variable name="greet"/>'
    person += '<informationRequirement><requiredInput href="#p"/></informationRequirement>' + literal('"Hi " + person') + "</decision>"
    through = f'<decision id="t" name="t"><variable name="t"/>{required("urn:a#g")}{literal("A.greet")}</decision>'
    both = one(required("urn:b#t", "urn:c#t") + literal('B.t + ", " + C.t'))
    files = [named("d", both, "b", "c"), named("a", person), named("b", through, "a"), named("c", through, "a")]
    model = compile_models([read("m.dmn", each.encode()).definitions for each in files])

    assert not model.trouble("D")
    assert model.decide("D", {"B": {"A": {"person": "Amy"}}, "C": {"A": {"person": "Ben"}}}).value == "Hi Amy, Hi Ben"
    assert list(model.inputs("D")) == ["B", "C"]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ('s("A", "B", "C")', "A B C"),
        ('s(x: "A", one: "B", two: "C")', "A B C"),
        ('s("A", "B")', None),
        ('s("A", "B", "C", "D")', None),
        ('s(x: "A", one: "B", too: "C")', None),
        ("s(1, 2, 3)", None),
    ],
)
def test_services_take_data_before_decisions(model: Any, decide: Any, call: str, value: Any) -> None:
    data = '<inputData id="x" name="x"><variable name="x" typeRef="string"/></inputData>'
    told = "".join(f'<decision id="{name}" name="{name}"><variable name="{name}" typeRef="string"/></decision>' for name in ("one", "two"))
    out = f'<decision id="o" name="o"><variable name="o"/>{required("#one", "#two")}'
    out += '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
    out += literal("string join([x, one, two], &quot; &quot;)") + "</decision>"
    service = '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#o"/><encapsulatedDecision href="#o"/>'
    service += '<inputDecision href="#one"/><inputDecision href="#two"/><inputData href="#x"/></decisionService>'
    asks = one('<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>' + literal(call.replace('"', "&quot;")))

    assert decide(model(data + told + out + service + asks), "D").value == value


def test_a_thousand_decisions_in_a_row_are_decided(model: Any, decide: Any) -> None:
    first = '<decision id="d0" name="d0"><variable name="d0"/>' + literal("1") + "</decision>"
    more = "".join(
        f'<decision id="d{n}" name="d{n}"><variable name="d{n}"/>{required(f"#d{n - 1}")}{literal(f"d{n - 1} + 1")}</decision>'
        for n in range(1, 1000)
    )

    assert decide(model(first + more), "d999").value == Decimal(1000)


def test_models_import_others_of_their_folder(load: Any, decide: Any) -> None:
    order = load("imports/order.dmn", "imports/customer.dmn")

    assert not order.trouble("Greeting")
    found = order.decide("Greeting", {"c": {"Customer": {"Full Name": "Amy"}}})
    assert (found.value, found.warnings) == ("Hello, Amy! (friend)", ())


def test_a_function_that_is_called_without_being_required_is_told_as_such(model: Any) -> None:
    found = model(
        '<businessKnowledgeModel id="t" name="Discount table"><encapsulatedLogic><literalExpression><text>1</text></literalExpression>'
        '</encapsulatedLogic></businessKnowledgeModel><decision id="d" name="D"><invocation><literalExpression><text>Discount table</text>'
        "</literalExpression></invocation></decision>"
    )

    (problem,) = found.trouble("D")
    assert (problem.code, problem.message) == ("TW2305", "decision 'D' (d): calls 'Discount table' without requiring it")
    assert problem.hint == "add a knowledge requirement"
