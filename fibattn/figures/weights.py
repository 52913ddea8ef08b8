"""Attention weights: whose they are, the scale they are drawn on, and what they favour."""

from __future__ import annotations

import numpy as np

from fibattn.judge.evaluation import step_labels
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.words.notation import readable


def weights_of_starts(run: Run | None) -> np.ndarray | None:
    """Return the test windows' weights, (repeats, windows, time_steps), None without attention."""
    if run is None or not run.test_attention.shape[-1]:
        return None
    return np.asarray(run.test_attention, np.float64)


def median_weights(run: Run | None) -> np.ndarray | None:
    """Return the test windows' weights, median over the random starts: (windows, time_steps)."""
    weights = weights_of_starts(run)
    return None if weights is None else median_over_starts(weights)


def median_over_starts(weights: np.ndarray) -> np.ndarray:
    """Return the median of weights (repeats, …) over the starts that did not diverge.

    NaN where all of them did.
    """
    whole = weights[np.isfinite(weights).all(axis=tuple(range(1, weights.ndim)))]
    return np.median(whole, axis=0) if len(whole) else np.full(weights.shape[1:], np.nan)


def most_weight(run: Run | None, steps: int) -> float:
    """Return the most weight one step can get; without a run, that of the first layer."""
    layers = attention_layers()
    name = run.experiment.attention if run is not None else None
    return layers[name or next(iter(layers))].ceiling(steps)


def marks(
    ceiling: float, steps: int, weights: np.ndarray | None, apart: str = " "
) -> list[tuple[float, str]]:
    """Return what is marked on a scale of weights: 0, the uniform weight, and its end.

    The end is the layer's ceiling, or where it has none the largest weight there is.
    """
    uniform = 1 / steps
    if uniform < ceiling < 1:
        end = (ceiling, f"ceiling{apart}{readable(ceiling)}")
    else:
        finite = np.zeros(1) if weights is None else weights[np.isfinite(weights)]
        largest = float(finite.max(initial=2 * uniform))
        end = (largest, readable(largest))
    return [(0.0, "0"), (uniform, f"1/T{apart}{readable(uniform)}"), end]


def favourite(weights: np.ndarray) -> str:
    """Say which step has the most weight, and how far that is from uniform: (time_steps,)."""
    if not np.isfinite(weights).all():
        return "Training diverged, so there are no weights."
    best = int(np.argmax(weights))
    uniform = 1 / len(weights)
    if not weights[best] > 1.1 / len(weights):
        return f"No step gets much more than the uniform {readable(uniform)}."
    return (
        f"Most weight is on step {step_labels(len(weights))[best]}: "
        f"{readable(float(weights[best]))}; uniform would be {readable(uniform)}."
    )
