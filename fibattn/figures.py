"""Pictures of runs: plotly figures, each with a sentence that says what it shows.

Every figure keeps its height and its axes when the runs are still missing, so that nothing jumps
when they arrive. Text colours and grids are left to the page's theme.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.catalogue import attention_layers
from fibattn.evaluation import (
    Baseline,
    nan_as_infinity,
    power_of_ten,
    readable,
    step_labels,
    test_mse,
    window_order,
    zero_in_float32,
)
from fibattn.run import Run
from fibattn.tasks import Dataset

Losses = tuple[np.ndarray, np.ndarray]

# One colour for each thing, at least 3:1 against the light and the dark page.
PLAIN = "#2B84C6"
ATTENTION = "#D9700F"
BASELINE = "#8A8F98"
SERIES = "#13917F"
WEIGHTS = "Viridis"

LOSS_HEIGHT = 360
SCORES_HEIGHT = 270
PREDICTED_HEIGHT = 440
WINDOWS_HEIGHT = 480
CHOSEN_HEIGHT = 500
EPOCHS_HEIGHT = 400
SERIES_HEIGHT = 380

NETWORKS = (("Plain", PLAIN), ("Attention", ATTENTION))
WAITING = "waiting for the first result"

# Below this share of the axis a bar cannot be seen.
INVISIBLE = 0.005


# --- Loss curves ----------------------------------------------------------------------------------


def loss_curves(plain: Losses | None, attention: Losses | None, epochs: int) -> go.Figure:
    """Draw both networks' losses over the epochs, on a log axis.

    Args:
        plain, attention: (loss, val_loss), each (epochs so far, repeats), scaled MSE.
        epochs: how many there will be; the axis is that long from the start.

    The line is the median over the random starts, the band of the test loss its whole range.
    """
    pairs = [
        (name, colour, losses)
        for (name, colour), losses in zip(NETWORKS, (plain, attention), strict=True)
        if losses is not None and len(losses[0])
    ]
    traces: list[dict[str, Any]] = [_loss_band(colour, losses[1]) for _, colour, losses in pairs]
    for name, colour, (train, test) in pairs:
        traces += [_loss_line(name, "train", colour, train), _loss_line(name, "test", colour, test)]
    traces += [_legend_line(name, colour) for name, colour in NETWORKS]
    traces += [_legend_line("train", BASELINE), _legend_line("test", BASELINE, "dash")]
    drawn = [array for _, _, losses in pairs for array in losses]
    low, high = _decades(np.concatenate([a.ravel() for a in drawn]) if drawn else (), (-5, -2))
    return _figure(
        traces,
        LOSS_HEIGHT,
        xaxis=_axis("epoch", [0.5, epochs + 0.5], **_whole_ticks(1, epochs)),
        yaxis=_axis("mean squared error", [low, high], type="log", **_power_ticks(low, high)),
        annotations=[] if pairs else [_quiet(WAITING)],
    )


def loss_curves_alt(plain: Losses | None, attention: Losses | None) -> str:
    """Say where the losses ended."""
    ends = []
    for (name, _), losses in zip(NETWORKS, (plain, attention), strict=True):
        if losses is not None and len(losses[1]):
            median = float(np.median(nan_as_infinity(losses[1][-1])))
            ends.append(f"{name} is at {readable(median)} after epoch {len(losses[1])}")
    if not ends:
        return "Loss over the epochs: no result yet."
    return f"Loss over the epochs, median test error over the random starts: {', '.join(ends)}."


def _loss_line(name: str, part: str, colour: str, losses: np.ndarray) -> dict[str, Any]:
    values = nan_as_infinity(losses)
    middle = _drawable(np.median(values, axis=1))
    # A line needs two neighbours; a point between gaps, or the first epoch, would not be seen.
    lonely = len(middle) < 3 or bool(np.isnan(middle).any())
    return {
        "type": "scatter",
        "x": np.arange(1, len(middle) + 1),
        "y": middle.astype(np.float32),
        "mode": "lines+markers" if lonely else "lines",
        "line": {"color": colour, "width": 2.5, "dash": "dash" if part == "test" else "solid"},
        "marker": {
            "color": colour,
            "size": 8,
            "symbol": "circle-open" if part == "test" else "circle",
            "line": {"width": 2},
        },
        "name": f"{name}, {part}",
        "showlegend": False,
        "text": [
            f"{readable(float(m))} ({readable(float(low))} to {readable(float(high))})"
            for m, low, high in zip(middle, values.min(1), values.max(1), strict=True)
        ],
        "hovertemplate": f"{name}, {part}, epoch %{{x}}<br>median %{{text}}<extra></extra>",
    }


def _loss_band(colour: str, losses: np.ndarray) -> dict[str, Any]:
    """Return the range over the random starts that can be drawn, as one closed area."""
    values = np.where((losses > 0) & np.isfinite(losses), losses.astype(np.float64), np.nan)
    seen = np.flatnonzero(~np.isnan(values).all(axis=1))
    low, high = np.nanmin(values[seen], axis=1), np.nanmax(values[seen], axis=1)
    if losses.shape[1] < 2:
        seen, low, high = seen[:0], low[:0], high[:0]
    return {
        "type": "scatter",
        "x": np.concatenate([seen, seen[::-1]]) + 1,
        "y": np.concatenate([high, low[::-1]]).astype(np.float32),
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": _faint(colour, 0.18),
        "hoverinfo": "skip",
        "showlegend": False,
    }


# --- Scores ---------------------------------------------------------------------------------------


def scores(plain: Run | None, attention: Run | None, baselines: tuple[Baseline, ...]) -> go.Figure:
    """Draw the test MSE of every random start, the medians, and the baselines as lines.

    A baseline many powers of ten away is named at the edge; it would squeeze all else together.
    """
    values = [None if run is None else np.array(test_mse(run).values) for run in (plain, attention)]
    low, high = _score_range(values, baselines)
    empty = plain is None and attention is None
    traces, notes = [], []
    # The smallest at the bottom: its line ends below the labels of those to its right.
    ordered = sorted(baselines, key=lambda b: (not _fits(b, low, high), b.test_mse))
    for row, baseline in enumerate(ordered, start=2):
        if _fits(baseline, low, high):
            traces.append(_baseline_line(baseline, 1.6 if empty else -0.6, row, low, high))
        else:
            notes.append(_baseline_note(baseline, row, low))
    for row, ((name, colour), mses) in enumerate(zip(NETWORKS, values, strict=True)):
        if mses is not None:
            traces += _score_row(name, colour, 1 - row, mses, low, high)
    if empty:
        notes.append(_quiet(WAITING, y=1 / (len(baselines) + 2)))
    return _figure(
        traces or [_nothing()],
        SCORES_HEIGHT,
        xaxis=_axis("mean squared error on the test windows", [low, high], **_powers(low, high)),
        yaxis=_axis(
            None,
            [-0.6, len(baselines) + 1.6],
            tickvals=[1, 0],
            ticktext=["Plain", "Attention"],
            showgrid=False,
        ),
        annotations=notes,
        showlegend=False,
        margin=_margin(t=10),
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


def _score_range(
    values: list[np.ndarray | None], baselines: tuple[Baseline, ...]
) -> tuple[int, int]:
    """Return whole powers of ten that hold the networks and the baselines near to them."""
    near = [b.test_mse for b in baselines if b.name != "rule" and b.test_mse > 0]
    # Without a result the axis is as it will most likely be with one.
    start = (
        (math.floor(math.log10(min(near))) - 1, math.ceil(math.log10(max(near))))
        if near
        else (-5, -2)
    )
    found = [mses for mses in values if mses is not None]
    return _decades(np.concatenate(found) if found else (), start)


def _fits(baseline: Baseline, low: float, high: float) -> bool:
    return baseline.test_mse > 0 and low <= math.log10(baseline.test_mse) <= high


def _baseline_line(
    baseline: Baseline, start: float, row: int, low: float, high: float
) -> dict[str, Any]:
    x = math.log10(baseline.test_mse)
    words = f"{baseline.label.removeprefix('the ')}: {readable(baseline.test_mse)}"
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
    value = baseline.test_mse
    left = not value > 10**low
    words = f"{baseline.label.removeprefix('the ')}: {readable(value)}"
    return {
        "x": 0 if left else 1,
        "xref": "paper",
        "xanchor": "left" if left else "right",
        "y": row,
        "yref": "y",
        "text": f"← {words}" if left else f"{words} →",
        "showarrow": False,
    }


def _score_row(
    name: str, colour: str, row: int, mses: np.ndarray, low: float, high: float
) -> list[dict[str, Any]]:
    """Return the dots of one network and its median; what has no place stands at the edge."""
    with np.errstate(divide="ignore"):
        logs = np.log10(nan_as_infinity(mses))
        median = float(np.median(nan_as_infinity(mses)))
        middle = float(np.log10(median))
    dots = {
        "type": "scatter",
        "x": np.clip(logs, low, high),
        "y": np.full(len(mses), row),
        "mode": "markers",
        "marker": {
            "color": _faint(colour, 0.55),
            "size": 12,
            "line": {"color": colour, "width": 1.5},
            "symbol": [
                "circle" if np.isfinite(x) else "triangle-right" if x > 0 else "triangle-left"
                for x in logs
            ],
        },
        "name": name,
        "text": [
            readable(float(mse)) if math.isfinite(mse) else "diverged, beyond this axis"
            for mse in mses
        ],
        "customdata": [[start] for start in range(1, len(mses) + 1)],
        "hovertemplate": f"{name}, start %{{customdata[0]}}: %{{text}}<extra></extra>",
        "cliponaxis": False,
    }
    mark = {
        "type": "scatter",
        "x": [float(np.clip(middle, low, high))],
        "y": [row],
        "mode": "markers",
        "marker": {"symbol": "line-ns", "size": 30, "line": {"color": colour, "width": 4}},
        "name": f"{name}, median",
        "text": [readable(median) if math.isfinite(median) else "diverged"],
        "hovertemplate": f"{name}, median %{{text}}<extra></extra>",
        "cliponaxis": False,
    }
    return [dots, mark]


# --- Predicted against true -----------------------------------------------------------------------


def predicted_against_true(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int | None
) -> go.Figure:
    """Draw each test window's prediction against the true number, both as powers of ten.

    A point is the median over the random starts, its customdata[0] the test window's index.
    Predictions that are zero, negative or not a number stand below the axis as triangles.
    """
    truth = np.log10(dataset.unscale(dataset.test_y))
    high = _nice_top(float(np.log10(dataset.series.max())))
    medians = [_median_prediction(run, dataset) for run in (plain, attention)]
    logs = [None if median is None else _log10(median) for median in medians]
    found = [values[np.isfinite(values)] for values in logs if values is not None]
    every = np.concatenate([*found, [0.0, high]])
    bottom, top = min(0.0, float(every.min())), max(high, float(every.max()))
    pad = 0.035 * (top - bottom)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": [0, high],
            "y": [0, high],
            "mode": "lines",
            "line": {"color": BASELINE, "width": 1.5, "dash": "dot"},
            "hoverinfo": "skip",
            "name": "exact",
        }
    ]
    lost = []
    for place, (name, colour) in enumerate(NETWORKS):
        traces.append(_legend_dot(name, colour))
        median, values = medians[place], logs[place]
        if median is None or values is None:
            continue
        shown = np.isfinite(values)
        y = np.where(shown, values, bottom - pad * (1.2 + 1.4 * place))
        for where, symbol in ((shown, "circle"), (~shown, "triangle-down")):
            dots = _prediction_dots(where, truth, y, median, dataset)
            # The plain dots are larger, so that they are seen around attention's.
            traces.append(dots | _dot_look(name, colour, symbol, (9, 5)[place]))
        if chosen is not None and 0 <= chosen < len(y):
            traces.append(_ring(colour, float(truth[chosen]), float(y[chosen]), (22, 15)[place]))
        if not shown.all():
            lost.append(f"{name} {int(np.sum(~shown))}")
    notes = [_below(lost, bottom + 0.6 * pad)] if lost else []
    if plain is None and attention is None:
        notes.append(_quiet(WAITING, y=0.2))
    return _figure(
        traces,
        PREDICTED_HEIGHT,
        xaxis=_axis("true number", [-2 * pad, high + 2 * pad], **_powers(0, high)),
        yaxis=_axis("predicted number", [bottom - 4 * pad, top + 2 * pad], **_powers(bottom, top)),
        annotations=notes,
        clickmode="event+select",
    )


def predicted_against_true_alt(plain: Run | None, attention: Run | None, dataset: Dataset) -> str:
    """Say by how many powers of ten the median predictions miss, and how many are not positive."""
    truth = np.log10(dataset.unscale(dataset.test_y))
    parts = []
    for (name, _), run in zip(NETWORKS, (plain, attention), strict=True):
        median = _median_prediction(run, dataset)
        if median is None:
            continue
        values = _log10(median)
        missed = np.abs(values - truth)[np.isfinite(values)]
        part = f"{name}: {len(values) - len(missed)} of {len(values)} are zero or negative"
        if len(missed):
            part += f", half of the others miss by at least {np.median(missed):.1f} powers of ten"
        parts.append(part)
    if not parts:
        return "Predicted against true test values: no result yet."
    return f"Predicted against true test values. {'. '.join(parts)}."


def _median_prediction(run: Run | None, dataset: Dataset) -> np.ndarray | None:
    """Return the median over the random starts, on the original scale, float64: (windows,)."""
    if run is None:
        return None
    return dataset.unscale(np.median(np.asarray(run.test_predictions, np.float64), axis=0))


def _prediction_dots(
    where: np.ndarray, truth: np.ndarray, y: np.ndarray, median: np.ndarray, dataset: Dataset
) -> dict[str, Any]:
    """Return the points of the windows in the mask `where`."""
    windows = np.flatnonzero(where)
    true = dataset.unscale(dataset.test_y)
    return {
        "x": truth[windows].astype(np.float32),
        "y": y[windows].astype(np.float32),
        "customdata": [
            [int(i), readable(float(true[i])), readable(float(median[i]))] for i in windows
        ],
    }


def _dot_look(name: str, colour: str, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "marker": {"color": colour, "size": size, "opacity": 0.7, "symbol": symbol},
        # Choosing a window is shown by a ring; the others need not fade.
        "selected": {"marker": {"opacity": 0.7}},
        "unselected": {"marker": {"opacity": 0.7}},
        "name": name,
        "showlegend": False,
        "hovertemplate": (
            f"true %{{customdata[1]}}<br>{name} %{{customdata[2]}}"
            "<br>(median over the random starts)<extra></extra>"
        ),
        "cliponaxis": False,
    }


def _ring(colour: str, x: float, y: float, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x],
        "y": [y],
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": size, "color": colour, "line": {"width": 3}},
        "hoverinfo": "skip",
        "showlegend": False,
        "name": "chosen window",
        "cliponaxis": False,
    }


def _below(lost: list[str], y: float) -> dict[str, Any]:
    return {
        "text": f"▼ zero or negative: {', '.join(lost)}",
        "x": 1,
        "xref": "paper",
        "xanchor": "right",
        "y": y,
        "yanchor": "bottom",
        "showarrow": False,
    }


# --- Attention ------------------------------------------------------------------------------------


def attention_windows(run: Run | None, dataset: Dataset, chosen: int | None) -> go.Figure:
    """Draw the attention weights of all test windows, ordered by target, as a heatmap.

    The weights are medians over the random starts. A row's customdata[0] is its test window's
    index; rows are chosen by clear bars over the heatmap, because heatmaps cannot be selected.
    """
    order = window_order(dataset)
    steps = dataset.test_x.shape[1]
    weights = _median_weights(run)
    empty = np.full((len(order), steps), np.nan)
    z = empty if weights is None else weights[order]
    traces = [
        *_heatmap(z, _ceiling(run, steps), hoverinfo="skip"),
        _row_bars(order, z, dataset),
    ]
    notes = [_quiet(WAITING)] if weights is None else []
    shapes: list[dict[str, Any]] = []
    if chosen is not None and 0 <= chosen < len(order):
        row = int(np.flatnonzero(order == chosen)[0])
        shapes, arrows = _row_mark(row, steps, len(order))
        notes += arrows
    return _figure(
        traces,
        WINDOWS_HEIGHT,
        xaxis=_steps_axis(steps),
        yaxis=_axis(
            "test windows, by their target",
            [-0.5, len(order) - 0.5],
            showgrid=False,
            **_target_ticks(order, dataset),
        ),
        annotations=notes,
        shapes=shapes,
        margin=_margin(t=64, r=26),
        clickmode="event+select",
        bargap=0,
    )


def attention_windows_alt(run: Run | None, dataset: Dataset) -> str:
    """Say which step gets the most weight, and how far that is from uniform."""
    weights = _median_weights(run)
    if weights is None:
        return "Attention weights of the test windows: no result yet."
    return "Attention weights of all test windows, median over the random starts. " + _favourite(
        weights.mean(axis=0)
    )


def chosen_window(
    plain: Run | None, attention: Run | None, dataset: Dataset, chosen: int
) -> go.Figure:
    """Draw one test window: its scaled values and target above, its attention weights below.

    Both networks' median predictions stand beside the target at t+1. Values too small for the
    axis are marked; a ring means exactly 0 in float32. Whiskers are the range over the starts.
    """
    chosen = min(max(chosen, 0), len(dataset.test_y) - 1)
    values, target = dataset.test_x[chosen, :, 0], float(dataset.test_y[chosen])
    steps = len(values)
    guesses = [
        None if run is None else float(np.median(run.test_predictions[:, chosen].astype(float)))
        for run in (plain, attention)
    ]
    shown = [guess for guess in guesses if guess is not None and math.isfinite(guess)]
    # A prediction far off is named in words; it must not flatten the window.
    low, high = max(-1.0, min(0.0, *shown, 0.0)), min(2.0, max(1.0, *shown, 0.0))
    pad = 0.06 * (high - low)
    traces = [*_value_bars(values, target, high - low), *_guess_dots(guesses, steps, low, high)]
    notes = [_window_note(values, target, guesses)]
    weights, ceiling, shapes = None, _ceiling(attention, steps), []
    if attention is not None and attention.test_attention.shape[-1]:
        weights = np.asarray(attention.test_attention[:, chosen], np.float64)
        traces.append(_weight_bars(weights))
    else:
        notes.append(_quiet(WAITING, y=0.2))
    marks = _weight_marks(ceiling, steps, weights)
    shapes = [_level(value, "y2") for value, _ in marks[1:]]
    return _figure(
        traces,
        CHOSEN_HEIGHT,
        xaxis=_steps_axis(steps, target=True, anchor="y2"),
        yaxis=_axis("scaled value", [low - pad, high + pad], domain=[0.47, 0.83]),
        yaxis2=_axis(
            "weight",
            [0, 1.08 * max(value for value, _ in marks)],
            domain=[0, 0.37],
            tickvals=[value for value, _ in marks],
            ticktext=[words for _, words in marks],
            showgrid=False,
        ),
        annotations=notes,
        shapes=shapes,
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
            guess = float(np.median(run.test_predictions[:, chosen].astype(float)))
            parts.append(f"{name} predicts {readable(guess)}")
    words = f"Test window {chosen}: {', '.join(parts)}."
    weights = _median_weights(attention)
    return words if weights is None else f"{words} {_favourite(weights[chosen])}"


def weights_over_epochs(
    attention_history: np.ndarray | None, time_steps: int, epochs: int, ceiling: float
) -> go.Figure:
    """Draw one window's attention weights from before training to the last epoch, as a heatmap.

    Args:
        attention_history: (epochs + 1, repeats, time_steps); row 0 is before the first epoch.
        time_steps, epochs: the axes' lengths.
        ceiling: the most weight one step can get; 1 where the layer sets no bound.
    """
    if attention_history is None or not len(attention_history):
        z = np.full((epochs + 1, time_steps), np.nan)
        extra: dict[str, Any] = {"hoverinfo": "skip"}
    else:
        history = np.asarray(attention_history, np.float64)
        z = np.median(history, axis=1)
        span = np.stack([history.min(axis=1), history.max(axis=1)], axis=-1)
        extra = {
            "customdata": np.round(span, 4).astype(np.float32),
            "hovertemplate": (
                "epoch %{y}, step %{x}: %{z:.3f}<br>over the random starts "
                "%{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>"
            ),
        }
    return _figure(
        _heatmap(z, ceiling, **extra),
        EPOCHS_HEIGHT,
        xaxis=_steps_axis(time_steps),
        yaxis=_axis(
            "epoch (0: before training)",
            [-0.5, epochs + 0.5],
            showgrid=False,
            **_whole_ticks(0, epochs),
        ),
        annotations=[_quiet(WAITING)] if np.isnan(z).all() else [],
        margin=_margin(t=64, r=26),
    )


def weights_over_epochs_alt(attention_history: np.ndarray | None) -> str:
    """Say which step the window's weights favour before training and in the end."""
    if attention_history is None or not len(attention_history):
        return "Attention weights of the chosen window over the epochs: no result yet."
    median = np.median(np.asarray(attention_history, np.float64), axis=1)
    return (
        "Attention weights of the chosen window over the epochs, median over the random starts. "
        f"Before training: {_favourite(median[0])} After epoch {len(median) - 1}: "
        f"{_favourite(median[-1])}"
    )


