"""Predictors that learn nothing have the errors one works out by hand."""

import math
import warnings

import numpy as np
import pytest

from fibattn.experiment import Experiment
from fibattn.judge import baselines as judged
from fibattn.judge.baselines import Baseline, baselines, beside_baselines
from fibattn.judge.starts import over_starts
from fibattn.tasks import Predictor
from fibattn.tasks.file import Table

NAN, INF = math.nan, math.inf


def errors_of(**settings):
    return {b.label: (b.train_mse, b.test_mse) for b in baselines(Experiment(**settings))}


# --- their errors


def test_the_baselines_are_those_that_were_measured():
    zero, last, rule = baselines(Experiment())
    assert (zero.train_mse, zero.test_mse) == pytest.approx((1.42e-3, 1.26e-3), rel=5e-3)
    assert (last.train_mse, last.test_mse) == pytest.approx((2.07e-4, 1.84e-4), rel=5e-3)
    assert (rule.train_mse, rule.test_mse) == pytest.approx((1.5e-38, 5.4e-37), rel=0.05)
    assert [(b.label, b.exact) for b in (zero, last, rule)] == [
        ("always 0", False),
        ("the last value", False),
        ("the sum of the last two", True),
    ]


@pytest.mark.parametrize("scaling", ["linear", "linear-train", "log"])
@pytest.mark.parametrize("length", [10, 40, 1475])
def test_the_sum_of_the_last_two_is_the_true_rule_on_every_scale(scaling, length):
    experiment = Experiment(series_length=length, time_steps=4, scaling=scaling)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        zero, last, rule = baselines(experiment)
    assert 0 <= max(rule.train_mse, rule.test_mse) < 1e-28
    assert 0 < last.test_mse < zero.test_mse < 1


# Ten numbers in order of time. With two time steps four windows of seven are trained on, which
# hold the numbers up to 8: scaling divides by 10.
FILE = Table("mine.csv", "a", (), np.array([0, 4, 1, 3, 10, 2, 8, 5, 6, 7.0])[:, None])
ON_FILE = {
    "task": "csv",
    "table": FILE,
    "series_length": 10,
    "time_steps": 2,
    "split": "chronological",
}


def test_one_step_ahead_on_a_file():
    found = errors_of(**ON_FILE)
    # Eight windows, five to train on: targets 1, 3, 10, 2, 8 | 5, 6, 7; last values before them
    # 4, 1, 3, 10, 2 | 8, 5, 6. The mean of the training targets is 4.8.
    assert found == {
        "the last value": pytest.approx((1.62 / 5, 0.11 / 3)),
        "always the mean": pytest.approx((0.6280 / 5, (0.02**2 + 0.12**2 + 0.22**2) / 3)),
    }


def test_two_steps_ahead_on_a_file():
    found = errors_of(**ON_FILE, horizon=2)
    # Targets (1, 3) (3, 10) (10, 2) (2, 8) | (8, 5) (5, 6) (6, 7); last values before them
    # 4, 1, 3, 10 | 2, 8, 5. The mean of the training targets is 4.875.
    trained = [1, 3, 3, 10, 10, 2, 2, 8]
    tested = [8, 5, 5, 6, 6, 7]
    assert found == {
        "the last value": pytest.approx((2.13 / 8, 0.63 / 6)),
        "always the mean": pytest.approx(
            (
                sum((target - 4.875) ** 2 for target in trained) / 800,
                sum((target - 4.875) ** 2 for target in tested) / 600,
            )
        ),
    }


def test_a_rule_feeds_on_its_own_answers():
    """The last ten years' sunspots, three ahead: window (a, b) is answered a, b, a."""
    found = errors_of(
        task="sunspots", series_length=10, time_steps=2, horizon=3, split="chronological"
    )
    years = [93.3, 119.6, 111.0, 104.0, 63.7, 40.4, 29.8, 15.2, 7.5, 2.9]  # 1999 to 2008
    scale = 119.6 - 15.2  # six windows, four to train on, which hold the first eight years
    errors = [
        sum((years[row + 2 + k] - years[row + k % 2]) ** 2 for k in range(3)) / scale**2 / 3
        for row in range(6)
    ]
    assert found["the value 11 years before (or the window's first)"] == pytest.approx(
        (sum(errors[:4]) / 4, sum(errors[4:]) / 2)
    )


