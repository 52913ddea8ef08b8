"""Attention as heatmaps: the weights of all test windows, and of one over the epochs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, steps_axis, whole_ticks
from fibattn.figures.colours import ATTENTION, TRUTH, WEIGHTS
from fibattn.figures.layout import figure, margin, note, waiting
from fibattn.figures.traces import dots, unseen
from fibattn.figures.weights import (
    favourite,
    marks,
    median_over_starts,
    median_weights,
    most_weight,
)
from fibattn.judge.evaluation import window_order
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import power_of_ten, readable

WINDOWS_HEIGHT = 480
EPOCHS_HEIGHT = 400
# Rows in which the true steps are ringed: more cannot be told apart.
MOST_RINGED = 50


def attention_windows(run: Run | None, dataset: Dataset, chosen: int | None) -> go.Figure:
    """Draw the attention weights of all test windows, ordered by target, as a heatmap.

    The weights are medians over the random starts. Where the steps the rule needs are known,
    they are ringed; of very many windows in some rows only.
    """
    order = window_order(dataset)
    steps = dataset.test_x.shape[1]
    weights = median_weights(run)
    z = np.full((len(order), steps), np.nan) if weights is None else weights[order]
    notes = [waiting()] if weights is None else []
    shapes = []
    if chosen is not None and 0 <= chosen < len(order):
        row = int(np.flatnonzero(order == chosen)[0])
        shapes.append(_row_frame(row, steps, len(order)))
        arrow = {"color": ATTENTION, "size": 16}
        notes.append(note("◀", 1, row, xanchor="left", yanchor="middle", font=arrow))
    cells = _heatmap(z, most_weight(run, steps), hovertemplate="step %{x}: %{z:.3f}<extra></extra>")
    if dataset.test_steps is not None:
        cells.append(_true_steps(dataset.test_steps[order]))
    return figure(
        cells,
        WINDOWS_HEIGHT,
        xaxis=steps_axis(steps),
        yaxis=axis(
            "test windows, by their target",
            [-0.5, len(order) - 0.5],
            showgrid=False,
            **_target_ticks(order, dataset),
        ),
        annotations=notes,
        shapes=shapes,
        margin=margin(top=64, right=26),
    )


def attention_windows_alt(run: Run | None, dataset: Dataset) -> str:
    """Say which step gets the most weight, and how far that is from uniform."""
    weights = median_weights(run)
    if weights is None:
        return "Attention weights of the test windows: no result yet."
    return "Attention weights of all test windows, median over the random starts. " + favourite(
        weights.mean(axis=0)
    )


def weights_over_epochs(
    attention_history: np.ndarray | None, time_steps: int, epochs: int, ceiling: float
) -> go.Figure:
    """Draw one window's attention weights from before training to the last epoch, as a heatmap.

    Args:
        attention_history: (epochs + 1, repeats, time_steps); row 0 is before the first epoch.
        time_steps, epochs: the axes' lengths.
        ceiling: the most weight one step can get; 1 where the layer sets no bound.
    """
    history = np.zeros((0, 0)) if attention_history is None else attention_history
    if history.size:
        history = np.asarray(history, np.float64)
        history = history[:, np.isfinite(history).all(axis=(0, 2))]  # starts that did not diverge
    if not history.size:
        z = np.full((epochs + 1, time_steps), np.nan)
        hover: dict[str, Any] = {"hoverinfo": "skip"}
    else:
        z = np.median(history, axis=1)
        span = np.stack([history.min(axis=1), history.max(axis=1)], axis=-1)
        hover = {
            "customdata": np.round(span, 4).astype(np.float32),
            "hovertemplate": (
                "epoch %{y}, step %{x}: %{z:.3f}<br>over the random starts "
                "%{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>"
            ),
        }
    return figure(
        _heatmap(z, ceiling, **hover),
        EPOCHS_HEIGHT,
        xaxis=steps_axis(time_steps),
        yaxis=axis(
            "epoch (0: before training)",
            [-0.5, epochs + 0.5],
            showgrid=False,
            **whole_ticks(0, epochs),
        ),
        annotations=[waiting()] if np.isnan(z).all() else [],
        margin=margin(top=64, right=26),
    )


def weights_over_epochs_alt(attention_history: np.ndarray | None) -> str:
    """Say which step the window's weights favour before training and in the end."""
    if attention_history is None or not len(attention_history):
        return "Attention weights of the chosen window over the epochs: no result yet."
    median = median_over_starts(np.asarray(attention_history, np.float64).swapaxes(0, 1))
    return (
        "Attention weights of the chosen window over the epochs, median over the random starts. "
        f"Before training: {favourite(median[0])} After epoch {len(median) - 1}: "
        f"{favourite(median[-1])}"
    )


