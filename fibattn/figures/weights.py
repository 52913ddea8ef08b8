"""Attention weights: whose they are, the scale they are drawn on, and what they favour."""

from __future__ import annotations

import numpy as np

from fibattn.catalogue import attention_layers
from fibattn.evaluation import readable, step_labels
from fibattn.run import Run


def weights_of_starts(run: Run | None) -> np.ndarray | None:
    """Return the test windows' weights, (repeats, windows, time_steps), None without attention."""
    if run is None or not run.test_attention.shape[-1]:
        return None
    return np.asarray(run.test_attention, np.float64)


def median_weights(run: Run | None) -> np.ndarray | None:
    """Return the test windows' weights, median over the random starts: (windows, time_steps)."""
    weights = weights_of_starts(run)
    return None if weights is None else np.median(weights, axis=0)


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
    best = int(np.argmax(weights))
    uniform = 1 / len(weights)
    if not weights[best] > 1.1 / len(weights):
        return f"No step gets much more than the uniform {readable(uniform)}."
    return (
        f"Most weight is on step {step_labels(len(weights))[best]}: "
        f"{readable(float(weights[best]))}; uniform would be {readable(uniform)}."
    )
