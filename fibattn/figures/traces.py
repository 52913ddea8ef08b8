"""Traces and lines that several figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.colours import BASELINE


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


def unseen(mode: str, **more: Any) -> dict[str, Any]:
    """Return a trace without a point: only its legend entry, or its colour bar, is seen."""
    return {"type": "scatter", "x": [None], "y": [None], "mode": mode} | more
