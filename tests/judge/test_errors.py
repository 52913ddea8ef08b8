"""The numbers on the page equal what anyone computes from the same arrays."""

import dataclasses
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.experiment import Experiment
from fibattn.judge import evaluation
from fibattn.judge.evaluation import Spread
from fibattn.run import Run

ARTICLE = Experiment().dataset()


def a_run(test_predictions, train_predictions=None, attention=None, **changes):
    test_predictions = np.asarray(test_predictions)
    repeats = len(test_predictions)
    experiment = Experiment(repeats=repeats, attention=attention, **changes)
    if train_predictions is None:
        train_predictions = np.zeros((repeats, experiment.train_windows), np.float32)
    steps = experiment.time_steps if attention else 0
    return Run(
        experiment,
        loss=np.ones((experiment.epochs, repeats)),
        val_loss=np.ones((experiment.epochs, repeats)),
        weights=(),
        train_predictions=train_predictions,
        test_predictions=test_predictions,
        train_attention=np.zeros((repeats, experiment.train_windows, steps)),
        test_attention=np.zeros((repeats, experiment.test_windows, steps)),
        layers=(),
    )


def run_with_errors(*errors):
    """A run whose test MSE is errors[i]² in start i: every prediction is off by that much."""
    experiment = Experiment(series_length=30, time_steps=2)
    truth = experiment.dataset().test_y
    return a_run([truth + error for error in errors], series_length=30, time_steps=2)


# --- errors and baselines


def test_mse_is_the_mean_of_the_squared_errors_of_each_start():
    random = np.random.default_rng(1)
    train = random.normal(size=(3, 826)).astype(np.float32)
    test = random.normal(size=(3, 354)).astype(np.float32)
    run = a_run(test, train)
    for start in range(3):
        by_hand = sum((float(p) - t) ** 2 for p, t in zip(test[start], ARTICLE.test_y)) / 354  # noqa: B905
        assert evaluation.test_mse(run).values[start] == pytest.approx(by_hand, rel=1e-12)
        by_hand = sum((float(p) - t) ** 2 for p, t in zip(train[start], ARTICLE.train_y)) / 826  # noqa: B905
        assert evaluation.train_mse(run, ARTICLE).values[start] == pytest.approx(by_hand, rel=1e-12)


def test_float32_predictions_whose_squares_overflow_float32_have_a_finite_mse():
    run = a_run(np.full((1, 354), 1e30, np.float32))
    assert evaluation.test_mse(run).median == pytest.approx(1e60, rel=1e-6)


def test_a_diverged_start_is_the_worst_one():
    spread = Spread((2.0, math.nan, 1.0))
    assert (spread.low, spread.median, spread.high) == (1.0, 2.0, math.inf)
    assert Spread((math.nan,)).median == math.inf


def test_the_baselines_are_those_that_were_measured():
    zero, last, rule = evaluation.baselines(Experiment())
    assert (zero.train_mse, zero.test_mse) == pytest.approx((1.42e-3, 1.26e-3), rel=5e-3)
    assert (last.train_mse, last.test_mse) == pytest.approx((2.07e-4, 1.84e-4), rel=5e-3)
    assert (rule.train_mse, rule.test_mse) == pytest.approx((1.5e-38, 5.4e-37), rel=0.05)
    assert [b.label for b in (zero, last, rule)] == [
        "always 0",
        "the last value",
        "the sum of the last two",
    ]


@pytest.mark.parametrize("scaling", ["linear", "linear-train", "log"])
@pytest.mark.parametrize("length", [10, 40, 1475])
def test_the_sum_of_the_last_two_is_the_true_rule_on_every_scale(scaling, length):
    experiment = Experiment(series_length=length, time_steps=4, scaling=scaling)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        zero, last, rule = evaluation.baselines(experiment)
    assert 0 <= max(rule.train_mse, rule.test_mse) < 1e-28
    assert 0 < last.test_mse < zero.test_mse < 1


# --- how much of the data is left


def test_linear_scaling_drowns_what_was_counted():
    found = evaluation.drowning(ARTICLE)
    assert (found.zero_inputs, found.inputs) == (19_470, 23_600)
    assert found.targets == 1180
    assert (found.train_carriers, found.test_carriers) == (3, 3)
    assert found.drowned


def test_log_scaling_drowns_nothing():
    found = evaluation.drowning(Experiment(scaling="log").dataset())
    assert found.zero_targets == 0
    assert found.zero_inputs == 1  # the very first number
    assert not found.drowned


@settings(deadline=None, max_examples=30)
@given(
    data=st.lists(
        st.sampled_from([0.0, 1e-300, 1e-46, 1e-44, 1e-7, 0.5]) | st.floats(0, 1),
        min_size=6,
        max_size=12,
    )
)
def test_drowning_counts_as_one_would_by_hand(data):
    values = np.array(data)
    dataset = dataclasses.replace(
        ARTICLE,
        train_x=values[:4].reshape(2, 2, 1),
        test_x=values[2:6].reshape(2, 2, 1),
        train_y=values[:3],
        test_y=values[3:],
    )
    found = evaluation.drowning(dataset)
    smallest = 2.0**-150  # half of the smallest float32, which rounds to 0
    assert found.zero_inputs == sum(v <= smallest for v in [*data[:4], *data[2:6]])
    assert found.zero_targets == sum(v <= smallest for v in data)
    assert (found.inputs, found.targets) == (8, len(data))
    assert found.drowned == (found.zero_inputs > 4)


@pytest.mark.parametrize(
    ("targets", "carriers"),
    [([1, 1, 1, 1], 4), ([1, 0.01, 0.01, 0], 1), ([0, 0], 0), ([1e-200, 1e-200, 1e-300], 2)],
)
def test_carriers_are_the_fewest_windows_with_nearly_all_of_the_signal(targets, carriers):
    dataset = dataclasses.replace(ARTICLE, test_y=np.array(targets, float))
    assert evaluation.drowning(dataset).test_carriers == carriers


# --- words and orders


def test_steps_count_back_from_t():
    assert evaluation.step_labels(4) == ["t−3", "t−2", "t−1", "t"]
    assert evaluation.step_labels(20)[0] == "t−19"


def test_windows_are_ordered_by_their_place_in_the_series():
    order = evaluation.window_order(ARTICLE)
    assert sorted(order) == list(range(354))
    assert (np.diff(ARTICLE.test_positions[order]) > 0).all()


def test_magnitude_error_counts_powers_of_ten():
    truth = np.array([1.0, 10.0, 100.0])
    found = evaluation.magnitude_error(truth * [1, 10, 0.001], truth)
    assert found.median == pytest.approx(1)
    assert (found.not_positive, found.count) == (0, 3)


def test_predictions_without_a_logarithm_are_infinitely_wrong():
    found = evaluation.magnitude_error(np.array([[0.0, -1.0, 5.0], [math.nan, 1, 1]]), np.ones(3))
    assert (found.not_positive, found.count) == (3, 6)
    assert found.median == math.inf
    found = evaluation.magnitude_error(np.array([1.0, -1.0, 1.0]), np.ones(3))
    assert found == evaluation.MagnitudeError(0.0, 1, 3)
