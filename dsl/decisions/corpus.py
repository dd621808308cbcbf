"""Decision tables as lines of a conformance corpus: `{"id", "inputs", "hit_policy", "rules", "outputs", "context", …}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.decisions.compiling import compile
from dsl.decisions.table import Input, Output, Rule, Table
from dsl.feel.ast import TypeName
from dsl.feel.conform import convert
from dsl.feel.typed import decode, decode_type
from dsl.feel.values import MISSING

HITS = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "RULE ORDER": "R", "OUTPUT ORDER": "O", "COLLECT": "C",
}  # fmt: skip
AGGREGATIONS = {"SUM": "C+", "MIN": "C<", "MAX": "C>", "COUNT": "C#"}


def is_table(case: Mapping[str, Any]) -> bool:
    """Whether a line of a corpus is a decision table, not an expression."""
    return "rules" in case and "outputs" in case


def decide(case: Mapping[str, Any]) -> object:
    """The value of a line, converted to its `result_type`.

    Raises ValueError, KeyError, TypeError or InvalidText for one that is no table.
    """
    context = {name: decode(held) for name, held in (case.get("context") or {}).items()}
    types = {name: decode_type(held) for name, held in (case.get("types") or {}).items()}
    value = compile(table_of(case), context, types, context=context).decide(context).value
    if not case.get("result_type"):
        return value
    converted = convert(value, decode_type(case["result_type"]), types)
    return None if converted is MISSING else converted


def table_of(case: Mapping[str, Any]) -> Table:
    result = case.get("result_type") or {}
    item = result.get("of", {}) if result.get("t") == "list" else result
    outputs = tuple(output_of(each) for each in case["outputs"])
    if len(outputs) == 1 and not outputs[0].values and item.get("allowed"):
        outputs = (Output(outputs[0].name, outputs[0].type, item["allowed"], outputs[0].default),)
    inputs = tuple(Input(each["expression"], type=type_of(each), values=each.get("values") or "") for each in case["inputs"])
    rules = tuple(Rule(tuple(each["in"]), tuple(each["out"])) for each in case["rules"])
    bare = all(output.name is None for output in outputs) or item.get("t") not in (None, "context")
    return Table(hit_of(case), inputs, outputs, rules, bare=bare)


def hit_of(case: Mapping[str, Any]) -> str:
    hit = HITS[case.get("hit_policy") or "UNIQUE"]
    return AGGREGATIONS[case["aggregation"]] if hit == "C" and case.get("aggregation") else hit


def output_of(held: Mapping[str, Any]) -> Output:
    return Output(held.get("name"), type_of(held), held.get("values") or "", held.get("default") or "")


def type_of(held: Mapping[str, Any]) -> TypeName | None:
    return decode_type(held["type"]) if held.get("type") else None
