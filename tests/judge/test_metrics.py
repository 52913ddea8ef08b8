"""Each measure is what its formula says, on any scale, and a diverged start is the worst one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from fibattn.judge import metrics
from fibattn.judge.metrics import METRICS

numbers = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))


@st.composite
def predictions_and_truth(draw):
    windows, horizon = draw(st.integers(2, 6)), draw(st.sampled_from([0, 1, 3]))
    shape = (windows, horizon) if horizon else (windows,)
    size = math.prod(shape)
    truth = np.reshape(draw(st.lists(numbers, min_size=size, max_size=size)), shape)
    rows = draw(st.lists(st.lists(numbers, min_size=size, max_size=size), min_size=1, max_size=3))
    return np.reshape(rows, (len(rows), *shape)), truth


# --- the formulas


def mean(values):
    return sum(values) / len(values)


def misses(guesses, targets):
    return [abs(g - t) for g, t in zip(flat(guesses), flat(targets), strict=True)]


def flat(rows):
    return [value for row in rows for value in (row if isinstance(row, list) else [row])]


def mse(guesses, targets):
    return mean([miss**2 for miss in misses(guesses, targets)])


def r2(guesses, targets):
    """By its definition: 1 − unexplained / total squares, each step around its own mean."""
    columns = list(zip(*[row if isinstance(row, list) else [row] for row in targets], strict=True))
    if all(len(set(column)) == 1 for column in columns):
        return math.nan
    total = sum((value - mean(column)) ** 2 for column in columns for value in column)
    return 1 - sum(miss**2 for miss in misses(guesses, targets)) / total


def mape(guesses, targets):
    """NaN with a target of 0, or one below a tenth of the standard deviation."""
    every = flat(targets)
    deviation = math.sqrt(mean([(value - mean(every)) ** 2 for value in every]))
    if 0 in every or min(map(abs, every)) < 0.1 * deviation:
        return math.nan
    return mean([100 * m / abs(t) for m, t in zip(misses(guesses, targets), every, strict=True)])


# Each metric once more in plain Python, of one start: lists of guesses and targets, (windows) or
# (windows)(horizon).
ORACLES = {
    "mse": mse,
    "rmse": lambda guesses, targets: math.sqrt(mse(guesses, targets)),
    "mae": lambda guesses, targets: mean(misses(guesses, targets)),
    "r2": r2,
    "mape": mape,
}


def test_every_metric_has_an_oracle():
    missing = METRICS.keys() - ORACLES.keys()
    assert not missing, (
        f"The metric {', '.join(sorted(missing))} has no oracle: add to ORACLES in {__file__} a "
        f"function of that name that computes it for one start in plain Python, without importing "
        f"it."
    )
    gone = ORACLES.keys() - METRICS.keys()
    assert not gone, f"There is no metric {', '.join(sorted(gone))} any more: remove its oracle."


@settings(max_examples=60)
@given(predictions_and_truth())
def test_every_metric_is_its_oracle_s_in_every_start(case):
    predictions, truth = case
    for name, oracle in ORACLES.items():
        found = METRICS[name].compute(predictions, truth)
        by_hand = [oracle(row, truth.tolist()) for row in predictions.tolist()]
        assert found == pytest.approx(by_hand, rel=1e-6, abs=1e-6, nan_ok=True), name
        assert METRICS[name].meaningful(truth) == (not all(map(math.isnan, found))), name


@pytest.mark.parametrize(
    ("name", "value"),
    [("mse", 7.5), ("rmse", math.sqrt(7.5)), ("mae", 2.5), ("r2", -0.5), ("mape", 50.0)],
)
def test_the_metrics_of_four_numbers(name, value):
    # Misses 1, 2, 3, 4; the truth's variance is 5. Each miss is half of the truth.
    truth = np.array([2.0, 4.0, 6.0, 8.0])
    predictions = np.array([[3.0, 6.0, 9.0, 4.0]])
    assert METRICS[name].compute(predictions, truth) == pytest.approx((value,))


@settings(max_examples=60)
@given(predictions_and_truth())
def test_r2_is_scikit_learns(case):
    predictions, truth = case
    found = metrics.r2(predictions, truth)
    assert len(found) == len(predictions)
    columns = truth.reshape(len(truth), -1)
    if not METRICS["r2"].meaningful(truth):
        assert all((column == column[0]).all() for column in columns.T)
        assert all(math.isnan(value) for value in found)
    # scikit-learn leaves the errors of a constant column out.
    elif all((column != column[0]).any() for column in columns.T):
        for value, row in zip(found, predictions, strict=True):
            its = sklearn_metrics.r2_score(truth, row, multioutput="variance_weighted")
            assert value == pytest.approx(its, rel=1e-6, abs=1e-6)


def test_r2_of_the_mean_is_0_and_of_the_truth_is_1():
    truth = np.array([1.0, 2.0, 6.0])
    found = metrics.r2(np.array([[3.0, 3.0, 3.0], truth, truth[::-1]]), truth)
    assert found == pytest.approx((0, 1, 1 - 50 / 14))


def test_r2_of_a_constant_truth_does_not_exist():
    truth = np.full(7, 0.1)  # whose mean, added up, is not 0.1
    assert all(map(math.isnan, metrics.r2(np.zeros((2, 7)), truth)))
    assert not METRICS["r2"].meaningful(truth)
    assert METRICS["r2"].meaningful(np.array([0.1, 0.2]))
    assert METRICS["r2"].meaningful(np.array([1.0, 1.7e308, 1.6e308]))  # whose sum overflows


@settings(max_examples=40)
@given(predictions_and_truth(), st.sampled_from([-1000, -700, 700, 1000]))
def test_the_scale_of_the_numbers_does_not_matter(case, exponent):
    """Fibonacci numbers reach 10²⁵⁰; the squares of such errors are not float64 numbers."""
    predictions, truth = case
    far = np.ldexp(predictions, exponent), np.ldexp(truth, exponent)
    for name in ("r2", "mape"):
        near = METRICS[name].compute(predictions, truth)
        assert METRICS[name].compute(*far) == pytest.approx(near, nan_ok=True)
    for name in ("rmse", "mae"):
        near = METRICS[name].compute(predictions, truth)
        back = np.ldexp(METRICS[name].compute(*far), -exponent)
        assert back == pytest.approx(near, rel=1e-9)


# --- percentages


@pytest.mark.parametrize(
    ("truth", "allowed"),
    [
        ([104, 300, 622], True),
        ([-5, 5, 4], True),
        ([7, 7], True),  # no spread at all
        ([0, 1, 2], False),
        ([1, 2, 3, 5, 8, 1e250], False),
        ([0.07, 1, 2], False),  # their standard deviation is 0.79
        ([0.09, 1, 2], True),
        ([1, math.nan], False),
        ([], False),
    ],
)
def test_percentages_are_taken_of_no_tiny_target(truth, allowed):
    assert metrics.mape_allowed(np.array(truth, float)) == allowed


@given(predictions_and_truth())
def test_a_miss_by_one_standard_deviation_is_at_most_1000_percent(case):
    truth = case[1]
    if metrics.mape_allowed(truth):
        (found,) = metrics.mape((truth + truth.std())[None], truth)
        assert found <= 1000 * (1 + 1e-9)


# --- starts that diverged, and shapes that do not fit


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", METRICS)
def test_a_diverged_start_is_the_worst_and_harms_no_other(name, bad):
    metric = METRICS[name]
    truth = np.array([10.0, 12.0, 15.0])
    good, diverged = metric.compute(np.array([[10, 12, 14], [10, bad, 14]]), truth)
    assert math.isfinite(good)
    assert diverged == (-math.inf if name == "r2" else math.inf)


def test_names_are_keys_and_better_predictions_score_better():
    truth = np.array([10.0, 12.0, 15.0])
    for name, metric in METRICS.items():
        assert (metric.name, metric.meaningful(truth)) == (name, True)
        better, worse = metric.compute(np.stack([truth + 0.1, truth + 3]), truth)
        assert (better > worse) == (name == "r2")


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 3, 1), (3, 2)])
def test_predictions_that_do_not_fit_are_refused(shape):
    for metric in METRICS.values():
        with pytest.raises(ValueError, match="do not fit a truth of shape"):
            metric.compute(np.zeros(shape), np.ones(3))
    with pytest.raises(ValueError, match="no window"):
        metrics.mse(np.zeros((2, 0)), np.zeros(0))
