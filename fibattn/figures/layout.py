"""What surrounds the data of every figure: margins, the legend's position, notes."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from fibattn.judge.starts import OverStarts
from fibattn.words.starts import diverged

# Of all words in a figure, in pixels; said of each, as Streamlit's theme makes them smaller.
TEXT = {"size": 14}


def figure(traces: list[dict[str, Any]], height: int, **layout: Any) -> go.Figure:
    """Return a transparent figure; the wheel and drags over it scroll the page."""
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
            "font": TEXT,
        },
        "hoverlabel": {"font": TEXT},
    }
    return go.Figure({"data": traces, "layout": common | layout})


def margin(top: int = 40, right: int = 14) -> dict[str, int]:
    """Return the margins in pixels, wide enough for the ticks.

    Plotly's own automargin draws every chart twice, and moves it when its ticks change.
    """
    return {"l": 72, "r": right, "t": top, "b": 52}


def note(words: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    """Return an annotation at x, a share of the width; y is on the axis unless `yref` differs."""
    common = {"text": words, "x": x, "xref": "paper", "y": y, "showarrow": False, "font": TEXT}
    return common | more


def side_note(words: str, x: float, y: float, **more: Any) -> list[dict[str, Any]]:
    """Return a note with its clauses one below the other; no note for no words."""
    return [note(words.replace("; ", "<br>"), x, y, **more)] if words else []


def waiting(y: float = 0.5) -> dict[str, Any]:
    """Return the note that is shown until the first result."""
    return in_the_middle("waiting for the first result", y)


def instead(over: OverStarts | None, y: float = 0.5) -> list[dict[str, Any]]:
    """Return the note that replaces missing values: none yet, or every start diverged.

    No note if a start can be drawn.
    """
    if over is None:
        return [waiting(y)]
    return [in_the_middle(diverged(over), y)] if over.all_diverged else []


def in_the_middle(words: str, y: float) -> dict[str, Any]:
    """Return the note in a panel without data, at the height y, a share of the figure's."""
    return note(words, 0.5, y, yref="paper", opacity=0.75)


def under_row(over: OverStarts, row: float) -> list[dict[str, Any]]:
    """Return the note under a row of dots, at its right end, that says how many starts diverged."""
    return side_note(diverged(over), 1, row, xanchor="right", yanchor="top", yshift=-6)


def heading(words: str, y: float) -> dict[str, Any]:
    """Return the name of one panel of a figure with two."""
    return note(words, 0, y, yref="paper", xanchor="left", yanchor="middle")
