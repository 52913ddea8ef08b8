"""The chosen window: its values, its attention weights, and what the networks make of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, steps_axis, target_place, target_width
from fibattn.figures.colours import ATTENTION, NETWORKS, SERIES, TRUTH, faint
from fibattn.figures.layout import figure, note, waiting
from fibattn.figures.predictions import median_predictions
from fibattn.figures.traces import MANY_STEPS, bars, dots, level, whiskered
from fibattn.figures.weights import (
    favourite,
    marks,
    median_weights,
    most_weight,
    weights_of_starts,
)
from fibattn.judge.evaluation import step_labels, zero_in_float32
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

HEIGHT = 500

# Below this share of the axis a bar cannot be seen.
INVISIBLE = 0.005


def chosen_window(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int
) -> go.Figure:
    """Draw one test window: its scaled values and target above, its attention weights below.

    Both networks' median predictions stand beside the target at t+1. Values too small for the
    axis are marked; a ring means exactly 0 in float32. A second feature of
    zeros and ones marks steps.
    The steps the rule needs, where they are known, are shaded. Whiskers are the range over the
    starts.
    """
    chosen = min(max(chosen, 0), len(dataset.test_y) - 1)
    values, target = dataset.test_x[chosen, :, 0], float(dataset.test_y[chosen])
    steps = len(values)
    guesses = [None if run is None else _guess(run, chosen) for run in (plain, attention)]
    low, high = _value_span(dataset, guesses)
    pad = 0.06 * (high - low)
    truth = dataset.test_steps
    needed = np.flatnonzero(truth[chosen]) if truth is not None else np.zeros(0, int)
    traces = [*_value_bars(values, target, high - low), *_guess_dots(guesses, steps, low, high)]
    notes = [_numbers(values, target, guesses)]
    if dataset.second_marks:
        traces.append(_marked(dataset.test_x[chosen, :, 1], dataset.features[1], high + pad / 2))
    every_window = weights_of_starts(attention)
    weights = None if every_window is None else every_window[:, chosen]
    if weights is None:
        notes.append(waiting(y=0.2))
    else:
        traces.append(whiskered(weights, ATTENTION, "weight", yaxis="y2"))
    marked = marks(most_weight(attention, steps), steps, weights)
    return figure(
        traces,
        HEIGHT,
        xaxis=steps_axis(steps, target=True, anchor="y2"),
        yaxis=axis("scaled value", [low - pad, high + pad], domain=[0.47, 0.83]),
        yaxis2=axis(
            "weight",
            [0, 1.08 * _end(weights, marked)],
            domain=[0, 0.37],
            tickvals=[value for value, _ in marked],
            ticktext=[words for _, words in marked],
            showgrid=False,
        ),
        annotations=notes,
        shapes=[
            *[level(value, "y2") for value, _ in marked[1:]],
            *[needed_shade(int(step)) for step in needed],
        ],
        bargap=0.25,
        barmode="overlay",
    )


def chosen_window_alt(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int
) -> str:
    """Say the target, both predictions, and the step with the most weight."""
    parts = [f"target {readable(float(dataset.test_y[chosen]))} on the scaled values"]
    for (name, _), run in zip(NETWORKS, (plain, attention), strict=True):
        if run is not None:
            parts.append(f"{name} predicts {readable(_guess(run, chosen))}")
    words = f"Test window {chosen}: {', '.join(parts)}."
    weights = median_weights(attention)
    return words if weights is None else f"{words} {favourite(weights[chosen])}"


def _guess(run: Run, chosen: int) -> float:
    """Return the prediction for one test window, scaled, median over the random starts."""
    return float(median_predictions(run)[chosen])


def _value_span(dataset: Dataset, guesses: list[float | None]) -> tuple[float, float]:
    """Return 0 to 1 or what the values span, and more where the predictions need it.

    A prediction far off is named in words; it must not flatten the window.
    """
    every = (dataset.test_x[:, :, 0], dataset.test_y)
    low = min(0.0, *(float(values.min()) for values in every))
    high = max(float(values.max()) for values in every)
    high = 1.0 if 0.5 < high <= 1 else high
    room = high - low
    shown = [guess for guess in guesses if guess is not None and math.isfinite(guess)]
    return max(low - room, min([low, *shown])), min(high + room, max([high, *shown]))


def _marked(marks_: np.ndarray, name: str, y: float) -> dict[str, Any]:
    """Return marks over the steps whose second feature is set."""
    steps = np.flatnonzero(marks_)
    return dots(
        steps,
        np.full(len(steps), y),
        {"symbol": "triangle-down", "size": 11, "color": SERIES},
        name=name,
        text=[f"{name}: {readable(float(marks_[step]))}" for step in steps],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def needed_shade(step: int) -> dict[str, Any]:
    """Return the shade behind a step that the rule needs."""
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "x0": step - 0.5,
        "x1": step + 0.5,
        "yref": "paper",
        "y0": 0,
        "y1": 0.83,
        "line": {"width": 0},
        "fillcolor": faint(TRUTH, 0.22),
    }


def _end(weights: np.ndarray | None, marked: list[tuple[float, str]]) -> float:
    largest = 0.0 if weights is None else float(np.nanmax(weights, initial=0.0))
    return max(largest, *(value for value, _ in marked))


def _value_bars(values: np.ndarray, target: float, height: float) -> list[dict[str, Any]]:
    """Return the window's values and the target as bars, with marks for what is too small."""
    steps = len(values)
    labels = step_labels(steps)
    words = [f"{label}: {readable(float(v))}" for label, v in zip(labels, values, strict=True)]
    inputs = bars(values, SERIES, words, name="values")
    aim = inputs | {
        "x": [target_place(steps)],
        "y": [target],
        "width": [target_width(steps)],
        "marker": {"color": "rgba(0,0,0,0)", "line": {"color": SERIES, "width": 2}},
        "text": [f"target t+1: {readable(target)}"],
        "name": "target",
    }
    every = np.append(values, target)
    places = np.append(np.arange(steps), target_place(steps))
    nil = zero_in_float32(every)
    small = ~nil & (np.abs(every) < INVISIBLE * height)
    size = 7 if steps <= MANY_STEPS else 4
    return [
        inputs,
        aim,
        _specks(places[nil], "circle-open", size),
        _specks(places[small], "line-ew-open", size),
    ]


