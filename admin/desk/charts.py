"""Charts as shapes of an SVG: drawn on the server, so that they need no script and print as they are seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 10, 30
COLORS = 6
MOST_LABELS = 8
Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart: a value for each label, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(slots=True)
class Drawing:
    """What the template draws: `shapes` with tag and attributes, `texts` with place, and the legend by colour."""

    width: int = WIDTH
    height: int = HEIGHT
    shapes: list[Shape] = field(default_factory=list)
    texts: list[Shape] = field(default_factory=list)
    legend: list[tuple[int, str]] = field(default_factory=list)

    def shape(self, tag: str, color: int | str, title: str = "", **attributes: float | str) -> None:
        rounded = {key: round(value, 1) if isinstance(value, float) else value for key, value in attributes.items()}
        self.shapes.append({"tag": tag, "color": color, "title": title, "attributes": rounded})

    def text(self, x: float, y: float, text: str, anchor: str = "middle") -> None:
        self.texts.append({"x": round(x, 1), "y": round(y, 1), "text": text, "anchor": anchor})


def drawn(kind: str, labels: Sequence[str], series: Sequence[Series], *, stacked: bool = False) -> Drawing:
    """A chart of a kind (bar, line, area, pie, funnel); of pie and funnel the first series counts."""
    drawing = Drawing()
    if not labels or not series:
        return drawing
    if kind == "pie":
        pie(drawing, labels, series[0])
    elif kind == "funnel":
        funnel(drawing, labels, series[0])
    else:
        axes(drawing, kind, labels, series, stacked=stacked)
        drawing.legend = [(index % COLORS, each.name) for index, each in enumerate(series)] if len(series) > 1 else []
    return drawing


def axes(drawing: Drawing, kind: str, labels: Sequence[str], series: Sequence[Series], *, stacked: bool) -> None:
    columns = list(zip(*(each.values for each in series), strict=True))
    heights = [sum(max(v or 0, 0) for v in column) if stacked else max((v or 0 for v in column), default=0) for column in columns]
    low = min(0.0, *(v or 0 for column in columns for v in column))
    step = ticks(low, max(*heights, 0.0))
    bottom, top = math.floor(low / step) * step, max(math.ceil(max(*heights, 0.0) / step), 1) * step
    scale = (HEIGHT - TOP - BOTTOM) / (top - bottom)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - bottom) * scale

    for index in range(round((top - bottom) / step) + 1):
        value = bottom + index * step
        drawing.shape("line", "grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y(value), y2=y(value))
        drawing.text(LEFT - 8, y(value) + 4, short(value), "end")
    room = (WIDTH - LEFT - RIGHT) / len(labels)
    every = math.ceil(len(labels) / MOST_LABELS)
    for index, text in enumerate(labels):
        if index % every == 0:
            drawing.text(LEFT + room * (index + 0.5), HEIGHT - BOTTOM + 18, fitting(text, int(room * every / 6)))
    if kind == "bar":
        bars(drawing, labels, series, room, y, stacked=stacked)
    else:
        lines(drawing, labels, series, room, y, area=kind == "area")


def bars(drawing: Drawing, labels: Sequence[str], series: Sequence[Series], room: float, y: Any, *, stacked: bool) -> None:
    wide = room * 0.7 / (1 if stacked else len(series))
    for index, text in enumerate(labels):
        base = 0.0
        for number, each in enumerate(series):
            value = each.values[index]
            if value is None:
                continue
            start = base if stacked else 0.0
            x = LEFT + room * (index + 0.15) + (0 if stacked else wide * number)
            upper, lower = y(max(start + value, start)), y(min(start + value, start))
            title = told(text, each, value, named=len(series) > 1)
            drawing.shape("rect", number % COLORS, title, x=x, y=upper, width=wide * 0.94, height=max(lower - upper, 0.5), rx=2)
            base += value if stacked else 0


def lines(drawing: Drawing, labels: Sequence[str], series: Sequence[Series], room: float, y: Any, *, area: bool) -> None:
    for number, each in enumerate(series):
        points = [(LEFT + room * (i + 0.5), y(value)) for i, value in enumerate(each.values) if value is not None]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{at:.1f}" for x, at in points)
        if area:
            closed = f"{points[0][0]:.1f},{y(0):.1f} {path} {points[-1][0]:.1f},{y(0):.1f}"
            drawing.shape("polygon", number % COLORS, points=closed)
        drawing.shape("polyline", number % COLORS, points=path)
        for i, value in enumerate(each.values):
            if value is not None:
                title = told(labels[i], each, value, named=len(series) > 1)
                drawing.shape("circle", number % COLORS, title, cx=LEFT + room * (i + 0.5), cy=y(value), r=3.5)


def pie(drawing: Drawing, labels: Sequence[str], series: Series) -> None:
    values = [max(value or 0, 0) for value in series.values]
    total, turn, radius = sum(values), 0.0, (HEIGHT - 2 * TOP) / 2
    cx, cy = WIDTH / 2, HEIGHT / 2
    for index, value in enumerate(values):
        if not total or not value:
            continue
        share = value / total
        title = f"{labels[index]}: {short(value)} ({share:.0%})"
        if share > 0.9999:
            drawing.shape("circle", index % COLORS, title, cx=cx, cy=cy, r=radius)
        else:
            (x1, y1), (x2, y2) = (around(cx, cy, radius, at) for at in (turn, turn + share))
            path = f"M{cx:.1f} {cy:.1f}L{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 {int(share > 0.5)} 1 {x2:.1f} {y2:.1f}Z"
            drawing.shape("path", index % COLORS, title, d=path)
        turn += share
    drawing.legend = [(index % COLORS, f"{text} {short(values[index])}") for index, text in enumerate(labels)]


def around(cx: float, cy: float, radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * math.pi * turn - math.pi / 2
    return cx + radius * math.cos(angle), cy + radius * math.sin(angle)


def funnel(drawing: Drawing, labels: Sequence[str], series: Series) -> None:
    """Stages from above to below, as wide as their value."""
    values = [max(value or 0, 0) for value in series.values]
    most, high = max(values) or 1, (HEIGHT - 2 * TOP) / len(values)
    for index, value in enumerate(values):
        wide = max((WIDTH - 200) * value / most, 1)
        x, y = 150 + (WIDTH - 200 - wide) / 2, TOP + high * index
        drawing.shape("rect", index % COLORS, f"{labels[index]}: {short(value)}", x=x, y=y + 2, width=wide, height=high - 4, rx=3)
        drawing.text(142, y + high / 2 + 4, fitting(labels[index], 22), "end")
        drawing.text(WIDTH - 8, y + high / 2 + 4, short(value), "end")


def fitting(text: str, room: int) -> str:
    """A label of as many letters as there is room for; Chinese ones take two."""
    taken = 0
    for index, char in enumerate(text):
        taken += 2 if ord(char) > 0x2E80 else 1
        if taken > max(room, 4):
            return text[: index - 1] + "…"
    return text


def told(label: str, series: Series, value: float, *, named: bool) -> str:
    return f"{label} · {series.name}: {short(value)}" if named else f"{label}: {short(value)}"


def ticks(low: float, high: float) -> float:
    """The distance of round numbers, about five of which reach from low to high."""
    span = (high - low) or 1
    unit = 10 ** math.floor(math.log10(span / 5))
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor * 5 >= span)


def short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
