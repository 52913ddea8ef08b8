"""The Fibonacci windows, against Python integers and a plain loop."""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler

from fibattn import Experiment
from fibattn.tasks import TASKS, MinMax, fibonacci_numbers, split_rows, windows


def exact_fibonacci(n: int) -> list[int]:
    numbers, before, last = [], 1, 1
    for _ in range(n):
        numbers.append(last)
        before, last = last, before + last
    return numbers


@pytest.fixture(scope="module")
def whole() -> list[int]:
    """1, 2, 3, 5, … as Python integers, one more than float64 can hold."""
    return exact_fibonacci(1476)


def test_the_oracle_itself(whole):
    assert whole[:10] == [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] and len(whole) == 1476


def test_the_numbers_are_exact_as_long_as_float64_can_be(whole):
    numbers = fibonacci_numbers(1475)
    small = [number for number in whole if number < 2**53]
    assert [int(number) for number in numbers[: len(small)]] == small


def test_all_1475_numbers_are_close_to_the_integers(whole):
    for k, (number, exact) in enumerate(zip(fibonacci_numbers(1475), whole, strict=False)):
        assert abs(Fraction(int(number)) / exact - 1) < (k + 1) * sys.float_info.epsilon / 2


def test_the_1476th_number_does_not_fit(whole):
    assert float(whole[1474]) > 0
    with pytest.raises(OverflowError):
        float(whole[1475])
    with pytest.raises(ValueError, match="float64 holds 1 to 1475"):
        fibonacci_numbers(1476)


@pytest.mark.parametrize("n", [0, -1])
def test_no_numbers_is_a_sentence_too(n):
    with pytest.raises(ValueError, match=f"{n} Fibonacci numbers were asked for"):
        fibonacci_numbers(n)


@pytest.mark.parametrize(("length", "time_steps"), [(12, 3), (10, 2), (30, 29), (7, 6), (50, 20)])
def test_windows_against_a_plain_loop(length, time_steps):
    series = np.random.default_rng(1).normal(size=length)
    x, y = windows(series, time_steps)
    assert x.shape == (length - time_steps, time_steps, 1) and y.shape == (length - time_steps,)
    for i in range(length - time_steps):
        for t in range(time_steps):
            assert x[i, t, 0] == series[i + t]
        assert y[i] == series[i + time_steps]


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
def test_each_window_is_trained_on_or_tested_on(split):
    train, test = split_rows(101, 0.7, split)
    assert sorted([*train, *test]) == list(range(101))
    assert len(train) == 70


def test_a_chronological_split_tests_on_the_end():
    train, test = split_rows(100, 0.7, "chronological")
    assert train.tolist() == list(range(70)) and test.tolist() == list(range(70, 100))


@pytest.mark.parametrize("scaling", ["linear", "log"])
@pytest.mark.parametrize("split", ["shuffled", "chronological"])
def test_positions_say_where_each_target_stands_in_the_series(scaling, split):
    data = Experiment(series_length=60, time_steps=7, scaling=scaling, split=split).dataset()
    for y, positions in ((data.train_y, data.train_positions), (data.test_y, data.test_positions)):
        np.testing.assert_allclose(data.unscale(y), data.series[positions], rtol=1e-12)


# A scaled value near 1 carries a rounding of eps/2; the log scale spans ln(F_1475) = 709.
@pytest.mark.parametrize(("scaling", "tolerance"), [("linear", 1e-15), ("log", 1e-12)])
def test_the_inverse_scale_recovers_the_longest_series(scaling, tolerance):
    data = Experiment(
        series_length=1475, time_steps=2, scaling=scaling, split="chronological"
    ).dataset()
    exact = fibonacci_numbers(1475)
    targets = np.concatenate([data.train_y, data.test_y])
    back = data.unscale(targets)
    assert back.dtype == np.float64
    np.testing.assert_allclose(back, exact[2:], rtol=tolerance)


def test_the_whole_log_scale_comes_back_from_its_own_rounding(whole):
    data = Experiment(series_length=1475, scaling="log", split="chronological").dataset()
    targets = np.concatenate([data.train_y, data.test_y])
    exact = [math.log(number) / math.log(whole[1474]) for number in whole[20:1475]]
    np.testing.assert_allclose(targets, exact, rtol=1e-14)


@pytest.mark.parametrize("length", [10, 100, 1200, 1475])
@pytest.mark.parametrize("log", [False, True])
def test_the_scaling_is_scikit_learns(length, log):
    series = fibonacci_numbers(length)
    scaling, scaler = MinMax.of(series, log), MinMaxScaler()
    original = scaler.fit_transform((np.log(series) if log else series)[:, None])[:, 0]
    scaled = scaling.scale(series)
    np.testing.assert_array_equal(scaled, original)
    assert scaled[0] == 0 and scaled[-1] == pytest.approx(1, rel=1e-15)
    back = scaler.inverse_transform(scaled[:, None])[:, 0]
    np.testing.assert_array_equal(scaling.unscale(scaled), np.exp(back) if log else back)


@pytest.mark.parametrize("scaling", ["linear", "log"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_predictions_above_the_end_of_the_scale_stay_numbers(scaling, kind):
    data = Experiment(series_length=1475, scaling=scaling).dataset()
    predictions = np.array([[-1, -1e-3, 0, 0.5, 1], [1 + 1e-6, 1.01, 1.7, 3, 1e30]], kind)
    plain = data.unscale(predictions)
    assert plain.shape == predictions.shape and plain.dtype == np.float64
    assert np.isfinite(plain).all()
    assert (np.diff(plain.ravel()) >= 0).all(), "a larger prediction is never a smaller number"


def test_float32_predictions_do_not_overflow_on_the_way_back():
    data = Experiment(series_length=1475).dataset()
    half = data.unscale(np.array([0.5], np.float32))[0]
    assert half == pytest.approx(data.series[-1] / 2, rel=1e-15)


def test_the_linear_scale_is_min_max_over_the_whole_series(whole):
    data = Experiment(split="chronological").dataset()
    low, high = whole[0], whole[1199]
    y = np.concatenate([data.train_y, data.test_y])
    exact = [float(Fraction(number - low, high - low)) for number in whole[20:1200]]
    np.testing.assert_allclose(y, exact, rtol=1e-13)


def test_what_linear_scaling_leaves_at_the_articles_settings():
    data = Experiment().dataset()
    targets = np.concatenate([data.train_y, data.test_y])
    inputs = np.concatenate([data.train_x, data.test_x])
    assert (len(data.train_y), len(data.test_y)) == (826, 354)
    assert np.sum(targets < 1e-6) == 1151
    assert np.sum(data.train_y > 0.01) == 7
    assert np.sum(data.test_y > 0.01) == 3
    assert inputs.size == 23_600
    assert np.sum(inputs.astype(np.float32) == 0) == 19_470
    for y, share in ((data.train_y, 0.996), (data.test_y, 0.99998)):
        squares = np.sort(y**2)[::-1]
        assert squares[:3].sum() / squares.sum() == pytest.approx(
            share, abs=6e-4 * (1 - share) + 5e-4
        )


def test_a_chronological_split_trains_on_next_to_nothing():
    data = Experiment(split="chronological").dataset()
    assert (len(data.train_y), len(data.test_y)) == (826, 354)
    assert f"{data.train_y.max():.1e}" == "1.0e-74"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_its_words(name):
    assert TASKS[name].name == name
    assert TASKS[name].label and TASKS[name].teaches
