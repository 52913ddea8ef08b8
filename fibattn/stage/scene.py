"""What the stage shows of two finished runs, plain and with attention, as one row of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fibattn.judge.windows import window_order
from fibattn.network.operations import Graph
from fibattn.run import Run
from fibattn.stage.packing import MOST_BYTES, flat_weights, graph_words, pack
from fibattn.tasks import Dataset

# So many windows are rows of the heatmap: few enough to be seen one by one.
ROWS = 40


def pack_scene(plain: Run, attention: Run, graphs: tuple[Graph, Graph], words: Any) -> bytes:
    """Return what the stage needs of both networks of an experiment.

    The arrays of each network are called after it, such as `attention.weights` (starts, epochs + 1,
    size) and `plain.errors` (epochs, repeats). Besides there are `windows` (test windows,
    time_steps, features), `targets` (test windows, horizon), `means` (time_steps, features), which
    a hidden step holds, `order`, the windows by target, `sample`, those of the heatmap, and where
    they are known `needed` (test windows, time_steps).

    Args:
        plain, attention: the runs, on the same windows.
        graphs: of the plain network and of the one with attention.
        words: entries of the header: labels, colours, scales.
    """
    data = attention.dataset()
    runs = {"plain": (plain, graphs[0]), "attention": (attention, graphs[1])}
    starts = _starts(plain, attention)
    arrays: dict[str, np.ndarray] = {
        "windows": data.test_x,
        "targets": data.test_y.reshape(len(data.test_y), -1),
        "means": data.train_x.mean(axis=0),
        "order": window_order(data.at_step(0)),
        "sample": sample(data.at_step(0)),
    }
    if data.test_steps is not None:
        arrays["needed"] = data.test_steps.astype(np.int32)
    networks = {}
    for name, (run, graph) in runs.items():
        networks[name] = {"starts": starts, "graph": graph_words(graph)}
        arrays[f"{name}.weights"] = flat_weights(run, starts)
        arrays[f"{name}.errors"] = run.val_loss
        arrays |= {f"{name}.graph.{k}": array for k, array in enumerate(graph.arrays)}
    said = {"networks": networks, "starts": starts, **_scales(data), **words}
    return pack(arrays, said)


def _starts(plain: Run, attention: Run) -> list[int]:
    """Return the starts whose weights are sent: as many as MOST_BYTES allow, one at least."""
    of_one = sum(
        array.nbytes // array.shape[1] for run in (plain, attention) for array in run.weights
    )
    return list(range(max(1, min(attention.experiment.repeats, MOST_BYTES // max(1, of_one)))))


def _scales(data: Dataset) -> dict[str, Any]:
    """Return over which values bars and predictions are drawn, and how a value is scaled back."""
    first, targets = data.test_x[:, :, 0], data.test_y
    low, high = min(0.0, float(first.min())), max(float(first.max()), 1e-9)
    scaling = data.scaling
    return {
        "range": [low, high],
        "targets": [float(targets.min()), max(float(targets.max()), float(targets.min()) + 1e-9)],
        "scaling": {"low": scaling.low, "high": scaling.high, "log": scaling.log},
    }


def sample(data: Dataset) -> np.ndarray:
    """Return the indices of ROWS test windows at most, in an order that shows structure.

    By where the first needed step stands where that differs; else by target. The window with the
    largest target, which a page shows first, is one of them.
    """
    order = window_order(data)
    steps = data.test_steps
    if steps is not None and steps.any(axis=1).all() and np.ptp(steps.argmax(axis=1)) > 0:
        order = order[np.argsort(steps[order].argmax(axis=1), kind="stable")]
    places = np.linspace(0, len(order) - 1, min(ROWS, len(order))).round().astype(int)
    shown = int(np.flatnonzero(order == window_order(data)[-1])[0])
    places[np.abs(places - shown).argmin()] = shown
    return order[places]
