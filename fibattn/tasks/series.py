"""Tasks on one long series: predict the next number from the numbers before it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from fibattn.tasks.choices import DataChoices
from fibattn.tasks.dataset import Dataset, MinMax, dealt, split_rows, windows
from fibattn.tasks.file import MOST_ROWS
from fibattn.tasks.registry import (
    ALWAYS_MEAN,
    ALWAYS_ZERO,
    LAST_VALUE,
    NUMBERS,
    ROWS,
    Predictor,
    task,
)

SUNSPOTS = Path(__file__).parents[0] / "data" / "sunspots.csv"
# The sun's cycle in years.
CYCLE = 11


def windows_of_series(choices: DataChoices) -> int:
    """Return into how many windows a series is cut."""
    return choices.series_length - choices.time_steps - choices.horizon + 1


def series_dataset(
    choices: DataChoices, series: np.ndarray, log: bool = False, fit_on_all: bool = False
) -> Dataset:
    """Cut a series into windows and scale it to [0, 1].

    The scaling is fitted on the numbers that training windows hold, unless `fit_on_all`.
    """
    steps, horizon = choices.time_steps, choices.horizon
    train, test, seen = _deal(choices, len(series))
    scaling = MinMax.of(series if fit_on_all else series[seen], log=log)
    x, y = windows(scaling.scale(series), steps, horizon)
    return Dataset(
        scaling,
        **dealt(x, y, train, test),
        test_positions=steps + test,
        series=series,
        scaled_on_test=fit_on_all,
    )


def _deal(choices: DataChoices, numbers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the windows to train and to test on, and which numbers training windows hold."""
    span = choices.time_steps + choices.horizon
    train, test = split_rows(numbers - span + 1, choices.train_fraction, choices.split)
    seen = np.zeros(numbers, bool)
    for row in train:
        seen[row : row + span] = True
    return train, test, seen


def fibonacci_numbers(n: int) -> np.ndarray:
    """Return n Fibonacci numbers without the two starters, 1, 2, 3, 5, …: (n,), float64.

    Raises ValueError beyond 1475, where float64 overflows.
    """
    if not 1 <= n <= 1475:
        raise ValueError(
            f"{n} Fibonacci numbers were asked for, but float64 holds 1 to 1475 of them."
        )
    numbers = np.empty(n)
    before, last = 0.0, 1.0
    for i in range(n):
        before, last = last, before + last
        numbers[i] = last
    return numbers


def _sum_of_last_two(x: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Add the last two numbers on the original scale, without leaving the scaled one.

    On the original scale their sum overflows at the end of a long series, and what float64 keeps
    of the scaled values would be rounded once more.
    """
    scaling = dataset.scaling
    low, width = scaling.low, scaling.high - scaling.low
    before, last = x[:, -2, 0], x[:, -1, 0]
    if scaling.log:  # log(a + b) from log a and log b
        return (np.logaddexp(before * width + low, last * width + low) - low) / width
    return before + last + low / width


@task(
    "fibonacci",
    label="Fibonacci numbers",
    teaches="The tutorial's task. Scaled linearly a handful of windows carry all the signal; on "
    "the log scale it is a straight line. Neither can show whether attention works.",
    shape="Consecutive Fibonacci numbers; the target is the next one.",
    windows=windows_of_series,
    is_series=True,
    length=NUMBERS,
    longest=1475,
    limit="The 1476th Fibonacci number overflows float64.",
    baselines=(
        ALWAYS_ZERO,
        LAST_VALUE,
        Predictor("the sum of the last two", _sum_of_last_two, exact=True),
    ),
    knobs=("scaling",),
)
def fibonacci(choices: DataChoices) -> Dataset:
    """Predict the next Fibonacci number from the `time_steps` numbers before it.

    "linear" fits the scaling on the whole series, test windows included, as the article does.
    """
    return series_dataset(
        choices,
        fibonacci_numbers(choices.series_length),
        log=choices.scaling == "log",
        fit_on_all=choices.scaling == "linear",
    )


def _cycle_before(x: np.ndarray, dataset: Dataset) -> np.ndarray:
    return x[:, -min(CYCLE, x.shape[1]), 0]


@task(
    "sunspots",
    label="Sunspots",
    teaches="A real series, with a cycle of about 11 years. Nobody knows where attention should "
    "look, so a heatmap can only be compared with what the error says.",
    shape="Yearly sunspot numbers, 1700 to 2008; the target is the next year's.",
    windows=windows_of_series,
    is_series=True,
    length=NUMBERS,
    longest=309,
    limit="There are 309 years of sunspot numbers.",
    baselines=(
        ALWAYS_MEAN,
        LAST_VALUE,
        Predictor("the value 11 years before (or the window's first)", _cycle_before),
    ),
    suggested={
        "series_length": 309,
        "split": "chronological",
        "units": 8,
        "output_activation": "linear",
        "learning_rate": 3e-3,
        "epochs": 60,
        "batch_size": 4,
    },
)
def sunspots(choices: DataChoices) -> Dataset:
    """Predict next year's sunspot number from the last `series_length` years up to 2008."""
    return series_dataset(choices, sunspot_numbers()[-choices.series_length :].copy())


@cache
def sunspot_numbers() -> np.ndarray:
    """Return the yearly sunspot numbers, 1700 to 2008: (309,). Source and terms: data/README.md."""
    numbers = np.loadtxt(SUNSPOTS, delimiter=",", skiprows=1)[:, 1]
    numbers.flags.writeable = False
    return numbers


@task(
    "csv",
    label="Your own file",
    teaches="Your own series. Nobody knows where attention should look; what counts is whether "
    "the error falls, and below the trivial predictors'.",
    shape="Consecutive rows of the file; the target is the chosen column in the next row.",
    windows=windows_of_series,
    is_series=True,
    length=ROWS,
    longest=MOST_ROWS,
    limit=f"A file may have at most {MOST_ROWS:,} rows.",
    baselines=(ALWAYS_MEAN, LAST_VALUE),
    own_file=True,
    suggested={
        "split": "chronological",
        "units": 8,
        "output_activation": "linear",
        "learning_rate": 3e-3,
        "batch_size": 4,
    },
)
def csv(choices: DataChoices) -> Dataset:
    """Predict the target column's next value from the last rows of the file.

    Uses the last `series_length` rows. Each column is scaled by itself, on the training part.
    """
    table = choices.table
    assert table is not None  # Experiment has seen to it
    rows = table.values[-choices.series_length :]
    steps = choices.time_steps
    train, test, seen = _deal(choices, len(rows))
    scalings = [MinMax.of(column[seen], log=False) for column in rows.T]
    scaled = np.stack([s.scale(c) for s, c in zip(scalings, rows.T, strict=True)], axis=1)
    _, y = windows(scaled[:, 0], steps, choices.horizon)
    x = np.stack([scaled[row : row + steps] for row in range(len(y))])
    return Dataset(
        scalings[0],
        **dealt(x, y, train, test),
        test_positions=steps + test,
        series=rows[:, 0].copy(),
        features=table.columns,
    )
