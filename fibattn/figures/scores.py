"""Scores: the test error of every random start, beside the baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fibattn.figures.axes import axis, powers
from fibattn.figures.colours import BASELINE, NETWORKS, by_network
from fibattn.figures.error_dots import (
    ErrorAxis,
    error_span,
    median_and_range,
    no_dots,
    start_dots,
)
from fibattn.figures.layout import TEXT, figure, margin, note, under_row, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.judge.baselines import Baseline
from fibattn.judge.run_values import errors
from fibattn.judge.starts import OverStarts
from fibattn.run import Run
from fibattn.words.notation import readable
from fibattn.words.starts import diverged_by_network

HEIGHT = 270


def scores(plain: Run | None, attention: Run | None, baselines: Sequence[Baseline]) -> Picture:
    """Draw the test MSE of every random start, the medians, and the baselines as lines.

    A baseline many powers of ten away is named at the edge; it would squeeze all else together.
    The alt says each network's median and range, and the baselines.
    """
    runs = by_network(plain, attention)
    found = {name: errors(run) for name, run in runs.items() if run is not None}
    low, high = error_span(found.values(), baselines)
    error_axis = ErrorAxis(low, high)
    traces, notes = _baselines(baselines, error_axis, above=-0.6 if found else 1.6)
    for row, (name, colour) in zip((1, 0), NETWORKS, strict=True):
        if name in found:
            traces += start_dots(name, colour, row, found[name], error_axis)
            notes += under_row(found[name], row)
    if not found:
        notes.append(waiting(y=1 / (len(baselines) + 2)))
    drawing = figure(
        traces or [no_dots()],
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
    return Picture(drawing, _alt(found, baselines))


def _alt(found: Mapping[str, OverStarts], baselines: Sequence[Baseline]) -> str:
    parts = [
        f"{name} {median_and_range(over)}" for name, over in found.items() if not over.all_diverged
    ]
    parts += [f"{baseline.label} {readable(baseline.test_mse)}" for baseline in baselines]
    return sentences(
        f"Test error of every random start, median and range: {'; '.join(parts)}",
        diverged_by_network(found),
    )


def _baselines(
    baselines: Sequence[Baseline], error_axis: ErrorAxis, above: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return lines for the baselines that fit on the axis, and notes for the others.

    Lines begin at the height `above`. Each baseline has a row. The smallest is at the bottom: its
    line ends below the labels of those to its right.
    """
    lines, notes = [], []
    ordered = sorted(baselines, key=lambda b: (not error_axis.holds(b.test_mse), b.test_mse))
    for row, baseline in enumerate(ordered, start=2):
        if error_axis.holds(baseline.test_mse):
            lines.append(_baseline_line(baseline, above, row, error_axis))
        else:
            notes.append(_baseline_note(baseline, row, error_axis))
    return lines, notes


def _baseline_line(
    baseline: Baseline, above: float, row: int, error_axis: ErrorAxis
) -> dict[str, Any]:
    x = math.log10(baseline.test_mse)
    words = _baseline_words(baseline)
    share = (x - error_axis.low) / (error_axis.high - error_axis.low)
    side = "left" if share > 0.35 else "right"
    return {
        "type": "scatter",
        "x": [x, x],
        "y": [above, row],
        "mode": "lines+text",
        "text": ["", f"{words}\u2002" if side == "left" else f"\u2002{words}"],
        "textposition": f"middle {side}",
        "textfont": TEXT,
        "line": {"color": BASELINE, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
        "name": baseline.label,
        "cliponaxis": False,
    }


def _baseline_note(baseline: Baseline, row: int, error_axis: ErrorAxis) -> dict[str, Any]:
    words = _baseline_words(baseline)
    if baseline.test_mse > 10**error_axis.low:
        return note(f"{words} →", 1, row, xanchor="right", yref="y")
    return note(f"← {words}", 0, row, xanchor="left", yref="y")


def _baseline_words(baseline: Baseline) -> str:
    return f"{baseline.label.removeprefix('the ')}: {readable(baseline.test_mse)}"
