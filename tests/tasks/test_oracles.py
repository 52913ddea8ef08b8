"""Each task against what it says, written out here as literal numbers and plain loops.

Nothing here is taken from `fibattn.tasks`: a rule that is changed there by mistake does not change
here with it. A new task needs an entry in `ORACLES`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.tasks import TASKS, Dataset
from fibattn.tasks.file import MOST_ROWS, Table
from tests.tasks.test_tasks import a_table, example

SUNSPOTS = Path(__file__).parents[2] / "fibattn" / "tasks" / "data" / "sunspots.csv"

Window = Sequence[Sequence[float]]  # time steps, and in each the features

SEARCHING = {
    "series_length": 2000,
    "units": 8,
    "output_activation": "linear",
    "learning_rate": 0.01,
    "epochs": 15,
    "batch_size": 8,
    "attention": "additive-content",
}


@dataclass(frozen=True)
class Oracle:
    """What a task says and does.

    baselines: each one's label, and its answer to a scaled window, given the mean of the training
        targets and the window's modulus; None for the answers that another test checks.
    exact: the label of the one that is the task's rule.
    spread: the range of the first feature, for tasks on windows made one by one.
    first: the first three numbers of the first training window at the default settings: runs with
        a given seed stay what they are.
    """

    label: str
    shape: str
    baselines: dict[str, Callable[[Window, float, int], float] | None]
    exact: str | None = None
    limit: str = ""
    longest: int = 8000
    shortest_window: int = 2
    features: tuple[str, ...] = ("value",)
    is_series: bool = False
    own_file: bool = False
    knobs: tuple[str, ...] = ()
    suggested: dict[str, Any] = dataclasses.field(default_factory=dict)
    spread: tuple[float, float] | None = None
    first: tuple[float, ...] = ()


def zero(window: Window, mean: float, m: int) -> float:
    return 0.0


def mean_of_training(window: Window, mean: float, m: int) -> float:
    return mean


def last(window: Window, mean: float, m: int) -> float:
    return window[-1][0]


def eleven_before(window: Window, mean: float, m: int) -> float:
    return window[-11][0] if len(window) >= 11 else window[0][0]


def sum_of_last_two(window: Window, mean: float, m: int) -> float:
    return 0.9 * (window[-1][0] + window[-2][0])


def maximum(window: Window, mean: float, m: int) -> float:
    return sorted(value for (value,) in window)[-1]


def after_zeros(window: Window, mean: float, m: int) -> float:
    return sum(window[t][0] for t in range(1, len(window)) if window[t - 1][0] == 0)


def flagged(window: Window, mean: float, m: int) -> float:
    return sum(value for value, flag in window if flag == 1)


def half_and_a_quarter(window: Window, mean: float, m: int) -> float:
    return 0.5 + 0.25 * flagged(window, mean, m)


def three_and_eleven_before(window: Window, mean: float, m: int) -> float:
    return 0.9 * (window[len(window) - 1 - 3][0] + window[len(window) - 1 - 11][0])


def sum_mod(window: Window, mean: float, m: int) -> float:
    return (round(window[-1][0] * m) + round(window[-2][0] * m)) % m / m


ORACLES = {
    "fibonacci": Oracle(
        label="Fibonacci numbers",
        shape="Consecutive Fibonacci numbers; the target is the next one.",
        limit="The 1476th Fibonacci number overflows float64.",
        longest=1475,
        is_series=True,
        knobs=("scaling",),
        baselines={"always 0": zero, "the last value": last, "the sum of the last two": None},
        exact="the sum of the last two",
    ),
    "sunspots": Oracle(
        label="Sunspots",
        shape="Yearly sunspot numbers, 1700 to 2008; the target is the next year's.",
        limit="There are 309 years of sunspot numbers.",
        longest=309,
        is_series=True,
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "the value 11 years before (or the window's first)": eleven_before,
        },
        suggested={
            "series_length": 309,
            "split": "chronological",
            "units": 8,
            "output_activation": "linear",
            "learning_rate": 0.003,
            "epochs": 60,
            "batch_size": 4,
        },
    ),
    "csv": Oracle(
        label="Your own file",
        shape="Consecutive rows of the file; the target is the chosen column in the next row.",
        limit="A file may have at most 20,000 rows.",
        longest=20_000,
        is_series=True,
        own_file=True,
        features=("demand", "weather", "day"),
        baselines={"always the mean": mean_of_training, "the last value": last},
        suggested={
            "split": "chronological",
            "units": 8,
            "output_activation": "linear",
            "learning_rate": 0.003,
            "batch_size": 4,
        },
    ),
    "sum-of-last-two": Oracle(
        label="Sum of the last two",
        shape="Independent numbers between −0.5 and 0.5; the target is 0.9 times the sum of the "
        "last two.",
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "0.9 times the sum of the last two": sum_of_last_two,
        },
        exact="0.9 times the sum of the last two",
        suggested={
            "series_length": 8000,
            "units": 2,
            "learning_rate": 0.03,
            "epochs": 10,
            "batch_size": 64,
            "attention": "additive",
        },
        spread=(-0.5, 0.5),
        first=(0.3751819671077461, -0.2351798608881922, -0.23268704427425546),
    ),
    "find-max": Oracle(
        label="Find the maximum",
        shape="Independent numbers between 0 and 1, most of them small: from beta(1/T, 1) for T "
        "steps, so that the largest, the target, may be of any size.",
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "the maximum": maximum,
        },
        exact="the maximum",
        suggested=SEARCHING,
        spread=(0, 1),
        first=(7.829213280789741e-20, 1.6094406508932142e-08, 0.00029273732673147087),
    ),
    "add-after-delimiter": Oracle(
        label="Add after each delimiter",
        shape="Independent numbers up to 0.5, among them two zeros (one in windows of up to 3 "
        "steps) as delimiters; the target is the sum of the numbers right after them.",
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "the sum of the numbers after a 0": after_zeros,
        },
        exact="the sum of the numbers after a 0",
        suggested=SEARCHING,
        spread=(0, 0.5),
        first=(0.43759098355387305, 0.1324100695559039, 0.13365647786287227),
    ),
    "flagged-recall": Oracle(
        label="Flagged recall",
        shape="Independent numbers between −0.5 and 0.5, and a flag at one step; the target is "
        "the number there.",
        features=("value", "flag"),
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "the flagged number": flagged,
        },
        exact="the flagged number",
        suggested=SEARCHING,
        spread=(-0.5, 0.5),
        first=(0.3751819671077461, -0.2351798608881922, -0.23268704427425546),
    ),
    "adding-problem": Oracle(
        label="Adding problem",
        shape="Independent numbers between −1 and 1, one marked in each half of the window; the "
        "target is 0.5 plus a quarter of the marked numbers' sum.",
        features=("value", "marker"),
        baselines={
            "always the mean": mean_of_training,
            "0.5 plus a quarter of the marked sum": half_and_a_quarter,
        },
        exact="0.5 plus a quarter of the marked sum",
        suggested=SEARCHING,
        spread=(-1, 1),
        first=(0.7503639342154922, -0.4703597217763844, -0.4653740885485109),
    ),
    "two-lags": Oracle(
        label="Two lags",
        shape="Independent numbers between −0.5 and 0.5; the target is 0.9 times x[t−3] + x[t−11].",
        shortest_window=12,
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "0.9 times (x[t−3] + x[t−11])": three_and_eleven_before,
        },
        exact="0.9 times (x[t−3] + x[t−11])",
        suggested={
            "series_length": 2000,
            "units": 20,
            "output_activation": "linear",
            "learning_rate": 0.003,
            "epochs": 6,
            "batch_size": 8,
            "attention": "additive",
        },
        spread=(-0.5, 0.5),
        first=(0.3751819671077461, -0.2351798608881922, -0.23268704427425546),
    ),
    "fibonacci-mod-m": Oracle(
        label="Fibonacci mod m",
        shape="Numbers of a Fibonacci series mod m, divided by m; the target is the next one. "
        "Every window ends with another pair (a, b).",
        knobs=("modulus",),
        baselines={
            "always the mean": mean_of_training,
            "the last value": last,
            "the sum of the last two, mod m": sum_mod,
        },
        exact="the sum of the last two, mod m",
        suggested={
            "series_length": 1200,
            "units": 16,
            "output_activation": "linear",
            "learning_rate": 0.003,
            "epochs": 60,
            "batch_size": 4,
            "attention": "additive",
        },
        spread=(0, 23 / 24),
        first=(0.625, 0.25, 0.875),
    ),
}

COVERED = [name for name in TASKS if name in ORACLES]
MADE = [name for name in COVERED if not ORACLES[name].is_series]
SERIES = [name for name in COVERED if ORACLES[name].is_series]


@functools.cache
def many(name: str, time_steps: int = 20) -> Dataset:
    """As many windows as make a rare fault show."""
    return example(name, series_length=4000, time_steps=time_steps, train_fraction=0.5).dataset()


def whole_windows(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """All windows and their targets, those to train on first."""
    return (
        np.concatenate([data.train_x, data.test_x]),
        np.concatenate([data.train_y, data.test_y]),
    )


def test_every_task_has_an_oracle():
    missing = sorted(set(TASKS) - set(ORACLES))
    assert not missing, (
        f"The task {', '.join(missing)} has no oracle: add an entry of this name to ORACLES in "
        f"tests/tasks/test_oracles.py, with the task's words, bounds and suggested settings "
        f"written out, and each baseline as a function of one window that imports nothing from "
        f"fibattn.tasks."
    )
    gone = sorted(set(ORACLES) - set(TASKS))
    assert not gone, f"ORACLES describes {', '.join(gone)}, which is no task: delete the entry."


# --- words and bounds


@pytest.mark.parametrize("name", COVERED)
def test_words_and_bounds_are_these(name):
    task, oracle = TASKS[name], ORACLES[name]
    for field in (
        *("label", "shape", "limit", "longest", "shortest_window", "is_series", "own_file"),
        *("knobs", "suggested"),
    ):
        assert getattr(task, field) == getattr(oracle, field), field
    labels = {each.label: each.exact for each in task.baselines}
    assert list(labels) == list(oracle.baselines)
    assert labels == {label: label == oracle.exact for label in labels}
    if not task.own_file:
        assert task.features == len(oracle.features)


@pytest.mark.parametrize("name", COVERED)
def test_windows_are_as_many_and_as_wide_as_said(name):
    oracle = ORACLES[name]
    experiment = example(name, series_length=200, time_steps=13, train_fraction=0.33)
    windows = 200 - 13 if oracle.is_series else 200
    assert experiment.windows == windows
    assert experiment.features == len(oracle.features)
    data = experiment.dataset()
    assert data.features == oracle.features
    assert data.train_x.shape == (math.floor(0.33 * windows), 13, len(oracle.features))
    assert data.test_x.shape == (windows - len(data.train_x), 13, len(oracle.features))
    assert (data.series is not None) == oracle.is_series


def test_a_file_without_features_has_one():
    table = Table("mine.csv", "a", (), np.arange(40.0)[:, None])
    experiment = Experiment(task="csv", table=table, series_length=40, time_steps=3)
    assert experiment.features == 1 and experiment.dataset().features == ("a",)


# --- limits, from both sides


@pytest.mark.parametrize("name", [name for name in COVERED if name != "csv"])
def test_the_longest_series_is_allowed_and_no_longer_one(name):
    oracle = ORACLES[name]
    longest = Experiment(task=name, series_length=oracle.longest)
    assert longest.windows == {
        "fibonacci": 1455,
        "sunspots": 289,
        "fibonacci-mod-m": 576,  # 24² pairs
    }.get(name, 8000)
    with pytest.raises(ValueError, match=rf"at most {oracle.longest}\.") as refused:
        Experiment(task=name, series_length=oracle.longest + 1)
    assert str(refused.value).endswith(oracle.limit)


def test_the_longest_file_is_used_whole():
    table = Table("mine.csv", "a", (), np.sin(np.arange(20_001.0))[:, None])
    longest = Experiment(task="csv", table=table, series_length=20_000)
    assert MOST_ROWS == 20_000 and longest.windows == 19_980
    assert longest.dataset().series.tolist() == table.values[1:, 0].tolist()  # the last rows
    with pytest.raises(ValueError, match="series_length is 20001"):
        longest.replace(series_length=20_001)


@pytest.mark.parametrize("name", COVERED)
def test_the_shortest_window_is_allowed_and_no_shorter_one(name):
    shortest = ORACLES[name].shortest_window
    assert example(name, time_steps=shortest).dataset().train_x.shape[1] == shortest
    with pytest.raises(ValueError, match=f"time_steps is {shortest - 1}.*{shortest}"):
        example(name, time_steps=shortest - 1)


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_a_series_needs_two_windows_of_each(split, horizon):
    rows = 10 + horizon - 1
    base = {"split": split, "horizon": horizon, "series_length": rows, "train_fraction": 0.5}
    enough = Experiment(time_steps=6, **base)  # 4 windows
    assert (len(enough.dataset().train_y), len(enough.dataset().test_y)) == (2, 2)
    with pytest.raises(ValueError, match=r"leave 3 windows .* 1 to train on and 2 to test on"):
        Experiment(time_steps=7, **base)
    with pytest.raises(ValueError, match="3 to train on and 1 to test on"):
        Experiment(time_steps=6, **base | {"train_fraction": 0.75})


@pytest.mark.parametrize("name", MADE)
def test_made_windows_need_two_of_each(name):
    def dealt(fraction: float) -> tuple[int, int]:
        data = example(name, series_length=10, train_fraction=fraction).dataset()
        return len(data.train_y), len(data.test_y)

    assert dealt(0.2) == (2, 8) and dealt(0.8) == (8, 2)
    for fraction, counted in ((0.19, "1 to train on and 9"), (0.9, "9 to train on and 1")):
        with pytest.raises(ValueError, match=f"There are 10 windows, {counted} to test on"):
            dealt(fraction)


# --- which window is dealt where


@functools.cache
def shuffled(rows: int) -> list[int]:
    """The article's order: scikit-learn's train_test_split with random_state=13, its training."""
    return np.random.RandomState(13).permutation(rows).tolist()


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("name", MADE)
def test_made_windows_are_dealt_out_in_this_order_and_numbered(name, split):
    data = example(name, series_length=200, split=split).dataset()
    order = shuffled(200) if split == "shuffled" else list(range(200))
    assert data.test_positions.tolist() == order[140:]
    x, y = whole_windows(example(name, series_length=200, split="chronological").dataset())
    for part, positions in (("train", order[:140]), ("test", order[140:])):
        np.testing.assert_array_equal(getattr(data, f"{part}_x"), x[positions])
        np.testing.assert_array_equal(getattr(data, f"{part}_y"), y[positions])
    assert (data.test_steps is None) == (name == "fibonacci-mod-m")


def the_numbers(name: str, length: int) -> list[float]:
    """A series' numbers, on the original scale, from another source than the tasks."""
    if name == "fibonacci":
        numbers = [1, 2]
        while len(numbers) < length:
            numbers.append(numbers[-1] + numbers[-2])
        return [float(number) for number in numbers]
    if name == "sunspots":
        text = SUNSPOTS.read_text().splitlines()[1:]
        return [float(line.split(",")[1]) for line in text][309 - length :]
    return a_table().values[400 - length :, 0].tolist()


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("name", SERIES)
def test_windows_stand_in_the_series_where_their_positions_say(name, split, horizon):
    data = example(name, series_length=90, time_steps=7, split=split, horizon=horizon).dataset()
    numbers, rows = the_numbers(name, 90), 90 - 7 - horizon + 1
    np.testing.assert_allclose(data.series, numbers)
    order = shuffled(rows) if split == "shuffled" else list(range(rows))
    cut = math.floor(0.7 * rows)
    assert data.test_positions.tolist() == [row + 7 for row in order[cut:]]
    for part, dealt in (("train", order[:cut]), ("test", order[cut:])):
        positions = [row + 7 for row in dealt]
        if part == "test":
            assert data.test_positions.tolist() == positions
        x = data.unscale(getattr(data, f"{part}_x")[:, :, 0])
        y = data.unscale(getattr(data, f"{part}_y").reshape(len(dealt), horizon))
        for window, targets, at in zip(x, y, positions, strict=True):
            np.testing.assert_allclose(window, numbers[at - 7 : at], rtol=1e-9)
            np.testing.assert_allclose(targets, numbers[at : at + horizon], rtol=1e-9)


