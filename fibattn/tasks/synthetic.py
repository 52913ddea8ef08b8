"""Tasks on windows made one by one, whose rule, and the steps it needs, are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fibattn.tasks.choices import DataChoices
from fibattn.tasks.dataset import AS_IT_IS, SPLIT_SEED, Dataset, dealt, split_rows
from fibattn.tasks.registry import ALWAYS_MEAN, LAST_VALUE, Predictor, task

# How far back `two-lags` looks, counted from the last step, t.
LAGS = (3, 11)
# Targets that could reach ±1 are kept off the ends of tanh.
SHRINK = 0.9
# Settings for the tasks whose needed steps can stand anywhere.
SEARCHING = {
    "series_length": 2000,
    "units": 8,
    "output_activation": "linear",
    "learning_rate": 1e-2,
    "epochs": 15,
    "batch_size": 8,
    "attention": "additive-content",
}


def exact(label: str, rule: Callable[[np.ndarray], np.ndarray]) -> Predictor:
    """Return the predictor of a task's true rule."""
    return Predictor(label, lambda x, data: rule(x), exact=True)


def generator() -> np.random.Generator:
    """Return where windows come from: the same for every seed of the weights."""
    return np.random.default_rng(SPLIT_SEED)


def made(
    choices: DataChoices,
    x: np.ndarray,
    y: np.ndarray,
    steps: np.ndarray | None,
    features: tuple[str, ...] = ("value",),
) -> Dataset:
    """Deal out windows x (windows, time_steps, features), targets y and their needed steps."""
    train, test = split_rows(len(y), choices.train_fraction, choices.split)
    return Dataset(
        AS_IT_IS,
        **dealt(x, y, train, test),
        test_positions=test,
        test_steps=None if steps is None else steps[test],
        features=features,
    )


def _last_two(x: np.ndarray) -> np.ndarray:
    return SHRINK * (x[:, -1, 0] + x[:, -2, 0])


@task(
    "sum-of-last-two",
    label="Sum of the last two",
    teaches="The Fibonacci rule on independent numbers, so that it can be tested. A layer that "
    "can focus shows two bright columns; the tutorial's cannot. Neither gains anything by it.",
    shape="Independent numbers between −0.5 and 0.5; the target is 0.9 times the sum of the last "
    "two.",
    baselines=(ALWAYS_MEAN, LAST_VALUE, exact("0.9 times the sum of the last two", _last_two)),
    # Many windows and a large batch: with fewer windows more starts lock on to wrong steps. Two
    # units, as with many the states carry the position, and the last state carries the sum.
    suggested={
        "series_length": 8000,
        "units": 2,
        "learning_rate": 3e-2,
        "epochs": 10,
        "batch_size": 64,
        "attention": "additive",
    },
)
def sum_of_last_two(choices: DataChoices) -> Dataset:
    """Add the last two of independent numbers."""
    x = generator().uniform(-0.5, 0.5, (choices.series_length, choices.time_steps, 1))
    steps = np.zeros(x.shape[:2], bool)
    steps[:, -2:] = True
    return made(choices, x, _last_two(x), steps)


@task(
    "find-max",
    label="Find the maximum",
    teaches="Attention earns its keep: the largest value can stand anywhere, and the weight finds "
    "it.",
    shape="Independent numbers between 0 and 1, most of them small: from beta(1/T, 1) for T steps, "
    "so that the largest, the target, may be of any size.",
    baselines=(ALWAYS_MEAN, LAST_VALUE, exact("the maximum", lambda x: x[:, :, 0].max(axis=1))),
    suggested=SEARCHING,
)
def find_max(choices: DataChoices) -> Dataset:
    """Report the largest value of the window."""
    size = (choices.series_length, choices.time_steps)
    x = generator().beta(1 / choices.time_steps, 1, size)
    steps = np.arange(choices.time_steps) == x.argmax(axis=1)[:, None]
    return made(choices, x[:, :, None], x.max(axis=1), steps)


def _after_delimiters(x: np.ndarray) -> np.ndarray:
    after = np.zeros(x.shape[:2], bool)
    after[:, 1:] = x[:, :-1, 0] == 0
    return np.where(after, x[:, :, 0], 0.0).sum(axis=1)


@task(
    "add-after-delimiter",
    label="Add after each delimiter",
    teaches="The step that matters is marked by the step before it. Hard for a small network, and "
    "very different from start to start.",
    shape="Independent numbers up to 0.5, among them two zeros (one in windows of up to 3 steps) "
    "as delimiters; the target is the sum of the numbers right after them.",
    baselines=(
        ALWAYS_MEAN,
        LAST_VALUE,
        exact("the sum of the numbers after a 0", _after_delimiters),
    ),
    suggested=SEARCHING,
)
def add_after_delimiter(choices: DataChoices) -> Dataset:
    """Add the numbers that stand right after a 0."""
    random = generator()
    count, length = choices.series_length, choices.time_steps
    x = random.uniform(0.0, 0.5, (count, length))
    pairs = length // 2  # a delimiter and its number each, so that they never overlap
    chosen = random.permuted(np.tile(np.arange(pairs), (count, 1)), axis=1)[:, : min(2, pairs)]
    places = 2 * chosen + length % 2 * random.integers(0, 2, (count, 1))
    np.put_along_axis(x, places, 0.0, axis=1)
    steps = np.zeros((count, length), bool)
    np.put_along_axis(steps, places + 1, True, axis=1)
    return made(choices, x[:, :, None], _after_delimiters(x[:, :, None]), steps)


