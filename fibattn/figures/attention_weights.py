"""Attention weights in pictures: the scale they are drawn on, and the step they favour."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.axes import axis
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import step_labels
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.words.notation import readable


def most_weight(run: Run | None, steps: int) -> float:
    """Return the most weight one step can get; without a run, that of the first layer."""
    layers = attention_layers()
    name = run.experiment.attention if run is not None else None
    return layers[name or next(iter(layers))].ceiling(steps)


def marks(
    ceiling: float, steps: int, largest: float = 0.0, apart: str = " "
) -> list[tuple[float, str]]:
    """Return the marks on a scale of weights, each with its label: 0, the uniform weight, the end.

    The end is the layer's ceiling. A layer without one has `largest`, the largest weight drawn,
    or twice the uniform weight if that is more. `apart` stands between a mark's name and number.
    """
    uniform = 1 / steps
    if uniform < ceiling < 1:
        end = (ceiling, f"ceiling{apart}{readable(ceiling)}")
    else:
        highest = max(largest, 2 * uniform)
        end = (highest, readable(highest))
    return [(0.0, "0"), (uniform, f"1/T{apart}{readable(uniform)}"), end]


def weights_axis(marked: list[tuple[float, str]], highest: float, **more: Any) -> dict[str, Any]:
    """Return the axis of a panel of weights: from 0, with the marks, and high enough for all.

    highest: the largest weight drawn.
    """
    return axis(
        "weight",
        [0, 1.08 * max(highest, *(value for value, _ in marked))],
        tickvals=[value for value, _ in marked],
        # In one line this one would not fit beside the panel.
        ticktext=[words.replace("ceiling ", "ceiling<br>") for _, words in marked],
        showgrid=False,
        **more,
    )


def largest(over: OverStarts | None) -> float:
    """Return the largest value of the starts that did not diverge; 0 without any."""
    if over is None or over.all_diverged:
        return 0.0
    return float(over.kept.max())


def favourite(weights: np.ndarray) -> str:
    """Say which step has the most weight, and how far that is from uniform.

    weights: (time_steps,); '' if they are NaN, as every start diverged.
    """
    if np.isnan(weights).any():
        return ""
    best = int(np.argmax(weights))
    uniform = 1 / len(weights)
    if not weights[best] > 1.1 / len(weights):
        return f"No step gets much more than the uniform {readable(uniform)}."
    return (
        f"Most weight is on step {step_labels(len(weights))[best]}: "
        f"{readable(float(weights[best]))}; uniform would be {readable(uniform)}."
    )
