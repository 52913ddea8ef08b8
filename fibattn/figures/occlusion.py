"""Is the weight a reason? What hiding a step changes beside its weight, and what other weights do.

Arrays are those of `fibattn.network.answers`. Starts with a number that is not finite have
diverged: they are left out of the bars, and among the errors they stand at the edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fibattn.figures.axes import axis, decades, powers, steps_axis
from fibattn.figures.colours import ATTENTION, BASELINE, SERIES
from fibattn.figures.layout import figure, heading, margin, note, waiting
from fibattn.figures.scores import starts_row
from fibattn.figures.traces import joined, level, unseen, whiskered
from fibattn.figures.weights import favourite, marks
from fibattn.figures.window import needed_shade
from fibattn.judge.evaluation import Spread, nan_as_infinity, step_labels
from fibattn.words.notation import readable

HEIGHT = 420
ROW_HEIGHT = 52

# The panels of `weight_and_effect`, as shares of the height.
ABOVE, BELOW = (0.58, 1.0), (0.0, 0.42)

# The rows of `swapped_errors` while there are no errors, and the powers of ten it always shows:
# few errors on scaled values lie elsewhere, so that the axis seldom moves.
ROWS = ("trained", "permuted", "uniform")
USUAL = (-5, 0)


def weight_and_effect(
    weights: np.ndarray | None,
    effect: np.ndarray | None,
    truth: np.ndarray | None,
    time_steps: int,
    ceiling: float = 1.0,
) -> go.Figure:
    """Draw each step's weight above, and below by how much hiding it changes the prediction.

    Bars are the median over the random starts, whiskers the range. The steps that the rule needs,
    where they are known, are shaded.

    Args:
        weights: of one window, (repeats, time_steps); (repeats, 0) without an attention layer,
            None while they are not known.
        effect: of the same window, (repeats, time_steps), >= 0, on the scaled values; or None.
        truth: bool (time_steps,), the steps the rule needs, or None.
        time_steps: how many steps a window has.
        ceiling: the most weight that the attention layer can give to one step.
    """
    # Without a trace Plotly leaves a panel out, and gives its room to the other.
    traces = [unseen("markers", yaxis=each, showlegend=False) for each in ("y", "y2")]
    notes = [heading("attention weight", 1.05), heading("effect of hiding it", 0.47)]
    shapes = (
        [] if truth is None else [needed_shade(int(i)) | {"y1": 1} for i in np.flatnonzero(truth)]
    )
    heights, changes = _finite_starts(weights), _finite_starts(effect)
    if heights is None:
        notes.append(_absent(weights, ABOVE))
    else:
        traces.append(whiskered(heights, ATTENTION, "weight", yaxis="y"))
        shapes.append(level(1 / time_steps))
    if changes is None:
        notes.append(_absent(effect, BELOW))
    else:
        traces.append(whiskered(changes, SERIES, "effect", yaxis="y2"))
    marked = marks(ceiling, time_steps, heights)
    highest = max(_largest(heights), *(value for value, _ in marked))
    # An axis of nothing but zeros is as high as the scaled values.
    most = _largest(changes) or 1.0
    return figure(
        traces,
        HEIGHT,
        xaxis=steps_axis(time_steps, anchor="y2"),
        yaxis=axis(
            "weight",
            [0, 1.08 * highest],
            domain=ABOVE,
            tickvals=[value for value, _ in marked],
            ticktext=[words for _, words in marked],
            showgrid=False,
        ),
        yaxis2=axis(
            "change",
            [0, 1.08 * most],
            domain=BELOW,
            tickvals=[0, most],
            ticktext=["0", readable(most)],
            showgrid=False,
        ),
        annotations=notes,
        shapes=shapes,
        bargap=0.25,
        showlegend=False,
    )


def weight_and_effect_alt(
    weights: np.ndarray | None, effect: np.ndarray | None, truth: np.ndarray | None
) -> str:
    """Say which step has the most weight, which one's hiding changes most, and which are needed."""
    parts = []
    if weights is not None and weights.size:
        heights = _finite_starts(weights)
        diverged = "The weights of every start diverged."
        parts.append(diverged if heights is None else favourite(np.median(heights, axis=0)))
    if effect is not None:
        parts.append(_most_changed(_finite_starts(effect)))
    if not parts:
        return "Weight of each step, and effect of hiding it: no result yet."
    if truth is not None and np.any(truth):
        labels = step_labels(len(truth))
        parts.append(f"The rule needs {_listed([labels[i] for i in np.flatnonzero(truth)])}.")
    return " ".join(["Weight of each step, and effect of hiding it.", *parts])


