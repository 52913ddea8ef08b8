"""What a run is worth: its errors, and those of trivial baselines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fibattn.experiment import Experiment
from fibattn.judge.metrics import mse
from fibattn.run import Run
from fibattn.tasks import TASKS, Dataset, Predictor

# What carries nearly all of the signal: this share of the sum of squared targets.
CARRIED = 0.99


@dataclass(frozen=True)
class Spread:
    """One value for each random start.

    `median`, `low` and `high` count a start that diverged (NaN) as infinitely bad.
    """

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return float(np.median(self._ordered()))

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self._ordered()[0])

    @property
    def high(self) -> float:
        """The largest value."""
        return float(self._ordered()[-1])

    def _ordered(self) -> np.ndarray:
        return np.sort(nan_as_infinity(np.array(self.values, np.float64)))


@dataclass(frozen=True)
class Baseline:
    """A predictor that learns nothing, and its MSE on the scaled values.

    `exact` marks the task's true rule.
    """

    label: str
    train_mse: float
    test_mse: float
    exact: bool = False


@dataclass(frozen=True)
class Drowning:
    """How much of the data is left when the network gets it in float32.

    zero_inputs of inputs and zero_targets of targets are exactly 0 in float32; train and test
    windows are counted together. train_carriers and test_carriers: how few windows carry 99 % of
    the sum of squared targets.
    """

    zero_inputs: int
    inputs: int
    zero_targets: int
    targets: int
    train_carriers: int
    test_carriers: int

    @property
    def drowned(self) -> bool:
        """Whether more than half of the inputs are exactly 0."""
        return 2 * self.zero_inputs > self.inputs


@dataclass(frozen=True)
class MagnitudeError:
    """By how many powers of ten predictions miss.

    median: of |log10 prediction - log10 truth| over all `count` predictions. The `not_positive`
    ones (zero, negative or NaN) have no logarithm and count as infinitely wrong, so the median is
    inf when they are the majority.
    """

    median: float
    not_positive: int
    count: int


def train_mse(run: Run, dataset: Dataset | None = None) -> Spread:
    """Return the MSE over the training windows, scaled, after the last epoch, for each start."""
    truth = (dataset or run.dataset()).train_y
    return Spread(mse(run.train_predictions, truth))


def test_mse(run: Run, dataset: Dataset | None = None) -> Spread:  # noqa: PT028
    """Return the MSE over the test windows, scaled, after the last epoch, for each start."""
    truth = (dataset or run.dataset()).test_y
    return Spread(mse(run.test_predictions, truth))


# pytest would take a function of this name for a test wherever it is imported.
test_mse.__test__ = False  # type: ignore[attr-defined]


def baselines(experiment: Experiment) -> tuple[Baseline, ...]:
    """Return the errors of the task's predictors that learn nothing, its true rule among them.

    MSE on the scaled values, like a run's, in float64.
    """
    dataset = experiment.dataset()
    found = []
    for predictor in TASKS[experiment.task].baselines:
        (train,) = mse(_ahead(predictor, dataset.train_x, dataset)[None], dataset.train_y)
        (test,) = mse(_ahead(predictor, dataset.test_x, dataset)[None], dataset.test_y)
        found.append(Baseline(predictor.label, train, test, predictor.exact))
    return tuple(found)


def _ahead(predictor: Predictor, x: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return the predictions for as many steps ahead as there are targets."""
    if dataset.test_y.ndim == 1:
        return predictor.predict(x, dataset)
    found = []
    for _ in range(dataset.test_y.shape[1]):
        found.append(predictor.predict(x, dataset))
        following = x[:, -1:].copy()  # of other features nothing new is known
        following[:, 0, 0] = found[-1]
        x = np.concatenate([x[:, 1:], following], axis=1)
    return np.stack(found, axis=1)


def drowning(dataset: Dataset) -> Drowning:
    """Count what linear scaling leaves of the inputs and targets in float32."""
    inputs = np.concatenate([dataset.train_x.ravel(), dataset.test_x.ravel()])
    targets = np.concatenate([dataset.train_y, dataset.test_y])
    return Drowning(
        zero_inputs=int(np.sum(zero_in_float32(inputs))),
        inputs=inputs.size,
        zero_targets=int(np.sum(zero_in_float32(targets))),
        targets=targets.size,
        train_carriers=_carriers(dataset.train_y),
        test_carriers=_carriers(dataset.test_y),
    )


def zero_in_float32(values: np.ndarray) -> np.ndarray:
    """Return where float64 values become exactly 0 in float32, subnormals kept; same shape."""
    return np.asarray(values, np.float64).astype(np.float32) == 0


def step_labels(time_steps: int) -> list[str]:
    """Return the names of a window's steps, oldest first: t−19, …, t−1, t. The target is t+1."""
    return [f"t−{back}" if back else "t" for back in reversed(range(time_steps))]


def window_order(dataset: Dataset) -> np.ndarray:
    """Return the indices of the test windows by ascending target: (test windows,)."""
    return np.argsort(dataset.test_y, kind="stable")


def magnitude_error(predictions: np.ndarray, truth: np.ndarray) -> MagnitudeError:
    """Return by how many powers of ten predictions miss the truth.

    Args:
        predictions: (windows,) or (repeats, windows), on the original scale.
        truth: (windows,), on the original scale, all positive.
    """
    guesses, truths = np.broadcast_arrays(np.asarray(predictions, np.float64), truth)
    positive = guesses > 0
    missed = np.full(guesses.shape, np.inf)
    missed[positive] = np.abs(np.log10(guesses[positive]) - np.log10(truths[positive]))
    median = float(np.median(missed)) if missed.size else math.nan
    return MagnitudeError(median, int(np.sum(~positive)), guesses.size)


def nan_as_infinity(values: np.ndarray) -> np.ndarray:
    """Return float64 values with NaN as inf: what diverged is infinitely bad; same shape."""
    wide = np.asarray(values, np.float64)
    return np.where(np.isnan(wide), np.inf, wide)


def _carriers(targets: np.ndarray) -> int:
    largest = np.max(np.abs(targets))
    if largest == 0:
        return 0
    # Divided first: the squares of a chronological split's targets underflow.
    squares = np.sort((targets / largest) ** 2)[::-1]
    carried = np.cumsum(squares)
    return int(np.argmax(carried >= CARRIED * carried[-1])) + 1