def _specks(places: np.ndarray, symbol: str, size: int) -> dict[str, Any]:
    line = {"width": 1.5, "color": SERIES}
    return dots(
        places,
        np.zeros(len(places)),
        {"symbol": symbol, "size": size, "color": SERIES, "line": line},
        hoverinfo="skip",
        showlegend=False,
    )


def _guess_dots(
    guesses: list[float | None], steps: int, low: float, high: float
) -> list[dict[str, Any]]:
    """Return both predictions, pointing at the target."""
    # From both sides, so that equal predictions do not hide each other.
    sides = ((-1, "triangle-right"), (1, "triangle-left"))
    traces = []
    for (name, colour), guess, (side, symbol) in zip(NETWORKS, guesses, sides, strict=True):
        drawn = guess is not None and math.isfinite(guess)
        traces.append(
            dots(
                [target_place(steps) + 0.4 * target_width(steps) * side],
                [min(max(guess, low), high) if guess is not None and drawn else None],
                {"color": colour, "size": 12, "symbol": symbol},
                name=name,
                text=[f"{name} predicts {readable(guess)}" if guess is not None else ""],
                hovertemplate="%{text}<br>(median over the random starts)<extra></extra>",
            )
        )
    return traces


def _numbers(values: np.ndarray, target: float, guesses: list[float | None]) -> dict[str, Any]:
    """Return the note that says the target, the predictions, and how many inputs are 0."""
    numbers = " · ".join(
        f"{name} {readable(guess)}"
        for (name, _), guess in zip(NETWORKS, guesses, strict=True)
        if guess is not None
    )
    nil = int(np.sum(zero_in_float32(values)))
    drowned = f"○ {nil} of {len(values)} inputs are exactly 0 in float32" if nil else ""
    words = f"□ target {readable(target)}<br>{numbers}<br>{drowned}"
    return note(words, 0, 1, yref="paper", align="left", xanchor="left", yanchor="top")
