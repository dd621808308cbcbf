"""Files as Camunda Modeler and dmn-js write them, with what these leave out and put in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from dsl.decisions import Decided
from dsl.dmn import Model, compile_models, read

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn"
    xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
    xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0"
    id="Definitions_1ue8l38" name="DRD" namespace="{namespace}" exporter="{exporter}" exporterVersion="5.33.1"
    modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.22.0">
  <decision id="fee_1" name="保险费" camunda:versionTag="2" camunda:historyTimeToLive="180">
    <decisionTable id="DecisionTable_1" hitPolicy="{hit}" biodi:annotationsWidth="200">{body}</decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="fee_1"><dc:Bounds height="80" width="180" x="160" y="100" />
  </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>"""
CAMUNDA = "http://camunda.org/schema/1.0/dmn"
EMPTY = '<input id="Input_{0}" biodi:width="192"><inputExpression id="E_{0}" typeRef="string"><text></text></inputExpression></input>'
YEARS = '<input id="Input_{0}" label="Years"><inputExpression id="E_{0}" typeRef="{1}"><text>years</text></inputExpression></input>'
OUTPUT = '<output id="Output_1" label="Fee" name="fee" typeRef="string" />'
Fee = Callable[..., Model]


def rule(*cells: str) -> str:
    *tests, result = (cell.replace("<", "&lt;") for cell in cells)
    entries = "".join(f"<inputEntry><text>{each}</text></inputEntry>" for each in tests)
    return f"<rule><description></description>{entries}<outputEntry><text>{result}</text></outputEntry></rule>"


@pytest.fixture
def fee() -> Fee:
    def load(*body: str, hit: str = "FIRST", namespace: str = CAMUNDA, exporter: str = "Camunda Modeler") -> Model:
        found = read("fee.dmn", HEAD.format(body="".join(body), hit=hit, namespace=namespace, exporter=exporter).encode())
        return compile_models([found.definitions], found.problems)

    return load


def codes(model: Model) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in (*model.problems, *model.parts[CAMUNDA, "fee_1"].problems)]


def test_a_table_that_was_just_begun_runs(fee: Fee) -> None:
    model = fee(EMPTY.format(1), '<output id="Output_1" typeRef="string" />', hit="UNIQUE")

    assert codes(model) == []
    assert model.decide("保险费", {}).value is None


def test_an_input_that_tests_nothing_does_not_matter(fee: Fee) -> None:
    model = fee(YEARS.format(1, "integer"), EMPTY.format(2), OUTPUT, rule("> 5", "", "170"), rule("", "-", "200"))

    assert list(model.inputs("保险费")) == ["years"]
    assert model.decide("保险费", {"years": 6}) == Decided(170, (1, 2), ())


def test_an_input_with_tests_and_nothing_to_test_is_told(fee: Fee) -> None:
    assert codes(fee(EMPTY.format(1), OUTPUT, rule("> 5", "170"))) == [("TW2308", "input 'Input_1' has no expression to test")]


def test_a_column_of_numbers_that_was_left_at_string_is_one_of_numbers(fee: Fee) -> None:
    model = fee(YEARS.format(1, "string"), OUTPUT, rule("> 5", "170"), rule("", "200"))

    assert [model.decide("fee_1", {"years": years}).value for years in (6, 2)] == [170, 200]


@pytest.mark.parametrize(
    ("fees", "from_", "value"),
    [(("170", '"ask"'), "Camunda Modeler", None), (('"170"', '"200"'), "Camunda Modeler", "170"), (("170", "200"), "Trisotech", None)],
)
def test_a_string_is_one_where_there_are_texts_or_another_modeler_wrote_it(
    fee: Fee, fees: tuple[str, str], from_: str, value: str | None
) -> None:
    space = CAMUNDA if from_ == "Camunda Modeler" else "urn:other"
    model = fee(YEARS.format(1, "number"), OUTPUT, rule("> 5", fees[0]), rule("", fees[1]), namespace=space, exporter=from_)

    assert model.decide("fee_1", {"years": 6}).value == value


def test_dates_are_read_by_the_type_of_the_column_that_tests_them(fee: Fee) -> None:
    model = fee(YEARS.format(1, "date"), OUTPUT, rule('< date("2020-01-01")', '"old"'), rule("", '"new"'))

    context = model.read_context((CAMUNDA, "fee_1"), {"years": "2019-05-01"})
    assert (context, model.decide("fee_1", context).value) == ({"years": date(2019, 5, 1)}, "old")


@pytest.mark.parametrize("language", ["groovy", "juel", "javascript", "python"])
def test_other_languages_are_refused_by_element_and_nothing_else_is_said_about_them(fee: Fee, language: str) -> None:
    entry = f'<rule><inputEntry id="Test_7" expressionLanguage="{language}"><text>${{years > 5}}</text></inputEntry>'
    model = fee(YEARS.format(1, "integer"), OUTPUT, entry, "<outputEntry><text>1</text></outputEntry></rule>")

    assert codes(model) == [("TW2304", f"inputEntry 'Test_7' is written in '{language}', and only FEEL runs here")]


@pytest.mark.parametrize(
    "language", ["feel", "FEEL", "http://www.omg.org/spec/FEEL/20140401", "https://www.omg.org/spec/DMN/20230324/FEEL/"]
)
def test_feel_goes_by_many_names(fee: Fee, language: str) -> None:
    entry = f'<rule><inputEntry expressionLanguage="{language}"><text>5</text></inputEntry>'
    model = fee(YEARS.format(1, "integer"), OUTPUT, entry, "<outputEntry><text>1</text></outputEntry></rule>")

    assert (codes(model), model.decide("fee_1", {"years": 5}).value) == ([], 1)


@pytest.mark.parametrize("name", ["Number", "integer", "long", "double", "number", "feel:number"])
def test_numbers_go_by_many_names(fee: Fee, name: str) -> None:
    model = fee(YEARS.format(1, name), OUTPUT, rule("> 5", "170"))

    assert (codes(model), model.decide("fee_1", {"years": 6}).value) == ([], 170)


def test_an_unknown_type_is_told_where_it_is_named(fee: Fee) -> None:
    found = fee(YEARS.format(1, "nummer"), OUTPUT, rule("> 5", "170")).problems

    places = [each.at for each in found]
    assert [each.code for each in found] == ["TW2307"]
    assert [at.source.text[at.start : at.end] for at in places] == ["<inputExpression"]
