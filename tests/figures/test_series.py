"""The series: the numbers above, below what scaling leaves of them."""

import numpy as np
import pytest

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.figures.axes import log_span
from tests.figures.made import words_on

DATASET = Experiment().dataset()


def test_numbers_of_many_magnitudes_are_drawn_as_powers_of_ten():
    above, below = figures.series(DATASET).figure.data
    np.testing.assert_allclose(above.y, np.log10(DATASET.series), rtol=1e-6)
    np.testing.assert_allclose(below.y, DATASET.series / DATASET.series.max(), atol=1e-6)
    assert list(above.x) == list(below.x) == list(range(1, 1201))
    assert (above.yaxis, below.yaxis) == ("y", "y2")


def test_the_axes_and_panels_have_names():
    figure = figures.series(DATASET).figure
    assert figure.layout.xaxis.title.text == "place in the series"
    assert figure.layout.yaxis.ticktext == ("10⁰", "10¹⁰⁰", "10²⁰⁰")
    assert figure.layout.yaxis2.tickvals == (0, 0.5, 1)
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert words_on(figure).startswith("The series What the network is given:")


def test_it_says_what_scaling_leaves():
    # Each number is 1.618 times the one before: 1.618 to the power of −9 is 0.013, of −10 0.008.
    found = figures.series(DATASET)
    assert "1190 of 1200 below 0.01" in words_on(found.figure)
    assert found.alt == (
        "The 1200 numbers of the series reach 4.4·10²⁵⁰. Of the scaled values the network is "
        "given, 1190 of 1200 below 0.01."
    )


def test_on_the_log_scale_the_scaled_values_are_a_straight_line():
    straight = figures.series(Experiment(scaling="log").dataset()).figure.data[1]
    assert np.abs(np.diff(straight.y, 2)).max() < 1e-3


def test_numbers_of_one_magnitude_are_drawn_as_they_are():
    data = Experiment(task="sunspots", series_length=309).dataset()
    above, _ = figures.series(data).figure.data
    np.testing.assert_allclose(above.y, data.series, rtol=1e-6)


def test_the_axis_holds_the_numbers_and_at_least_one_power_of_ten():
    axis = figures.series(DATASET).figure.layout.yaxis
    # From 10⁰ to 4.4·10²⁵⁰, and a twentieth of that on both sides.
    assert tuple(axis.range) == pytest.approx((-12.53, 263.18), abs=0.01)
    assert log_span(np.array([2.0, 3.0])) == (0, 1)
    assert log_span(np.array([20.0, 3000.0])) == (1, pytest.approx(3.477, abs=1e-3))


def test_windows_made_one_by_one_have_no_series():
    with pytest.raises(ValueError, match="no series to draw"):
        figures.series(Experiment(task="sum-of-last-two").dataset())


def test_a_pinned_series_is_dotted_on_the_same_axes():
    before = Experiment(series_length=40, scaling="log").dataset()
    found = figures.series(DATASET, before)
    above, of_pinned, below, below_pinned = found.figure.data
    np.testing.assert_allclose(above.y, np.log10(DATASET.series), rtol=1e-6)
    np.testing.assert_allclose(of_pinned.y, np.log10(before.series), rtol=1e-6)
    np.testing.assert_allclose(below.y, DATASET.series / DATASET.series.max(), atol=1e-6)
    logs = np.log10(before.series)  # the first number is 1
    of_largest = below_pinned.y / below_pinned.y[-1]
    np.testing.assert_allclose(of_largest, logs / logs[-1], atol=1e-6)
    assert {each.line.dash for each in (above, below)} == {"solid"}
    assert {each.line.dash for each in (of_pinned, below_pinned)} == {"dot"}
    assert found.alt.endswith("Pinned, of 40 numbers: 1 of 40 below 0.01.")
    assert tuple(found.figure.layout.xaxis.range) == (0.5, 1200.5)


def test_a_longer_pinned_series_lengthens_the_axis():
    short = Experiment(series_length=40).dataset()
    assert tuple(figures.series(short, DATASET).figure.layout.xaxis.range) == (0.5, 1200.5)


def test_pinned_numbers_that_need_another_axis_are_left_out_above():
    spots = Experiment(task="sunspots", series_length=309).dataset()
    for data, before in ((spots, DATASET), (DATASET, spots)):
        drawing = figures.series(data, before).figure
        assert [each.yaxis for each in drawing.data] == ["y", "y2", "y2"]
        assert drawing.layout.yaxis.range == figures.series(data).figure.layout.yaxis.range


def test_a_pinned_run_without_a_series_changes_nothing():
    other = Experiment(task="sum-of-last-two").dataset()
    assert figures.series(DATASET, other).figure == figures.series(DATASET).figure
