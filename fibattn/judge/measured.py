"""What the atlas keeps of one network, and of one task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fibattn.judge.baselines import baselines
from fibattn.judge.errors import test_mse
from fibattn.judge.heatmap import precision_at_k, uniform_share, weight_on_true_steps
from fibattn.judge.starts import OverStarts, diverged, over_starts
from fibattn.run import Run


@dataclass(frozen=True, eq=False)
class Measured:
    """What is measured of one network, for each random start.

    errors: the test MSE, scaled.
    weight: on the true steps together; None where there are none, or no weights.
    precision: the share of true steps among the k with the highest weight; None likewise.
    near: the same, with a step beside a true one counted as true.
    """

    errors: OverStarts
    weight: OverStarts | None = None
    precision: OverStarts | None = None
    near: OverStarts | None = None


@dataclass(frozen=True)
class Row:
    """What is known of a task without a network.

    chance: k/T, the weight that uniform weights put on the true steps; None where they are unknown.
    chance_near: the share of steps that are true or beside a true one; None likewise.
    trivial: the test MSE of the best predictor that learns nothing and is not the true rule.
    """

    chance: float | None
    chance_near: float | None
    trivial: float


def measure(run: Run) -> Measured:
    """Return what is measured of a run. Numbers have seven digits, as float32 has."""
    lost, truth = diverged(run), run.dataset().test_steps

    def kept(values: np.ndarray) -> OverStarts:
        return over_starts([float(f"{value:.7g}") for value in values], lost)

    errors = kept(test_mse(run).values)
    weights = run.test_attention
    if truth is None or not weights.shape[-1]:
        return Measured(errors)
    return Measured(
        errors,
        kept(weight_on_true_steps(weights, truth)),
        kept(precision_at_k(weights, truth)),
        kept(precision_at_k(weights, truth, within=1)),
    )


def row_of(run: Run) -> Row:
    """Return what is known of the task that a run was trained on."""
    truth = run.dataset().test_steps
    trivial = min(each.test_mse for each in baselines(run.experiment) if not each.exact)
    if truth is None:
        return Row(None, None, float(trivial))
    return Row(uniform_share(truth), uniform_share(truth, within=1), float(trivial))