# --- how it is scaled

# Task, kind of scaling: whether it is fitted on all numbers, and whether on their logarithms.
SCALINGS = {
    ("fibonacci", "linear"): (True, False),
    ("fibonacci", "linear-train"): (False, False),
    ("fibonacci", "log"): (False, True),
    ("sunspots", "linear"): (False, False),
    ("csv", "linear"): (False, False),
}


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize(("name", "scaling"), SCALINGS)
def test_the_scaling_is_fitted_where_it_is_said(name, scaling, split, horizon):
    on_all, log = SCALINGS[name, scaling]
    for length in (40, 90, 91):
        data = example(
            name,
            series_length=length,
            time_steps=5,
            scaling=scaling,
            split=split,
            horizon=horizon,
            train_fraction=0.4,
        ).dataset()
        numbers = the_numbers(name, length)
        rows = length - 5 - horizon + 1
        order = shuffled(rows) if split == "shuffled" else list(range(rows))
        trained = order[: math.floor(0.4 * rows)]
        held = {row + step for row in trained for step in range(5 + horizon)}
        fitted = numbers if on_all else [numbers[at] for at in sorted(held)]
        low, high = min(fitted), max(fitted)
        if log:
            low, high = math.log(low), math.log(high)
        assert data.scaling.log == log
        assert data.scaling.low == pytest.approx(low) and data.scaling.high == pytest.approx(high)
        assert data.scaled_on_test == on_all
        plain = [math.log(number) if log else number for number in numbers]
        scaled = [(number - low) / (high - low) for number in plain]
        for at, targets in zip(data.test_positions, data.test_y, strict=True):
            ahead = scaled[at : at + horizon] if horizon > 1 else scaled[at]
            np.testing.assert_allclose(targets, ahead, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
def test_each_column_of_a_file_is_scaled_by_itself_on_the_training_part(split):
    data = example("csv", series_length=60, time_steps=5, split=split, horizon=2).dataset()
    values, rows = a_table().values[-60:], 60 - 5 - 2 + 1
    order = shuffled(rows) if split == "shuffled" else list(range(rows))
    trained = order[: math.floor(0.7 * rows)]
    held = sorted({row + step for row in trained for step in range(5 + 2)})
    for feature in range(3):
        column = values[:, feature]
        low, high = min(column[held]), max(column[held])
        for window, row in zip(data.test_x, order[len(trained) :], strict=True):
            wanted = [(number - low) / (high - low) for number in column[row : row + 5]]
            np.testing.assert_allclose(window[:, feature], wanted, atol=1e-12)
    assert not data.scaled_on_test and (data.scaling.low, data.scaling.high) == (
        min(values[held, 0]),
        max(values[held, 0]),
    )


@pytest.mark.parametrize("name", MADE)
def test_made_windows_are_trained_on_as_they_are(name):
    data = example(name).dataset()
    assert not data.scaled_on_test
    np.testing.assert_array_equal(data.unscale(data.test_y), data.test_y)
    assert not data.many_magnitudes


# --- the baselines


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("time_steps", [4, 5, 10, 11, 12, 20])
@pytest.mark.parametrize("name", COVERED)
def test_baselines_answer_each_window_as_a_plain_function_does(name, time_steps, split):
    if time_steps < ORACLES[name].shortest_window:
        return
    data = example(name, time_steps=time_steps, split=split).dataset()
    mean = sum(data.train_y.tolist()) / len(data.train_y)
    for predictor in TASKS[name].baselines:
        plain = ORACLES[name].baselines[predictor.label]
        for x in (data.test_x, data.train_x) if plain else ():
            wanted = [plain(window, mean, 24) for window in x.tolist()]
            np.testing.assert_allclose(predictor.predict(x, data), wanted, atol=1e-12)


@pytest.mark.parametrize("scaling", ["linear", "linear-train", "log"])
@pytest.mark.parametrize("share", [0.1, 0.7])
def test_the_fibonacci_rule_adds_on_the_original_scale(scaling, share):
    """Also where the last two are not Fibonacci numbers, but as a network may have guessed."""
    data = example("fibonacci", series_length=60, scaling=scaling, train_fraction=share).dataset()
    if share < 0.5 and scaling != "linear":  # no training window holds the first number, 1
        assert data.scaling.low > 0.5 + (scaling == "linear-train")
    rule = TASKS["fibonacci"].baselines[2]
    low, high = data.scaling.low, data.scaling.high
    log, power = (math.log, math.exp) if data.scaling.log else (float, float)
    windows = np.random.default_rng(4).uniform(0.1, 0.9, (30, 20, 1))
    for window, found in zip(windows, rule.predict(windows, data), strict=True):
        before, last_number = (power(low + (high - low) * window[t, 0]) for t in (-2, -1))
        wanted = (log(before + last_number) - low) / (high - low)
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("m", [3, 7, 10, 59, 60])
def test_the_rule_mod_m_makes_no_error_where_rounding_misses_a_whole_number(m):
    pairs = [(a, b) for a in range(m) for b in range(m)]
    x = np.array([[[a / m], [b / m]] for a, b in pairs])
    rule = TASKS["fibonacci-mod-m"].baselines[2]
    data = example("fibonacci-mod-m", modulus=m, series_length=10, train_fraction=0.5).dataset()
    wanted = [(a + b) % m / m for a, b in pairs]
    np.testing.assert_allclose(rule.predict(x, data), wanted, atol=1e-12)


# --- windows made one by one: their range, their rule, the steps it needs


@pytest.mark.parametrize("name", MADE)
def test_the_target_is_what_the_sentence_says(name):
    rule = ORACLES[name].baselines[ORACLES[name].exact]
    x, y = whole_windows(many(name))
    wanted = [rule(window, math.nan, 24) for window in x.tolist()]
    np.testing.assert_allclose(y, wanted, atol=1e-12)


@pytest.mark.parametrize("name", MADE)
def test_numbers_fill_the_range_that_is_said(name):
    low, high = ORACLES[name].spread
    values = whole_windows(many(name))[0][:, :, 0]
    assert low <= values.min() <= low + 1e-3 * (high - low)
    assert high - 1e-3 * (high - low) <= values.max() <= high


@pytest.mark.parametrize("name", [name for name in MADE if ORACLES[name].spread[0] < 0])
def test_uniform_numbers_are_as_often_in_each_tenth_of_their_range(name):
    low, high = ORACLES[name].spread
    values = whole_windows(many(name))[0][:, :, 0]
    counts = np.histogram(values, bins=10, range=(low, high))[0]
    np.testing.assert_allclose(counts / values.size, 0.1, atol=0.01)
    steps = values[:, :-1] - values[:, 1:]
    assert abs(np.mean(steps * np.roll(steps, 1, axis=0))) < 0.01  # windows are independent


@pytest.mark.parametrize("name", MADE)
def test_the_first_numbers_are_what_they_always_were(name):
    data = Experiment(task=name).dataset()
    assert data.train_x[0, :3, 0].tolist() == list(ORACLES[name].first)


@pytest.mark.parametrize("time_steps", [2, 9, 20])
def test_the_maximum_is_uniform_and_stands_anywhere(time_steps):
    data = many("find-max", time_steps)
    x, y = whole_windows(data)
    steps = data.test_steps
    for quantile in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert np.mean(y < quantile) == pytest.approx(quantile, abs=0.035)
    # A number is below u with the probability u^(1/T).
    for u in (0.01, 0.5):
        assert np.mean(x < u) == pytest.approx(u ** (1 / time_steps), abs=0.02)
    assert np.all(steps.sum(axis=1) == 1)
    assert np.all(np.abs(steps.mean(axis=0) - 1 / time_steps) < 0.04)


def frequencies(marked: np.ndarray) -> dict[tuple[int, ...], int]:
    """How often marks stand at which steps."""
    found: dict[tuple[int, ...], int] = {}
    for row in marked.tolist():
        places = tuple(step for step, mark in enumerate(row) if mark)
        found[places] = found.get(places, 0) + 1
    return found


def places_of_delimiters(length: int) -> set[tuple[int, ...]]:
    """Two at an even distance, neither last; in even windows at even steps; one up to 3 steps."""
    starts = range(0, length - 1, 2) if length % 2 == 0 else range(length - 1)
    if length <= 3:
        return {(place,) for place in starts}
    return {(a, b) for a in starts for b in starts if a < b and (b - a) % 2 == 0}


def places_of_marks(name: str, length: int) -> set[tuple[int, ...]]:
    """A flag anywhere; of the adding problem one in each half, the later one the longer."""
    if name == "flagged-recall":
        return {(place,) for place in range(length)}
    half = length // 2
    return {(a, b) for a in range(half) for b in range(half, length)}


@pytest.mark.parametrize("length", [2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("name", ["add-after-delimiter", "flagged-recall", "adding-problem"])
def test_marks_stand_at_every_allowed_place_and_nowhere_else(name, length):
    data = many(name, length)
    x, steps = data.test_x, data.test_steps
    if name == "add-after-delimiter":
        marks, allowed = x[:, :, 0] == 0, places_of_delimiters(length)
        np.testing.assert_array_equal(steps[:, 1:], marks[:, :-1])  # the number after each
        assert not steps[:, 0].any() and not marks[:, -1].any()
    else:
        assert set(np.unique(x[:, :, 1])) <= {0, 1}
        marks, allowed = x[:, :, 1] == 1, places_of_marks(name, length)
        np.testing.assert_array_equal(steps, marks)
    found = frequencies(marks)
    assert set(found) == allowed
    # Each as often as any other, as far as so many windows can tell.
    expected = len(x) / len(allowed)
    for count in found.values():
        assert abs(count - expected) < 5 * math.sqrt(expected) + 1


@pytest.mark.parametrize(("name", "back"), [("sum-of-last-two", (0, 1)), ("two-lags", (3, 11))])
@pytest.mark.parametrize("length", [12, 20])
def test_the_needed_steps_are_these(name, back, length):
    steps = many(name, length).test_steps
    assert set(frequencies(steps)) == {tuple(sorted(length - 1 - lag for lag in back))}


@pytest.mark.parametrize("m", [3, 7, 24])
def test_windows_mod_m_hold_each_pair_once_and_keep_to_the_rule(m):
    experiment = example("fibonacci-mod-m", modulus=m, series_length=2000, time_steps=6)
    assert experiment.windows == m * m
    x, y = whole_windows(experiment.dataset())
    numbers = np.column_stack([x[:, :, 0], y]) * m
    whole = np.rint(numbers).astype(int)
    np.testing.assert_allclose(numbers, whole, atol=1e-9)
    assert whole.min() == 0 and whole.max() == m - 1
    for row in whole.tolist():
        assert all((a + b) % m == c for a, b, c in zip(row, row[1:], row[2:], strict=False))
    assert {(row[-3], row[-2]) for row in whole.tolist()} == {
        (a, b) for a in range(m) for b in range(m)
    }
    if m > 3:  # there are at least 10 windows
        assert experiment.replace(series_length=m * m - 1).windows == m * m - 1


@pytest.mark.parametrize("time_steps", [2, 3])
def test_the_shortest_windows_mod_m_end_with_a_pair_too(time_steps):
    data = example("fibonacci-mod-m", modulus=7, time_steps=time_steps).dataset()
    x, y = whole_windows(data)
    for window, target in zip((x[:, :, 0] * 7).round().tolist(), y, strict=True):
        assert round(target * 7) == (window[-1] + window[-2]) % 7


# --- what a dataset says of itself


def plain_dataset(values: Sequence[float], flags: Sequence[float] = ()) -> Dataset:
    """A file's windows of two steps, with a second column if `flags` are given."""
    columns = [list(values), list(flags)] if len(flags) else [list(values)]
    table = Table("x.csv", "a", ("b",) if len(flags) else (), np.array(columns).T)
    return Experiment(
        task="csv", table=table, series_length=len(values), time_steps=2, split="chronological"
    ).dataset()


@pytest.mark.parametrize(
    ("least", "most", "wide"),
    [
        (1, 50, True),
        (1, 49.9, False),
        (10, 499, False),
        (0.01, 0.5, True),
        (0, 50, False),
        (-1, 50, False),
        (-50, -1, False),
    ],
)
def test_many_magnitudes_are_a_span_of_fifty_and_nothing_below_zero(least, most, wide):
    middle = [(least + most) / 2] * 10
    assert bool(plain_dataset([least, *middle, most]).many_magnitudes) == wide


def test_a_second_feature_of_zeros_and_ones_is_a_mark():
    values = [float(k % 7) for k in range(24)]
    assert many("flagged-recall").second_marks is True
    assert many("adding-problem").second_marks is True
    assert many("two-lags").second_marks is False
    assert plain_dataset(values).second_marks is False
    assert plain_dataset(values, [k % 2 for k in range(24)]).second_marks is True
    assert plain_dataset(values, [k % 3 for k in range(24)]).second_marks is False


@pytest.mark.parametrize("name", COVERED)
def test_a_shared_dataset_cannot_be_written_to(name):
    data = example(name).dataset()
    arrays = [getattr(data, field.name) for field in dataclasses.fields(data)]
    for array in (each for each in arrays if isinstance(each, np.ndarray)):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
