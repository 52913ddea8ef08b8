"""Predicted against true: every test window's prediction, on the original scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, log_span, powers
from fibattn.figures.colours import BASELINE, NETWORKS
from fibattn.figures.layout import figure, note, waiting
from fibattn.figures.traces import dots, unseen
from fibattn.judge.evaluation import window_order
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

HEIGHT = 440
# Of each network; the whole page must be redrawn in the blink of an eye.
MOST_POINTS = 120
# Predictions that miss the span of the true numbers by this many spans are not drawn to scale.
FAR_OFF = 3

# The plain dots and rings are larger, so that they are seen around attention's.
DOT_SIZES = (9, 5)
RING_SIZES = (22, 15)


def predicted_against_true(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int | None
) -> go.Figure:
    """Draw each test window's prediction against the true number.

    Where the series spans many magnitudes both axes show powers of ten. A point is the median
    over the random starts, its customdata[0] the test window's index. Predictions that have no
    place (not a number; zero or negative on a log axis) stand below the axis as triangles. Of
    very many windows some are left out, evenly by target: each point costs the browser time.
    """
    on_log = dataset.many_magnitudes
    truth = _places(dataset.unscale(dataset.test_y), dataset)
    low, high = _true_span(dataset)
    medians = [_on_original_scale(run, dataset) for run in (plain, attention)]
    logs = [None if median is None else _places(median, dataset) for median in medians]
    every = np.concatenate([[low, high], *[values for values in logs if values is not None]])
    every = every[np.isfinite(every)]
    bottom, top = float(every.min()), float(every.max())
    pad = 0.035 * (top - bottom)
    traces = [_exact(low, high)]
    lost = []
    drawn = np.zeros(len(truth), bool)
    drawn[_spread_evenly(window_order(dataset), chosen)] = True
    for place, (name, colour) in enumerate(NETWORKS):
        traces.append(unseen("markers", marker={"color": colour, "size": 8}, name=name))
        median, values = medians[place], logs[place]
        if median is None or values is None:
            continue
        shown = np.isfinite(values)
        y = np.where(shown, values, bottom - pad * (1.2 + 1.4 * place))
        for where, symbol in ((shown, "circle"), (~shown, "triangle-down")):
            look = {"color": colour, "size": DOT_SIZES[place], "opacity": 0.7, "symbol": symbol}
            traces.append(
                _dots(name, look, np.flatnonzero(where & drawn), truth, y, median, dataset)
            )
        if chosen is not None and 0 <= chosen < len(y):
            x = float(truth[chosen])
            traces.append(_ring(colour, RING_SIZES[place], x, float(y[chosen])))
        if not shown.all():
            lost.append(f"{name} {int(np.sum(~shown))}")
    notes = []
    if lost:
        what = "zero or negative" if on_log else "far off"
        words = f"▼ {what}: {', '.join(lost)}"
        notes.append(note(words, 1, bottom + 0.6 * pad, xanchor="right", yanchor="bottom"))
    if plain is None and attention is None:
        notes.append(waiting(y=0.2))
    some = "" if drawn.all() else f" ({drawn.sum()} of {len(drawn)} test windows)"
    return figure(
        traces,
        HEIGHT,
        xaxis=axis(
            f"true number{some}",
            [low - 2 * pad, high + 2 * pad],
            **(powers(low, high) if on_log else {}),
        ),
        yaxis=axis(
            "predicted number",
            [bottom - 4 * pad, top + 2 * pad],
            **(powers(bottom, top) if on_log else {}),
        ),
        annotations=notes,
        clickmode="event+select",
    )


def predicted_against_true_alt(plain: Run | None, attention: Run | None, dataset: Dataset) -> str:
    """Say by how much the median predictions miss, and how many have no place on the axis."""
    on_log = dataset.many_magnitudes
    truth = _places(dataset.unscale(dataset.test_y), dataset)
    parts = []
    for (name, _), run in zip(NETWORKS, (plain, attention), strict=True):
        median = _on_original_scale(run, dataset)
        if median is None:
            continue
        values = _places(median, dataset)
        missed = np.abs(values - truth)[np.isfinite(values)]
        what, unit = ("zero or negative", " powers of ten") if on_log else ("far off", "")
        part = f"{name}: {len(values) - len(missed)} of {len(values)} are {what}"
        if len(missed):
            half = f"{np.median(missed):.1f}" if on_log else readable(float(np.median(missed)))
            part += f", half of the others miss by at least {half}{unit}"
        parts.append(part)
    if not parts:
        return "Predicted against true test values: no result yet."
    return f"Predicted against true test values. {'. '.join(parts)}."


def median_predictions(run: Run) -> np.ndarray:
    """Return the test windows' predictions, scaled, median over the random starts: (windows,)."""
    with np.errstate(invalid="ignore"):  # between inf and -inf is NaN
        return np.median(np.asarray(run.test_predictions, np.float64), axis=0)


def _spread_evenly(order: np.ndarray, chosen: int | None) -> np.ndarray:
    """Return at most MOST_POINTS of some windows, evenly in their order, and the chosen one."""
    places = np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)
    extra = [] if chosen is None or not 0 <= chosen < len(order) else [chosen]
    return np.append(order[places], extra).astype(int)


def _on_original_scale(run: Run | None, dataset: Dataset) -> np.ndarray | None:
    return None if run is None else dataset.unscale(median_predictions(run))


def _places(values: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return where values stand on the axis, NaN where they have no place.

    On a log axis zero and below have none, on another what is absurdly far off: it would squeeze
    all else together.
    """
    places = np.full(values.shape, np.nan)
    if dataset.many_magnitudes:
        shown = np.isfinite(values) & (values > 0)
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


def _exact(low: float, high: float) -> dict[str, Any]:
    """Return the line on which predictions are right."""
    return {
        "type": "scatter",
        "x": [low, high],
        "y": [low, high],
        "mode": "lines",
        "line": {"color": BASELINE, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
        "name": "exact",
    }


def _dots(
    name: str,
    look: dict[str, Any],
    windows: np.ndarray,
    truth: np.ndarray,
    y: np.ndarray,
    median: np.ndarray,
    dataset: Dataset,
) -> dict[str, Any]:
    """Return the points of some windows, given by their indices."""
    true = dataset.unscale(dataset.test_y)
    words = [[int(i), readable(float(true[i])), readable(float(median[i]))] for i in windows]
    # Choosing a window is shown by a ring; the others need not fade.
    unchanged = {"marker": {"opacity": look["opacity"]}}
    return dots(
        truth[windows].astype(np.float32),
        y[windows].astype(np.float32),
        look,
        customdata=words,
        selected=unchanged,
        unselected=unchanged,
        name=name,
        showlegend=False,
        hovertemplate=(
            f"true %{{customdata[1]}}<br>{name} %{{customdata[2]}}"
            "<br>(median over the random starts)<extra></extra>"
        ),
    )


def _ring(colour: str, size: int, x: float, y: float) -> dict[str, Any]:
    return dots(
        [x],
        [y],
        {"symbol": "circle-open", "size": size, "color": colour, "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
        name="chosen window",
    )
