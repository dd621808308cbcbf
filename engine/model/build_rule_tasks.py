"""Business rule tasks: which decision they ask, with what, and what they keep of the answer (spec 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsl.feel import Expression
from dsl.feel.types import ANY, DecisionType, Scope, Type
from dsl.problems import did_you_mean
from engine.model.checker import Checker
from engine.model.names import Declared
from engine.model.part import Part


def rule_task(checker: Checker, part: Part, scope: Scope, variables: Mapping[str, Declared]) -> dict[str, Any]:
    """What a business rule task has besides other activities. `variables` are the process's, which `result` sets."""
    named = part.get("decision")
    decision = checker.names.decisions.get(named.written) if named is not None else None
    if named is None or decision is None:
        if named is not None:
            checker.unknown("TW2220", "there is no decision", named.written, checker.names.decisions, named.at)
        return {}
    given = {name: expression for name, each in part.items("with") if (expression := asked(checker, each, scope, decision)) is not None}
    for name in decision.inputs or ():
        if name not in dict(part.items("with")):
            hint = f"its inputs are {', '.join(decision.inputs or ())}"
            checker.report("TW2221", f"'{name}' is not given, an input of the decision '{decision.name}'", named.at, hint)
    answer = scope.with_names(decision.outputs)
    kept = {name: expression for name, each in part.items("result") if (expression := taken(checker, each, answer, variables)) is not None}
    return {"decision": decision.name, "with_": given, "result": kept}


def asked(checker: Checker, part: Part, scope: Scope, decision: DecisionType) -> Expression | None:
    """What an input is asked with, of the input's type."""
    if decision.inputs is None:
        return checker.expression(part, scope)
    if part.name not in decision.inputs:
        hint = did_you_mean(part.name, decision.inputs) or f"its inputs are {', '.join(decision.inputs)}"
        checker.report("TW2221", f"the decision '{decision.name}' has no input '{part.name}'", part.key_at, hint)
        return None
    return checker.expression(part, scope, known(decision.inputs[part.name]))


def taken(checker: Checker, part: Part, scope: Scope, variables: Mapping[str, Declared]) -> Expression | None:
    """What a variable gets of the answer, of the variable's type."""
    if part.name not in variables:
        checker.unknown("TW1405", "the process has no variable", part.name, variables, part.key_at)
        return checker.expression(part, scope)
    return checker.expression(part, scope, known(checker.names.type_of(variables[part.name])))


def known(type_: Type) -> Type | None:
    return None if type_ == ANY else type_
