"""Predicted against true: every test window's prediction, on the original scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fibattn.figures.axes import axis, powers
from fibattn.figures.colours import BASELINE, NETWORKS, PINNED, by_network
from fibattn.figures.layout import figure, note, side_note, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.prediction_places import Axes, Numbers, axes_of, numbers_of
from fibattn.figures.traces import dots, unseen
from fibattn.judge.pinned import Pinned
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

# The plain dots and rings are larger, so that they are seen around attention's.
DOT_SIZES = (9, 5)
RING_SIZES = (22, 15)
# Pinned ones are rings around where the dots would be.
PINNED_SIZES = (12, 8)


def predicted_against_true(
    plain: Run | None,
    attention: Run | None,
    dataset: Dataset,
    chosen: int | None,
    pinned: Pinned | None = None,
) -> Picture:
    """Draw each test window's prediction against the true number.

    Where the series spans many magnitudes both axes show powers of ten. A point is the median
    over the random starts, its customdata[0] the test window's index. Predictions that have no
    place (zero or negative on a log axis, elsewhere far off) stand below the axis as triangles. Of
    very many windows some are left out, evenly by target: each point costs the browser time. The
    alt says by how much the median predictions miss, and how many have no place. The predictions of
    pinned runs on the same windows are rings.
    """
    over = _over(plain, attention)
    before = {}
    if pinned and pinned.same_data:
        before = _medians(_over(pinned.plain, pinned.attention), dataset)
    truth, medians = numbers_of(dataset.test_y, dataset), _medians(over, dataset)
    axes = axes_of(dataset, [*medians.values(), *before.values()])
    drawn = _drawn(dataset, chosen)
    traces = [_exact(axes)]
    for place, (name, _) in enumerate(NETWORKS):
        traces.append(_legend(place))
        if name in medians:
            traces += _points(place, truth, medians[name], drawn, axes)
            traces += _ring(place, truth, medians[name], chosen, axes)
        if name in before:
            traces += _points(place, truth, before[name], drawn, axes, outlined=True)
    if before:
        look = {"color": BASELINE, "size": 8, "symbol": "circle-open"}
        traces.append(unseen("markers", marker=look, name=PINNED))
    drawing = figure(
        traces,
        HEIGHT,
        **_both_axes(axes, drawn, dataset.many_magnitudes),
        annotations=_notes(over, medians, axes, dataset),
        clickmode="event+select",
    )
    said = _alt(over, truth, medians, dataset)
    return Picture(drawing, sentences(said, *_missed(before, truth, dataset, f", {PINNED}")))


def _over(plain: Run | None, attention: Run | None) -> dict[str, OverStarts | None]:
    return {
        name: None if run is None else predictions(run)
        for name, run in by_network(plain, attention).items()
    }


def _medians(over: Mapping[str, OverStarts | None], dataset: Dataset) -> dict[str, Numbers]:
    """Return the median predictions of the networks that have some."""
    return {
        name: numbers_of(each.median, dataset)
        for name, each in over.items()
        if each is not None and not each.all_diverged
    }


def _no_place(dataset: Dataset) -> str:
    """Return what is said of predictions without a place on the axis."""
    return "zero or negative" if dataset.many_magnitudes else "far off"


def _notes(
    over: Mapping[str, OverStarts | None],
    medians: Mapping[str, Numbers],
    axes: Axes,
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
    truth: Numbers,
    medians: Mapping[str, Numbers],
    dataset: Dataset,
) -> str:
    if all(each is None for each in over.values()):
        return "Predicted against true test values: no result yet."
    parts = _missed(medians, truth, dataset)
    return sentences("Predicted against true test values", *parts, diverged_by_network(over))


def _missed(
    medians: Mapping[str, Numbers], truth: Numbers, dataset: Dataset, more: str = ""
) -> list[str]:
    """Return in words by how much each network's median predictions miss; `more` after its name."""
    parts = []
    for name, median in medians.items():
        missed = np.abs(median.places - truth.places)[~median.lost]
        lost, windows = int(np.sum(median.lost)), len(median.lost)
        part = f"{name}{more}: {lost} of {windows} are {_no_place(dataset)}"
        if len(missed):
            half = float(np.median(missed))
            words = f"{half:.1f} powers of ten" if dataset.many_magnitudes else readable(half)
            part += f", half of the others miss by at least {words}"
        parts.append(part)
    return parts


def _both_axes(axes: Axes, drawn: np.ndarray, on_log: bool) -> dict[str, Any]:
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


def _exact(axes: Axes) -> dict[str, Any]:
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


def _heights(place: int, median: Numbers, axes: Axes) -> np.ndarray:
    """Return where the points of a network stand: those without a place, in a row below."""
    return np.where(median.lost, axes.bottom - axes.pad * (1.2 + 1.4 * place), median.places)


def _points(
    place: int,
    truth: Numbers,
    median: Numbers,
    drawn: np.ndarray,
    axes: Axes,
    outlined: bool = False,
) -> list[dict[str, Any]]:
    """Return the points of one network: place is its own in NETWORKS; outlined, if it is pinned."""
    name, colour = NETWORKS[place]
    name, sizes = (f"{name}, {PINNED}", PINNED_SIZES) if outlined else (name, DOT_SIZES)
    heights = _heights(place, median, axes)
    traces = []
    for shown, symbol in ((~median.lost, "circle"), (median.lost, "triangle-down")):
        windows = np.flatnonzero(shown & drawn).tolist()
        pairs = ((int(i), float(truth.numbers[i]), float(median.numbers[i])) for i in windows)
        symbol += "-open" * outlined
        look = {"color": colour, "size": sizes[place], "opacity": 0.7, "symbol": symbol}
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
    place: int, truth: Numbers, median: Numbers, chosen: int | None, axes: Axes
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