@pytest.mark.parametrize("scaling", ["linear", "log"])
def test_the_true_rule_stays_exact_several_steps_ahead(scaling):
    _, last, rule = baselines(
        Experiment(series_length=40, time_steps=3, horizon=4, scaling=scaling)
    )
    assert max(rule.train_mse, rule.test_mse) < 1e-28
    assert min(last.train_mse, last.test_mse) > 1e-6
    assert rule.exact


def test_of_other_features_the_last_is_kept():
    """Each answer is first + 10 · last flag, fed back as the newest value."""
    x = np.array([[[1.0, 0], [2.0, 1]], [[3.0, 1], [4.0, 0]]])
    before = x.copy()
    predictor = Predictor("first and flag", lambda x, data: x[:, 0, 0] + 10 * x[:, -1, 1])
    data = Experiment(series_length=30, time_steps=2, horizon=3).dataset()
    found = judged._ahead(predictor, x, data)
    assert found.tolist() == [[11, 12, 21], [3, 4, 3]]
    assert (x == before).all()


# --- two networks beside them

ZERO, LAST = Baseline("always 0", 0.2, 4.0), Baseline("the last value", 0.4, 2.0)
RULE = Baseline("the rule", 1e-9, 1e-3, exact=True)


def beside(first, second, *found):
    return beside_baselines(over_starts(first), over_starts(second), found)


def test_the_best_trivial_predictor_is_the_one_with_the_lowest_test_error():
    for order in ((ZERO, LAST, RULE), (RULE, LAST, ZERO)):
        found = beside([1.0], [3.0], *order)
        assert (found.trivial, found.rule) == (LAST, RULE)
        assert (found.first_beats, found.second_beats) == (True, False)
    assert beside([1.0], [1.0], RULE).trivial is None
    assert beside([1.0], [1.0], ZERO).rule is None


@pytest.mark.parametrize(
    ("errors", "beats"),
    [
        ([2.0], False),
        ([1.999], True),
        ([1.0, 1.5, 9.0], True),
        ([1.0, 2.5, 9.0], False),
        ([1.0, 1.5, NAN], True),  # the diverged start is left out
        ([NAN, NAN], False),
        ([0.0], True),
    ],
)
def test_a_network_beats_what_its_median_is_below(errors, beats):
    assert beside(errors, [5.0], ZERO, LAST).first_beats is beats
    assert beside([5.0], errors, ZERO, LAST).second_beats is beats
    assert not beside(errors, [5.0], ZERO, LAST).second_beats


@pytest.mark.parametrize(
    ("first", "second", "rule", "lead"),
    [
        ([1.0], [10.0], 1e-3, 3),
        ([10.0], [1.0], 1e-3, 3),
        ([1.0, 100.0, NAN, 100.0], [1000.0], 1e-3, 5),
        ([NAN], [1.0], 1e-3, 3),
        ([1e-3], [1.0], 1e-3, 0),
        ([1e-4], [1.0], 1e-3, -1),
        ([0.0], [1.0], 1e-3, -INF),
        ([1e300], [1e301], 1e-300, 600),  # the quotient would overflow
        ([1.0], [2.0], 0.0, INF),
        ([0.0], [2.0], 0.0, -INF),
        ([1.0], [2.0], INF, -INF),
    ],
)
def test_the_lead_of_the_rule_is_in_powers_of_ten_over_the_better_median(first, second, rule, lead):
    found = beside(first, second, LAST, Baseline("the rule", 7.0, rule, exact=True))
    assert found.lead == pytest.approx(lead)


def test_without_a_rule_or_a_finite_median_there_is_no_lead():
    assert math.isnan(beside([1.0], [1.0], LAST).lead)
    assert math.isnan(beside([NAN], [INF], RULE).lead)
    assert math.isnan(beside([NAN], [INF], Baseline("the rule", 0, 0.0, exact=True)).lead)