def weights_over_horizon(run: Run | None, chosen: int, horizon: int, steps: int) -> go.Figure:
    """Draw one window's weights for each step ahead, (horizon, time_steps), as a heatmap.

    Medians over the random starts, of a decoder that attends anew at each step it writes.
    """
    weights = None if run is None else median_over_starts(run.test_attention[:, chosen])
    z = np.full((horizon, steps), np.nan) if weights is None else weights
    return figure(
        _heatmap(z, 1.0, hovertemplate="%{y} ahead, step %{x}: %{z:.3f}<extra></extra>"),
        EPOCHS_HEIGHT,
        xaxis=steps_axis(steps),
        yaxis=axis(
            "step ahead",
            [-0.5, horizon - 0.5],
            showgrid=False,
            tickvals=list(range(horizon)),
            ticktext=[str(ahead + 1) for ahead in range(horizon)],
        ),
        annotations=[waiting()] if weights is None else [],
        margin=margin(top=64, right=26),
    )


def weights_over_horizon_alt(run: Run | None, chosen: int) -> str:
    """Say which step the first and the last step ahead look at."""
    if run is None:
        return "Attention weights for each step ahead: no result yet."
    weights = median_over_starts(run.test_attention[:, chosen])
    return (
        "Attention weights of the chosen window for each step ahead, median over the random "
        f"starts. First: {favourite(weights[0])} Last: {favourite(weights[-1])}"
    )


def _heatmap(z: np.ndarray, ceiling: float, **more: Any) -> list[dict[str, Any]]:
    """Return a heatmap of weights, and its colour bar, which is there without weights too."""
    marked = marks(ceiling, z.shape[1], z, apart="<br>")
    end, _ = marked[-1]
    cells = {
        "type": "heatmap",
        "z": np.round(z, 4).astype(np.float32),
        "zmin": 0,
        "zmax": end,
        "colorscale": WEIGHTS,
        "showscale": False,
        "hoverongaps": False,
    }
    bar = unseen(
        "markers",
        marker={
            "color": [0],
            "cmin": 0,
            "cmax": end,
            "colorscale": WEIGHTS,
            "showscale": True,
            "colorbar": _colour_bar(marked),
        },
        hoverinfo="skip",
        showlegend=False,
    )
    return [cells | more, bar]


def _colour_bar(marked: list[tuple[float, str]]) -> dict[str, Any]:
    return {
        "orientation": "h",
        "thickness": 12,
        "len": 1,
        "x": 0.5,
        "y": 1.01,
        "yanchor": "bottom",
        "ypad": 0,
        "xpad": 0,
        "tickvals": [value for value, _ in marked],
        "ticktext": [words for _, words in marked],
        "ticks": "outside",
        "outlinewidth": 0,
    }


def _true_steps(steps: np.ndarray) -> dict[str, Any]:
    """Return rings around the steps the rule needs: steps is (windows, time_steps), in order."""
    rows = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), MOST_RINGED)).astype(int))
    y, x = np.nonzero(steps[rows])
    return dots(
        x,
        rows[y],
        {"symbol": "circle-open", "size": 6, "color": TRUTH, "line": {"width": 1.5}},
        name="steps the rule needs",
        hoverinfo="skip",
        showlegend=False,
    )


def _row_frame(row: int, steps: int, rows: int) -> dict[str, Any]:
    half = max(0.5, rows / 240)  # of many rows one is too thin to be framed
    return {
        "type": "rect",
        "x0": -0.5,
        "x1": steps - 0.5,
        "y0": row - half,
        "y1": row + half,
        "line": {"color": ATTENTION, "width": 2},
    }


def _target_ticks(order: np.ndarray, dataset: Dataset) -> dict[str, Any]:
    rows = np.unique(np.linspace(0, len(order) - 1, 6).round().astype(int))
    targets = dataset.unscale(dataset.test_y)[order[rows]]
    many = dataset.many_magnitudes
    words = [_magnitude(float(target)) if many else readable(float(target)) for target in targets]
    return {"tickvals": rows.tolist(), "ticktext": words}


def _magnitude(value: float) -> str:
    """Return about how large a number is, where they span many powers of ten."""
    if value >= 1000:
        return power_of_ten(round(math.log10(value)))
    return readable(value, 1 if value == round(value) else 2)
