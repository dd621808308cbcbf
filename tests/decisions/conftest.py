"""Decision tables as people draw them: a line of inputs, then a line a rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from dsl.decisions import CompiledTable, Decided, Input, Output, Rule, Table, compile

Draw = Callable[..., CompiledTable]


def drawn(hit: str, text: str, *, values: dict[str, str] | None = None, defaults: dict[str, str] | None = None) -> CompiledTable:
    """A table from `age; risk -> rate` and a line a rule: `>= 18; "low" -> 0.1`. `values` and `defaults` are by column."""
    head, *lines = [line.strip() for line in text.strip().splitlines()]
    names, results = (part.strip().split("; ") for part in head.split(" -> "))
    allowed, otherwise = values or {}, defaults or {}
    rules = [[tuple(side.strip().split("; ")) for side in line.split(" -> ")] for line in lines]
    inputs = tuple(Input(name, values=allowed.get(name, "")) for name in names)
    outputs = tuple(Output(name, values=allowed.get(name, ""), default=otherwise.get(name, "")) for name in results)
    return compile(Table(hit, inputs, outputs, tuple(Rule(*rule) for rule in rules)), names)


@pytest.fixture
def draw() -> Draw:
    return drawn


def decide(table: CompiledTable, **context: Any) -> Decided:
    """Ask a table; whole numbers are numbers of FEEL."""
    return table.decide({name: Decimal(value) if type(value) is int else value for name, value in context.items()})
