"""Heatmaps show median weights: of all test windows, over the epochs, over the steps ahead."""

import numpy as np
import pytest

from fibattn import figures
from fibattn.network.catalogue import attention_layers
from tests.figures.made import (
    ATTENTION,
    DATASET,
    DECODER,
    PLAIN,
    SMALL,
    a_run,
    changed,
    history,
    trace,
    words_on,
)

CEILING = attention_layers()["article"].ceiling
# Each window needs other steps.
MARKED = a_run("article", task="adding-problem", time_steps=6, repeats=2, epochs=2)


def looking_at(step, weight=0.5, starts=5, windows=17, steps=6):
    """Return weights with most of them on one step: (starts, windows, steps)."""
    weights = np.full((starts, windows, steps), (1 - weight) / (steps - 1))
    weights[:, :, step] = weight
    return weights


def bar(figure):
    (found,) = [
        t.marker.colorbar for t in figure.data if t.type == "scatter" and t.marker.colorbar.ticktext
    ]
    return found


def test_the_rows_are_the_windows_by_target():
    figure = figures.attention_windows(ATTENTION, DATASET, 5).figure
    cells = figure.data[0]
    order = np.argsort(DATASET.test_y)
    middle = np.median(ATTENTION.test_attention.astype(float), axis=0)[order]
    np.testing.assert_allclose(cells.z, middle, atol=6e-5)
    assert np.abs(cells.z - np.mean(ATTENTION.test_attention, axis=0)[order]).max() > 1e-3
    assert (cells.zmin, cells.zmax) == (0, pytest.approx(CEILING(6)))
    row = order.tolist().index(5)
    (frame,) = figure.layout.shapes
    assert (frame.y0 + frame.y1) / 2 == row
    (arrow,) = [note for note in figure.layout.annotations if note.text.endswith(">◀</span>")]
    assert arrow.y == row
    assert figure.layout.xaxis.ticktext == ("t−5", "t−4", "t−3", "t−2", "t−1", "t")
    assert figure.layout.yaxis.title.text == "test windows, by their target"
    assert figure.layout.yaxis.ticktext[-1] == "10¹²"


def test_of_many_windows_the_target_s_ticks_are_those_of_the_rows():
    layout = figures.attention_windows(None, DATASET, None).figure.layout
    targets = np.sort(DATASET.unscale(DATASET.test_y))
    for row, words in zip(layout.yaxis.tickvals, layout.yaxis.ticktext, strict=True):
        if targets[row] >= 1000:
            power = int("".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(digit)) for digit in words[2:]))
            assert power == round(np.log10(targets[row]))
        else:
            assert float(words) == pytest.approx(targets[row], rel=0.06)


def test_the_steps_the_rule_needs_are_ringed():
    data = MARKED.dataset()
    rings = trace(figures.attention_windows(MARKED, data, None).figure, "steps the rule needs")
    truth = data.test_steps[np.argsort(data.test_y, kind="stable")]
    assert len(set(rings.y)) == 50
    for row in set(rings.y):
        ringed = sorted(x for x, y in zip(rings.x, rings.y, strict=True) if y == row)
        assert ringed == np.flatnonzero(truth[row]).tolist()


def test_the_words_say_which_step_has_the_most_weight_on_average():
    run = changed(ATTENTION, test_attention=looking_at(1))
    assert figures.attention_windows(run, DATASET, None).alt == (
        "Attention weights of all test windows, median over the random starts. Most weight is on "
        "step t−4: 0.50; uniform would be 0.17."
    )
    even = changed(ATTENTION, test_attention=np.full((5, 17, 6), 1 / 6))
    assert "No step gets much more than the uniform 0.17." in (
        figures.attention_windows(even, DATASET, None).alt
    )


def test_without_attention_there_is_nothing_to_draw():
    found = figures.attention_windows(PLAIN, DATASET, None)
    assert "waiting" in words_on(found.figure)
    assert found.alt == "Attention weights of all test windows: no result yet."


def test_the_scale_of_weights_marks_uniform_and_ceiling():
    for found in (
        figures.attention_windows(None, DATASET, None),
        figures.weights_over_epochs(ATTENTION, history(ATTENTION), 6, 4, CEILING(6)),
    ):
        marks = bar(found.figure)
        assert marks.tickvals == pytest.approx((0, 1 / 6, CEILING(6)))
        assert [words.split("<br>")[0] for words in marks.ticktext] == ["0", "1/T", "ceiling"]


def test_without_a_ceiling_the_scale_ends_at_the_largest_weight():
    past = np.full((5, 5, 6), 0.06)
    past[..., 1] = 0.7
    figure = figures.weights_over_epochs(ATTENTION, past, 6, 4, 1.0).figure
    assert figure.data[0].zmax == pytest.approx(0.7)
    assert bar(figure).ticktext[-1] == "0.70"


def test_the_rows_over_epochs_begin_before_training():
    past = history(ATTENTION)
    figure = figures.weights_over_epochs(ATTENTION, past, 6, 4, 0.9).figure
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, np.median(past.astype(float), axis=1), atol=6e-5)
    np.testing.assert_allclose(cells.customdata[..., 0], past.min(axis=1), atol=6e-5)
    np.testing.assert_allclose(cells.customdata[..., 1], past.max(axis=1), atol=6e-5)
    assert figure.layout.yaxis.title.text == "epoch (0: before training)"
    assert figure.layout.yaxis.tickvals == (0, 1, 2, 3, 4)


def test_the_words_say_the_first_and_the_last_epoch():
    past = np.stack([looking_at(step, windows=5)[:, 0] for step in (0, 1, 2, 3, 5)])
    alt = figures.weights_over_epochs(ATTENTION, past, 6, 4, 0.9).alt
    assert alt == (
        "Attention weights of the chosen window over the epochs, median over the random starts. "
        "Before training: Most weight is on step t−5: 0.50; uniform would be 0.17. After epoch 4: "
        "Most weight is on step t: 0.50; uniform would be 0.17."
    )


def test_the_rows_over_the_steps_ahead_are_the_decoder_s():
    found = figures.weights_over_horizon(DECODER, 4, 3, 6)
    middle = np.median(DECODER.test_attention[:, 4].astype(float), axis=0)
    np.testing.assert_allclose(found.figure.data[0].z, middle, atol=6e-5)
    assert found.figure.layout.yaxis.title.text == "step ahead"
    assert found.figure.layout.yaxis.ticktext == ("1", "2", "3")
    weights = np.stack([looking_at(step, windows=12) for step in (1, 2, 4)], axis=2)
    run = changed(DECODER, test_attention=weights)
    assert figures.weights_over_horizon(run, 4, 3, 6).alt == (
        "Attention weights of the chosen window for each step ahead, median over the random "
        "starts. First: Most weight is on step t−4: 0.50; uniform would be 0.17. Last: Most "
        "weight is on step t−1: 0.50; uniform would be 0.17."
    )


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_of_several_steps_ahead_the_windows_weights_are_those_of_the_step_looked_at(ahead):
    data = DECODER.dataset().at_step(ahead)
    figure = figures.attention_windows(DECODER.at_step(ahead), data, None).figure
    middle = np.median(DECODER.test_attention[:, :, ahead].astype(float), axis=0)
    np.testing.assert_allclose(figure.data[0].z, middle[np.argsort(data.test_y)], atol=6e-5)


def test_the_run_s_layer_sets_the_scale():
    free = a_run("dot", **SMALL)
    figure = figures.attention_windows(free, DATASET, None).figure
    largest = np.median(free.test_attention.astype(float), axis=0).max()
    assert figure.data[0].zmax == pytest.approx(max(largest, 2 / 6))
