"""The chosen window: its values and target, its weights, and both networks' predictions."""

import dataclasses

import numpy as np
import pytest

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from tests.figures.made import (
    ATTENTION,
    DATASET,
    DECODER,
    PLAIN,
    changed,
    ticks,
    trace,
    traces,
    words_on,
)

CEILING = attention_layers()["article"].ceiling(6)


def predicting(run, *of_starts):
    """Return a run that predicts one value for all windows in each start."""
    return changed(run, test_predictions=np.tile(np.array(of_starts)[:, None], (1, 17)))


# The medians are not the means.
GUESSING = predicting(PLAIN, 0.1, 0.2, 0.25, 0.6, 0.9), predicting(ATTENTION, 0, 0, 0.5, 0.75, 1)


def test_it_shows_values_weights_and_predictions():
    figure = figures.chosen_window(*GUESSING, DATASET, 3).figure
    np.testing.assert_array_equal(trace(figure, "values").y, DATASET.test_x[3, :, 0])
    assert trace(figure, "target").y[0] == DATASET.test_y[3]
    assert trace(figure, "Plain").y[0] == 0.25
    assert trace(figure, "Attention").y[0] == 0.5
    assert trace(figure, "Plain").text == ("Plain predicts 0.25",)
    bars = trace(figure, "weight")
    of_starts = ATTENTION.test_attention[:, 3].astype(float)
    np.testing.assert_allclose(bars.y, np.median(of_starts, axis=0))
    np.testing.assert_allclose(bars.y + bars.error_y.array, of_starts.max(axis=0))
    np.testing.assert_allclose(bars.y - bars.error_y.arrayminus, of_starts.min(axis=0))
    assert [shape.y0 for shape in figure.layout.shapes] == pytest.approx([1 / 6, CEILING])
    assert "□ target" in words_on(figure)
    assert "Plain 0.25 · Attention 0.50" in words_on(figure)


def test_the_axes_are_the_window_s():
    layout = figures.chosen_window(PLAIN, ATTENTION, DATASET, 3).figure.layout
    assert layout.xaxis.title.text == "step in the window"
    assert layout.xaxis.ticktext == ("t−5", "t−4", "t−3", "t−2", "t−1", "t", "t+1")
    assert layout.yaxis.title.text == "scaled value"
    assert layout.yaxis2.title.text == "weight"
    names = [words.replace("<br>", " ").split()[0] for words in ticks(layout.yaxis2).values()]
    assert names == ["0", "1/T", "ceiling"]
    assert layout.yaxis2.range[1] > ATTENTION.test_attention[:, 3].max()


def test_the_words_are_the_target_the_predictions_and_the_favoured_step():
    weights = np.full((5, 17, 6), 0.1)
    weights[:, 3, 4] = 0.5
    alt = figures.chosen_window(
        GUESSING[0], changed(GUESSING[1], test_attention=weights), DATASET, 3
    ).alt
    assert alt == (
        "Test window 3: target 0.38 on the scaled values, Plain predicts 0.25, Attention "
        "predicts 0.50. Most weight is on step t−1: 0.50; uniform would be 0.17."
    )


def test_a_network_alone_is_named_alone():
    found = figures.chosen_window(None, GUESSING[1], DATASET, 3)
    assert "Plain" not in found.alt
    assert "Plain" not in words_on(found.figure)
    assert trace(found.figure, "Plain").y == (None,)
    assert trace(found.figure, "Attention").y == (0.5,)


def test_a_prediction_far_off_is_drawn_at_the_edge_and_named():
    figure = figures.chosen_window(predicting(PLAIN, 7, 7, 7, 7, 7), None, DATASET, 3).figure
    # As far above the largest value as that is above 0.
    assert trace(figure, "Plain").y[0] == pytest.approx(2 * 0.381966)
    assert figure.layout.yaxis.range[1] < 1
    assert "Plain 7.0" in words_on(figure)


def test_an_index_beyond_the_windows_is_the_nearest_one():
    last = len(DATASET.test_y) - 1
    assert figures.chosen_window(None, None, DATASET, 999).alt.startswith(f"Test window {last}:")
    assert figures.chosen_window(None, None, DATASET, -1).alt.startswith("Test window 0:")


def test_drowned_inputs_are_marked_not_dropped():
    dataset = Experiment().dataset()
    first = int(np.argmin(dataset.test_y))
    figure = figures.chosen_window(None, None, dataset, first).figure
    assert "20 of 20 inputs are exactly 0 in float32" in words_on(figure)
    rings = [t for t in figure.data if t.type == "scatter" and t.marker.symbol == "circle-open"]
    assert len(rings[0].x) == 21  # the target is 0 too


def test_inputs_too_small_to_be_seen_have_a_dash_and_no_ring():
    values = np.zeros((1, 4, 1))
    values[0, :, 0] = (0.5, 1e-3, 0.0, 1e-30)
    data = dataclasses.replace(
        DATASET, test_x=values, test_y=np.array([0.25]), test_steps=None, test_positions=np.zeros(1)
    )
    figure = figures.chosen_window(None, None, data, 0).figure
    places = {t.marker.symbol: list(t.x) for t in figure.data if t.type == "scatter"}
    assert places["line-ew-open"] == [1, 3]
    assert places["circle-open"] == [2]
    assert "1 of 4 inputs" in words_on(figure)


@pytest.mark.parametrize("steps", [2, 3, 20, 60])
def test_step_ticks_name_the_first_and_the_last_step(steps):
    dataset = Experiment(time_steps=steps).dataset()
    words = figures.chosen_window(None, None, dataset, 0).figure.layout.xaxis.ticktext
    assert words[0] == f"t−{steps - 1}"
    assert words[-2:] == ("t", "t+1")
    assert len(words) <= 10


def test_the_steps_the_rule_needs_are_shaded():
    data = Experiment(task="sum-of-last-two", time_steps=6).dataset()
    shapes = figures.chosen_window(None, None, data, 3).figure.layout.shapes
    assert [shape.x0 + 0.5 for shape in shapes if shape.type == "rect"] == [4, 5]


def test_steps_marked_by_the_second_feature_have_a_mark():
    data = Experiment(task="adding-problem", time_steps=8).dataset()
    figure = figures.chosen_window(None, None, data, 3).figure
    (marks,) = [t for t in figure.data if t.type == "scatter" and t.name == data.features[1]]
    assert list(marks.x) == np.flatnonzero(data.test_x[3, :, 1]).tolist()
    assert len(marks.x) == 2


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_of_several_steps_ahead_the_step_looked_at_is_shown(ahead):
    data = DECODER.dataset()
    figure = figures.chosen_window(
        DECODER.at_step(ahead), DECODER.at_step(ahead), data.at_step(ahead), 4
    ).figure
    assert trace(figure, "target").y[0] == data.test_y[4, ahead]
    middle = np.median(DECODER.test_predictions[:, 4, ahead].astype(float))
    assert trace(figure, "Plain").y[0] == pytest.approx(middle)
    weights = np.median(DECODER.test_attention[:, 4, ahead].astype(float), axis=0)
    np.testing.assert_allclose(trace(figure, "weight").y, weights)


def test_without_a_result_the_window_is_there_and_its_weights_are_awaited():
    figure = figures.chosen_window(None, None, DATASET, 3).figure
    assert trace(figure, "values")
    assert not traces(figure, "weight")
    assert "waiting" in words_on(figure)
