"""What there is to predict: each task makes the windows to train and to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fibattn.experiment import Experiment

# The article deals its windows out with this seed, whatever the seed of the weights.
SPLIT_SEED = 13

LARGEST = np.finfo(np.float64).max


@dataclass(frozen=True)
class MinMax:
    """The scaling of scikit-learn's MinMaxScaler to [0, 1], perhaps of logarithms.

    Its own few lines, rounded in the same way, because importing scikit-learn takes the server
    and each worker two seconds; a test holds it against the original.
    """

    low: float
    high: float
    log: bool = False

    @classmethod
    def of(cls, values: np.ndarray, log: bool) -> MinMax:
        """Return the scaling under which `values` reach from 0 to 1."""
        plain = np.log(values) if log else values
        return cls(float(plain.min()), float(plain.max()), log)

    @property
    def factor(self) -> float:
        """What the original scale is multiplied with."""
        return 1 / (self.high - self.low)

    @property
    def shift(self) -> float:
        """What is added then."""
        return -self.low * self.factor

    def scale(self, values: np.ndarray) -> np.ndarray:
        """Return values of the original scale between 0 and 1; the shape stays."""
        plain = np.log(values) if self.log else np.asarray(values, np.float64)
        return plain * self.factor + self.shift

    def unscale(self, values: np.ndarray) -> np.ndarray:
        """Return scaled values on the original scale, in float64; the shape stays.

        What lies beyond the largest float64 becomes the largest float64, so that a prediction
        just above the end of the scale stays a number.
        """
        with np.errstate(over="ignore"):
            plain = (np.asarray(values, np.float64) - self.shift) / self.factor
            if self.log:
                plain = np.exp(plain)
        return np.clip(plain, -LARGEST, LARGEST)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Windows to train and to test on, scaled, and how they were scaled.

    x: (windows, time_steps, features) and y: (windows,), float64, scaled.
    positions: (windows,), where in the series each window's target stands.
    series: (series_length,), float64, on the original scale.
    """

    series: np.ndarray
    scaling: MinMax
    train_x: np.ndarray
    train_y: np.ndarray
    train_positions: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    test_positions: np.ndarray

    def unscale(self, values: np.ndarray) -> np.ndarray:
        """Return scaled values on the original scale, in float64; the shape stays."""
        return self.scaling.unscale(values)


@dataclass(frozen=True)
class Task:
    """A task: what it is called, what it teaches, and how its windows are made."""

    name: str
    label: str
    teaches: str
    make: Callable[[Experiment], Dataset]


TASKS: dict[str, Task] = {}


def task(name: str, label: str, teaches: str) -> Callable:
    """Enter the decorated function, `Experiment -> Dataset`, as a task."""

    def enter(make: Callable[[Experiment], Dataset]) -> Callable[[Experiment], Dataset]:
        TASKS[name] = Task(name, label, teaches, make)
        return make

    return enter


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


def windows(series: np.ndarray, time_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows of `time_steps` values and the value after each.

    Returns x (windows, time_steps, 1) and y (windows,).
    """
    x = np.lib.stride_tricks.sliding_window_view(series[:-1], time_steps)
    return np.ascontiguousarray(x)[:, :, None], series[time_steps:].copy()


def split_rows(rows: int, train_fraction: float, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train and to test on, as the article does it or in order of time."""
    order = (
        np.random.RandomState(SPLIT_SEED).permutation(rows)
        if split == "shuffled"
        else np.arange(rows)
    )
    cut = int(train_fraction * rows)
    return order[:cut], order[cut:]


@task(
    "fibonacci",
    label="Fibonacci numbers",
    teaches="The article's task. The true rule adds the last two numbers of the window.",
)
def fibonacci(experiment: Experiment) -> Dataset:
    """Predict the next Fibonacci number from the `time_steps` numbers before it.

    The scaling is fitted on the whole series, test windows included, as the article does.
    """
    series = fibonacci_numbers(experiment.series_length)
    scaling = MinMax.of(series, log=experiment.scaling == "log")
    scaled = scaling.scale(series)
    x, y = windows(scaled, experiment.time_steps)
    train, test = split_rows(len(y), experiment.train_fraction, experiment.split)
    first = experiment.time_steps
    return Dataset(
        series, scaling, x[train], y[train], first + train, x[test], y[test], first + test
    )
