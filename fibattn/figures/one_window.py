"""The chosen window: its values, its attention weights, and what the networks make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fibattn.figures.attention_weights import (
    favourite,
    largest,
    marks,
    most_weight,
    weights_axis,
)
from fibattn.figures.axes import axis, steps_axis, target_place, target_width
from fibattn.figures.colours import ATTENTION, NETWORKS, SERIES, by_network
from fibattn.figures.layout import figure, instead, note
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import MANY_STEPS, bars, dots, level, needed_shades, whiskered
from fibattn.judge.drowning import zero_in_float32
from fibattn.judge.run_values import attention as attention_weights
from fibattn.judge.run_values import predictions
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import step_labels
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable
from fibattn.words.starts import diverged_by_network

HEIGHT = 500
# The top of the upper panel, as a share of the height.
TOP = 0.83

# Below this share of the axis a bar cannot be seen.
INVISIBLE = 0.005

# The networks' predictions of one window, shape (); None while there is no result.
Predicted = Mapping[str, OverStarts | None]


def chosen_window(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int
) -> Picture:
    """Draw one test window: its scaled values and target above, its attention weights below.

    Both networks' median predictions stand beside the target at t+1. Values too small for the
    axis are marked; a ring means exactly 0 in float32. A second feature of zeros and ones marks
    steps. The steps the rule needs, where they are known, are shaded. Whiskers are the range over
    the starts. The alt says the target, both predictions, and the step with the most weight.
    """
    chosen = min(max(chosen, 0), len(dataset.test_y) - 1)
    predicted = {
        name: None if run is None else predictions(run)[chosen]
        for name, run in by_network(plain, attention).items()
    }
    every_window = attention_weights(attention)
    weights = None if every_window is None else every_window[chosen]
    steps = dataset.test_x.shape[1]
    marked = marks(most_weight(attention, steps), steps, largest(weights))
    upper, span = _values_panel(dataset, chosen, predicted)
    drawing = figure(
        upper if weights is None else [*upper, whiskered(weights, ATTENTION, "weight", yaxis="y2")],
        HEIGHT,
        xaxis=steps_axis(steps, target=True, anchor="y2"),
        yaxis=axis("scaled value", span, domain=[0.47, TOP]),
        yaxis2=weights_axis(marked, largest(weights), domain=[0, 0.37]),
        annotations=[_numbers(dataset, chosen, predicted), *instead(weights, y=0.2)],
        shapes=[
            *[level(value, "y2") for value, _ in marked[1:]],
            *needed_shades(dataset, chosen, TOP),
        ],
        bargap=0.25,
        barmode="overlay",
    )
    return Picture(drawing, _alt(dataset, chosen, predicted, weights))


def _alt(dataset: Dataset, chosen: int, predicted: Predicted, weights: OverStarts | None) -> str:
    parts = [
        f"target {readable(float(dataset.test_y[chosen]))} on the scaled values",
        *[f"{name} predicts {readable(value)}" for name, value in _medians(predicted).items()],
    ]
    return sentences(
        f"Test window {chosen}: {', '.join(parts)}",
        "" if weights is None else favourite(weights.median),
        diverged_by_network(predicted),
    )


def _medians(predicted: Predicted) -> dict[str, float]:
    """Return the median predictions of the networks that have one."""
    return {
        name: float(over.median)
        for name, over in predicted.items()
        if over is not None and not over.all_diverged
    }


def _values_panel(
    dataset: Dataset, chosen: int, predicted: Predicted
) -> tuple[list[dict[str, Any]], list[float]]:
    """Return the traces of the upper panel, and the ends of its axis."""
    values, target = dataset.test_x[chosen, :, 0], float(dataset.test_y[chosen])
    low, high = _value_span(dataset, list(_medians(predicted).values()))
    pad = 0.06 * (high - low)
    traces = _value_bars(values, target, high - low)
    traces += _prediction_dots(_medians(predicted), len(values), low, high)
    if dataset.second_marks:
        second = dataset.test_x[chosen, :, 1]
        traces.append(_marked(second, dataset.features[1], high + pad / 2))
    return traces, [low - pad, high + pad]


def _value_span(dataset: Dataset, medians: list[float]) -> tuple[float, float]:
    """Return the ends of the values' axis: 0 to 1, or what values, targets and predictions span.

    Predictions stretch it by its own length at most on either side: the figure names them in words.
    """
    every = (dataset.test_x[:, :, 0], dataset.test_y)
    low = min(0.0, *(float(values.min()) for values in every))
    high = max(float(values.max()) for values in every)
    high = 1.0 if 0.5 < high <= 1 else high
    room = high - low
    return max(low - room, min([low, *medians])), min(high + room, max([high, *medians]))


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


def _value_bars(values: np.ndarray, target: float, height: float) -> list[dict[str, Any]]:
    """Return the window's values and the target as bars, with marks at invisible ones."""
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


def _prediction_dots(
    medians: Mapping[str, float], steps: int, low: float, high: float
) -> list[dict[str, Any]]:
    """Return both predictions, pointing at the target."""
    # From both sides, so that equal predictions do not hide each other.
    sides = ((-1, "triangle-right"), (1, "triangle-left"))
    traces = []
    for (name, colour), (side, symbol) in zip(NETWORKS, sides, strict=True):
        value = medians.get(name)
        traces.append(
            dots(
                [target_place(steps) + 0.4 * target_width(steps) * side],
                [None if value is None else min(max(value, low), high)],
                {"color": colour, "size": 12, "symbol": symbol},
                name=name,
                text=["" if value is None else f"{name} predicts {readable(value)}"],
                hovertemplate="%{text}<br>(median over the random starts)<extra></extra>",
            )
        )
    return traces


def _numbers(dataset: Dataset, chosen: int, predicted: Predicted) -> dict[str, Any]:
    """Return the note with the target, the predictions, and what the bars cannot show."""
    values, target = dataset.test_x[chosen, :, 0], float(dataset.test_y[chosen])
    medians = " · ".join(f"{name} {readable(value)}" for name, value in _medians(predicted).items())
    lost = diverged_by_network(predicted).replace("; ", "<br>")
    nil = int(np.sum(zero_in_float32(values)))
    drowned = f"○ {nil} of {len(values)} inputs are exactly 0 in float32" if nil else ""
    lines = [f"□ target {readable(target)}", medians, lost, drowned]
    words = "<br>".join(line for line in lines if line)
    return note(words, 0, 1, yref="paper", align="left", xanchor="left", yanchor="top")
