"""Scores and paired starts show the test error of every start, beside the baselines."""

import numpy as np
import pytest

from fibattn import figures
from fibattn.judge.baselines import Baseline
from tests.figures.made import (
    AHEAD,
    ATTENTION,
    BASELINES,
    DATASET,
    PLAIN,
    SMALL,
    a_run,
    changed,
    ticks,
    trace,
    traces,
    words_on,
)


def with_errors(run, *errors):
    """Return a run whose predictions all miss by the root of their start's MSE."""
    miss = np.sqrt(errors)[:, None]
    return changed(run, test_predictions=DATASET.test_y + miss)


# The median of the errors is not their mean, nor that of their logarithms.
UNEVEN = with_errors(PLAIN, 1e-3, 1e-3, 1e-2, 0.1, 0.1)
BETTER = with_errors(ATTENTION, 1e-4, 2e-4, 3e-4, 4e-4, 0.5)
TRIVIAL = (
    Baseline("always 0", 9.0, 0.02),
    Baseline("the last value", 9.0, 0.0004),
    Baseline("the sum of the last two", 9.0, 1e-35, exact=True),
)


@pytest.mark.parametrize("repeats", [1, 3, 4])
def test_every_start_is_a_dot_at_its_error(repeats):
    run = a_run("article", **SMALL | {"repeats": repeats})
    mse = np.mean((run.test_predictions.astype(float) - DATASET.test_y) ** 2, axis=1)
    figure = figures.scores(PLAIN, run, BASELINES).figure
    dots = trace(figure, "Attention")
    np.testing.assert_allclose(dots.x, np.log10(mse), rtol=1e-6)
    assert [start for (start,) in dots.customdata] == list(range(1, repeats + 1))
    assert trace(figure, "Attention, median").x[0] == pytest.approx(np.log10(np.median(mse)))


def test_each_network_has_a_row_of_its_own():
    figure = figures.scores(UNEVEN, BETTER, TRIVIAL).figure
    assert ticks(figure.layout.yaxis) == {1: "Plain", 0: "Attention"}
    for name, row, middle in (("Plain", 1, -2), ("Attention", 0, np.log10(3e-4))):
        assert set(trace(figure, name).y) == {row}
        assert trace(figure, f"{name}, median").y[0] == row
        assert trace(figure, f"{name}, median").x[0] == pytest.approx(middle)
    assert trace(figure, "Plain").text == ("0.0010", "0.0010", "0.010", "0.10", "0.10")
    assert trace(figure, "Plain, median").text == ("0.010",)
    assert figure.layout.xaxis.title.text == "mean squared error on the test windows"


def test_errors_of_several_steps_ahead_are_those_of_all_of_them():
    run = a_run(seed=3, **AHEAD | {"decoder": "direct"})
    truth = run.dataset().test_y
    mse = np.mean((run.test_predictions.astype(float) - truth) ** 2, axis=(1, 2))
    dots = trace(figures.scores(run, None, BASELINES).figure, "Plain")
    np.testing.assert_allclose(dots.x, np.log10(mse), rtol=1e-6)


def test_the_words_are_medians_ranges_and_baselines():
    assert figures.scores(UNEVEN, BETTER, TRIVIAL).alt == (
        "Test error of every random start, median and range: Plain 0.010 (0.0010 to 0.10); "
        "Attention 3.0·10⁻⁴ (1.0·10⁻⁴ to 0.50); always 0 0.020; the last value 4.0·10⁻⁴; "
        "the sum of the last two 1.0·10⁻³⁵."
    )


def test_baselines_are_lines_at_their_test_error():
    figure = figures.scores(UNEVEN, BETTER, TRIVIAL).figure
    assert trace(figure, "always 0").x == pytest.approx([np.log10(0.02)] * 2)
    assert trace(figure, "the last value").x == pytest.approx([np.log10(0.0004)] * 2)
    assert "last value: 4.0·10⁻⁴" in trace(figure, "the last value").text[1]
    # The smallest is at the bottom.
    assert trace(figure, "the last value").y[1] < trace(figure, "always 0").y[1]