def _median_weights(run: Run | None) -> np.ndarray | None:
    """Return the test windows' weights, median over the random starts: (windows, time_steps)."""
    if run is None or not run.test_attention.shape[-1]:
        return None
    return np.median(np.asarray(run.test_attention, np.float64), axis=0)


def _favourite(weights: np.ndarray) -> str:
    best = int(np.argmax(weights))
    if not weights[best] > 1.1 / len(weights):
        return f"No step gets much more than the uniform {readable(1 / len(weights))}."
    return (
        f"Most weight is on step {step_labels(len(weights))[best]}: "
        f"{readable(float(weights[best]))}; uniform would be {readable(1 / len(weights))}."
    )


def _ceiling(run: Run | None, steps: int) -> float:
    """Return the most weight one step can get; without a run, that of the first layer."""
    layers = attention_layers()
    name = run.experiment.attention if run is not None else None
    return layers[name or next(iter(layers))].ceiling(steps)


def _weight_marks(
    ceiling: float, steps: int, weights: np.ndarray | None, apart: str = " "
) -> list[tuple[float, str]]:
    """Return what is marked on a scale of weights: 0, the uniform weight, and its end."""
    uniform = 1 / steps
    if ceiling < 1:
        end = (ceiling, f"ceiling{apart}{readable(ceiling)}")
    else:
        finite = np.zeros(1) if weights is None else weights[np.isfinite(weights)]
        largest = max(float(finite.max(initial=0)), 2 * uniform)
        end = (largest, readable(largest))
    return [(0.0, "0"), (uniform, f"1/T{apart}{readable(uniform)}"), end]


