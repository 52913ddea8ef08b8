"""Scores: the test error of every random start, beside the baselines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fibattn.figures.axes import axis, powers
from fibattn.figures.colours import BASELINE, NETWORKS, PINNED, by_network
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
from fibattn.judge.pinned import Pinned
from fibattn.judge.run_values import errors
from fibattn.judge.starts import OverStarts
from fibattn.run import Run
from fibattn.words.notation import readable
from fibattn.words.starts import diverged_by_network

HEIGHT = 270


@dataclass(frozen=True, eq=False)
class _Row:
    """One row of dots: its label on the axis, its name elsewhere, and the errors, if there are."""

    label: str
    name: str
    colour: str
    errors: OverStarts | None
    outlined: bool = False


def scores(
    plain: Run | None,
    attention: Run | None,
    baselines: Sequence[Baseline],
    pinned: Pinned | None = None,
) -> Picture:
    """Draw the test MSE of every random start, the medians, and the baselines as lines.

    A baseline many powers of ten away is named at the edge; it would squeeze all else together.
    A pinned network has a row of outlined dots below that of the same kind. The alt says each
    network's median and range, and the baselines.
    """
    rows = _rows(plain, attention, pinned)
    found = {row.name: row.errors for row in rows if row.errors is not None}
    low, high = error_span(found.values(), baselines)
    error_axis = ErrorAxis(low, high)
    above = -0.6 if found else len(rows) - 0.4
    traces, notes = _baselines(baselines, error_axis, above, len(rows))
    for place, row in enumerate(reversed(rows)):  # the first at the top
        if row.errors is not None:
            traces += start_dots(
                row.name, row.colour, place, row.errors, error_axis, outlined=row.outlined
            )
            notes += under_row(row.errors, place)
    if not found:
        notes.append(waiting(y=1 / (len(baselines) + len(rows))))
    drawing = figure(
        traces or [no_dots()],
        HEIGHT,
        xaxis=axis("mean squared error on the test windows", [low, high], **powers(low, high)),
        yaxis=axis(
            None,
            [-0.6, len(baselines) + len(rows) - 0.4],
            tickvals=list(range(len(rows)))[::-1],
            ticktext=[row.label for row in rows],
            showgrid=False,
        ),
        annotations=notes,
        showlegend=False,
        margin=margin(top=10),
    )
    return Picture(drawing, _alt(found, baselines))


def _rows(plain: Run | None, attention: Run | None, pinned: Pinned | None) -> list[_Row]:
    """Return the rows from the top; below a network the pinned one of its kind."""
    before = by_network(pinned and pinned.plain, pinned and pinned.attention)
    rows = []
    for (name, run), (_, colour) in zip(
        by_network(plain, attention).items(), NETWORKS, strict=True
    ):
        rows.append(_Row(name, name, colour, None if run is None else errors(run)))
        if was := before[name]:
            rows.append(_Row(PINNED, f"{name}, {PINNED}", colour, errors(was), outlined=True))
    return rows


def _alt(found: dict[str, OverStarts], baselines: Sequence[Baseline]) -> str:
    parts = [
        f"{name} {median_and_range(over)}" for name, over in found.items() if not over.all_diverged
    ]
    parts += [f"{baseline.label} {readable(baseline.test_mse)}" for baseline in baselines]
    return sentences(
        f"Test error of every random start, median and range: {'; '.join(parts)}",
        diverged_by_network(found),
    )


def _baselines(
    baselines: Sequence[Baseline], error_axis: ErrorAxis, above: float, first: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return lines for the baselines that fit on the axis, and notes for the others.

    Lines begin at the height `above`. Each baseline has a row, from number `first` on. The
    smallest is at the bottom: its line ends below the labels of those to its right.
    """
    lines, notes = [], []
    ordered = sorted(baselines, key=lambda b: (not error_axis.holds(b.test_mse), b.test_mse))
    for row, baseline in enumerate(ordered, start=first):
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
