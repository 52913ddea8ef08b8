"""Every task's windows: Fibonacci against Python integers, made ones against plain loops."""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler

from fibattn import Experiment
from fibattn.tasks import TASKS, MinMax, fibonacci_numbers, split_rows, windows
from fibattn.tasks.file import Table


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


@pytest.mark.parametrize("horizon", [2, 5])
def test_windows_of_several_steps_ahead_against_a_plain_loop(horizon):
    series = np.random.default_rng(1).normal(size=40)
    x, y = windows(series, 6, horizon)
    assert x.shape == (40 - 6 - horizon + 1, 6, 1)
    for i in range(len(x)):
        assert x[i, :, 0].tolist() == series[i : i + 6].tolist()
        assert y[i].tolist() == series[i + 6 : i + 6 + horizon].tolist()


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
    np.testing.assert_allclose(
        data.unscale(data.test_y), data.series[data.test_positions], rtol=1e-12
    )


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


def test_the_log_scale_is_fitted_on_the_training_part(whole):
    data = Experiment(series_length=1475, scaling="log", split="chronological").dataset()
    targets = np.concatenate([data.train_y, data.test_y])
    last = 20 + len(data.train_y)  # numbers the training windows hold
    exact = [math.log(number) / math.log(whole[last - 1]) for number in whole[20:1475]]
    assert data.test_y.max() > 1
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


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
def test_linear_train_is_min_max_over_what_training_windows_hold(split):
    experiment = Experiment(series_length=200, scaling="linear-train", split=split)
    data = experiment.dataset()
    numbers = data.unscale(np.concatenate([data.train_x.ravel(), data.train_y]))
    assert data.train_x.min() == 0 and max(data.train_x.max(), data.train_y.max()) == 1
    assert (data.scaling.low, data.scaling.high) == (
        pytest.approx(numbers.min(), rel=1e-9),
        pytest.approx(numbers.max()),
    )
    assert not data.scaled_on_test
    assert Experiment(series_length=200).dataset().scaled_on_test


def a_table(rows: int = 400) -> Table:
    random = np.random.default_rng(5)
    columns = np.column_stack(
        [random.normal(50, 9, rows), random.normal(-3, 1, rows), np.arange(rows)]
    )
    return Table("mine.csv", "demand", ("weather", "day"), columns)


def example(name: str, **changes) -> Experiment:
    """An experiment of a task; on a table if it is trained on the visitor's own file."""
    table = a_table() if name == "csv" else None
    given = {"task": name, "series_length": min(300, TASKS[name].longest), "table": table}
    return Experiment(**given | changes)


def whole_windows(data):
    return data.test_x, data.test_y, data.test_steps


# --- every task, also those that are still to come


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_its_words(name):
    task = TASKS[name]
    assert task.name == name
    for words in (task.label, task.teaches, task.shape):
        assert words
    assert task.teaches.endswith(".") and task.shape.endswith(".")


@pytest.mark.parametrize("name", TASKS)
def test_what_a_task_suggests_is_an_experiment(name):
    longest = {"series_length": 400} if name == "csv" else {}
    experiment = example(name, **{"series_length": 1200} | longest | TASKS[name].suggested)
    assert experiment.windows >= 100


@pytest.mark.parametrize("time_steps", [12, 13, 20])
@pytest.mark.parametrize("name", TASKS)
def test_the_exact_rule_makes_no_error(name, time_steps):
    data = example(name, time_steps=time_steps).dataset()
    rules = [each for each in TASKS[name].baselines if each.exact]
    assert len(rules) <= 1
    for rule in rules:
        np.testing.assert_allclose(rule.predict(data.test_x, data), data.test_y, atol=1e-12)


KNOWN = [name for name in TASKS if example(name).dataset().test_steps is not None]


@pytest.mark.parametrize("name", KNOWN)
def test_the_steps_that_are_marked_are_all_the_rule_needs(name):
    """Other steps may change as they like, as long as they mark and delimit nothing."""
    data = example(name).dataset()
    rule = next(each for each in TASKS[name].baselines if each.exact)
    x = data.test_x.copy()
    random = np.random.default_rng(3)
    free = ~data.test_steps & (x[:, :, 0] != 0)
    lower = 0.5 if name == "find-max" else 1.0  # a smaller number is still not the largest
    x[:, :, 0] = np.where(
        free, x[:, :, 0] * random.uniform(lower - 0.5, lower, free.shape), x[:, :, 0]
    )
    np.testing.assert_allclose(rule.predict(x, data), data.test_y, atol=1e-12)
    # And each of them is needed: without it the answer is another.
    rows, steps = np.nonzero(data.test_steps)
    changed = data.test_x[rows].copy()
    changed[np.arange(len(rows)), steps, 0] -= 0.01
    moved = np.abs(rule.predict(changed, data) - data.test_y[rows])
    assert np.mean(moved > 1e-4) > 0.9  # in a few windows another number is nearly as large


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_the_same_every_time_and_for_every_seed(name):
    first, second = example(name, seed=1), example(name, seed=2)
    np.testing.assert_array_equal(first.dataset().train_x, second.dataset().train_x)
    np.testing.assert_array_equal(TASKS[name].make(first).test_y, TASKS[name].make(first).test_y)


