"""Predicted against true: every test window's prediction, on the original scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.figures.axes import axis, log_span, powers
from fibattn.figures.colours import BASELINE, NETWORKS, by_network
from fibattn.figures.layout import figure, note, side_note, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import dots, unseen
from fibattn.judge.run_values import predictions
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import window_order
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable
from fibattn.words.starts import diverged_by_network

HEIGHT = 440
# Of each network; the whole page must be redrawn in the blink of an eye.
MOST_POINTS = 120
# Predictions that miss the span of the true numbers by this many spans are not drawn to scale.
FAR_OFF = 3

# The plain dots and rings are larger, so that they are seen around attention's.
DOT_SIZES = (9, 5)
RING_SIZES = (22, 15)


@dataclass(frozen=True, eq=False)
class _Numbers:
    """Numbers of the test windows, (windows,), on the original scale.

    places: where they stand on the axis, NaN where they have no place.
    """

    numbers: np.ndarray
    places: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """Which have no place on the axis: (windows,), boolean."""
        return np.isnan(self.places)


@dataclass(frozen=True)
class _Axes:
    """The ends of the true numbers' axis, and of the predicted ones'; `pad` is a small height."""

    low: float
    high: float
    bottom: float
    top: float

    @property
    def pad(self) -> float:
        return 0.035 * (self.top - self.bottom)


def predicted_against_true(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int | None
) -> Picture:
    """Draw each test window's prediction against the true number.

    Where the series spans many magnitudes both axes show powers of ten. A point is the median
    over the random starts, its customdata[0] the test window's index. Predictions that have no
    place (zero or negative on a log axis, elsewhere far off) stand below the axis as triangles. Of
    very many windows some are left out, evenly by target: each point costs the browser time. The
    alt says by how much the median predictions miss, and how many have no place.
    """
    over = {
        name: None if run is None else predictions(run)
        for name, run in by_network(plain, attention).items()
    }
    truth = _numbers(dataset.test_y, dataset)
    medians = {
        name: _numbers(each.median, dataset)
        for name, each in over.items()
        if each is not None and not each.all_diverged
    }
    axes = _axes(dataset, medians.values())
    drawn = _drawn(dataset, chosen)
    traces = [_exact(axes)]
    for place, (name, _) in enumerate(NETWORKS):
        traces.append(_legend(place))
        if name in medians:
            traces += _points(place, truth, medians[name], drawn, axes)
            traces += _ring(place, truth, medians[name], chosen, axes)
    drawing = figure(
        traces,
        HEIGHT,
        **_both_axes(axes, drawn, dataset.many_magnitudes),
        annotations=_notes(over, medians, axes, dataset),
        clickmode="event+select",
    )
    return Picture(drawing, _alt(over, truth, medians, dataset))


def _numbers(scaled: np.ndarray, dataset: Dataset) -> _Numbers:
    numbers = dataset.unscale(scaled)
    return _Numbers(numbers, _places(numbers, dataset))


def _no_place(dataset: Dataset) -> str:
    """Return what is said of predictions without a place on the axis."""
    return "zero or negative" if dataset.many_magnitudes else "far off"


def _notes(
    over: Mapping[str, OverStarts | None],
    medians: Mapping[str, _Numbers],
    axes: _Axes,
    dataset: Dataset,
) -> list[dict[str, Any]]:
    """Return what is said in the figure: which starts and which predictions are not drawn."""
    corner = {"yref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
    notes = side_note(diverged_by_network(over), 0, 1, **corner)
    if all(each is None for each in over.values()):
        notes.append(waiting(y=0.2))
    counts = {name: int(np.sum(median.lost)) for name, median in medians.items()}
    lost = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    if lost:
        words, height = f"▼ {_no_place(dataset)}: {lost}", axes.bottom + 0.6 * axes.pad
        notes.append(note(words, 1, height, xanchor="right", yanchor="bottom"))
    return notes


def _alt(
    over: Mapping[str, OverStarts | None],
    truth: _Numbers,
    medians: Mapping[str, _Numbers],
    dataset: Dataset,
) -> str:
    if all(each is None for each in over.values()):
        return "Predicted against true test values: no result yet."
    parts = []
    for name, median in medians.items():
        missed = np.abs(median.places - truth.places)[~median.lost]
        lost, windows = int(np.sum(median.lost)), len(median.lost)
        part = f"{name}: {lost} of {windows} are {_no_place(dataset)}"
        if len(missed):
            half = float(np.median(missed))
            words = f"{half:.1f} powers of ten" if dataset.many_magnitudes else readable(half)
            part += f", half of the others miss by at least {words}"
        parts.append(part)
    return sentences("Predicted against true test values", *parts, diverged_by_network(over))


def _axes(dataset: Dataset, medians: Iterable[_Numbers]) -> _Axes:
    low, high = _true_span(dataset)
    every = np.concatenate([[low, high], *[median.places[~median.lost] for median in medians]])
    return _Axes(low, high, float(every.min()), float(every.max()))


def _both_axes(axes: _Axes, drawn: np.ndarray, on_log: bool) -> dict[str, Any]:
    some = "" if drawn.all() else f" ({drawn.sum()} of {len(drawn)} test windows)"
    return {
        "xaxis": axis(
            f"true number{some}",
            [axes.low - 2 * axes.pad, axes.high + 2 * axes.pad],
            **(powers(axes.low, axes.high) if on_log else {}),
        ),
        "yaxis": axis(
            "predicted number",
            [axes.bottom - 4 * axes.pad, axes.top + 2 * axes.pad],
            **(powers(axes.bottom, axes.top) if on_log else {}),
        ),
    }


def _drawn(dataset: Dataset, chosen: int | None) -> np.ndarray:
    """Return which windows are drawn: MOST_POINTS, evenly by target, and the chosen one.

    (windows,), boolean.
    """
    order = window_order(dataset)
    places = np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)
    drawn = np.zeros(len(order), bool)
    drawn[order[places]] = True
    if chosen is not None and 0 <= chosen < len(order):
        drawn[chosen] = True
    return drawn


def _places(values: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return where values stand on the axis, NaN where they have no place.

    On a log axis zero and below have none, on another what is absurdly far off: it would squeeze
    all else together.
    """
    places = np.full(values.shape, np.nan)
    if dataset.many_magnitudes:
        shown = values > 0
        places[shown] = np.log10(values[shown])
    else:
        low, high = _true_span(dataset)
        room = FAR_OFF * (high - low)
        shown = (values >= low - room) & (values <= high + room)
        places[shown] = values[shown]
    return places


