"""Scores: the test error of every random start, beside the baselines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, decades, powers
from fibattn.figures.colours import BASELINE, NETWORKS, faint
from fibattn.figures.layout import figure, margin, note, waiting
from fibattn.figures.traces import dots
from fibattn.judge.evaluation import Baseline, nan_as_infinity, test_mse
from fibattn.run import Run
from fibattn.words.notation import readable

HEIGHT = 270


def scores(plain: Run | None, attention: Run | None, baselines: tuple[Baseline, ...]) -> go.Figure:
    """Draw the test MSE of every random start, the medians, and the baselines as lines.

    A baseline many powers of ten away is named at the edge; it would squeeze all else together.
    """
    values = [None if run is None else np.array(test_mse(run).values) for run in (plain, attention)]
    low, high = _span([mses for mses in values if mses is not None], baselines)
    empty = plain is None and attention is None
    traces, notes = [], []
    # The smallest at the bottom: its line ends below the labels of those to its right.
    ordered = sorted(baselines, key=lambda b: (not _fits(b, low, high), b.test_mse))
    for row, baseline in enumerate(ordered, start=2):
        if _fits(baseline, low, high):
            traces.append(_baseline_line(baseline, 1.6 if empty else -0.6, row, low, high))
        else:
            notes.append(_baseline_note(baseline, row, low))
    for row, (name, colour), mses in zip((1, 0), NETWORKS, values, strict=True):
        if mses is not None:
            traces += starts_row(name, colour, row, mses, low, high)
    if empty:
        notes.append(waiting(y=1 / (len(baselines) + 2)))
    return figure(
        traces or [{"type": "scatter", "x": [], "y": [], "showlegend": False}],
        HEIGHT,
        xaxis=axis("mean squared error on the test windows", [low, high], **powers(low, high)),
        yaxis=axis(
            None,
            [-0.6, len(baselines) + 1.6],
            tickvals=[1, 0],
            ticktext=[name for name, _ in NETWORKS],
            showgrid=False,
        ),
        annotations=notes,
        showlegend=False,
        margin=margin(top=10),
    )


def scores_alt(plain: Run | None, attention: Run | None, baselines: tuple[Baseline, ...]) -> str:
    """Say the median and range of each network's test MSE, and the baselines'."""
    parts = []
    for (name, _), run in zip(NETWORKS, (plain, attention), strict=True):
        if run is not None:
            spread = test_mse(run)
            parts.append(
                f"{name} {readable(spread.median)} "
                f"({readable(spread.low)} to {readable(spread.high)})"
            )
    parts += [f"{baseline.label} {readable(baseline.test_mse)}" for baseline in baselines]
    return f"Test error of every random start, median and range: {'; '.join(parts)}."


def _span(found: list[np.ndarray], baselines: tuple[Baseline, ...]) -> tuple[int, int]:
    """Return whole powers of ten that hold the networks and the baselines near to them."""
    near = [b.test_mse for b in baselines if not b.exact and b.test_mse > 0]
    if not near:
        return decades(found, (-5, -2))
    # Without a result the axis is as it will most likely be with one.
    low, high = math.floor(math.log10(min(near))) - 1, math.ceil(math.log10(max(near)))
    return decades(found, (low, high))


def _fits(baseline: Baseline, low: float, high: float) -> bool:
    return baseline.test_mse > 0 and low <= math.log10(baseline.test_mse) <= high


def _baseline_line(
    baseline: Baseline, start: float, row: int, low: float, high: float
) -> dict[str, Any]:
    x = math.log10(baseline.test_mse)
    words = _baseline_words(baseline)
    side = "left" if (x - low) / (high - low) > 0.35 else "right"
    return {
        "type": "scatter",
        "x": [x, x],
        "y": [start, row],
        "mode": "lines+text",
        "text": ["", f"{words}\u2002" if side == "left" else f"\u2002{words}"],
        "textposition": f"middle {side}",
        "line": {"color": BASELINE, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
        "name": baseline.label,
        "cliponaxis": False,
    }


def _baseline_note(baseline: Baseline, row: int, low: float) -> dict[str, Any]:
    words = _baseline_words(baseline)
    if baseline.test_mse > 10**low:
        return note(f"{words} →", 1, row, xanchor="right", yref="y")
    return note(f"← {words}", 0, row, xanchor="left", yref="y")


def _baseline_words(baseline: Baseline) -> str:
    return f"{baseline.label.removeprefix('the ')}: {readable(baseline.test_mse)}"


def starts_row(
    name: str, colour: str, row: int, mses: np.ndarray, low: float, high: float
) -> list[dict[str, Any]]:
    """Return the dots of one network and its median; what has no place stands at the edge."""
    values = nan_as_infinity(mses)
    median = float(np.median(values))
    with np.errstate(divide="ignore"):
        logs, middle = np.log10(values), float(np.log10(median))
    starts = dots(
        np.clip(logs, low, high),
        np.full(len(logs), row),
        {
            "color": faint(colour, 0.55),
            "size": 12,
            "line": {"color": colour, "width": 1.5},
            "symbol": [
                "circle" if np.isfinite(x) else "triangle-right" if x > 0 else "triangle-left"
                for x in logs
            ],
        },
        name=name,
        text=[
            readable(float(value)) if math.isfinite(value) else "diverged, beyond this axis"
            for value in values
        ],
        customdata=[[start] for start in range(1, len(values) + 1)],
        hovertemplate=f"{name}, start %{{customdata[0]}}: %{{text}}<extra></extra>",
    )
    mark = dots(
        [float(np.clip(middle, low, high))],
        [row],
        {"symbol": "line-ns", "size": 30, "line": {"color": colour, "width": 4}},
        name=f"{name}, median",
        text=[readable(median) if math.isfinite(median) else "diverged"],
        hovertemplate=f"{name}, median %{{text}}<extra></extra>",
    )
    return [starts, mark]
