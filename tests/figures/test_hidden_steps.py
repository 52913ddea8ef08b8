"""Hidden steps: each step's weight, and by how much hiding it changes the prediction."""

import numpy as np
import pytest

from fibattn import figures
from fibattn.experiment import Experiment
from tests.figures.made import (
    ATTENTION,
    DATASET,
    PLAIN,
    a_run,
    axes,
    changed,
    check_sound,
    effect,
    ticks,
    trace,
    words_on,
)

MARKED = Experiment(task="sum-of-last-two", time_steps=6).dataset()
EFFECT = effect(ATTENTION)
NONE = np.zeros((5, 6))


def shades(figure):
    return [shape.x0 + 0.5 for shape in figure.layout.shapes if shape.type == "rect"]


@pytest.mark.parametrize("run", [None, ATTENTION, PLAIN])
@pytest.mark.parametrize("effects", [None, EFFECT])
def test_each_panel_keeps_its_room_as_there_is_always_a_trace_in_it(run, effects):
    figure = figures.weight_and_effect(run, effects, DATASET, 3).figure
    assert {each.yaxis for each in figure.data} == {"y", "y2"}


def test_bars_are_medians_and_whiskers_the_range():
    figure = figures.weight_and_effect(ATTENTION, EFFECT, DATASET, 3).figure
    weights = ATTENTION.test_attention[:, 3].astype(float)
    for name, values, panel in (("weight", weights, "yaxis"), ("effect", EFFECT, "yaxis2")):
        bars = trace(figure, name)
        np.testing.assert_allclose(bars.y, np.median(values, axis=0))
        np.testing.assert_allclose(bars.y + bars.error_y.array, values.max(axis=0))
        np.testing.assert_allclose(bars.y - bars.error_y.arrayminus, values.min(axis=0))
        assert axes(figure)[panel]["range"][1] > values.max()
        assert bars.yaxis == panel.replace("axis", "")
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis.title.text == "weight"
    assert figure.layout.yaxis2.title.text == "change"
    headings = [note.text for note in figure.layout.annotations]
    assert headings == ["attention weight", "effect of hiding it"]
    heights = [note.y for note in figure.layout.annotations]
    assert heights[0] > figure.layout.yaxis.domain[1]
    assert figure.layout.yaxis.domain[0] > heights[1] > figure.layout.yaxis2.domain[1]


def test_only_the_panel_that_is_awaited_says_so():
    figure = figures.weight_and_effect(ATTENTION, None, DATASET, 3).figure
    (note,) = [note for note in figure.layout.annotations if "waiting" in note.text]
    assert note.y < figure.layout.yaxis2.domain[1]
    assert trace(figure, "weight")


def test_the_steps_the_rule_needs_are_shaded_through_both_panels():
    assert shades(figures.weight_and_effect(ATTENTION, EFFECT, DATASET, 3).figure) == []
    figure = figures.weight_and_effect(None, None, MARKED, 3).figure
    assert shades(figure) == [4, 5]
    assert {shape.y1 for shape in figure.layout.shapes if shape.type == "rect"} == {1}


def test_the_uniform_weight_is_a_line_in_the_upper_panel():
    (line,) = figures.weight_and_effect(ATTENTION, EFFECT, DATASET, 3).figure.layout.shapes
    assert (line.y0, line.yref) == (pytest.approx(1 / 6), "y")
    assert not figures.weight_and_effect(PLAIN, EFFECT, DATASET, 3).figure.layout.shapes


def test_without_an_attention_layer_there_is_still_an_effect():
    found = figures.weight_and_effect(PLAIN, EFFECT, DATASET, 3)
    check_sound(found.figure)
    assert "no attention layer" in words_on(found.figure)
    assert "waiting" not in words_on(found.figure)
    assert trace(found.figure, "effect")
    assert "weight is" not in found.alt


def test_a_network_that_no_step_moves_is_drawn_flat():
    found = figures.weight_and_effect(ATTENTION, NONE, DATASET, 3)
    check_sound(found.figure)
    assert not trace(found.figure, "effect").y.any()
    assert ticks(found.figure.layout.yaxis2) == {0: "0", 1: "1.0"}
    assert "Hiding any one step changes nothing." in found.alt


def test_the_ceiling_of_the_layer_is_marked():
    figure = figures.weight_and_effect(ATTENTION, EFFECT, DATASET, 3, ceiling=0.6).figure
    assert ticks(figure.layout.yaxis)[0.6] == "ceiling<br>0.60"


def test_the_words_name_the_steps():
    weights = np.full((5, len(MARKED.test_y), 6), 0.1)
    weights[:, 3, 0] = 0.5
    run = changed(
        a_run("article", task="sum-of-last-two", time_steps=6, repeats=5), test_attention=weights
    )
    effects = np.tile([0, 0, 0, 0, 0.125, 0.01], (5, 1))
    assert figures.weight_and_effect(run, effects, MARKED, 3).alt == (
        "Weight of each step, and effect of hiding it. Most weight is on step t−5: 0.50; uniform "
        "would be 0.17. Hiding step t−1 changes the prediction most: by 0.12 on the scaled "
        "values. The rule needs t−1 and t."
    )


def test_the_needed_steps_are_those_of_the_chosen_window():
    data = Experiment(task="adding-problem", time_steps=8).dataset()
    labels = np.array(["t−7", "t−6", "t−5", "t−4", "t−3", "t−2", "t−1", "t"])
    for window in range(4):
        found = figures.weight_and_effect(None, None, data, window)
        assert shades(found.figure) == np.flatnonzero(data.test_steps[window]).tolist()
        run = a_run("article", task="adding-problem", time_steps=8, repeats=2, epochs=1)
        needed = " and ".join(labels[data.test_steps[window]])
        alt = figures.weight_and_effect(run, None, data, window).alt
        assert alt.endswith(f"The rule needs {needed}.")


def test_the_most_changed_step_is_that_of_the_median():
    effects = np.tile([0, 0.2, 0, 0, 0.1, 0], (5, 1))
    effects[:2, 5] = 90  # the largest mean
    assert "Hiding step t−4 changes the prediction most: by 0.20" in (
        figures.weight_and_effect(ATTENTION, effects, DATASET, 3).alt
    )
