"""The series: the numbers, and what scaling leaves of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.axes import axis, log_span, powers
from fibattn.figures.colours import SERIES
from fibattn.figures.layout import figure, heading, margin
from fibattn.figures.picture import Picture, sentences
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

HEIGHT = 380


def series(dataset: Dataset) -> Picture:
    """Draw the series above, below what scaling leaves of it: what the network is given.

    Numbers that span many magnitudes are drawn as powers of ten. Raises ValueError where there is
    no series: windows made one by one have none.
    """
    numbers = _numbers(dataset)
    scaled = dataset.scaling.scale(numbers)
    small = f"{int(np.sum(scaled < 0.01))} of {len(scaled)} below 0.01"
    above, upper = _above(numbers, dataset.many_magnitudes)
    bottom, top = min(0.0, float(scaled.min())), max(1.0, float(scaled.max()))
    drawing = figure(
        [above, _line(scaled, "y2", "%{y:.2g}")],
        HEIGHT,
        xaxis=axis("place in the series", [0.5, len(numbers) + 0.5], anchor="y2"),
        yaxis=upper,
        yaxis2=axis(None, [bottom - 0.06, top + 0.06], domain=[0, 0.4], tickvals=[0, 0.5, 1]),
        annotations=[
            heading("The series", 1),
            heading(f"What the network is given: {small}", 0.46),
        ],
        showlegend=False,
        margin=margin(top=14),
    )
    largest = readable(float(numbers.max()))
    alt = sentences(
        f"The {len(numbers)} numbers of the series reach {largest}",
        f"Of the scaled values the network is given, {small}",
    )
    return Picture(drawing, alt)


def _numbers(dataset: Dataset) -> np.ndarray:
    if dataset.series is None:
        raise ValueError("This task makes its windows one by one, so there is no series to draw.")
    return dataset.series


def _above(numbers: np.ndarray, on_log: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the line of the numbers, and its axis."""
    low, high = log_span(numbers) if on_log else (float(numbers.min()), float(numbers.max()))
    pad = 0.05 * (high - low)
    ticks = powers(low, high, 4) if on_log else {}
    values, words = (np.log10(numbers), "10 to the %{y:.1f}") if on_log else (numbers, "%{y:.4g}")
    return (
        _line(values, "y", words),
        axis(None, [low - pad, high + pad], domain=[0.6, 0.94], **ticks),
    )


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
