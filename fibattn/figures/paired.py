"""Paired starts: the test error of every random start in each network, joined start by start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, decades, powers
from fibattn.figures.colours import EVERY_NETWORK, faint
from fibattn.figures.layout import figure, margin, note, waiting
from fibattn.figures.traces import dots, joined, level
from fibattn.judge.evaluation import Baseline, nan_as_infinity
from fibattn.words.notation import readable

HEIGHT = 460


def paired_starts(
    errors: Mapping[str, Sequence[float] | None], baselines: Sequence[Baseline]
) -> go.Figure:
    """Draw each network's errors as a column of dots; a line joins those of one start.

    Args:
        errors: for each network's name, as in `EVERY_NETWORK`, its test MSE in every start.
        baselines: drawn as lines; those many powers of ten away are named at the edge.
    """
    found = [np.asarray(values, np.float64) for values in errors.values() if values is not None]
    near = [b.test_mse for b in baselines if not b.exact and b.test_mse > 0] or [1e-5, 1e-2]
    floor, ceiling = math.floor(math.log10(min(near))) - 1, math.ceil(math.log10(max(near)))
    low, high = decades(found, (floor, ceiling))
    columns = len(errors)
    traces: list[dict[str, Any]] = []
    if len(found) == columns:
        logs = np.clip(_logs(np.stack(found)), low, high)
        traces.append(joined(logs, range(columns), upright=True))
    for place, (name, values) in enumerate(errors.items()):
        if values is not None:
            traces += _column(name, place, np.asarray(values, np.float64), low, high)
    notes = [] if found else [waiting()]
    shapes = []
    for baseline in baselines:
        words = f"{baseline.label}: {readable(baseline.test_mse)}"
        height = math.log10(baseline.test_mse) if baseline.test_mse > 0 else -math.inf
        if low <= height <= high:
            shapes.append(level(height, dash="dot"))
            notes.append(note(words, 1, height, xanchor="right", yanchor="bottom"))
        else:
            edge, arrow, side = (low, "↓", "bottom") if height < low else (high, "↑", "top")
            notes.append(note(f"{arrow} {words}", 1, edge, xanchor="right", yanchor=side))
    return figure(
        traces or [{"type": "scatter", "x": [], "y": [], "showlegend": False}],
        HEIGHT,
        xaxis=axis(
            None,
            [-0.5, columns + 0.4],  # room for the baselines' names
            tickvals=list(range(columns)),
            ticktext=list(errors),
            showgrid=False,
        ),
        yaxis=axis("mean squared error, test", [low - 0.1, high + 0.1], **powers(low, high)),
        annotations=notes,
        shapes=shapes,
        showlegend=False,
        margin=margin(top=16),
    )


def paired_starts_alt(errors: Mapping[str, Sequence[float] | None]) -> str:
    """Say each network's median test error and range."""
    parts = []
    for name, values in errors.items():
        if values is not None:
            ordered = np.sort(nan_as_infinity(np.asarray(values, np.float64)))
            parts.append(
                f"{name} {readable(float(np.median(ordered)))} "
                f"({readable(float(ordered[0]))} to {readable(float(ordered[-1]))})"
            )
    if not parts:
        return "Test error of every random start in each network: no result yet."
    return (
        f"Test error of every random start in each network, median and range: {'; '.join(parts)}."
    )


def _logs(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log10(nan_as_infinity(values))


def _column(
    name: str, place: int, values: np.ndarray, low: float, high: float
) -> list[dict[str, Any]]:
    colour = EVERY_NETWORK[name]
    logs = _logs(values)
    words = [readable(float(v)) if math.isfinite(v) else "diverged" for v in values]
    starts = dots(
        np.full(len(logs), place),
        np.clip(logs, low, high).astype(np.float32),
        {"color": faint(colour, 0.55), "size": 10, "line": {"color": colour, "width": 1.5}},
        name=name,
        text=words,
        customdata=[[start] for start in range(1, len(values) + 1)],
        hovertemplate=f"{name}, start %{{customdata[0]}}: %{{text}}<extra></extra>",
    )
    middle = float(np.median(nan_as_infinity(values)))
    height = float(np.clip(math.log10(middle), low, high)) if middle > 0 else low
    median = {
        "type": "scatter",
        "mode": "lines",
        "x": [place - 0.22, place + 0.22],
        "y": [height, height],
        "line": {"color": colour, "width": 4},
        "hovertemplate": f"{name}, median {readable(middle)}<extra></extra>",
    }
    return [starts, median]
