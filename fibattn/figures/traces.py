"""Traces that several figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np


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


def unseen(mode: str, **more: Any) -> dict[str, Any]:
    """Return a trace without a point: only its legend entry, or its colour bar, is seen."""
    return {"type": "scatter", "x": [None], "y": [None], "mode": mode} | more
