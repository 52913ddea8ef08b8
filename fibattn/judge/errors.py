"""The errors of a run after its last epoch, on the training and on the test windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fibattn.judge.metrics import METRICS, Metric
from fibattn.judge.starts import OverStarts, diverged, over_starts
from fibattn.run import Run
from fibattn.tasks import Dataset

Part = Literal["train", "test"]


@dataclass(frozen=True)
class MagnitudeError:
    """By how many powers of ten predictions miss.

    median: of |log10 prediction - log10 truth| over all `count` predictions. The `not_positive`
    ones (zero, negative or NaN) have no logarithm and count as infinitely wrong, so the median is
    inf when they are the majority. NaN where there is no prediction.
    """

    median: float
    not_positive: int
    count: int


def train_mse(run: Run, dataset: Dataset | None = None) -> OverStarts:
    """Return the MSE over the training windows, scaled, for each start.

    `dataset`: the windows, where they are not `run.dataset()`, as with one of several steps ahead.
    """
    return measured(run, METRICS["mse"], "train", dataset)


def test_mse(run: Run, dataset: Dataset | None = None) -> OverStarts:  # noqa: PT028
    """Return the MSE over the test windows, scaled, for each start; arguments as `train_mse`."""
    return measured(run, METRICS["mse"], "test", dataset)


# pytest would take a function of this name for a test wherever it is imported.
test_mse.__test__ = False  # type: ignore[attr-defined]


def measured(run: Run, metric: Metric, part: Part, dataset: Dataset | None = None) -> OverStarts:
    """Return a metric of a run for each start, on the scale the metric is meant for.

    A start that diverged anywhere in the run is left out. Ask `meaningful` first: a metric that
    says nothing about these targets is NaN, which looks as if every start had diverged.
    """
    predictions, truth = _compared(run, part, dataset)
    if metric.on_original_scale:
        unscale = (dataset or run.dataset()).unscale
        predictions, truth = unscale(predictions), unscale(truth)
    return over_starts(metric.compute(predictions, truth), diverged(run))


def meaningful(run: Run, metric: Metric) -> bool:
    """Return whether a metric says anything about the targets a run was trained and tested on."""
    data = run.dataset()
    truths = data.train_y, data.test_y
    return all(
        metric.meaningful(data.unscale(truth) if metric.on_original_scale else truth)
        for truth in truths
    )


def missed_magnitudes(run: Run, part: Part) -> MagnitudeError:
    """Return by how many powers of ten the predictions of all starts that did not diverge miss."""
    predictions, truth = _compared(run, part)
    unscale = run.dataset().unscale
    return magnitude_error(unscale(predictions[~diverged(run)]), unscale(truth))


def magnitude_error(predictions: np.ndarray, truth: np.ndarray) -> MagnitudeError:
    """Return by how many powers of ten predictions miss the truth.

    Args:
        predictions: (windows,) or (repeats, windows), on the original scale; with a horizon of
            several steps (repeats, windows, horizon).
        truth: as the predictions of one start, on the original scale, all positive.
    """
    guesses = np.asarray(predictions, np.float64)
    truths = np.broadcast_to(np.asarray(truth, np.float64), guesses.shape)
    positive = guesses > 0
    missed = np.full(guesses.shape, np.inf)
    missed[positive] = np.abs(np.log10(guesses[positive]) - np.log10(truths[positive]))
    median = float(np.median(missed)) if missed.size else math.nan
    return MagnitudeError(median, int(np.sum(~positive)), guesses.size)


def _compared(
    run: Run, part: Part, dataset: Dataset | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the predictions and the truth, scaled."""
    data = dataset or run.dataset()
    if part == "train":
        return run.train_predictions, data.train_y
    return run.test_predictions, data.test_y
