"""Charts as shapes."""

from __future__ import annotations

from admin.desk.charts import Series, drawn, fitting, ticks


def heights(shapes: list[dict]) -> list[float]:
    return [shape["attributes"]["height"] for shape in shapes if shape["tag"] == "rect"]


def test_bars_are_as_high_as_their_values() -> None:
    found = drawn("bar", ["a", "b"], [Series("total", (10.0, 5.0))])
    high, low = heights(found.shapes)
    assert abs(high - 2 * low) < 0.2
    assert [shape["title"] for shape in found.shapes if shape["title"]] == ["a: 10", "b: 5"]


def test_stacked_bars_stand_on_each_other_and_the_legend_names_the_series() -> None:
    found = drawn("bar", ["a"], [Series("x", (10.0,)), Series("y", (5.0,))], stacked=True)
    below, above = [shape["attributes"] for shape in found.shapes if shape["tag"] == "rect"]
    assert abs(above["y"] + above["height"] - below["y"]) < 0.2
    assert found.legend == [(0, "x"), (1, "y")]


def test_negative_values_go_down_from_zero() -> None:
    found = drawn("bar", ["a", "b"], [Series("x", (10.0, -10.0))])
    up, down = [shape["attributes"] for shape in found.shapes if shape["tag"] == "rect"]
    assert abs(up["y"] + up["height"] - down["y"]) < 0.2


def test_a_line_leaves_out_what_is_not_there() -> None:
    found = drawn("area", ["a", "b", "c"], [Series("x", (1.0, None, 3.0))])
    (line,) = [shape for shape in found.shapes if shape["tag"] == "polyline"]
    assert len(line["attributes"]["points"].split()) == 2


def test_a_pie_has_a_piece_for_each_share_and_one_alone_is_a_circle() -> None:
    found = drawn("pie", ["a", "b", "c"], [Series("x", (1.0, 0.0, 3.0))])
    assert [shape["title"] for shape in found.shapes] == ["a: 1 (25%)", "c: 3 (75%)"]
    assert [shape["tag"] for shape in drawn("pie", ["a"], [Series("x", (4.0,))]).shapes] == ["circle"]


def test_a_funnel_narrows_with_its_values() -> None:
    wide, narrow = [s["attributes"]["width"] for s in drawn("funnel", ["a", "b"], [Series("x", (8.0, 2.0))]).shapes]
    assert abs(wide - 4 * narrow) < 0.5


def test_nothing_to_draw_is_an_empty_drawing() -> None:
    assert drawn("bar", [], []).shapes == []
    assert heights(drawn("bar", ["a"], [Series("x", (0.0,))]).shapes) == [0.5]


def test_ticks_are_round_numbers() -> None:
    assert [ticks(0, high) for high in (1, 7, 60, 61, 64_300)] == [0.2, 2, 20, 20, 20_000]


def test_labels_are_cut_to_their_room() -> None:
    assert (fitting("2026-01", 8), fitting("Maple & Stone Hotels", 8), fitting("灯笼街茶馆", 8)) == ("2026-01", "Maple &…", "灯笼街…")
