"""Predictors that learn nothing: their errors, and how networks stand beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fibattn.experiment import Experiment
from fibattn.judge.metrics import mse
from fibattn.judge.starts import OverStarts
from fibattn.tasks import TASKS, Dataset, Predictor


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
class BesideBaselines:
    """How the median test errors of two networks stand beside the baselines.

    trivial: the best predictor that is not the true rule; None if there is none.
    first_beats, second_beats: whether that network's median is below the best trivial error. A
        network whose every start diverged beats nothing.
    rule: the task's true rule; None if there is none.
    lead: by how many powers of ten the rule beats the better network's median. A logarithm, as
        the quotient may overflow: inf where the rule makes no error, at most 0 where it does not
        beat both, NaN where every start of both networks diverged or there is no rule.
    """

    trivial: Baseline | None
    first_beats: bool
    second_beats: bool
    rule: Baseline | None
    lead: float


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


def beside_baselines(
    first: OverStarts, second: OverStarts, baselines: Sequence[Baseline]
) -> BesideBaselines:
    """Compare the test errors of two networks, one for each start, with the baselines'."""
    trivial = min((b for b in baselines if not b.exact), key=lambda b: b.test_mse, default=None)
    rule = next((b for b in baselines if b.exact), None)
    medians = float(first.median), float(second.median)
    # A comparison with NaN, the median where every start diverged, is False.
    beaten = [trivial is not None and median < trivial.test_mse for median in medians]
    lead = math.nan if rule is None else _lead(min(medians, key=_nan_last), rule.test_mse)
    return BesideBaselines(trivial, beaten[0], beaten[1], rule, lead)


def _lead(network: float, rule: float) -> float:
    """Return log10(network / rule), -inf where the network makes no error or the rule fails."""
    if network == 0 or not math.isfinite(rule):
        return -math.inf
    if rule == 0:
        return math.nan if math.isnan(network) else math.inf
    return math.log10(network) - math.log10(rule)


def _nan_last(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _ahead(predictor: Predictor, x: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return the predictions for as many steps ahead as there are targets.

    (windows,), or (windows, horizon) from 2 steps ahead on: the predictor is then given its own
    answers as the last numbers of the window.
    """
    if dataset.test_y.ndim == 1:
        return predictor.predict(x, dataset)
    found = []
    for _ in range(dataset.test_y.shape[1]):
        found.append(predictor.predict(x, dataset))
        following = x[:, -1:].copy()  # of other features nothing new is known
        following[:, 0, 0] = found[-1]
        x = np.concatenate([x[:, 1:], following], axis=1)
    return np.stack(found, axis=1)
