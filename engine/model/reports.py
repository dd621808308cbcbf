"""Reports and dashboards, as the model holds them (spec 1.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsl.feel import Expression

if TYPE_CHECKING:
    from engine.model.model import Text


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """Records of one value at the path `by` belong together; of dates, those of one `step`."""

    name: str
    by: str
    step: str
    label: Text


@dataclass(frozen=True, slots=True)
class ReportMeasure:
    """A figure of each group: `kind` is count, sum, average, min or max of the path `of`, or expression over the others."""

    name: str
    kind: str
    of: str
    label: Text
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """`x` names a group, `y` measures, `series` the group that makes lines or colours of its own."""

    type: str  # bar | line | area | pie | funnel
    x: str
    y: tuple[str, ...]
    series: str = ""
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    label: Text
    description: Text
    entity: str
    filter: Expression | None
    roles: tuple[str, ...]
    rows: tuple[ReportGroup, ...]
    columns: tuple[ReportGroup, ...]
    measures: tuple[ReportMeasure, ...]
    sort: tuple[str, ...] = ()
    limit: int | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A part of a dashboard: how many records there are, a report, or the first of a list."""

    name: str
    type: str  # counter | report | list
    label: Text
    entity: str = ""
    filter: Expression | None = None
    report: str = ""
    view: str = ""
    limit: int = 5
    width: int = 1


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    label: Text
    roles: tuple[str, ...]
    cards: Mapping[str, Card] = field(hash=False)
