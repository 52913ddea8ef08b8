"""How good an attention heatmap is, where the steps it should point at are known.

Weights are (repeats, windows, steps), each window's summing to 1. Truth is bool (windows, steps):
True at the steps the target was made of. Measures give one value for each random start,
(repeats,), as the mean over the windows. Windows without a true step have no right answer and are
left out; without any window left, and for a start whose weights are not finite, the value is NaN.
"""

from __future__ import annotations

import numpy as np

from fibattn.network.answers import Occlusion


def weight_on_true_steps(weights: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the weight that lies on the true steps together: (repeats,), in [0, 1].

    Weights that know nothing give `uniform_share(truth)`. Raises ValueError where shapes differ.
    """
    kept, right = _known(weights, truth)
    return _mean_over_windows(np.sum(np.where(right, kept, 0.0), axis=2), kept)


def uniform_share(truth: np.ndarray, within: int = 0) -> float:
    """Return what weights that know nothing reach: the mean of k/T over the windows with k > 0.

    Args:
        truth: bool (windows, steps); k is a window's number of true steps, T its steps.
        within: counts steps at most that far from a true one as true, as in `precision_at_k`.

    Raises ValueError for a negative `within`.
    """
    steps = np.asarray(truth, bool)
    right = _widened(steps, within)[np.any(steps, axis=1)]
    return float(np.mean(right)) if right.size else float("nan")


def precision_at_k(weights: np.ndarray, truth: np.ndarray, within: int = 0) -> np.ndarray:
    """Return the share of right steps among the k with the highest weight: (repeats,), in [0, 1].

    k is the number of true steps of the window.

    Args:
        weights: (repeats, windows, steps), or any other score of steps, such as
            `occlusion_effect`.
        truth: bool (windows, steps).
        within: a chosen step is right if a true one is at most that many steps away. Two chosen
            steps may be right by the same true step.

    Among equal weights chance picks, and its expected share counts, so uniform weights reach
    exactly `uniform_share(truth, within)` wherever the true steps are. Raises ValueError where
    shapes differ or `within` is negative.
    """
    kept, true_steps = _known(weights, truth)
    right = _widened(true_steps, within)
    if not len(true_steps):
        return np.full(len(kept), np.nan)
    k = np.sum(true_steps, axis=1)[:, None]
    descending = -np.sort(-kept, axis=2)
    # The k-th highest weight of every window: whatever is above is chosen, what equals it is tied.
    lowest = np.take_along_axis(descending, np.broadcast_to(k - 1, (*kept.shape[:2], 1)), axis=2)
    above, tied = kept > lowest, kept == lowest
    seats = k[:, 0] - np.sum(above, axis=2)
    # NaN weights equal nothing, and their start becomes NaN below.
    chance = seats / np.maximum(np.sum(tied, axis=2), 1)
    found = np.sum(above & right, axis=2) + chance * np.sum(tied & right, axis=2)
    return _mean_over_windows(found / k[:, 0], kept)


def normalised_entropy(weights: np.ndarray) -> np.ndarray:
    """Return how spread out the weights are: (repeats,), from 0 (one step has all) to 1 (uniform).

    The entropy −Σ w log w of each window's weights over its maximum, log T. All windows count.
    NaN with a single step, where both are 0. Raises ValueError for anything but three axes.
    """
    values = _three_axes(weights)
    steps = values.shape[2]
    if steps < 2:
        return np.full(len(values), np.nan)
    # 0·log 0 = 0: a step without weight adds nothing.
    logarithms = np.log(values, out=np.zeros_like(values), where=values > 0)
    entropy = -np.sum(values * logarithms, axis=2) / np.log(steps)
    # float32 weights sum to 1 only nearly.
    return _mean_over_windows(np.clip(entropy, 0.0, 1.0), values)


def occlusion_effect(occlusion: Occlusion) -> np.ndarray:
    """Return by how much hiding each step changes the prediction: (repeats, time_steps), >= 0.

    With several steps ahead the mean over them. Unlike the weights it says what the prediction
    rests on (see Jain & Wallace 2019, arXiv 1902.10186).
    """
    base = occlusion.base[:, None].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.abs(occlusion.occluded - base)
    return moved.reshape(*moved.shape[:2], -1).mean(axis=2)


def _known(weights: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and truth of the windows that have a true step."""
    values, steps = _three_axes(weights), np.asarray(truth, bool)
    if values.shape[1:] != steps.shape:
        raise ValueError(
            f"Weights of shape {values.shape} do not fit true steps of shape {steps.shape}: "
            f"both should have the same windows and the same time steps."
        )
    known = np.any(steps, axis=1)
    return values[:, known], steps[known]


def _three_axes(weights: np.ndarray) -> np.ndarray:
    values = np.asarray(weights, np.float64)
    if values.ndim != 3:
        raise ValueError(
            f"Weights should have the axes random start, window and time step, "
            f"but their shape is {values.shape}."
        )
    return values


def _widened(true_steps: np.ndarray, within: int) -> np.ndarray:
    """Return which steps have a true one at most `within` away: (windows, steps)."""
    if within < 0:
        raise ValueError(f"A step cannot be within {within} steps of another: take 0 or more.")
    right = true_steps.copy()
    for away in range(1, min(within, true_steps.shape[1] - 1) + 1):
        right[:, away:] |= true_steps[:, :-away]
        right[:, :-away] |= true_steps[:, away:]
    return right


def _mean_over_windows(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of scores (repeats, windows), NaN where a weight is not finite."""
    if not scores.shape[1]:
        return np.full(len(scores), np.nan)
    finite = np.all(np.isfinite(weights), axis=(1, 2))
    return np.where(finite, np.mean(scores, axis=1), np.nan)
