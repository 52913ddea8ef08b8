"""The series: the numbers, and what scaling leaves of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, log_span, powers
from fibattn.figures.colours import SERIES
from fibattn.figures.layout import figure, heading, margin
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

HEIGHT = 380


def series(dataset: Dataset) -> go.Figure:
    """Draw the numbers, where they span many magnitudes as powers of ten, and what is given.

    Raises ValueError where there is no series: windows made one by one have none.
    """
    numbers = _numbers(dataset)
    scaled = dataset.scaling.scale(numbers)
    if dataset.many_magnitudes:
        low, high = log_span(numbers)
        pad = 0.05 * (high - low)
        above = _line(np.log10(numbers), "y", "10 to the %{y:.1f}")
        span = [low - pad, high + pad]
        upper = axis(None, span, domain=[0.6, 0.94], **powers(low, high, 4))
    else:
        low, high = float(numbers.min()), float(numbers.max())
        pad = 0.05 * (high - low)
        above = _line(numbers, "y", "%{y:.4g}")
        upper = axis(None, [low - pad, high + pad], domain=[0.6, 0.94])
    bottom, top = min(0.0, float(scaled.min())), max(1.0, float(scaled.max()))
    return figure(
        [above, _line(scaled, "y2", "%{y:.2g}")],
        HEIGHT,
        xaxis=axis("place in the series", [0.5, len(numbers) + 0.5], anchor="y2"),
        yaxis=upper,
        yaxis2=axis(None, [bottom - 0.06, top + 0.06], domain=[0, 0.4], tickvals=[0, 0.5, 1]),
        annotations=[
            heading("The series", 1),
            heading(f"What the network is given: {_small_share(scaled)}", 0.46),
        ],
        showlegend=False,
        margin=margin(top=14),
    )


def series_alt(dataset: Dataset) -> str:
    """Say how large the numbers get and how much of them scaling leaves."""
    numbers = _numbers(dataset)
    return (
        f"The {len(numbers)} numbers of the series reach "
        f"{readable(float(numbers.max()))}. Of the scaled values the network is given, "
        f"{_small_share(dataset.scaling.scale(numbers))}."
    )


def _numbers(dataset: Dataset) -> np.ndarray:
    if dataset.series is None:
        raise ValueError("This task makes its windows one by one, so there is no series to draw.")
    return dataset.series


def _line(values: np.ndarray, yaxis: str, words: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": SERIES, "width": 2.5},
        "x": np.arange(1, len(values) + 1),
        "y": values.astype(np.float32),
        "hovertemplate": f"number %{{x}}: {words}<extra></extra>",
        "xaxis": "x",
        "yaxis": yaxis,
    }


def _small_share(scaled: np.ndarray) -> str:
    return f"{int(np.sum(scaled < 0.01))} of {len(scaled)} below 0.01"
