"""A run's errors equal what anyone computes from the same arrays."""

import dataclasses
import math

import numpy as np
import pytest

from fibattn.experiment import Experiment
from fibattn.judge import errors
from fibattn.judge.metrics import METRICS
from fibattn.tasks.file import Table
from tests.judge.runs import a_run, run_that_misses_by

ARTICLE = Experiment().dataset()


def test_mse_is_the_mean_of_the_squared_errors_of_each_start():
    random = np.random.default_rng(1)
    train = random.normal(size=(3, 826)).astype(np.float32)
    test = random.normal(size=(3, 354)).astype(np.float32)
    run = a_run(test, train)
    for start in range(3):
        by_hand = sum((float(p) - t) ** 2 for p, t in zip(test[start], ARTICLE.test_y)) / 354  # noqa: B905
        assert errors.test_mse(run).values[start] == pytest.approx(by_hand, rel=1e-12)
        by_hand = sum((float(p) - t) ** 2 for p, t in zip(train[start], ARTICLE.train_y)) / 826  # noqa: B905
        assert errors.train_mse(run, ARTICLE).values[start] == pytest.approx(by_hand, rel=1e-12)


def test_training_and_test_errors_are_not_mixed_up():
    run = run_that_misses_by([0.1, 0.2, 0.3], train=[0.5, 0.7, 0.6])
    assert errors.test_mse(run).values == pytest.approx([0.01, 0.04, 0.09])
    assert errors.train_mse(run).values == pytest.approx([0.25, 0.49, 0.36])
    for part, values in (("test", [0.1, 0.2, 0.3]), ("train", [0.5, 0.7, 0.6])):
        assert errors.measured(run, METRICS["mae"], part).values == pytest.approx(values)
        assert errors.measured(run, METRICS["rmse"], part).values == pytest.approx(values)


def test_float32_predictions_whose_squares_overflow_float32_have_a_finite_mse():
    run = a_run(np.full((1, 354), 1e30, np.float32))
    assert errors.test_mse(run).median == pytest.approx(1e60, rel=1e-6)


def test_a_start_that_diverged_anywhere_is_left_out_of_every_error():
    run = run_that_misses_by([0.1, 0.2, 0.4])
    run.val_loss[3, 0] = math.inf
    run.train_predictions[2, 5] = math.nan
    for found in (errors.test_mse(run), errors.train_mse(run)):
        assert found.diverged.tolist() == [True, False, True]
        assert found.median == pytest.approx(0.04)


def test_of_several_steps_ahead_one_is_measured_against_its_own_target():
    experiment = Experiment(series_length=30, time_steps=2, horizon=3, scaling="log", repeats=2)
    whole = experiment.dataset()
    misses = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])  # (starts, steps ahead)
    run = a_run(
        whole.test_y + misses[:, None],
        whole.train_y + 2 * misses[:, None],
        series_length=30,
        time_steps=2,
        horizon=3,
        scaling="log",
    )
    assert errors.test_mse(run).values == pytest.approx([0.14 / 3, 0.77 / 3])
    for ahead in range(3):
        step, data = run.at_step(ahead), whole.at_step(ahead)
        assert errors.test_mse(step, data).values == pytest.approx(misses[:, ahead] ** 2)
        assert errors.train_mse(step, data).values == pytest.approx(4 * misses[:, ahead] ** 2)


# --- metrics on the scale they are meant for


def run_on_numbers(values, test, train):
    """A run on a file of numbers; every prediction is off by so much on the original scale."""
    table = Table("mine.csv", "a", (), np.reshape(values, (-1, 1)))
    settings = {"task": "csv", "table": table, "series_length": len(values), "time_steps": 3}
    data = Experiment(**settings).dataset()
    width = data.scaling.high - data.scaling.low
    return run_that_misses_by([test / width], [train / width], **settings)


def test_percentages_are_of_the_original_numbers_and_all_else_of_scaled_ones():
    values = np.array([10.0, 20.0, 40.0, 20.0, 10.0] * 8)
    run = run_on_numbers(values, test=2.0, train=3.0)
    steps = run.experiment.time_steps
    order = steps + np.random.RandomState(13).permutation(len(values) - steps)
    cut = run.experiment.train_windows
    for part, miss, positions in (("test", 2.0, order[cut:]), ("train", 3.0, order[:cut])):
        (mape,) = errors.measured(run, METRICS["mape"], part).values
        assert mape == pytest.approx(np.mean([100 * miss / values[p] for p in positions]))
        (mae,) = errors.measured(run, METRICS["mae"], part).values
        assert mae == pytest.approx(miss / 30)


def test_a_metric_must_mean_something_for_both_parts():
    run = run_on_numbers(np.array([10.0, 20.0, 40.0] * 10), 1.0, 1.0)
    assert all(errors.meaningful(run, metric) for metric in METRICS.values())
    data = run.dataset()
    for name in ("train_y", "test_y"):
        constant = dataclasses.replace(data, **{name: np.full_like(getattr(data, name), 0.5)})
        other = HasData(constant)
        assert not errors.meaningful(other, METRICS["r2"])
        assert errors.meaningful(other, METRICS["mse"])
    # 0 on the scale is 10 in the file, and 0 in the file is not 0 on the scale.
    run = run_on_numbers(np.array([-10.0, 0.0, 40.0] * 10), 1.0, 1.0)
    assert not errors.meaningful(run, METRICS["mape"])


class HasData:
    """What `meaningful` reads of a run."""

    def __init__(self, data):
        self.dataset = lambda: data


# --- powers of ten


def test_magnitude_error_counts_powers_of_ten():
    truth = np.array([1.0, 10.0, 100.0])
    found = errors.magnitude_error(truth * [1, 10, 0.001], truth)
    assert found.median == pytest.approx(1)
    assert (found.not_positive, found.count) == (0, 3)
    found = errors.magnitude_error(truth * [[1, 10, 0.001], [100, 1e4, 1e-4]], truth)
    assert found.median == pytest.approx(2.5)  # of 0, 1, 3, 2, 4, 4
    assert found.count == 6


def test_predictions_without_a_logarithm_are_infinitely_wrong():
    found = errors.magnitude_error(np.array([[0.0, -1.0, 5.0], [math.nan, 1, 1]]), np.ones(3))
    assert (found.not_positive, found.count) == (3, 6)
    assert found.median == math.inf
    found = errors.magnitude_error(np.array([1.0, -1.0, 1.0]), np.ones(3))
    assert found == errors.MagnitudeError(0.0, 1, 3)


def test_a_run_s_powers_of_ten_are_of_original_numbers_and_of_the_starts_that_are_left():
    settings = {"series_length": 30, "time_steps": 2, "scaling": "log"}
    # The scaled logarithm runs from 0 to 1 while the numbers run from 1 to 1346269.
    power = 1 / math.log10(1346269)
    run = run_that_misses_by([power, 9 * power], [2 * power, 9 * power], **settings)
    run.loss[0, 1] = math.nan
    for part, median, count in (("test", 1, 9), ("train", 2, 19)):
        found = errors.missed_magnitudes(run, part)
        assert found.median == pytest.approx(median)
        assert (found.not_positive, found.count) == (0, count)
    run.loss[0, 0] = math.nan
    found = errors.missed_magnitudes(run, "test")
    assert found.count == 0
    assert math.isnan(found.median)
