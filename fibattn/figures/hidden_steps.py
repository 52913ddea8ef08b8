"""Hidden steps: by how much hiding each step changes the prediction, and its attention weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.figures.attention_weights import favourite, largest, marks, weights_axis
from fibattn.figures.axes import axis, steps_axis
from fibattn.figures.colours import ATTENTION, SERIES
from fibattn.figures.layout import figure, heading, in_the_middle, instead, side_note
from fibattn.figures.picture import Picture, listed, sentences
from fibattn.figures.traces import level, needed_shades, unseen, whiskered
from fibattn.judge.run_values import attention, of_same_run
from fibattn.judge.starts import OverStarts
from fibattn.judge.windows import step_labels
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable
from fibattn.words.starts import diverged

HEIGHT = 420

# The panels, as shares of the height, and where their headings stand.
ABOVE, BELOW = (0.58, 1.0), (0.0, 0.42)
HEADINGS = (1.05, 0.47)


def weight_and_effect(
    run: Run | None, effect: np.ndarray | None, dataset: Dataset, chosen: int, ceiling: float = 1.0
) -> Picture:
    """Draw each step's weight above, and below by how much hiding it changes the prediction.

    Bars are the median over the random starts, whiskers the range. The steps that the rule needs,
    where they are known, are shaded. The alt says which step has the most weight, which one's
    hiding changes most, and which are needed.

    Args:
        run: whose weights are drawn; None while there is none.
        effect: of the chosen window, (repeats, time_steps), >= 0, on the scaled values; None while
            it is not known.
        dataset: the windows.
        chosen: the window's index among the test windows.
        ceiling: the most weight that the attention layer can give to one step.
    """
    every_window = attention(run)
    weights = None if every_window is None else every_window[chosen]
    effects = of_same_run(run, effect)
    steps = dataset.test_x.shape[1]
    marked = marks(ceiling, steps, largest(weights))
    most = largest(effects) or 1.0  # an axis of nothing but zeros is as high as the scaled values
    # Without a trace Plotly leaves a panel out, and gives its room to the other.
    traces = [unseen("markers", yaxis=each, showlegend=False) for each in ("y", "y2")]
    if weights is not None:
        traces.append(whiskered(weights, ATTENTION, "weight", yaxis="y"))
    if effects is not None:
        traces.append(whiskered(effects, SERIES, "effect", yaxis="y2"))
    drawing = figure(
        traces,
        HEIGHT,
        xaxis=steps_axis(steps, anchor="y2"),
        yaxis=weights_axis(marked, largest(weights), domain=ABOVE),
        yaxis2=axis(
            "change",
            [0, 1.08 * most],
            domain=BELOW,
            tickvals=[0, most],
            ticktext=["0", readable(most)],
            showgrid=False,
        ),
        annotations=_notes(run, weights, effects),
        shapes=[*needed_shades(dataset, chosen), *_uniform(weights, steps)],
        bargap=0.25,
        showlegend=False,
    )
    return Picture(drawing, _alt(weights, effects, dataset, chosen))


def _notes(
    run: Run | None, weights: OverStarts | None, effects: OverStarts | None
) -> list[dict[str, Any]]:
    """Return the headings, and in each panel what to say of its starts."""
    if run is not None and weights is None:
        upper = [in_the_middle("no attention layer", _middle(ABOVE))]
    else:
        upper = _of_starts(weights, ABOVE, HEADINGS[0])
    return [
        heading("attention weight", HEADINGS[0]),
        heading("effect of hiding it", HEADINGS[1]),
        *upper,
        *_of_starts(effects, BELOW, HEADINGS[1]),
    ]


def _of_starts(
    over: OverStarts | None, panel: tuple[float, float], beside: float
) -> list[dict[str, Any]]:
    """Return why a panel is empty, or beside its heading how many starts diverged."""
    if over is None or over.all_diverged:
        return instead(over, _middle(panel))
    return side_note(diverged(over), 1, beside, yref="paper", xanchor="right", yanchor="middle")


def _middle(panel: tuple[float, float]) -> float:
    return sum(panel) / 2


def _uniform(weights: OverStarts | None, steps: int) -> list[dict[str, Any]]:
    """Return the line at the uniform weight, where there are weights."""
    return [] if weights is None or weights.all_diverged else [level(1 / steps)]


def _alt(
    weights: OverStarts | None, effects: OverStarts | None, dataset: Dataset, chosen: int
) -> str:
    if weights is None and effects is None:
        return "Weight of each step, and effect of hiding it: no result yet."
    # Both leave out the same starts, or the one whose effect is not finite leaves out more.
    lost = max(
        (over for over in (weights, effects) if over is not None),
        key=lambda over: over.count_diverged,
    )
    return sentences(
        "Weight of each step, and effect of hiding it",
        "" if weights is None else favourite(weights.median),
        "" if effects is None else _most_changed(effects),
        _needed(dataset, chosen),
        diverged(lost),
    )


def _most_changed(effects: OverStarts) -> str:
    """Say which step's hiding changes the prediction most; '' if every start diverged."""
    if effects.all_diverged:
        return ""
    median = effects.median
    best = int(np.argmax(median))
    if not median[best] > 0:
        return "Hiding any one step changes nothing"
    return (
        f"Hiding step {step_labels(len(median))[best]} changes the prediction most: by "
        f"{readable(float(median[best]))} on the scaled values"
    )


def _needed(dataset: Dataset, chosen: int) -> str:
    """Say which steps the rule needs; '' if that is not known, or none."""
    if dataset.test_steps is None or not dataset.test_steps[chosen].any():
        return ""
    labels = step_labels(dataset.test_steps.shape[1])
    needed = [labels[step] for step in np.flatnonzero(dataset.test_steps[chosen])]
    return f"The rule needs {listed(needed)}"
