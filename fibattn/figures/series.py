"""The series: the numbers, and what scaling leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fibattn.figures.axes import axis, log_span, powers
from fibattn.figures.colours import PINNED, SERIES
from fibattn.figures.layout import figure, heading, margin
from fibattn.figures.picture import Picture, sentences
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

HEIGHT = 380


def series(dataset: Dataset, pinned: Dataset | None = None) -> Picture:
    """Draw the series above, below what scaling leaves of it: what the network is given.

    Numbers that span many magnitudes are drawn as powers of ten. Raises ValueError where there is
    no series: windows made one by one have none.

    pinned: the data of a pinned run, where they are others; dotted lines, if they are a series.
        Its numbers are left out where one axis cannot hold both.
    """
    numbers, scaled = [_numbers(dataset)], [dataset.scaling.scale(_numbers(dataset))]
    before = []
    if pinned is not None and pinned.series is not None:
        scaled.append(pinned.scaling.scale(pinned.series))
        before.append(f"{PINNED}, of {len(pinned.series)} numbers: {_small(scaled[1])}")
        if pinned.many_magnitudes == dataset.many_magnitudes:
            numbers.append(pinned.series)
    above, upper = _above(numbers, dataset.many_magnitudes)
    below = [_line(each, "y2", "%{y:.2g}", k > 0) for k, each in enumerate(scaled)]
    bottom = min(0.0, *[float(each.min()) for each in scaled])
    top = max(1.0, *[float(each.max()) for each in scaled])
    small = _small(scaled[0])
    longest = max(len(each) for each in scaled)
    drawing = figure(
        [*above, *below],
        HEIGHT,
        xaxis=axis("place in the series", [0.5, longest + 0.5], anchor="y2"),
        yaxis=upper,
        yaxis2=axis(None, [bottom - 0.06, top + 0.06], domain=[0, 0.4], tickvals=[0, 0.5, 1]),
        annotations=[
            heading("The series", 1),
            heading(f"What the network is given: {small}", 0.46),
        ],
        showlegend=False,
        margin=margin(top=14),
    )
    largest = readable(float(numbers[0].max()))
    alt = sentences(
        f"The {len(numbers[0])} numbers of the series reach {largest}",
        f"Of the scaled values the network is given, {small}",
        *before,
    )
    return Picture(drawing, alt)


def _small(scaled: np.ndarray) -> str:
    return f"{int(np.sum(scaled < 0.01))} of {len(scaled)} below 0.01"


def _numbers(dataset: Dataset) -> np.ndarray:
    if dataset.series is None:
        raise ValueError("This task makes its windows one by one, so there is no series to draw.")
    return dataset.series


def _above(
    numbers: Sequence[np.ndarray], on_log: bool
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the line of the numbers, one of pinned numbers, and their axis."""
    words = "10 to the %{y:.1f}" if on_log else "%{y:.4g}"
    drawn = [_powers_of_ten(each) if on_log else each for each in numbers]
    everything = np.concatenate(numbers)
    low, high = float(everything.min()), float(everything.max())
    if on_log:
        low, high = log_span(everything[everything > 0])
    pad = 0.05 * (high - low)
    ticks = powers(low, high, 4) if on_log else {}
    lines = [_line(each, "y", words, k > 0) for k, each in enumerate(drawn)]
    return lines, axis(None, [low - pad, high + pad], domain=[0.6, 0.94], **ticks)


def _powers_of_ten(numbers: np.ndarray) -> np.ndarray:
    """Return log10 of the numbers, NaN, a gap, for what has none."""
    return np.log10(np.where(numbers > 0, numbers, np.nan))


def _line(values: np.ndarray, yaxis: str, words: str, pinned: bool) -> dict[str, Any]:
    name = f"{PINNED}, " if pinned else ""
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": SERIES, "width": 2.5, "dash": "dot" if pinned else "solid"},
        "x": np.arange(1, len(values) + 1),
        "y": values.astype(np.float32),
        "name": PINNED if pinned else None,
        "hovertemplate": f"{name}number %{{x}}: {words}<extra></extra>",
        "xaxis": "x",
        "yaxis": yaxis,
    }
