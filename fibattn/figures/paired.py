"""Paired starts: the test error of every random start in each network, joined start by start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fibattn.figures.axes import axis, powers
from fibattn.figures.colours import EVERY_NETWORK, PINNED
from fibattn.figures.error_dots import (
    ErrorAxis,
    error_span,
    joined,
    median_and_range,
    no_dots,
    start_dots,
)
from fibattn.figures.layout import figure, margin, note, side_note, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import level
from fibattn.judge.baselines import Baseline
from fibattn.judge.run_values import errors
from fibattn.judge.starts import OverStarts
from fibattn.run import Run
from fibattn.words.notation import readable
from fibattn.words.starts import diverged, diverged_by_network

HEIGHT = 460
# For two lines of a name, and two of starts that diverged, in pixels.
BELOW = 84


def paired_starts(runs: Mapping[str, Run | None], baselines: Sequence[Baseline]) -> Picture:
    """Draw each network's test MSE as a column of dots; a line joins those of one start.

    Args:
        runs: by the networks' names, as in `EVERY_NETWORK`; all with as many starts. Dots of the
            pinned one are outlined.
        baselines: drawn as lines; those many powers of ten away are named at the edge.

    The alt says each network's median and range.
    """
    found = {name: errors(run) for name, run in runs.items() if run is not None}
    low, high = error_span(found.values(), baselines)
    error_axis = ErrorAxis(low, high, upright=True)
    shapes, notes = _baselines(baselines, error_axis)
    traces: list[dict[str, Any]] = []
    if len(found) == len(runs):
        traces.append(joined(list(found.values()), range(len(runs)), error_axis))
    for place, name in enumerate(runs):
        if name in found:
            outlined = name == PINNED.capitalize()
            colour = EVERY_NETWORK[name]
            traces += start_dots(name, colour, place, found[name], error_axis, outlined)
            notes += _under_column(found[name], place)
    columns = {
        "tickvals": list(range(len(runs))),
        "ticktext": [name.replace(" ", "<br>") for name in runs],  # on a phone a column is narrow
        "tickangle": 0,
        "showgrid": False,
    }
    drawing = figure(
        traces or [no_dots()],
        HEIGHT,
        # To the right there is room for the baselines' names.
        xaxis=axis(None, [-0.5, len(runs) + 0.4], **columns),
        yaxis=axis("mean squared error, test", [low - 0.1, high + 0.1], **powers(low, high)),
        annotations=notes if found else [*notes, waiting()],
        shapes=shapes,
        showlegend=False,
        margin=margin(top=16) | {"b": BELOW},
    )
    return Picture(drawing, _alt(found))


def _alt(found: Mapping[str, OverStarts]) -> str:
    if not found:
        return "Test error of every random start in each network: no result yet."
    parts = [
        f"{name} {median_and_range(over)}" for name, over in found.items() if not over.all_diverged
    ]
    medians = f", median and range: {'; '.join(parts)}" if parts else ""
    return sentences(
        f"Test error of every random start in each network{medians}", diverged_by_network(found)
    )


def _under_column(over: OverStarts, place: int) -> list[dict[str, Any]]:
    """Return the note under a network's name that says how many of its starts diverged."""
    words = diverged(over).replace(" diverged", "<br>diverged")
    below = {"xref": "x", "yref": "paper", "yanchor": "top", "yshift": -40}
    return side_note(words, place, 0, **below)


def _baselines(
    baselines: Sequence[Baseline], error_axis: ErrorAxis
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return lines across the figure for the baselines that fit on the axis, and notes for all."""
    shapes, notes = [], []
    low, high = error_axis.low, error_axis.high
    for baseline in baselines:
        words = f"{baseline.label}: {readable(baseline.test_mse)}"
        if error_axis.holds(baseline.test_mse):
            height = math.log10(baseline.test_mse)
            shapes.append(level(height, dash="dot"))
            notes.append(note(words, 1, height, xanchor="right", yanchor="bottom"))
        elif baseline.test_mse > 10**low:
            notes.append(note(f"↑ {words}", 1, high, xanchor="right", yanchor="top"))
        else:
            notes.append(note(f"↓ {words}", 1, low, xanchor="right", yanchor="bottom"))
    return shapes, notes
