"""Swapped weights: the test error of every random start with other weights on the same states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fibattn.figures.axes import axis, decades, powers
from fibattn.figures.colours import ATTENTION, BASELINE, PINNED
from fibattn.figures.error_dots import (
    ErrorAxis,
    joined,
    median_and_range,
    no_dots,
    start_dots,
)
from fibattn.figures.layout import figure, margin, under_row, waiting
from fibattn.figures.picture import Picture, listed, sentences
from fibattn.judge.starts import OverStarts, over_starts
from fibattn.judge.starts import diverged as diverged_in
from fibattn.run import Run
from fibattn.words.starts import diverged

ROW_HEIGHT = 52

# The rows while there are no errors, and the powers of ten that are always shown: few errors on
# scaled values lie elsewhere, so that the axis seldom moves.
ROWS = ("trained", "permuted", "uniform")
USUAL = (-5, 0)
# By so much of a row the dots of a pinned run stand above those of the page's.
ABOVE = 0.45

Errors = Mapping[str, Sequence[float]]


def swapped_errors(
    run: Run | None, errors: Errors | None, pinned: tuple[Run, Errors] | None = None
) -> Picture:
    """Draw the test MSE of every random start with each kind of weights, a row of dots for each.

    A line joins the dots of one start; a bar marks the median of a row. The alt says each row's
    median and range, and in how many starts the first row's error is lower.

    Args:
        run: whose weights are swapped.
        errors: for each row's name, from the top, the errors of the starts, inf where one
            diverged; None while they are not known. The first row is what the others are compared
            with.
        pinned: another run and its errors, drawn as outlines above each row.
    """
    found = _in_all_rows(run, errors)
    before = _in_all_rows(*pinned) if pinned else {}
    names = list(found) or list(ROWS)
    rows = dict(zip(names, range(len(names))[::-1], strict=True))  # the first at the top
    every = [*found.values(), *before.values()]
    low, high = decades([over.kept for over in every], USUAL)
    error_axis = ErrorAxis(low, high)
    traces = [joined(list(found.values()), rows.values(), error_axis)] if found else [no_dots()]
    notes = [] if found else [waiting()]
    for name, over in found.items():
        colour = ATTENTION if name == names[0] else BASELINE
        traces += start_dots(name, colour, rows[name], over, error_axis)
        notes += under_row(over, rows[name])
    for name, over in before.items():
        colour = ATTENTION if name == names[0] else BASELINE
        traces += start_dots(
            f"{name}, {PINNED}", colour, rows[name] + ABOVE, over, error_axis, outlined=True
        )
    above = [rows[name] + ABOVE for name in before]
    drawing = figure(
        traces,
        62 + ROW_HEIGHT * len(names),
        xaxis=axis("mean squared error on the test windows", [low, high], **powers(low, high)),
        yaxis=axis(
            None,
            [-0.6, len(names) - 0.4],
            tickvals=[*rows.values(), *above],
            ticktext=[*names, *[PINNED] * len(above)],
            showgrid=False,
        ),
        annotations=notes,
        showlegend=False,
        margin=margin(top=10),
    )
    return Picture(drawing, sentences(_alt(found), f"{PINNED}: {_ranges(before)}" * bool(before)))


def _in_all_rows(run: Run | None, errors: Errors | None) -> dict[str, OverStarts]:
    """Return the rows' errors; a start that diverged in one row is left out of all."""
    if run is None or not errors:
        return {}
    lost = over_starts(np.array(list(errors.values())).T, diverged_in(run)).diverged
    return {name: over_starts(values, lost) for name, values in errors.items()}


def _alt(found: Mapping[str, OverStarts]) -> str:
    if not found:
        return "Test error with other attention weights: no result yet."
    subject = "Test error of every random start by its attention weights"
    (first, mine), *others = found.items()
    if mine.all_diverged:
        return sentences(subject, diverged(mine))
    lower = [
        f"than {name} in {int(np.sum(mine.kept < over.kept))} of {len(mine.kept)} starts"
        for name, over in others
    ]
    return sentences(
        f"{subject}, median and range: {_ranges(found)}",
        f"{first} is better {listed(lower)}" if lower else "",
        diverged(mine),
    )


def _ranges(found: Mapping[str, OverStarts]) -> str:
    return "; ".join(f"{name} {median_and_range(over)}" for name, over in found.items())
