"""What stands around the data of every figure: margins, the legend's place, notes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


def figure(traces: list[dict[str, Any]], height: int, **layout: Any) -> go.Figure:
    """Return a figure on a clear ground that does not take the wheel or a drag from the page."""
    common = {
        "height": height,
        "margin": margin(),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": "kept",
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }
    return go.Figure({"data": traces, "layout": common | layout})


def margin(top: int = 40, right: int = 14) -> dict[str, int]:
    """Return the margins in pixels, wide enough for the ticks.

    Plotly's own automargin draws every chart twice, and moves it when its ticks change.
    """
    return {"l": 72, "r": right, "t": top, "b": 52}


def note(words: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    """Return words at x, a share of the width; y is on the axis unless `yref` says otherwise."""
    return {"text": words, "x": x, "xref": "paper", "y": y, "showarrow": False} | more


def waiting(y: float = 0.5) -> dict[str, Any]:
    """Return what stands where the first result will be."""
    return note("waiting for the first result", 0.5, y, yref="paper", opacity=0.75)


def heading(words: str, y: float) -> dict[str, Any]:
    """Return the name of one panel of a figure with two."""
    return note(words, 0, y, yref="paper", xanchor="left", yanchor="middle")
