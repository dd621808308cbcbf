"""What is told of the gaps, overlaps and useless rules of a table, with an example of each."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.decisions.coverage import Example, Findings
from dsl.decisions.table import Table, shown
from dsl.problems import Problem, Severity
from dsl.source import Span

MOST_TOLD = 10
"""So many gaps, overlaps and rules without use are told of one table, each."""


def told(table: Table, findings: Findings, at: Span) -> list[Problem]:
    """The findings as problems; `at` is where those of the whole table are told."""
    hit = table.hit
    overlap = "make one of them narrower, or choose another hit policy, such as F" if hit == "U" else "the decision is null there"
    differing = "" if hit == "U" else ", with different outputs"
    overlaps = [
        (f"rules {pair.first + 1} and {pair.second + 1} both match {example(pair.example)}{differing}", rule_at(table, pair.second, at))
        for pair in findings.overlaps
    ]
    wins = "rules before it" if hit == "F" else "rules of higher priority"
    useless = [(f"rule {rule + 1} never matches: no allowed input passes its tests", rule_at(table, rule, at)) for rule in findings.idle]
    useless += [(f"rule {rule + 1} never decides: {wins} match all that it matches", rule_at(table, rule, at)) for rule in findings.hidden]
    gaps = [(f"no rule matches {example(gap)}", at) for gap in findings.gaps]
    found = several("TW2211", overlaps, "pairs of rules overlap", overlap, "error" if hit == "U" else "warning", at)
    found += several("TW2210", gaps, "sets of inputs match no rule", "add a rule, or a default to every output", "warning", at)
    found += several("TW2212", useless, "rules decide nothing", "", "warning", at)
    if findings.exhausted:
        message = "the table is too entangled to find all gaps and overlaps"
        found.append(Problem("TW2213", message, at, "warning", "split it in two tables"))
    return found


def several(code: str, found: Sequence[tuple[str, Span]], more: str, hint: str, severity: Severity, at: Span) -> list[Problem]:
    """The first findings of a kind one by one, and how many there are besides."""
    first = [Problem(code, message, place, severity, hint) for message, place in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        first.append(Problem(code, f"at least {len(found) - MOST_TOLD} more {more}", at, severity))
    return first


def rule_at(table: Table, index: int, at: Span) -> Span:
    """Where a rule stands, if it comes from a file."""
    return table.rules[index].at or at


def example(values: Example) -> str:
    """Inputs in words: `rating = "bad", net = 5001`."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in values.items()) or "anything"
