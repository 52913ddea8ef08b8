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


@settings(deadline=None, max_examples=60)
@given(predictions_and_truth())
def test_errors_are_what_one_adds_up_by_hand(case):
    predictions, truth = case
    targets = truth.ravel().tolist()
    found = {name: metric.compute(predictions, truth) for name, metric in METRICS.items()}
    for start, row in enumerate(predictions):
        misses = [abs(p - t) for p, t in zip(row.ravel().tolist(), targets, strict=True)]
        squared = sum(miss**2 for miss in misses) / len(misses)
        assert found["mse"][start] == pytest.approx(squared)
        assert found["rmse"][start] == pytest.approx(math.sqrt(squared))
        assert found["mae"][start] == pytest.approx(sum(misses) / len(misses))
        if metrics.mape_allowed(truth):
            percents = [100 * m / abs(t) for m, t in zip(misses, targets, strict=True)]
            assert found["mape"][start] == pytest.approx(sum(percents) / len(percents))
        else:
            assert math.isnan(found["mape"][start])


@settings(deadline=None, max_examples=60)
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


@settings(deadline=None, max_examples=40)
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


@settings(deadline=None)
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


# --- the gap between training and test


def test_the_gap_is_a_ratio_for_each_start():
    found = metrics.gap((1, 2, 0, 0, math.nan, 1), (3, 1, 1, 0, 1, math.inf))
    assert found == pytest.approx((3, 0.5, math.inf, 1, math.nan, math.nan), nan_ok=True)
    with pytest.raises(ValueError, match="of 1 random starts and test errors of 2"):
        metrics.gap((1,), (1, 2))


def test_overfitting_is_said_with_its_size():
    words = metrics.overfitting_notice([1, 1, 1], [12, 3, 40])
    assert words.startswith(
        "The test error is 12 times the training error (median over the starts)"
    )
    assert "which is called overfitting" in words
    assert "in this one start" in metrics.overfitting_notice([1], [2])
    words = metrics.overfitting_notice([1, math.nan, 1], [4, 1, 4])
    assert "4.0 times the training error (median over the 2 of 3 starts" in words
    words = metrics.overfitting_notice([0, 0], [1, 1])
    assert "the training error is as good as 0" in words
    assert "∞" not in words


def test_later_windows_may_be_harder_on_their_own_account():
    words = metrics.overfitting_notice([1], [1e70], chronological=True)
    assert "1.0·10⁷⁰ times" in words
    assert "later windows" in words
    assert "overfitting" not in words


positive = st.floats(1e-12, 1e12)


@settings(deadline=None)
@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=9))
def test_a_notice_appears_from_twice_the_error_on_and_never_below(pairs):
    train, test = zip(*pairs, strict=True)
    ratios = sorted(b / a for a, b in pairs)
    middle = (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2
    assert bool(metrics.overfitting_notice(train, test)) == (middle >= 2)
    lower = [min(pair) for pair in pairs]
    assert metrics.overfitting_notice(train, lower) == ""


def test_nothing_is_said_of_starts_that_all_diverged():
    assert metrics.overfitting_notice([math.nan], [math.nan]) == ""
    assert metrics.overfitting_notice([], []) == ""
