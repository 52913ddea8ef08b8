"""The figures of hidden steps and swapped weights show the numbers and keep their axes."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.figures.occlusion import (
    swapped_errors,
    swapped_errors_alt,
    weight_and_effect,
    weight_and_effect_alt,
)

STEPS = 6
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.dirichlet(np.ones(STEPS), size=3).astype(np.float32)
EFFECT = RANDOM.uniform(0, 0.2, (3, STEPS)).astype(np.float32)
TRUTH = np.array([False, False, True, False, False, True])
ERRORS = {
    "trained": (0.001, 0.002, 0.004),
    "permuted": (0.01, 0.001, 0.05),
    "uniform": (0.002, 0.003, 0.005),
}
ODD = st.sampled_from([math.nan, math.inf, 0.0, 1e-45, 1e-30, 0.3, 3e38])


def axes(figure):
    layout = figure.to_plotly_json()["layout"]
    return {name: axis for name, axis in layout.items() if re.match("[xy]axis", name)}


def check_sound(figure):
    """Its axes are fixed, finite and not empty, its height is set, and it is valid JSON."""
    json.loads(figure.to_json(), parse_constant=pytest.fail)
    assert figure.layout.height
    for axis in axes(figure).values():
        assert axis["fixedrange"]
        low, high = axis["range"]
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
        assert len(axis["tickvals"]) <= 14


def words_on(figure):
    return " ".join(note.text for note in figure.layout.annotations)


def trace(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def shades(figure):
    return [shape.x0 + 0.5 for shape in figure.layout.shapes if shape.type == "rect"]


# --- both


@settings(deadline=None, max_examples=30)
@given(
    starts=st.integers(1, 4),
    steps=st.sampled_from([2, 7, 20, 60]),
    have=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    data=st.data(),
)
@pytest.mark.filterwarnings("error")
def test_no_numbers_break_a_figure(starts, steps, have, data):
    def some(rows):
        numbers = data.draw(st.lists(ODD, min_size=rows * 4, max_size=rows * 4))
        return np.resize(np.array(numbers, np.float32).reshape(rows, 4), (rows, steps))

    weights, effect, truth = some(starts), some(starts), some(1)[0] == 0
    shown = [weights if have[0] else None, effect if have[1] else None, truth if have[2] else None]
    errors = {name: tuple(map(float, some(starts)[:, 0])) for name in ERRORS}
    check_sound(weight_and_effect(*shown, steps))
    check_sound(weight_and_effect(*shown, steps, ceiling=0.28))
    check_sound(swapped_errors(errors))
    for words in (weight_and_effect_alt(*shown), swapped_errors_alt(errors)):
        assert words.endswith(".")
        assert not re.search(r"\bnan\b|\binf\b", words)


@pytest.mark.parametrize(
    ("empty", "full"),
    [
        (
            weight_and_effect(None, None, None, STEPS),
            weight_and_effect(WEIGHTS, EFFECT, TRUTH, STEPS),
        ),
        (swapped_errors(None), swapped_errors(ERRORS)),
    ],
)
def test_nothing_jumps_when_results_arrive(empty, full):
    check_sound(empty)
    check_sound(full)
    assert empty.layout.height == full.layout.height
    assert empty.layout.margin == full.layout.margin
    assert axes(empty)["xaxis"] == axes(full)["xaxis"]
    assert axes(empty)["yaxis"]["range"][0] == axes(full)["yaxis"]["range"][0]
    assert "waiting" in words_on(empty)
    assert "waiting" not in words_on(full)


def test_without_a_result_the_words_say_so():
    assert "no result yet" in weight_and_effect_alt(None, None, TRUTH)
    assert "no result yet" in swapped_errors_alt(None)


# --- weight and effect


@pytest.mark.parametrize("weights", [None, WEIGHTS, np.zeros((3, 0))])
@pytest.mark.parametrize("effect", [None, EFFECT])
def test_each_panel_keeps_its_room_as_there_is_always_a_trace_in_it(weights, effect):
    figure = weight_and_effect(weights, effect, None, STEPS)
    assert {each.yaxis for each in figure.data} == {"y", "y2"}


def test_bars_are_medians_and_whiskers_the_range():
    figure = weight_and_effect(WEIGHTS, EFFECT, None, STEPS)
    for name, values in (("weight", WEIGHTS), ("effect", EFFECT)):
        bar = trace(figure, name)
        np.testing.assert_allclose(bar.y, np.median(values, axis=0))
        np.testing.assert_allclose(bar.y + bar.error_y.array, values.max(axis=0))
        np.testing.assert_allclose(bar.y - bar.error_y.arrayminus, values.min(axis=0))
        top = axes(figure)["yaxis" if name == "weight" else "yaxis2"]["range"][1]
        assert top > values.max()
    assert trace(figure, "weight").yaxis == "y"
    assert trace(figure, "effect").yaxis == "y2"
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]


def test_the_steps_the_rule_needs_are_shaded_through_both_panels():
    assert shades(weight_and_effect(WEIGHTS, EFFECT, None, STEPS)) == []
    figure = weight_and_effect(None, None, TRUTH, STEPS)
    assert shades(figure) == [2, 5]
    assert {shape.y1 for shape in figure.layout.shapes if shape.type == "rect"} == {1}


def test_a_start_that_diverged_is_left_out():
    weights, effect = WEIGHTS.copy(), EFFECT.copy()
    weights[1], effect[1] = np.nan, np.inf
    figure = weight_and_effect(weights, effect, None, STEPS)
    np.testing.assert_allclose(trace(figure, "weight").y, np.median(weights[[0, 2]], axis=0))
    np.testing.assert_allclose(trace(figure, "effect").y, np.median(effect[[0, 2]], axis=0))
    none_left = weight_and_effect(weights[[1]], effect[[1]], None, STEPS)
    assert words_on(none_left).count("every start diverged") == 2


def test_without_an_attention_layer_there_is_still_an_effect():
    figure = weight_and_effect(np.zeros((3, 0)), EFFECT, None, STEPS)
    check_sound(figure)
    assert "no attention layer" in words_on(figure)
    assert "waiting" not in words_on(figure)
    assert trace(figure, "effect")
    assert "weight is" not in weight_and_effect_alt(np.zeros((3, 0)), EFFECT, None)


def test_a_network_that_no_step_moves_is_drawn_flat():
    figure = weight_and_effect(WEIGHTS, np.zeros((3, STEPS)), None, STEPS)
    check_sound(figure)
    assert not trace(figure, "effect").y.any()
    assert "changes nothing" in weight_and_effect_alt(WEIGHTS, np.zeros((3, STEPS)), None)


def test_the_ceiling_of_the_layer_is_marked():
    figure = weight_and_effect(WEIGHTS, EFFECT, None, STEPS, ceiling=0.6)
    assert any("ceiling" in words for words in figure.layout.yaxis.ticktext)


def test_the_words_name_the_steps():
    weights = np.array([[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]])
    effect = np.array([[0.0, 0.0, 0.0, 0.0, 0.125, 0.01]])
    words = weight_and_effect_alt(weights, effect, TRUTH)
    assert "Most weight is on step t−5: 0.50" in words
    assert "Hiding step t−1 changes the prediction most: by 0.12" in words
    assert "The rule needs t−3 and t." in words


# --- swapped errors


def test_every_start_is_a_dot_at_its_error_in_a_row_for_each_kind_of_weights():
    figure = swapped_errors(ERRORS)
    assert figure.layout.yaxis.ticktext == ("trained", "permuted", "uniform")
    assert figure.layout.yaxis.tickvals == (2, 1, 0)
    for row, (name, values) in zip((2, 1, 0), ERRORS.items(), strict=True):
        np.testing.assert_allclose(trace(figure, name).x, np.log10(values))
        assert set(trace(figure, name).y) == {row}
        assert trace(figure, f"{name}, median").x[0] == pytest.approx(np.log10(np.median(values)))


def test_a_line_joins_the_dots_of_a_start():
    line = trace(swapped_errors(ERRORS), "the same start")
    for start in range(3):
        wanted = [np.log10(values[start]) for values in ERRORS.values()]
        np.testing.assert_allclose(line.x[4 * start : 4 * start + 3], wanted)
        np.testing.assert_array_equal(line.y[4 * start : 4 * start + 3], [2, 1, 0])
        assert np.isnan(line.x[4 * start + 3])


def test_trained_weights_look_unlike_the_others():
    figure = swapped_errors(ERRORS)
    colours = [trace(figure, name).marker.color for name in ERRORS]
    assert colours[0] not in colours[1:]
    assert colours[1] == colours[2]


def test_errors_beyond_the_usual_widen_the_axis():
    figure = swapped_errors({"trained": (3e-9,), "uniform": (20.0,)})
    check_sound(figure)
    assert tuple(figure.layout.xaxis.range) == (-9, 2)


def test_the_words_count_in_how_many_starts_the_trained_weights_are_better():
    words = swapped_errors_alt(ERRORS)
    assert "permuted 0.010 (0.0010 to 0.050)" in words
    assert "Trained is better than permuted in 2 of 3 starts and than uniform in 3 of 3" in words
    alone = swapped_errors_alt({"trained": (math.nan, 0.1)})
    assert "trained ∞ (0.10 to ∞)" in alone
