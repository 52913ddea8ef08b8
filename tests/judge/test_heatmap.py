"""Heatmaps are scored as one would by looking at every window."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.judge import heatmap
from fibattn.network.answers import Occlusion


@st.composite
def heatmaps(draw):
    """Weights with many ties, summing to 1, and the true steps."""
    repeats, windows, steps = (draw(st.integers(1, most)) for most in (2, 3, 5))
    size = repeats * windows * steps
    raw = np.reshape(
        draw(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=size, max_size=size)),
        (repeats, windows, steps),
    ).astype(float)
    raw[raw.sum(axis=2) == 0] = 1
    size = windows * steps
    truth = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return raw / raw.sum(axis=2, keepdims=True), np.reshape(truth, (windows, steps))


def mean(values):
    return sum(values) / len(values) if values else math.nan


def is_right(truth, step, within):
    return any(true and abs(step - other) <= within for other, true in enumerate(truth))


def precision_over_all_orders(weights, truth, within):
    """The mean precision over every order of the steps that ascending weights allow."""
    steps, k = range(len(weights)), sum(truth)
    orders = [
        order
        for order in itertools.permutations(steps)
        if all(weights[a] >= weights[b] for a, b in itertools.pairwise(order))
    ]
    return mean([sum(is_right(truth, s, within) for s in order[:k]) / k for order in orders])


# --- against plain loops


@settings(max_examples=80)
@given(heatmaps(), st.integers(0, 6))
def test_precision_is_the_mean_over_every_way_to_break_ties(case, within):
    weights, truth = case
    found = heatmap.precision_at_k(weights, truth, within)
    for start, its in enumerate(weights):
        by_hand = mean(
            [
                precision_over_all_orders(row.tolist(), true.tolist(), within)
                for row, true in zip(its, truth, strict=True)
                if true.any()
            ]
        )
        assert found[start] == pytest.approx(by_hand, nan_ok=True)


@settings(max_examples=80)
@given(heatmaps(), st.integers(0, 6))
def test_weight_share_and_entropy_are_those_added_up_by_hand(case, within):
    weights, truth = case
    steps = truth.shape[1]
    shares, on_truth = [], [[] for _ in weights]
    for window, true in enumerate(truth.tolist()):
        if not any(true):
            continue
        shares.append(sum(is_right(true, step, within) for step in range(steps)) / steps)
        for start, its in enumerate(weights):
            on_truth[start].append(sum(w for w, t in zip(its[window], true, strict=True) if t))
    assert heatmap.uniform_share(truth, within) == pytest.approx(mean(shares), nan_ok=True)
    found = heatmap.weight_on_true_steps(weights, truth)
    assert found == pytest.approx([mean(values) for values in on_truth], nan_ok=True)
    for start, value in enumerate(heatmap.normalised_entropy(weights)):
        entropies = [
            -sum(w * math.log(w) for w in row if w > 0) / math.log(steps)
            for row in weights[start].tolist()
            if steps > 1
        ]
        assert value == pytest.approx(mean(entropies), nan_ok=True)


@settings(max_examples=80)
@given(heatmaps(), st.integers(0, 3))
def test_uniform_weights_score_by_chance_wherever_the_truth_is(case, within):
    weights, truth = case
    uniform = np.full(weights.shape, 1 / weights.shape[2])
    chance = np.full(len(weights), heatmap.uniform_share(truth, within))
    assert heatmap.precision_at_k(uniform, truth, within) == pytest.approx(chance, nan_ok=True)
    share = np.full(len(weights), heatmap.uniform_share(truth))
    assert heatmap.weight_on_true_steps(uniform, truth) == pytest.approx(share, nan_ok=True)


@given(heatmaps())
def test_scores_are_shares_and_leeway_never_lowers_them(case):
    weights, truth = case
    scores = [heatmap.precision_at_k(weights, truth, within) for within in range(4)]
    for score in [*scores, heatmap.weight_on_true_steps(weights, truth)]:
        assert score.shape == (len(weights),)
        assert np.all(np.isnan(score) | ((score >= 0) & (score <= 1 + 1e-12)))
    assert all(np.all(np.isnan(a) | (a <= b + 1e-12)) for a, b in itertools.pairwise(scores))


@given(heatmaps())
def test_the_order_of_the_steps_does_not_matter(case):
    weights, truth = case
    found = heatmap.precision_at_k(weights, truth)
    back = heatmap.precision_at_k(weights[:, :, ::-1], truth[:, ::-1])
    assert found == pytest.approx(back, nan_ok=True)


# --- cases to see at a glance


def test_one_step_late_is_wrong_exactly_and_right_within_one():
    truth = np.eye(5, dtype=bool)[[1, 2]]
    late = np.eye(5)[[2, 3]][None]
    assert heatmap.weight_on_true_steps(late, truth) == [0]
    assert heatmap.precision_at_k(late, truth) == [0]
    assert heatmap.precision_at_k(late, truth, within=1) == [1]


def test_the_last_two_steps_at_the_uniform_share():
    truth = np.zeros((4, 20), bool)
    truth[:, -2:] = True
    uniform = np.full((3, 4, 20), np.float32(0.05))
    assert heatmap.uniform_share(truth) == 0.1
    assert heatmap.precision_at_k(uniform, truth).tolist() == pytest.approx([0.1] * 3)
    assert heatmap.uniform_share(truth, within=1) == pytest.approx(0.15)


def test_two_chosen_steps_may_be_right_by_the_same_true_step():
    truth = np.array([[False, True, False, False, False, True]])
    weights = np.array([[[0.5, 0.0, 0.5, 0.0, 0.0, 0.0]]])
    assert heatmap.precision_at_k(weights, truth, within=1) == [1]
    assert heatmap.precision_at_k(weights, truth) == [0]


def test_entropy_runs_from_one_step_to_all():
    weights = np.array([[[0, 1, 0, 0]], [[0.5, 0.5, 0, 0]], [[0.25] * 4]])
    assert heatmap.normalised_entropy(weights).tolist() == pytest.approx([0, 0.5, 1])
    assert np.isnan(heatmap.normalised_entropy(np.ones((2, 3, 1)))).all()


def test_float32_weights_stay_within_the_bounds():
    for steps in range(2, 200):
        uniform = np.full((1, 1, steps), 1 / np.float32(steps), np.float32)
        (entropy,) = heatmap.normalised_entropy(uniform)
        assert 1 - 1e-6 < entropy <= 1


def test_windows_without_a_true_step_are_left_out():
    truth = np.array([[True, False], [False, False]])
    weights = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    assert heatmap.uniform_share(truth) == 0.5
    assert heatmap.precision_at_k(weights, truth) == [1]
    assert heatmap.weight_on_true_steps(weights, truth) == [1]
    nothing = np.zeros((2, 2), bool)
    assert math.isnan(heatmap.uniform_share(nothing))
    assert np.isnan(heatmap.precision_at_k(weights, nothing)).all()
    assert np.isnan(heatmap.weight_on_true_steps(weights, nothing)).all()


def test_a_diverged_start_has_no_score_and_harms_no_other():
    truth = np.array([[True, False]])
    weights = np.array([[[1.0, 0.0]], [[math.nan, math.nan]]])
    for found in (
        heatmap.precision_at_k(weights, truth),
        heatmap.weight_on_true_steps(weights, truth),
    ):
        assert found.tolist() == pytest.approx([1, math.nan], nan_ok=True)
    entropy = heatmap.normalised_entropy(weights)
    assert entropy.tolist() == pytest.approx([0, math.nan], nan_ok=True)


# --- occlusion


def test_occlusion_is_the_size_of_the_change_and_finds_what_the_prediction_rests_on():
    random = np.random.default_rng(2)
    windows = random.uniform(1, 2, size=(6, 5))
    rule = np.array([0, 0, 0, 1.0, 1.0])
    effects = []
    for window in windows:
        occluded = np.empty((1, 5))
        for step in range(5):
            hidden = window.copy()
            hidden[step] = 0
            occluded[0, step] = hidden @ rule
        effects.append(heatmap.occlusion_effect(Occlusion(np.array([window @ rule]), occluded)))
    effect = np.stack(effects, axis=1)
    assert effect[0] == pytest.approx(windows * rule)
    truth = np.tile(rule.astype(bool), (6, 1))
    assert heatmap.precision_at_k(effect, truth) == [1]


def test_of_several_steps_ahead_the_effect_is_the_mean_of_theirs():
    base = np.array([[1.0, 10.0], [2.0, 20.0]])
    occluded = np.array([[[1, 14], [0, 10], [4, 9]], [[2, 20], [3, 23], [2, np.nan]]])
    effect = heatmap.occlusion_effect(Occlusion(base, occluded))
    np.testing.assert_array_equal(effect, [[2, 0.5, 2], [0, 2, np.nan]])


# --- shapes that do not fit


def test_what_does_not_fit_is_refused():
    weights, truth = np.ones((2, 3, 4)) / 4, np.ones((3, 4), bool)
    for score in (heatmap.precision_at_k, heatmap.weight_on_true_steps):
        with pytest.raises(ValueError, match="same windows and the same time steps"):
            score(weights, truth[:2])
    with pytest.raises(ValueError, match="axes random start, window and time step"):
        heatmap.normalised_entropy(weights[0])
    with pytest.raises(ValueError, match="within -1 steps"):
        heatmap.precision_at_k(weights, truth, within=-1)
