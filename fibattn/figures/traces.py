"""Traces and lines that several figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.colours import BASELINE, TRUTH, faint
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import step_labels
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

# With more steps than this, marks are drawn smaller and whiskers without caps.
MANY_STEPS = 30


def dots(x: Any, y: Any, marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return markers, which the edges of the axes do not clip."""
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


def whiskered(over: OverStarts, colour: str, what: str, **more: Any) -> dict[str, Any]:
    """Return bars of the medians over the random starts, whiskers of their range.

    over: of one window, shape (time_steps,). Where every start diverged there are no bars.
    """
    if over.all_diverged:
        return unseen("markers", showlegend=False) | more
    middle, low, high = over.median, over.low, over.high
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


def level(value: float, yaxis: str = "y", dash: str = "dash") -> dict[str, Any]:
    """Return a horizontal line across the panel of `yaxis`, at the height `value`."""
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


def needed_shades(dataset: Dataset, window: int, top: float = 1.0) -> list[dict[str, Any]]:
    """Return a shade behind each step of a test window that the rule needs, where it is known.

    top: how high it reaches, as a share of the height.
    """
    if dataset.test_steps is None:
        return []
    return [_shade(step, top) for step in np.flatnonzero(dataset.test_steps[window]).tolist()]


def _shade(step: int, top: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "x0": step - 0.5,
        "x1": step + 0.5,
        "yref": "paper",
        "y0": 0,
        "y1": top,
        "line": {"width": 0},
        "fillcolor": faint(TRUTH, 0.22),
    }


def unseen(mode: str, **more: Any) -> dict[str, Any]:
    """Return a trace without a point: only its legend entry, or its colour bar, is seen."""
    return {"type": "scatter", "x": [None], "y": [None], "mode": mode} | more
