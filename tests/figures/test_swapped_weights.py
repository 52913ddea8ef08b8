"""Swapped weights: the error of every start with the trained, and with other weights."""

import numpy as np
import pytest

from fibattn import figures
from fibattn.figures import colours
from tests.figures.made import SMALL, a_run, check_sound, ticks, trace

RUN = a_run("article", **SMALL | {"repeats": 3})
ERRORS = {
    "trained": (0.001, 0.002, 0.009),
    "permuted": (0.01, 0.001, 0.05),
    "uniform": (0.002, 0.003, 0.010),
}


def test_every_start_is_a_dot_at_its_error_in_a_row_for_each_kind_of_weights():
    figure = figures.swapped_errors(RUN, ERRORS).figure
    assert ticks(figure.layout.yaxis) == {2: "trained", 1: "permuted", 0: "uniform"}
    assert figure.layout.xaxis.title.text == "mean squared error on the test windows"
    middles = {"trained": 0.002, "permuted": 0.01, "uniform": 0.003}
    for row, (name, values) in zip((2, 1, 0), ERRORS.items(), strict=True):
        np.testing.assert_allclose(trace(figure, name).x, np.log10(values), rtol=1e-6)
        assert set(trace(figure, name).y) == {row}
        bar = trace(figure, f"{name}, median")
        assert (bar.x[0], bar.y[0]) == (pytest.approx(np.log10(middles[name])), row)


def test_a_line_joins_the_dots_of_a_start():
    line = trace(figures.swapped_errors(RUN, ERRORS).figure, "the same start")
    for start in range(3):
        wanted = [np.log10(values[start]) for values in ERRORS.values()]
        np.testing.assert_allclose(line.x[4 * start : 4 * start + 3], wanted, rtol=1e-6)
        np.testing.assert_array_equal(line.y[4 * start : 4 * start + 3], [2, 1, 0])
        assert np.isnan(line.x[4 * start + 3])


def test_trained_weights_look_unlike_the_others():
    figure = figures.swapped_errors(RUN, ERRORS).figure
    looks = [trace(figure, name).marker.line.color for name in ERRORS]
    assert looks == [colours.ATTENTION, colours.BASELINE, colours.BASELINE]


def test_the_axis_is_widened_by_errors_beyond_the_usual_alone():
    usual = figures.swapped_errors(RUN, ERRORS).figure
    assert tuple(usual.layout.xaxis.range) == (-5, 0)
    wide = {"trained": (3e-9, 1e-3, 1e-3), "uniform": (20.0, 1e-3, 1e-3)}
    figure = figures.swapped_errors(RUN, wide).figure
    check_sound(figure)
    assert tuple(figure.layout.xaxis.range) == (-9, 2)


def test_the_words_count_in_how_many_starts_the_trained_weights_are_better():
    assert figures.swapped_errors(RUN, ERRORS).alt == (
        "Test error of every random start by its attention weights, median and range: "
        "trained 0.0020 (0.0010 to 0.0090); permuted 0.010 (0.0010 to 0.050); uniform 0.0030 "
        "(0.0020 to 0.010). Trained is better than permuted in 2 of 3 starts and than uniform in "
        "3 of 3 starts."
    )


def test_an_equal_error_is_not_better():
    equal = {"trained": (0.1, 0.1, 0.2), "uniform": (0.1, 0.2, 0.1)}
    assert "than uniform in 1 of 3 starts." in figures.swapped_errors(RUN, equal).alt
