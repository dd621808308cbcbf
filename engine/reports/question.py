"""What is asked of many records at once: by what they are grouped, and what of each group is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.feel import Expression
from engine.errors import TradewindError

STEPS = ("day", "week", "month", "quarter", "year")
KINDS = ("count", "sum", "average", "min", "max")
MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class Group:
    """Records of the same value at the path `by` (`customer.region`) belong together; of times, those of the same `step`."""

    name: str
    by: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of each group: how many records it has, or what the numbers at the path `of` come to."""

    name: str
    kind: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`filter` is a condition in FEEL; at most `limit` groups are answered."""

    entity: str
    groups: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = (Measure("count", "count"),)
    filter: str | Expression | None = None
    search: str = ""
    limit: int = 1000
    view: str | None = None  # whose filter counts too


def group_of(text: str) -> Group:
    """`customer`, or of times `order_date:month`."""
    by, _, step = text.partition(":")
    if step not in ("", *STEPS):
        raise TradewindError("'{text}': a step is one of {steps}", code="aggregate", text=text, steps=", ".join(STEPS))
    return Group(by, by, step)


def measure_of(text: str) -> Measure:
    """`count`, or `sum:total`, which is named `sum_total`."""
    kind, _, of = text.partition(":")
    if kind not in KINDS or (kind == "count") is bool(of):
        raise TradewindError(
            "'{text}' is no measure: write count, or sum, average, min or max with a field, such as sum:total",
            code="aggregate",
            text=text,
        )
    return Measure(text.replace(":", "_").replace(".", "_"), kind, of)