def _heatmap(z: np.ndarray, ceiling: float, **more: Any) -> list[dict[str, Any]]:
    """Return a heatmap of weights, and its colour bar, which is there without weights too."""
    marks = _weight_marks(ceiling, z.shape[1], z, apart="<br>")
    scale = {"cmin": 0, "cmax": marks[-1][0], "colorscale": WEIGHTS}
    cells = {
        "type": "heatmap",
        "z": np.round(z, 4).astype(np.float32),
        "zmin": 0,
        "zmax": marks[-1][0],
        "colorscale": WEIGHTS,
        "showscale": False,
        "hoverongaps": False,
    }
    bar = _nothing() | {
        "x": [None],
        "y": [None],
        "mode": "markers",
        "marker": scale | {"color": [0], "showscale": True, "colorbar": _colour_bar(marks)},
        "hoverinfo": "skip",
    }
    return [cells | more, bar]


def _colour_bar(marks: list[tuple[float, str]]) -> dict[str, Any]:
    return {
        "orientation": "h",
        "thickness": 12,
        "len": 1,
        "x": 0.5,
        "y": 1.01,
        "yanchor": "bottom",
        "ypad": 0,
        "xpad": 0,
        "tickvals": [value for value, _ in marks],
        "ticktext": [words for _, words in marks],
        "ticks": "outside",
        "outlinewidth": 0,
    }


