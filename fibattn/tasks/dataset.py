"""Windows to train and to test on: how they are scaled, and how they are dealt out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

# The article deals its windows out with this seed, whatever the seed of the weights.
SPLIT_SEED = 13

# From this quotient of the largest and smallest number on, an axis shows powers of ten.
SPAN = 50

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
        """Return the scaling under which `values` reach from 0 to 1; equal ones become 0."""
        plain = np.log(values) if log else values
        low, high = float(plain.min()), float(plain.max())
        return cls(low, high if high > low else low + 1, log)

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


# The scaling of tasks whose numbers are made to be trained on as they are.
AS_IT_IS = MinMax(0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Windows to train and to test on, scaled, and how they were scaled.

    scaling: of the targets, and of the inputs' first feature.
    train_x, test_x: (windows, time_steps, features), float64, scaled.
    train_y, test_y: (windows,), float64, scaled; (windows, horizon) from 2 steps ahead on.
    test_positions: (test windows,), where in the series each window's first target stands,
        counted from 0, or its number where windows are made one by one.
    test_steps: (test windows, time_steps), boolean: the steps the true rule needs; None where they
        are not known or not unique.
    series: (numbers,), float64, on the original scale; None where windows are made one by one.
    features: the names of the features.
    scaled_on_test: whether the test windows had a say in the scaling, which leaks.
    """

    scaling: MinMax
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    test_positions: np.ndarray
    test_steps: np.ndarray | None = None
    series: np.ndarray | None = None
    features: tuple[str, ...] = ("value",)
    scaled_on_test: bool = False

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # equal experiments share their dataset
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def many_magnitudes(self) -> bool:
        """Whether the series spans so many powers of ten that it takes a log axis to see it."""
        series = self.series
        return series is not None and 0 < SPAN * series.min() <= series.max()

    @property
    def second_marks(self) -> bool:
        """Whether the second feature is a flag: it marks steps with 1, all others with 0."""
        second = self.test_x[:, :, 1:2]
        return bool(second.size and np.isin(second, (0, 1)).all())

    def unscale(self, values: np.ndarray) -> np.ndarray:
        """Return scaled values on the original scale, in float64; the shape stays."""
        return self.scaling.unscale(values)

    def at_step(self, ahead: int) -> Dataset:
        """Return the windows with the target `ahead` steps after the first alone."""
        if self.test_y.ndim == 1:
            return self
        return dataclasses.replace(
            self, train_y=self.train_y[:, ahead], test_y=self.test_y[:, ahead]
        )


def windows(series: np.ndarray, time_steps: int, horizon: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows of `time_steps` values and the value, or values, after each.

    Returns x (windows, time_steps, 1) and y (windows,), or (windows, horizon) from 2 on.
    """
    x = np.lib.stride_tricks.sliding_window_view(series[: len(series) - horizon], time_steps)
    y = np.lib.stride_tricks.sliding_window_view(series[time_steps:], horizon)
    return np.ascontiguousarray(x)[:, :, None], (y[:, 0] if horizon == 1 else y).copy()


def split_rows(rows: int, train_fraction: float, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train and to test on, as the article does it or in order of time."""
    order = (
        np.random.RandomState(SPLIT_SEED).permutation(rows)
        if split == "shuffled"
        else np.arange(rows)
    )
    cut = int(train_fraction * rows)
    return order[:cut], order[cut:]


def dealt(
    x: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, **more: Any
) -> dict[str, Any]:
    """Return the parts of a `Dataset` that are rows of x and y."""
    return {
        "train_x": x[train],
        "train_y": y[train],
        "test_x": x[test],
        "test_y": y[test],
    } | more
