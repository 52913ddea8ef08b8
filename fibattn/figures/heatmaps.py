"""Attention as heatmaps: of all test windows, over the epochs, and over the steps ahead."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fibattn.figures.attention_weights import favourite, marks, most_weight
from fibattn.figures.axes import axis, steps_axis, whole_ticks
from fibattn.figures.colours import ATTENTION, TRUTH, WEIGHTS
from fibattn.figures.layout import TEXT, figure, instead, margin, note, side_note
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import dots, unseen
from fibattn.judge.run_values import attention, of_same_run
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import window_order
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import power_of_ten, readable
from fibattn.words.starts import diverged

WINDOWS_HEIGHT = 480
EPOCHS_HEIGHT = 400
# Room for the colour bar above, and to the right for the arrow at the chosen row.
MARGIN = margin(top=64, right=26)
# Rows in which the true steps are ringed: more cannot be told apart.
MOST_RINGED = 50


def attention_windows(run: Run | None, dataset: Dataset, chosen: int | None) -> Picture:
    """Draw the attention weights of all test windows, ordered by target, as a heatmap.

    The weights are medians over the random starts. The row of the chosen window, an index among
    the test windows, is framed. Where the steps the rule needs are known, they are ringed; of very
    many windows in some rows only. The alt says which step gets most weight on average.
    """
    order = window_order(dataset)
    rows, steps = len(order), dataset.test_x.shape[1]
    over = attention(run)
    median = np.full((rows, steps), np.nan) if over is None else over.median[order]
    cells = _heatmap(median, most_weight(run, steps), "step %{x}: %{z:.3f}<extra></extra>")
    if dataset.test_steps is not None:
        cells.append(_true_steps(dataset.test_steps[order]))
    framed = np.flatnonzero(order == chosen).tolist()
    upwards = axis(
        "test windows, by their target",
        [-0.5, rows - 0.5],
        showgrid=False,
        **_target_ticks(order, dataset),
    )
    drawing = figure(
        cells,
        WINDOWS_HEIGHT,
        xaxis=steps_axis(steps),
        yaxis=upwards,
        annotations=[*_notes(over), *(_row_arrow(row) for row in framed)],
        shapes=[_row_frame(row, steps, rows) for row in framed],
        margin=MARGIN,
    )
    words = favourite(median.mean(axis=0))
    return Picture(drawing, _alt("Attention weights of all test windows", over, words))


def weights_over_epochs(
    run: Run | None, history: np.ndarray | None, time_steps: int, epochs: int, ceiling: float
) -> Picture:
    """Draw one window's attention weights from before training to the last epoch, as a heatmap.

    They are medians over the random starts; the hover shows the range too. The alt says the
    favoured step before training and in the end.

    Args:
        run: the run the weights are of; None while there is none.
        history: (epochs + 1, repeats, time_steps); row 0 is before the first epoch.
        time_steps, epochs: the axes' lengths.
        ceiling: the most weight one step can get; 1 where the layer sets no bound.
    """
    over = None if history is None else of_same_run(run, history.swapaxes(0, 1))
    median = np.full((epochs + 1, time_steps), np.nan) if over is None else over.median
    drawing = figure(
        _heatmap(median, ceiling, **_hover_with_range(over)),
        EPOCHS_HEIGHT,
        xaxis=steps_axis(time_steps),
        yaxis=axis(
            "epoch (0: before training)",
            [-0.5, epochs + 0.5],
            showgrid=False,
            **whole_ticks(0, epochs),
        ),
        annotations=_notes(over),
        margin=MARGIN,
    )
    words = (
        f"Before training: {favourite(median[0])} After epoch {len(median) - 1}: "
        f"{favourite(median[-1])}"
    )
    return Picture(
        drawing, _alt("Attention weights of the chosen window over the epochs", over, words)
    )


def weights_over_horizon(run: Run | None, chosen: int, horizon: int, steps: int) -> Picture:
    """Draw one window's weights for each step ahead, (horizon, time_steps), as a heatmap.

    Medians over the random starts, of a decoder that attends anew at each step it writes. The alt
    says which step the first and the last step ahead look at.
    """
    every = attention(run)
    over = None if every is None else every[chosen]
    median = np.full((horizon, steps), np.nan) if over is None else over.median
    drawing = figure(
        _heatmap(median, 1.0, "%{y} ahead, step %{x}: %{z:.3f}<extra></extra>"),
        EPOCHS_HEIGHT,
        xaxis=steps_axis(steps),
        yaxis=axis(
            "step ahead",
            [-0.5, horizon - 0.5],
            showgrid=False,
            tickvals=list(range(horizon)),
            ticktext=[str(ahead + 1) for ahead in range(horizon)],
        ),
        annotations=_notes(over),
        margin=MARGIN,
    )
    words = f"First: {favourite(median[0])} Last: {favourite(median[-1])}"
    return Picture(
        drawing, _alt("Attention weights of the chosen window for each step ahead", over, words)
    )


def _alt(subject: str, over: OverStarts | None, words: str) -> str:
    """Return the alt of a heatmap of medians; `words` are left out without a median."""
    if over is None:
        return f"{subject}: no result yet."
    if over.all_diverged:
        return sentences(subject, diverged(over))
    return sentences(f"{subject}, median over the random starts", words, diverged(over))


def _notes(over: OverStarts | None) -> list[dict[str, Any]]:
    """Return why there are no weights, or above the colour bar how many starts diverged."""
    if over is None or over.all_diverged:
        return instead(over)
    place = {"yref": "paper", "xanchor": "right", "yanchor": "bottom", "yshift": 48}
    return side_note(diverged(over), 1, 1, **place)


def _hover_with_range(over: OverStarts | None) -> dict[str, Any]:
    """Return the hover of medians over the epochs: with the range over the random starts."""
    if over is None or over.all_diverged:
        return {"hover": None, "hoverinfo": "skip"}
    return {
        "customdata": np.round(np.stack([over.low, over.high], -1), 4).astype(np.float32),
        "hover": (
            "epoch %{y}, step %{x}: %{z:.3f}<br>over the random starts "
            "%{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>"
        ),
    }


def _heatmap(z: np.ndarray, ceiling: float, hover: str | None, **more: Any) -> list[dict[str, Any]]:
    """Return a heatmap of weights, and its colour bar, which is there without weights too.

    Args:
        z: (rows, time_steps), NaN where there is no weight.
        ceiling: the most weight the layer can give to one step.
        hover: the template of what the pointer shows.
        more: of the trace.
    """
    highest = float(z[~np.isnan(z)].max(initial=0.0))
    marked = marks(ceiling, z.shape[1], highest, apart="<br>")
    end, _ = marked[-1]
    cells = {
        "type": "heatmap",
        "z": np.round(z, 4).astype(np.float32),
        "zmin": 0,
        "zmax": end,
        "colorscale": WEIGHTS,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": hover,
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
        "tickangle": 0,
        "tickfont": TEXT,
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


def _row_arrow(row: int) -> dict[str, Any]:
    arrow = f'<span style="color:{ATTENTION}">◀</span>'
    return note(arrow, 1, row, xanchor="left", yanchor="middle", font={"size": 16})


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
    """Return a number in few characters: from 1000 on as the nearest power of ten."""
    if value >= 1000:
        return power_of_ten(round(math.log10(value)))
    return readable(value, 1 if value == round(value) else 2)
