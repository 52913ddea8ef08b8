"""How far predictions are from the truth: the usual measures, one value for each random start.

Every measure takes predictions (repeats, windows) or (repeats, windows, horizon) and truth
(windows,) or (windows, horizon), on the same scale, and computes in float64. A start with a
prediction that is NaN or infinite has diverged: its error is inf and its R² −inf.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# The smallest target a percentage is taken of, as a share of the targets' standard deviation.
SMALLEST_SHARE = 0.1


@dataclass(frozen=True)
class Metric:
    """A measure for tables.

    name: a key, as in METRICS. label: what a heading says, with the unit if there is one.
    compute: (predictions, truth) to one value for each start.
    meaningful: whether the measure says anything for this truth; where not, compute gives NaN.
    on_original_scale: whether it is of unscaled numbers only that it says anything.
    """

    name: str
    label: str
    compute: Callable[[np.ndarray, np.ndarray], tuple[float, ...]]
    meaningful: Callable[[np.ndarray], bool]
    on_original_scale: bool = False


def mse(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return the mean squared error of each start, in the square of the truth's unit.

    Raises ValueError where shapes do not fit or there is no window.
    """
    errors = _errors(predictions, truth)
    with np.errstate(over="ignore", invalid="ignore"):
        return _error_of_each(np.mean(errors**2, axis=1), errors)


def rmse(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return the root of the mean squared error of each start, in the truth's unit.

    Neither large nor tiny errors are lost in the square: those of numbers from 1e-250 to 1e250
    have a root all the same. Raises ValueError as `mse` does.
    """
    errors = _errors(predictions, truth)
    return _error_of_each(_root_mean_square(errors, axis=1), errors)


def mae(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return the mean absolute error of each start, in the truth's unit.

    Raises ValueError as `mse` does.
    """
    errors = _errors(predictions, truth)
    with np.errstate(over="ignore", invalid="ignore"):
        return _error_of_each(np.mean(np.abs(errors), axis=1), errors)


def r2(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return R², the share of the truth's variance that each start explains: at most 1.

    0 is as good as always predicting the mean of the truth, below 0 is worse. With a horizon the
    squares of all steps ahead are added up, each around the mean of its own step (scikit-learn's
    multioutput="variance_weighted"). NaN for every start when the truth is constant: it then has
    no variance to explain. Raises ValueError as `mse` does.
    """
    errors = _errors(predictions, truth)
    if not _varies(truth):
        return (np.nan,) * len(errors)
    spread = _spread(truth)
    # Roots are divided before they are squared, as squares of tiny numbers vanish.
    with np.errstate(all="ignore"):
        unexplained = (_root_mean_square(errors, axis=1) / spread) ** 2
        return tuple(-value for value in _error_of_each(unexplained - 1, errors))


def mape(predictions: np.ndarray, truth: np.ndarray) -> tuple[float, ...]:
    """Return the mean absolute error of each start in percent of the true values.

    NaN for every start where `mape_allowed` says no. Percentages mean something only where 0
    means "nothing", so on the original scale. Raises ValueError as `mse` does.
    """
    errors = _errors(predictions, truth)
    if not mape_allowed(truth):
        return (np.nan,) * len(errors)
    with np.errstate(over="ignore", invalid="ignore"):
        shares = 100 * np.abs(errors / np.asarray(truth, np.float64).ravel())
        return _error_of_each(np.mean(shares, axis=1), errors)


def mape_allowed(truth: np.ndarray) -> bool:
    """Return whether errors in percent of the truth, of any shape, make sense.

    The rule: every target is finite and not 0, and none is smaller than a tenth of the targets'
    standard deviation. A target of 0 cannot be divided by. Beside a tiny one an ordinary
    miss is thousands of percent, and that one window decides the mean; by this rule a miss by one
    standard deviation never counts for more than 1000 %.
    """
    targets = np.asarray(truth, np.float64).ravel()
    if not (targets.size and np.all(np.isfinite(targets)) and np.all(targets != 0)):
        return False
    return bool(np.min(np.abs(targets)) >= SMALLEST_SHARE * _spread(targets))


def _always(truth: np.ndarray) -> bool:
    return True


def _varies(truth: np.ndarray) -> bool:
    """Return whether R² exists: at some step ahead the truth takes more than one value."""
    return _spread(truth) > 0


METRICS = {
    metric.name: metric
    for metric in (
        Metric("mse", "MSE", mse, _always),
        Metric("rmse", "RMSE", rmse, _always),
        Metric("mae", "MAE", mae, _always),
        Metric("r2", "R²", r2, _varies),
        Metric("mape", "MAPE, %, original scale", mape, mape_allowed, on_original_scale=True),
    )
}


def _errors(predictions: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return predictions − truth in float64: (repeats, windows × horizon)."""
    guesses, targets = np.asarray(predictions, np.float64), np.asarray(truth, np.float64)
    if guesses.shape[1:] != targets.shape or guesses.ndim < 2:
        raise ValueError(
            f"Predictions of shape {guesses.shape} do not fit a truth of shape {targets.shape}: "
            f"there should be one row of predictions for each random start, each as long as "
            f"the truth."
        )
    if not targets.size:
        raise ValueError("There is no window to measure errors on: at least one is needed.")
    with np.errstate(over="ignore", invalid="ignore"):
        return (guesses - targets).reshape(len(guesses), -1)


def _error_of_each(values: np.ndarray, errors: np.ndarray) -> tuple[float, ...]:
    """Return one value for each start, inf where a prediction is not a finite number."""
    finite = np.all(np.isfinite(errors), axis=1)
    return tuple(float(value) for value in np.where(finite, values, np.inf))


def _root_mean_square(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the root of the mean square without its overflow or underflow."""
    largest = np.max(np.abs(values), axis=axis, keepdims=True)
    # A power of two: scaling by it rounds nothing.
    exponent = np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1]
    with np.errstate(all="ignore"):
        scaled = np.ldexp(values, -exponent)
        root = np.sqrt(np.mean(scaled**2, axis=axis))
        return np.ldexp(root, np.squeeze(exponent, axis))


def _spread(truth: np.ndarray) -> float:
    """Return the truth's standard deviation, each step ahead around its own mean."""
    targets = np.asarray(truth, np.float64)
    if np.all(targets == targets[:1]):  # the mean of equal numbers may be rounded
        return 0.0
    # Scaled by a power of two first: the sum of numbers near float64's end would overflow.
    exponent = int(np.frexp(np.max(np.abs(targets)))[1])
    with np.errstate(under="ignore", over="ignore"):
        scaled = np.ldexp(targets, -exponent)
        centred = scaled - np.mean(scaled, axis=0)
        return float(np.ldexp(_root_mean_square(centred.ravel(), axis=0), exponent))