def swapped_errors(errors: dict[str, tuple[float, ...]] | None) -> go.Figure:
    """Draw the test MSE of every random start with each kind of weights, a row of dots for each.

    A line joins the dots of one start; a bar marks the median of a row.

    Args:
        errors: for each row's name, from the top, the errors of the starts; None while they are
            not known. The first row is what the others are compared with.
    """
    names = list(errors) if errors else list(ROWS)
    found = {name: np.asarray(values, np.float64) for name, values in (errors or {}).items()}
    low, high = decades(list(found.values()), USUAL)
    rows = range(len(names))[::-1]  # the first at the top
    traces: list[dict[str, Any]] = []
    if found:
        with np.errstate(divide="ignore"):
            logs = np.log10(nan_as_infinity(np.stack(list(found.values()))))
        traces.append(joined(np.clip(logs, low, high), rows, upright=False))
    for row, (name, values) in zip(rows, found.items(), strict=False):
        colour = BASELINE if traces[1:] else ATTENTION
        traces += starts_row(name, colour, row, values, low, high)
    return figure(
        traces or [unseen("markers")],
        62 + ROW_HEIGHT * len(names),
        xaxis=axis("mean squared error on the test windows", [low, high], **powers(low, high)),
        yaxis=axis(
            None,
            [-0.6, len(names) - 0.4],
            tickvals=list(rows),
            ticktext=names,
            showgrid=False,
        ),
        annotations=[] if errors else [waiting()],
        showlegend=False,
        margin=margin(top=10),
    )


def swapped_errors_alt(errors: dict[str, tuple[float, ...]] | None) -> str:
    """Say each row's median and range, and in how many starts the first row's error is lower."""
    if not errors:
        return "Test error with other attention weights: no result yet."
    spreads = {name: Spread(values) for name, values in errors.items()}
    parts = [
        f"{name} {readable(each.median)} ({readable(each.low)} to {readable(each.high)})"
        for name, each in spreads.items()
    ]
    words = (
        f"Test error of every random start by its attention weights, median and range: "
        f"{'; '.join(parts)}."
    )
    (first, mine), *others = errors.items()
    better = [
        f"than {name} in {sum(_lower(mine, its))} of {len(mine)} starts" for name, its in others
    ]
    return (
        f"{words} {first[:1].upper()}{first[1:]} is better {_listed(better)}." if better else words
    )


def _finite_starts(values: np.ndarray | None) -> np.ndarray | None:
    """Return the rows, those of starts, with finite numbers only; None where there are none."""
    if values is None or not values.size:
        return None
    wide = np.asarray(values, np.float64)
    kept = wide[np.all(np.isfinite(wide), axis=1)]
    return kept if len(kept) else None


def _largest(values: np.ndarray | None) -> float:
    return 0.0 if values is None else float(values.max())


def _absent(values: np.ndarray | None, panel: tuple[float, float]) -> dict[str, Any]:
    """Return what stands in a panel without bars: why there are none."""
    middle = sum(panel) / 2
    if values is None:
        return waiting(y=middle)
    words = "every start diverged" if values.size else "no attention layer"
    return note(words, 0.5, middle, yref="paper", opacity=0.75)


def _most_changed(effect: np.ndarray | None) -> str:
    """Say which step's hiding changes the prediction most: effect is (starts, time_steps)."""
    if effect is None:
        return "The predictions of every start diverged."
    middle = np.median(effect, axis=0)
    best = int(np.argmax(middle))
    if not middle[best] > 0:
        return "Hiding any one step changes nothing."
    return (
        f"Hiding step {step_labels(len(middle))[best]} changes the prediction most: by "
        f"{readable(float(middle[best]))} on the scaled values."
    )


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _lower(mine: tuple[float, ...], its: tuple[float, ...]) -> np.ndarray:
    return nan_as_infinity(np.array(mine)) < nan_as_infinity(np.array(its))
