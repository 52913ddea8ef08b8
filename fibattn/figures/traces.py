"""Traces and lines that several figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.colours import BASELINE, faint
from fibattn.judge.evaluation import step_labels
from fibattn.words.notation import readable

# With more steps than this, marks are drawn smaller and whiskers without caps.
MANY_STEPS = 30


def dots(x: Any, y: Any, marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return markers that are whole even at the edge of the axes."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": marker,
        "cliponaxis": False,
    } | more


def bars(y: np.ndarray, colour: str, words: list[str], **more: Any) -> dict[str, Any]:
    """Return a bar for each step of a window, with the words that its hover shows."""
    return {
        "type": "bar",
        "x": np.arange(len(y)),
        "y": y,
        "marker": {"color": colour},
        "text": words,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    } | more


def whiskered(values: np.ndarray, colour: str, what: str, **more: Any) -> dict[str, Any]:
    """Return bars of the medians over the random starts, whiskers of their range.

    values: (starts, steps) of one window; starts that diverged are left out.
    """
    kept = values[np.isfinite(values).all(axis=1)]
    if not len(kept):
        return unseen("markers", showlegend=False) | more
    middle, low, high = np.median(kept, axis=0), kept.min(axis=0), kept.max(axis=0)
    words = [
        f"{label}: {what} {readable(m)} ({readable(a)} to {readable(b)})"
        for label, m, a, b in zip(step_labels(len(middle)), middle, low, high, strict=True)
    ]
    whiskers = {
        "type": "data",
        "symmetric": False,
        "array": high - middle,
        "arrayminus": middle - low,
        "thickness": 1.5,
        "width": 2 if len(middle) <= MANY_STEPS else 0,
        "color": BASELINE,
    }
    return bars(middle, colour, words, error_y=whiskers, name=what, **more)


def joined(levels: np.ndarray, places: Any, upright: bool) -> dict[str, Any]:
    """Return a line through the dots of each start: levels is (networks, starts).

    places: where the networks stand along the other axis; `upright` where the levels are heights.
    """
    starts = levels.shape[1]
    along = np.concatenate([levels, np.full((1, starts), np.nan)]).T.ravel().astype(np.float32)
    across = np.tile([*places, np.nan], starts)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": across if upright else along,
        "y": along if upright else across,
        "line": {"color": faint(BASELINE, 0.4), "width": 1},
        "hoverinfo": "skip",
        "name": "the same start",
    }


def level(value: float, yaxis: str = "y", dash: str = "dash") -> dict[str, Any]:
    """Return a line across a panel."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": yaxis,
        "y0": value,
        "y1": value,
        "line": {"color": BASELINE, "width": 1.5, "dash": dash},
    }


def unseen(mode: str, **more: Any) -> dict[str, Any]:
    """Return a trace without a point: only its legend entry, or its colour bar, is seen."""
    return {"type": "scatter", "x": [None], "y": [None], "mode": mode} | more