def _row_bars(order: np.ndarray, z: np.ndarray, dataset: Dataset) -> dict[str, Any]:
    labels = step_labels(z.shape[1])
    targets = dataset.unscale(dataset.test_y)
    words = []
    for row, window in enumerate(order):
        text = f"target {readable(float(targets[window]))}"
        if not np.isnan(z[row]).any():
            best = int(np.argmax(z[row]))
            text += f"<br>most weight: {labels[best]} with {z[row, best]:.3f}"
        words.append(text)
    clear = {"marker": {"opacity": 0}}
    return {
        "type": "bar",
        "orientation": "h",
        "x": np.full(len(order), z.shape[1]),
        "base": np.full(len(order), -0.5),
        "y": np.arange(len(order)),
        "marker": {"opacity": 0, "line": {"width": 0}},
        "selected": clear,
        "unselected": clear,
        "customdata": [[int(i), text] for i, text in zip(order, words, strict=True)],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
        "showlegend": False,
        "name": "test windows",
    }


def _row_mark(row: int, steps: int, rows: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a frame around one row and an arrowhead at its end."""
    half = max(0.5, rows / 240)  # of many rows one is too thin to be framed
    frame = {
        "type": "rect",
        "x0": -0.5,
        "x1": steps - 0.5,
        "y0": row - half,
        "y1": row + half,
        "line": {"color": ATTENTION, "width": 2},
    }
    arrow = {
        "xref": "paper",
        "y": row,
        "yanchor": "middle",
        "showarrow": False,
        "font": {"color": ATTENTION, "size": 16},
        "x": 1,
        "xanchor": "left",
        "text": "◀",
    }
    return [frame], [arrow]


def _target_ticks(order: np.ndarray, dataset: Dataset) -> dict[str, Any]:
    rows = np.unique(np.linspace(0, len(order) - 1, 6).round().astype(int))
    targets = dataset.unscale(dataset.test_y)[order[rows]]
    return {"tickvals": rows.tolist(), "ticktext": [_magnitude(float(t)) for t in targets]}


def _value_bars(values: np.ndarray, target: float, height: float) -> list[dict[str, Any]]:
    x = np.arange(len(values))
    labels = step_labels(len(values))
    words = [f"{label}: {readable(float(v))}" for label, v in zip(labels, values, strict=True)]
    bars = {
        "type": "bar",
        "x": x,
        "y": values,
        "marker": {"color": SERIES},
        "text": words,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
        "name": "values",
    }
    aim = bars | {
        "x": [_target_place(len(values))],
        "y": [target],
        "width": [_target_width(len(values))],
        "marker": {"color": "rgba(0,0,0,0)", "line": {"color": SERIES, "width": 2}},
        "text": [f"target t+1: {readable(target)}"],
        "name": "target",
    }
    every, places = np.append(values, target), np.append(x, _target_place(len(x)))
    nil = zero_in_float32(every)
    small = ~nil & (np.abs(every) < INVISIBLE * height)
    size = 7 if len(x) <= 30 else 4
    return [
        bars,
        aim,
        _specks(places[nil], "circle-open", size),
        _specks(places[small], "line-ew-open", size),
    ]


def _specks(places: np.ndarray, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": places,
        "y": np.zeros(len(places)),
        "mode": "markers",
        "marker": {
            "symbol": symbol,
            "size": size,
            "color": SERIES,
            "line": {"width": 1.5, "color": SERIES},
        },
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }


def _guess_dots(
    guesses: list[float | None], steps: int, low: float, high: float
) -> list[dict[str, Any]]:
    dots = []
    for (name, colour), guess, symbol, side in zip(
        NETWORKS, guesses, ("triangle-right", "triangle-left"), (-1, 1), strict=True
    ):
        shown = guess is not None and math.isfinite(guess)
        dots.append(
            {
                "type": "scatter",
                # From both sides, so that equal predictions do not hide each other.
                "x": [_target_place(steps) + 0.4 * _target_width(steps) * side],
                "y": [min(max(guess, low), high) if shown and guess is not None else None],
                "mode": "markers",
                "marker": {"color": colour, "size": 12, "symbol": symbol},
                "name": name,
                "text": [f"{name} predicts {readable(guess)}" if guess is not None else ""],
                "hovertemplate": "%{text}<br>(median over the random starts)<extra></extra>",
                "cliponaxis": False,
            }
        )
    return dots


def _window_note(values: np.ndarray, target: float, guesses: list[float | None]) -> dict[str, Any]:
    numbers = " · ".join(
        f"{name} {readable(guess)}"
        for (name, _), guess in zip(NETWORKS, guesses, strict=True)
        if guess is not None
    )
    nil = int(np.sum(zero_in_float32(values)))
    words = f"○ {nil} of {len(values)} inputs are exactly 0 in float32" if nil else ""
    return {
        "text": f"□ target {readable(target)}<br>{numbers}<br>{words}",
        "align": "left",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
    }


def _weight_bars(weights: np.ndarray) -> dict[str, Any]:
    middle = np.median(weights, axis=0)
    low, high = weights.min(axis=0), weights.max(axis=0)
    labels = step_labels(len(middle))
    return {
        "type": "bar",
        "x": np.arange(len(middle)),
        "y": middle,
        "yaxis": "y2",
        "marker": {"color": ATTENTION},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": high - middle,
            "arrayminus": middle - low,
            "thickness": 1.5,
            "width": 2 if len(middle) <= 30 else 0,
            "color": BASELINE,
        },
        "text": [
            f"{label}: {m:.3f} ({a:.3f} to {b:.3f})"
            for label, m, a, b in zip(labels, middle, low, high, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
        "name": "weights",
    }


def _level(value: float, yaxis: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": yaxis,
        "y0": value,
        "y1": value,
        "line": {"color": BASELINE, "width": 1.5, "dash": "dash"},
    }


# --- The series -----------------------------------------------------------------------------------


def series(dataset: Dataset) -> go.Figure:
    """Draw the numbers as powers of ten, and below them what the network is given."""
    numbers = dataset.series
    scaled = dataset.scaling.scale(dataset.series)
    x = np.arange(1, len(numbers) + 1)
    high = _nice_top(float(np.log10(numbers.max())))
    line = {"type": "scatter", "mode": "lines", "line": {"color": SERIES, "width": 2.5}}
    above = line | {
        "x": x,
        "y": np.log10(numbers).astype(np.float32),
        "hovertemplate": "number %{x}: 10 to the %{y:.1f}<extra></extra>",
        "xaxis": "x",
        "yaxis": "y",
    }
    below = line | {
        "x": x,
        "y": scaled.astype(np.float32),
        "hovertemplate": "number %{x}: %{y:.2g}<extra></extra>",
        "xaxis": "x",
        "yaxis": "y2",
    }
    ends = [0.5, len(numbers) + 0.5]
    return _figure(
        [above, below],
        SERIES_HEIGHT,
        xaxis=_axis("place in the series", ends, anchor="y2"),
        yaxis=_axis(None, [-0.05 * high, 1.05 * high], domain=[0.6, 0.94], **_powers(0, high, 4)),
        yaxis2=_axis(None, [-0.06, 1.06], domain=[0, 0.4], tickvals=[0, 0.5, 1]),
        annotations=[
            _heading("The Fibonacci numbers", 1),
            _heading(f"What the network is given: {_small_share(scaled)}", 0.46),
        ],
        showlegend=False,
        margin=_margin(t=14),
    )


def series_alt(dataset: Dataset) -> str:
    """Say how large the numbers get and how much of them scaling leaves."""
    return (
        f"The {len(dataset.series)} Fibonacci numbers grow to "
        f"{readable(float(dataset.series.max()))}. Of the scaled values the network is given, "
        f"{_small_share(dataset.scaling.scale(dataset.series))}."
    )


def _small_share(scaled: np.ndarray) -> str:
    return f"{int(np.sum(scaled < 0.01))} of {len(scaled)} below 0.01"


# --- What all figures share -----------------------------------------------------------------------


def _figure(traces: list[dict[str, Any]], height: int, **layout: Any) -> go.Figure:
    common = {
        "height": height,
        "margin": _margin(),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": "kept",
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }
    return go.Figure({"data": traces, "layout": common | layout})


def _margin(t: int = 40, r: int = 14) -> dict[str, int]:
    return {"l": 10, "r": r, "t": t, "b": 10}


def _axis(title: str | None, span: list[float], **more: Any) -> dict[str, Any]:
    """Return an axis that stays where it is: a chart must not catch a thumb that scrolls."""
    axis: dict[str, Any] = {
        "range": span,
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
    }
    if title:
        axis["title"] = {"text": title}
    return axis | more


def _steps_axis(steps: int, target: bool = False, **more: Any) -> dict[str, Any]:
    """Return the axis of a window's steps, t−19 … t, and if wanted the target at t+1."""
    every = max(1, math.ceil(steps / 7))
    places: list[float] = [0, *sorted(p for p in range(steps - 1, 0, -every) if p >= every)]
    labels = step_labels(steps)
    words = [labels[int(place)] for place in places]
    end = steps - 0.5
    if target:
        places, words = [*places, _target_place(steps)], [*words, "t+1"]
        end = places[-1] + 0.5 * max(1.0, _target_width(steps))
    span = [-0.5, end]
    return _axis(
        "step in the window",
        span,
        tickvals=places,
        ticktext=words,
        tickangle=0,
        showgrid=False,
        **more,
    )


def _target_place(steps: int) -> float:
    """Return where t+1 stands: far enough from t that on a phone both names fit."""
    return steps - 1 + max(1.0, 0.08 * steps)


def _target_width(steps: int) -> float:
    return max(0.75, 0.04 * steps)


def _whole_ticks(first: int, last: int) -> dict[str, Any]:
    """Return a handful of round whole ticks, the last one among them where it fits."""
    gap = next(g for g in (1, 2, 5, 10, 20, 50) if (last - first) / g <= 8)
    ticks = sorted({first, *range(0 if first == 0 else gap, last + 1, gap)})
    return {"tickvals": [tick for tick in ticks if tick == first or tick - first >= gap / 2]}


def _powers(low: float, high: float, most: int = 7) -> dict[str, Any]:
    """Return ticks for an axis that holds log10 of the values: 10⁰, 10⁵⁰, …"""
    width = max(high - low, 1)
    gap = next(g for g in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if width / g <= most)
    ticks = list(range(math.ceil(low / gap) * gap, math.floor(high) + 1, gap))
    return {"tickvals": ticks, "ticktext": [power_of_ten(tick) for tick in ticks]}


def _power_ticks(low: int, high: int) -> dict[str, Any]:
    """Return the same ticks for an axis of type log."""
    ticks = _powers(low, high)
    return ticks | {"tickvals": [10.0**tick for tick in ticks["tickvals"]]}


def _decades(values: Any, at_least: tuple[int, int]) -> tuple[int, int]:
    """Return the whole powers of ten that hold all positive finite values, and `at_least`."""
    wide = np.asarray(values, np.float64)
    wide = wide[np.isfinite(wide) & (wide > 0)]
    if not len(wide):
        return at_least
    logs = np.log10(wide)
    return (
        min(at_least[0], math.floor(logs.min())),
        max(at_least[1], math.ceil(logs.max())),
    )


def _nice_top(high: float) -> float:
    return max(high, 1.0)


def _drawable(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _log10(values: np.ndarray) -> np.ndarray:
    """Return log10, NaN where there is none."""
    logs = np.full(values.shape, np.nan)
    positive = values > 0
    logs[positive] = np.log10(values[positive])
    return logs


def _magnitude(value: float) -> str:
    return readable(value, 1) if value < 1000 else power_of_ten(round(math.log10(value)))


def _faint(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _quiet(words: str, y: float = 0.5) -> dict[str, Any]:
    return {
        "text": words,
        "x": 0.5,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "opacity": 0.75,
    }


def _heading(words: str, y: float) -> dict[str, Any]:
    return {
        "text": words,
        "x": 0,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "middle",
        "showarrow": False,
    }


def _nothing() -> dict[str, Any]:
    return {"type": "scatter", "x": [], "y": [], "showlegend": False}


def _legend_line(name: str, colour: str, dash: str = "solid") -> dict[str, Any]:
    line = {"color": colour, "width": 2.5, "dash": dash}
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "lines",
        "line": line,
        "name": name,
    }


def _legend_dot(name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [None],
        "y": [None],
        "mode": "markers",
        "marker": {"color": colour, "size": 8},
        "name": name,
    }
