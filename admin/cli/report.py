"""How problems and test results are written: text for people, JSON and SARIF for tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version

import click

from dsl.problems import Problem, render
from engine.publishing import Outcome
from engine.scenario import TestResult

COLOURS = {"error": "red", "warning": "yellow"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def show_problems(problems: Sequence[Problem], form: str) -> None:
    """Write all problems to standard output, in `text`, `json` or `sarif` (SARIF 2.1.0)."""
    if form == "json":
        click.echo(json.dumps({"problems": [as_json(p) for p in problems]}, ensure_ascii=False, indent=2))
    elif form == "sarif":
        click.echo(json.dumps(as_sarif(problems), ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            first, *rest = render(problem).split("\n")
            click.echo(first.replace(f"{problem.severity} ", click.style(problem.severity, COLOURS[problem.severity]) + " ", 1))
            for line in rest:
                click.echo(line)


def show_outcome(outcome: Outcome) -> None:
    """Write what a publish did or would do: problems, changes, the plan, failed tests, and how it ended."""
    show_problems(outcome.problems, "text")
    for line in (*outcome.changes, *outcome.plan):
        click.echo(str(line))
    for each in outcome.impact:
        click.echo(f"{click.style('error' if each.blocks else 'impact', 'red' if each.blocks else 'yellow')}: {each}")
    for result in outcome.failed_tests:
        show_failure(result)
    click.echo(outcome.summary)


def show_failure(result: TestResult) -> None:
    """A failed scenario test: its line, what was expected and what was found."""
    click.echo(f"{click.style('FAIL', 'red')} {result.name} ({result.seconds:.2f} s)")
    click.echo(f"     {result.path}:{result.line}: {result.message}".replace("\n", "\n     "))


def as_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.at.source.path,
        "line": problem.at.line,
        "column": problem.at.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def as_sarif(problems: Sequence[Problem]) -> dict[str, object]:
    results = [
        {
            "ruleId": problem.code,
            "level": problem.severity,
            "message": {"text": f"{problem.message}; {problem.hint}" if problem.hint else problem.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": problem.at.source.path},
                        "region": {"startLine": problem.at.line, "startColumn": problem.at.column},
                    }
                }
            ],
        }
        for problem in problems
    ]
    rules = [{"id": code} for code in sorted({p.code for p in problems})]
    driver = {"name": "tradewind", "version": version("tradewind"), "rules": rules}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def summary(problems: Sequence[Problem], documents: int) -> str:
    """`12 documents, 1 error, 2 warnings`."""
    errors = sum(p.severity == "error" for p in problems)
    warnings = len(problems) - errors
    parts = [f"{documents} document{'s' * (documents != 1)}"]
    parts += [f"{errors} error{'s' * (errors != 1)}"] if errors else []
    parts += [f"{warnings} warning{'s' * (warnings != 1)}"] if warnings else []
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, no problems"
