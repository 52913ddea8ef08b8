"""Loss curves: both networks' losses over the epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, decades, log_powers, whole_ticks
from fibattn.figures.colours import BASELINE, NETWORKS, faint
from fibattn.figures.layout import figure, waiting
from fibattn.figures.traces import unseen
from fibattn.judge.evaluation import nan_as_infinity
from fibattn.words.notation import readable

HEIGHT = 360

Losses = tuple[np.ndarray, np.ndarray]


def loss_curves(plain: Losses | None, attention: Losses | None, epochs: int) -> go.Figure:
    """Draw both networks' losses over the epochs, on a log axis.

    Args:
        plain, attention: (loss, val_loss), each (epochs so far, repeats), scaled MSE.
        epochs: how many there will be; the axis is that long from the start.

    The line is the median over the random starts, the band of the test loss its whole range.
    """
    pairs = [
        (name, colour, losses)
        for (name, colour), losses in zip(NETWORKS, (plain, attention), strict=True)
        if losses is not None and len(losses[0])
    ]
    traces = [_band(colour, test) for _, colour, (_, test) in pairs]
    for name, colour, (train, test) in pairs:
        traces += [_line(name, "train", colour, train), _line(name, "test", colour, test)]
    traces += [_legend(name, colour) for name, colour in NETWORKS]
    traces += [_legend("train", BASELINE), _legend("test", BASELINE, "dash")]
    low, high = decades([array for _, _, losses in pairs for array in losses], (-5, -2))
    return figure(
        traces,
        HEIGHT,
        xaxis=axis("epoch", [0.5, epochs + 0.5], **whole_ticks(1, epochs)),
        yaxis=axis("mean squared error", [low, high], type="log", **log_powers(low, high)),
        annotations=[] if pairs else [waiting()],
    )


def loss_curves_alt(plain: Losses | None, attention: Losses | None) -> str:
    """Say where the losses ended."""
    ends = []
    for (name, _), losses in zip(NETWORKS, (plain, attention), strict=True):
        if losses is not None and len(losses[1]):
            median = float(np.median(nan_as_infinity(losses[1][-1])))
            ends.append(f"{name} is at {readable(median)} after epoch {len(losses[1])}")
    if not ends:
        return "Loss over the epochs: no result yet."
    return f"Loss over the epochs, median test error over the random starts: {', '.join(ends)}."


def _line(name: str, part: str, colour: str, losses: np.ndarray) -> dict[str, Any]:
    values = nan_as_infinity(losses)
    middle = _drawable(np.median(values, axis=1))
    # A line needs two neighbours; a point between gaps, or the first epoch, would not be seen.
    lonely = len(middle) < 3 or bool(np.isnan(middle).any())
    return {
        "type": "scatter",
        "x": np.arange(1, len(middle) + 1),
        "y": middle.astype(np.float32),
        "mode": "lines+markers" if lonely else "lines",
        "line": {"color": colour, "width": 2.5, "dash": "dash" if part == "test" else "solid"},
        "marker": {
            "color": colour,
            "size": 8,
            "symbol": "circle-open" if part == "test" else "circle",
            "line": {"width": 2},
        },
        "name": f"{name}, {part}",
        "showlegend": False,
        "text": [
            f"{readable(float(m))} ({readable(float(low))} to {readable(float(high))})"
            for m, low, high in zip(middle, values.min(1), values.max(1), strict=True)
        ],
        "hovertemplate": f"{name}, {part}, epoch %{{x}}<br>median %{{text}}<extra></extra>",
    }


def _band(colour: str, losses: np.ndarray) -> dict[str, Any]:
    """Return the range over the random starts that can be drawn, as one closed area."""
    values = _drawable(losses.astype(np.float64))
    several = losses.shape[1] > 1
    seen = np.flatnonzero(several & ~np.isnan(values).all(axis=1))
    low, high = np.nanmin(values[seen], axis=1), np.nanmax(values[seen], axis=1)
    return {
        "type": "scatter",
        "x": np.concatenate([seen, seen[::-1]]) + 1,
        "y": np.concatenate([high, low[::-1]]).astype(np.float32),
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": faint(colour, 0.18),
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _legend(name: str, colour: str, dash: str = "solid") -> dict[str, Any]:
    return unseen("lines", line={"color": colour, "width": 2.5, "dash": dash}, name=name)


def _drawable(values: np.ndarray) -> np.ndarray:
    """Return NaN, a gap, for what a log axis cannot show."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)