@pytest.mark.parametrize("name", TASKS)
def test_scaling_never_sees_the_test_windows_except_where_it_is_said(name):
    changes = {"scaling": "log"} if "scaling" in TASKS[name].knobs else {}
    data = example(name, **changes).dataset()
    assert not data.scaled_on_test


# --- each made task, against a plain loop


def test_find_max_against_a_loop():
    x, y, steps = whole_windows(example("find-max").dataset())
    for window, target, marked in zip(x[:, :, 0], y, steps, strict=True):
        assert target == max(window) and window[marked].tolist() == [max(window)]
    # beta(1/T, 1) has its largest of T uniform.
    assert np.mean(y) == pytest.approx(0.5, abs=0.06)


def test_add_after_delimiter_against_a_loop():
    for length in (2, 3, 4, 5, 20):
        data = example("add-after-delimiter", time_steps=length).dataset()
        x, y, steps = whole_windows(data)
        for window, target, marked in zip(x[:, :, 0], y, steps, strict=True):
            after = [t for t in range(1, length) if window[t - 1] == 0]
            assert len(after) == (1 if length < 4 else 2)
            assert np.flatnonzero(marked).tolist() == after
            assert target == pytest.approx(sum(window[t] for t in after))
            assert all(window[t] != 0 for t in after)


@pytest.mark.parametrize(("name", "marks"), [("flagged-recall", 1), ("adding-problem", 2)])
def test_marked_tasks_against_a_loop(name, marks):
    x, y, steps = whole_windows(example(name, time_steps=9).dataset())
    for window, target, marked in zip(x, y, steps, strict=True):
        places = [t for t in range(9) if window[t, 1] == 1]
        assert len(places) == marks == np.sum(window[:, 1])
        assert np.flatnonzero(marked).tolist() == places
        found = sum(window[t, 0] for t in places)
        assert target == pytest.approx(found if marks == 1 else 0.5 + found / 4)


def test_fibonacci_mod_m_holds_out_pairs_and_keeps_to_the_rule():
    data = example("fibonacci-mod-m", modulus=7).dataset()
    x, y = np.concatenate([data.train_x, data.test_x]), np.concatenate([data.train_y, data.test_y])
    numbers = np.rint(np.column_stack([x[:, :, 0], y]) * 7)
    assert np.all(numbers[:, 2:] == (numbers[:, 1:-1] + numbers[:, :-2]) % 7)
    pairs = [tuple(row[-3:-1]) for row in numbers]
    assert len(set(pairs)) == len(pairs) == 49


def test_the_sunspots_are_the_public_series():
    data = example("sunspots", series_length=309, split="chronological").dataset()
    assert data.series[:5].tolist() == [5.0, 11.0, 16.0, 23.0, 36.0]
    assert len(data.series) == 309
    assert data.series.max() == 190.2


def test_a_visitor_s_file_against_a_loop():
    table = a_table(60)
    experiment = Experiment(
        task="csv", table=table, series_length=50, time_steps=4, split="chronological", horizon=2
    )
    data = experiment.dataset()
    rows = table.values[-50:]
    train = int(0.7 * (50 - 4 - 2 + 1))
    assert (len(data.train_y), len(data.test_y)) == (train, 45 - train)
    held = rows[: train + 5]  # what training windows hold
    low, high = held.min(axis=0), held.max(axis=0)
    x = np.concatenate([data.train_x, data.test_x])
    y = np.concatenate([data.train_y, data.test_y])
    for i in range(45):
        np.testing.assert_allclose(x[i], (rows[i : i + 4] - low) / (high - low), atol=1e-12)
        wanted = rows[i + 4 : i + 6, 0]
        np.testing.assert_allclose(data.unscale(y[i]), wanted)
    assert data.features == ("demand", "weather", "day")
    assert not data.scaled_on_test


def test_a_column_that_stands_still_while_training_breaks_nothing():
    values = np.column_stack([np.sin(np.arange(60.0)), np.repeat([1.0, 2.0], [50, 10])])
    table = Table("mine.csv", "a", ("b",), values)
    data = Experiment(task="csv", table=table, series_length=60, split="chronological").dataset()
    assert np.isfinite(data.train_x).all() and np.isfinite(data.test_x).all()