def _flagged(x: np.ndarray) -> np.ndarray:
    return (x[:, :, 0] * x[:, :, 1]).sum(axis=1)


@task(
    "flagged-recall",
    label="Flagged recall",
    teaches="The weight may sit one step late: by then the state has taken the flagged value in. "
    "The network is right and its heatmap is off by one.",
    shape="Independent numbers between −0.5 and 0.5, and a flag at one step; the target is the "
    "number there.",
    features=2,
    baselines=(ALWAYS_MEAN, LAST_VALUE, exact("the flagged number", _flagged)),
    suggested=SEARCHING,
)
def flagged_recall(choices: DataChoices) -> Dataset:
    """Report the number at the flagged step."""
    random = generator()
    count, length = choices.series_length, choices.time_steps
    values = random.uniform(-0.5, 0.5, (count, length))
    steps = np.arange(length) == random.integers(0, length, (count, 1))
    x = np.stack([values, steps], axis=-1)
    return made(choices, x, _flagged(x), steps, ("value", "flag"))


def _adding(x: np.ndarray) -> np.ndarray:
    return 0.5 + _flagged(x) / 4


@task(
    "adding-problem",
    label="Adding problem",
    teaches="The classic long-lag test (Hochreiter & Schmidhuber 1997): a GRU does better here "
    "than attention.",
    shape="Independent numbers between −1 and 1, one marked in each half of the window; the "
    "target is 0.5 plus a quarter of the marked numbers' sum.",
    features=2,
    baselines=(ALWAYS_MEAN, exact("0.5 plus a quarter of the marked sum", _adding)),
    suggested=SEARCHING,
)
def adding_problem(choices: DataChoices) -> Dataset:
    """Add the two marked numbers."""
    random = generator()
    count, length = choices.series_length, choices.time_steps
    values = random.uniform(-1.0, 1.0, (count, length))
    places = np.arange(length)
    first = places == random.integers(0, length // 2, (count, 1))
    second = places == random.integers(length // 2, length, (count, 1))
    steps = first | second
    x = np.stack([values, steps], axis=-1)
    return made(choices, x, _adding(x), steps, ("value", "marker"))


def _two_lags(x: np.ndarray) -> np.ndarray:
    return SHRINK * np.sum([x[:, -1 - lag, 0] for lag in LAGS], axis=0)


@task(
    "two-lags",
    label="Two lags",
    teaches="The cautionary tale: accurate predictions under a wrong heatmap. The recurrent layer "
    "carries the numbers along, so attention need not look where they stood.",
    shape="Independent numbers between −0.5 and 0.5; the target is 0.9 times x[t−3] + x[t−11].",
    shortest_window=max(LAGS) + 1,
    baselines=(ALWAYS_MEAN, LAST_VALUE, exact("0.9 times (x[t−3] + x[t−11])", _two_lags)),
    suggested={
        "series_length": 2000,
        "units": 20,
        "output_activation": "linear",
        "learning_rate": 3e-3,
        "epochs": 6,
        "batch_size": 8,
        "attention": "additive",
    },
)
def two_lags(choices: DataChoices) -> Dataset:
    """Add the numbers 3 and 11 steps before the last."""
    size = (choices.series_length, choices.time_steps, 1)
    x = generator().uniform(-0.5, 0.5, size)
    steps = np.zeros(x.shape[:2], bool)
    for lag in LAGS:
        steps[:, -1 - lag] = True
    return made(choices, x, _two_lags(x), steps)


def _pairs(choices: DataChoices) -> int:
    return min(choices.series_length, choices.modulus**2)


@task(
    "fibonacci-mod-m",
    label="Fibonacci mod m",
    teaches="The Fibonacci rule with a jump in it. The series repeats, so windows of one series "
    "would be known by heart: here no two windows end with the same pair.",
    shape="Numbers of a Fibonacci series mod m, divided by m; the target is the next one. Every "
    "window ends with another pair (a, b).",
    windows=_pairs,
    knobs=("modulus",),
    baselines=(
        ALWAYS_MEAN,
        LAST_VALUE,
        Predictor("the sum of the last two, mod m", lambda x, data: _sum_mod(x, data), exact=True),
    ),
    suggested={
        "series_length": 1200,
        "units": 16,
        "output_activation": "linear",
        "learning_rate": 3e-3,
        "epochs": 60,
        "batch_size": 4,
        "attention": "additive",
    },
)
def fibonacci_mod_m(choices: DataChoices) -> Dataset:
    """Predict the next Fibonacci number mod m, train and test ending with different pairs."""
    m, length = choices.modulus, choices.time_steps
    last = generator().permutation(m * m)[: _pairs(choices)]
    numbers = np.empty((len(last), length + 1), np.int64)
    numbers[:, -2], numbers[:, -3] = last % m, last // m
    numbers[:, -1] = (numbers[:, -2] + numbers[:, -3]) % m
    for step in range(length - 3, -1, -1):  # the rule runs backwards too
        numbers[:, step] = (numbers[:, step + 2] - numbers[:, step + 1]) % m
    return made(choices, numbers[:, :-1, None] / m, numbers[:, -1] / m, None)


def _sum_mod(x: np.ndarray, data: Dataset) -> np.ndarray:
    # Of whole multiples of 1/m, for every m there is, no sum is rounded to just below 1.
    return np.mod(x[:, -1, 0] + x[:, -2, 0], 1.0)
