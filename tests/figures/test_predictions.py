"""Predicted against true: each window's median prediction, on the original scale."""

import numpy as np
import pytest

from fibattn import figures
from tests.figures.made import (
    AHEAD,
    ATTENTION,
    DATASET,
    PLAIN,
    a_run,
    changed,
    trace,
    traces,
    words_on,
)

TRUE = DATASET.unscale(DATASET.test_y)


def points(figure, name):
    """Return the points of a network by their window: (x, y, symbol, words)."""
    return {
        point[0]: (x, y, dots.marker.symbol, point[1:])
        for dots in traces(figure, name)
        for point, x, y in zip(dots.customdata or (), dots.x, dots.y, strict=False)
    }


def median(run):
    return DATASET.unscale(np.median(run.test_predictions.astype(float), axis=0))


def test_points_stand_at_their_magnitudes_and_carry_their_window():
    figure = figures.predicted_against_true(PLAIN, ATTENTION, DATASET, 2).figure
    for name, run in (("Plain", PLAIN), ("Attention", ATTENTION)):
        found = points(figure, name)
        assert sorted(found) == list(range(17))
        for window, (x, y, symbol, _) in found.items():
            assert type(window) is int
            assert x == pytest.approx(np.log10(TRUE[window]), abs=1e-5)
            if median(run)[window] > 0:
                assert symbol == "circle"
                assert y == pytest.approx(np.log10(median(run)[window]), abs=1e-5)
            else:
                assert symbol == "triangle-down"
                assert figure.layout.yaxis.range[0] < y < 0
    for ring, run in zip(traces(figure, "chosen window"), (PLAIN, ATTENTION), strict=True):
        assert ring.x[0] == pytest.approx(np.log10(TRUE[2]))
        assert ring.y[0] == pytest.approx(np.log10(median(run)[2]))
    assert figure.layout.xaxis.title.text == "true number"
    assert figure.layout.yaxis.title.text == "predicted number"
    assert all(words.startswith("10") for words in figure.layout.xaxis.ticktext)


def test_the_hover_says_both_numbers():
    half = changed(PLAIN, test_predictions=np.tile(DATASET.test_y / 2, (5, 1)))
    figure = figures.predicted_against_true(half, None, DATASET, None).figure
    largest = int(np.argmax(TRUE))
    assert TRUE[largest] == 956722026041  # the 59th Fibonacci number
    assert traces(figure, "Plain")[1].hovertemplate == (
        "true %{customdata[1]}<br>Plain %{customdata[2]}"
        "<br>(median over the random starts)<extra></extra>"
    )
    assert points(figure, "Plain")[largest][3] == ["9.6·10¹¹", "4.8·10¹¹"]


def test_the_line_of_right_predictions_goes_through_the_true_numbers():
    line = trace(figures.predicted_against_true(PLAIN, None, DATASET, None).figure, "exact")
    assert line.x == line.y
    assert line.x[0] <= np.log10(TRUE.min())
    assert line.x[1] == pytest.approx(np.log10(DATASET.series.max()))


def test_predictions_below_the_axis_are_counted_in_words():
    counts = {
        "Plain": int(np.sum(median(PLAIN) <= 0)),
        "Attention": int(np.sum(median(ATTENTION) <= 0)),
    }
    assert min(counts.values()) > 0
    assert len(set(counts.values())) == 2
    found = figures.predicted_against_true(PLAIN, ATTENTION, DATASET, None)
    words = f"zero or negative: Plain {counts['Plain']}, Attention {counts['Attention']}"
    assert words in words_on(found.figure)
    for name, count in counts.items():
        assert f"{name}: {count} of 17 are zero or negative" in found.alt


def test_the_words_say_by_how_many_powers_of_ten_half_miss():
    # Seven are right, five are too small by a factor of 100, five too large by one of 1000.
    numbers = np.array(TRUE)
    numbers[7:12] /= 100
    numbers[12:] *= 1000
    scaled = DATASET.scaling.scale(numbers)
    run = changed(PLAIN, test_predictions=np.tile(scaled, (5, 1)))
    alt = figures.predicted_against_true(run, None, DATASET, None).alt
    assert alt == (
        "Predicted against true test values. Plain: 0 of 17 are zero or negative, half of the "
        "others miss by at least 2.0 powers of ten."
    )


def test_where_the_numbers_are_of_one_magnitude_the_axes_are_linear():
    run = a_run(task="sunspots", series_length=309, time_steps=6, repeats=5, seed=4)
    data = run.dataset()
    guesses = np.tile(data.test_y + 0.125, (5, 1))
    guesses[:, 3] = 1e6
    run = changed(run, test_predictions=guesses)
    found = figures.predicted_against_true(run, None, data, None)
    everything = points(found.figure, "Plain")
    true = data.unscale(data.test_y)
    for window in (0, 1, 2):
        x, y, symbol, _ = everything[window]
        assert x == pytest.approx(true[window], abs=1e-5)
        assert y == pytest.approx(data.unscale(guesses[0])[window], abs=1e-5)
        assert symbol == "circle"
    assert everything[3][2] == "triangle-down"
    assert "far off: Plain 1" in words_on(found.figure)
    assert "Plain: 1 of 91 are far off, half of the others miss by at least 24." in found.alt
    assert 0.125 * data.series.max() == pytest.approx(23.775)  # its smallest number is 0


def test_of_very_many_windows_an_even_selection_is_drawn_and_said():
    run = a_run(series_length=1200)
    data = run.dataset()
    figure = figures.predicted_against_true(run, None, data, 7).figure
    drawn = set(points(figure, "Plain"))
    assert 100 <= len(drawn) <= 130
    assert {7, int(np.argmax(data.test_y)), int(np.argmin(data.test_y))} <= drawn
    ranks = np.flatnonzero(np.isin(np.argsort(data.test_y), sorted(drawn)))
    assert np.diff(ranks).max() <= 4
    assert figure.layout.xaxis.title.text == f"true number ({len(drawn)} of 354 test windows)"


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_of_several_steps_ahead_the_points_are_those_of_the_step_looked_at(ahead):
    run = a_run(seed=3, **AHEAD | {"decoder": "direct"})
    data = run.dataset()
    figure = figures.predicted_against_true(
        run.at_step(ahead), None, data.at_step(ahead), None
    ).figure
    guesses = np.median(run.test_predictions[:, :, ahead].astype(float), axis=0)
    for window, (x, y, symbol, _) in points(figure, "Plain").items():
        assert x == pytest.approx(np.log10(data.unscale(data.test_y[window, ahead])), abs=1e-5)
        if symbol == "circle":
            assert y == pytest.approx(np.log10(data.unscale(guesses[window])), abs=1e-5)


def test_without_a_chosen_window_there_is_no_ring():
    for chosen in (None, 17):
        figure = figures.predicted_against_true(PLAIN, None, DATASET, chosen).figure
        assert not traces(figure, "chosen window")