def _true_span(dataset: Dataset) -> tuple[float, float]:
    """Return the ends of the true numbers' axis."""
    if dataset.many_magnitudes and dataset.series is not None:
        return log_span(dataset.series)
    truth = dataset.unscale(dataset.test_y)
    return float(truth.min()), float(truth.max())


def _exact(axes: _Axes) -> dict[str, Any]:
    """Return the line on which predictions are right."""
    return {
        "type": "scatter",
        "x": [axes.low, axes.high],
        "y": [axes.low, axes.high],
        "mode": "lines",
        "line": {"color": BASELINE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
        "name": "exact",
    }


def _legend(place: int) -> dict[str, Any]:
    name, colour = NETWORKS[place]
    return unseen("markers", marker={"color": colour, "size": 8}, name=name)


def _heights(place: int, median: _Numbers, axes: _Axes) -> np.ndarray:
    """Return where the points of a network stand: those without a place, in a row below."""
    return np.where(median.lost, axes.bottom - axes.pad * (1.2 + 1.4 * place), median.places)


def _points(
    place: int, truth: _Numbers, median: _Numbers, drawn: np.ndarray, axes: _Axes
) -> list[dict[str, Any]]:
    """Return the points of one network: place is its own in NETWORKS."""
    name, colour = NETWORKS[place]
    heights = _heights(place, median, axes)
    traces = []
    for shown, symbol in ((~median.lost, "circle"), (median.lost, "triangle-down")):
        windows = np.flatnonzero(shown & drawn).tolist()
        pairs = ((int(i), float(truth.numbers[i]), float(median.numbers[i])) for i in windows)
        look = {"color": colour, "size": DOT_SIZES[place], "opacity": 0.7, "symbol": symbol}
        # Choosing a window is shown by a ring; the others need not fade.
        unchanged = {"marker": {"opacity": look["opacity"]}}
        traces.append(
            dots(
                truth.places[windows].astype(np.float32),
                heights[windows].astype(np.float32),
                look,
                customdata=[[i, readable(true), readable(guess)] for i, true, guess in pairs],
                selected=unchanged,
                unselected=unchanged,
                name=name,
                showlegend=False,
                hovertemplate=(
                    f"true %{{customdata[1]}}<br>{name} %{{customdata[2]}}"
                    "<br>(median over the random starts)<extra></extra>"
                ),
            )
        )
    return traces


def _ring(
    place: int, truth: _Numbers, median: _Numbers, chosen: int | None, axes: _Axes
) -> list[dict[str, Any]]:
    """Return the ring around the chosen window's point."""
    if chosen is None or not 0 <= chosen < len(median.places):
        return []
    _, colour = NETWORKS[place]
    look = {"symbol": "circle-open", "size": RING_SIZES[place], "color": colour}
    ring = dots(
        [float(truth.places[chosen])],
        [float(_heights(place, median, axes)[chosen])],
        look | {"line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
        name="chosen window",
    )
    return [ring]