@pytest.mark.parametrize("figure", ["scores", "paired"])
def test_a_baseline_far_away_is_named_at_its_edge_and_does_not_stretch_the_axis(figure):
    far = (*TRIVIAL, Baseline("the worst", 1.0, 1e30, exact=True))
    if figure == "scores":
        shown = figures.scores(UNEVEN, BETTER, far).figure
        span, below, above = shown.layout.xaxis.range, "← sum", "worst: 1.0·10³⁰ →"
    else:
        shown = figures.paired_starts({"Plain": UNEVEN, "Attention": BETTER}, far).figure
        span, below, above = shown.layout.yaxis.range, "↓ the sum", "↑ the worst: 1.0·10³⁰"
    assert f"{below} of the last two: 1.0·10⁻³⁵" in words_on(shown)
    assert above in words_on(shown)
    assert span[0] == pytest.approx(-5, abs=0.11)
    assert span[1] == pytest.approx(0, abs=0.11)


def test_an_error_of_zero_is_a_triangle_at_the_lower_edge():
    exact = with_errors(PLAIN, 0, 1e-3, 1e-3, 1e-3, 1e-3)
    figure = figures.scores(exact, None, TRIVIAL).figure
    dots = trace(figure, "Plain")
    assert dots.marker.symbol[0] == "triangle-left"
    assert dots.x[0] == figure.layout.xaxis.range[0]
    assert dots.text[0] == "0"


# --- paired starts


def test_a_column_for_each_network_and_a_line_through_each_start():
    third = with_errors(PLAIN, 1e-2, 1e-1, 1e-3, 1e-4, 1e-2)
    runs = {"Plain": UNEVEN, "Uniform weights": third, "Attention": BETTER}
    figure = figures.paired_starts(runs, TRIVIAL).figure
    assert ticks(figure.layout.xaxis) == {0: "Plain", 1: "Uniform<br>weights", 2: "Attention"}
    assert figure.layout.yaxis.title.text == "mean squared error, test"
    columns = [trace(figure, name) for name in runs]
    assert [set(column.x) for column in columns] == [{0}, {1}, {2}]
    assert len({column.marker.line.color for column in columns}) == 3
    np.testing.assert_allclose(columns[1].y, [-2, -1, -3, -4, -2], rtol=1e-6)
    line = trace(figure, "the same start")
    for start in range(5):
        part = slice(4 * start, 4 * start + 3)
        np.testing.assert_array_equal(line.x[part], [0, 1, 2])
        np.testing.assert_array_equal(line.y[part], [column.y[start] for column in columns])
        assert np.isnan(line.y[part.stop])
    medians = [trace(figure, f"{name}, median") for name in runs]
    assert [median.x[0] for median in medians] == [0, 1, 2]
    assert [median.y[0] for median in medians] == pytest.approx([-2, -2, np.log10(3e-4)])


def test_until_all_networks_are_there_no_line_joins_them():
    runs = {"Plain": UNEVEN, "Uniform weights": None, "Attention": BETTER}
    found = figures.paired_starts(runs, TRIVIAL)
    assert not traces(found.figure, "the same start")
    assert set(trace(found.figure, "Attention").x) == {2}
    assert found.alt == (
        "Test error of every random start in each network, median and range: Plain 0.010 (0.0010 "
        "to 0.10); Attention 3.0·10⁻⁴ (1.0·10⁻⁴ to 0.50)."
    )


def test_the_baselines_are_lines_across_the_columns():
    figure = figures.paired_starts({"Plain": UNEVEN, "Attention": BETTER}, TRIVIAL).figure
    heights = [shape.y0 for shape in figure.layout.shapes]
    assert heights == pytest.approx([np.log10(0.02), np.log10(0.0004)])
    notes = {note.text: note.y for note in figure.layout.annotations}
    assert notes["always 0: 0.020"] == heights[0]
    assert notes["the last value: 4.0·10⁻⁴"] == heights[1]
