"""What the stage shows of two networks, plain and with attention, as one row of bytes."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from fibattn.experiment import Experiment
from fibattn.judge.windows import window_order
from fibattn.network.operations import Graph
from fibattn.run import Arrays
from fibattn.stage.packing import MOST_BYTES, flat_weights, graph_words, pack
from fibattn.tasks import Dataset

# So many windows are rows of the heatmap: few enough to be seen one by one.
ROWS = 40


class Trained(Protocol):
    """What the stage needs of a network: a `Run`, or as many epochs of one as there are."""

    @property
    def experiment(self) -> Experiment:
        """What is trained."""

    @property
    def weights(self) -> Arrays:
        """As a run has them, (epochs + 1, repeats, *shape)."""

    @property
    def val_loss(self) -> np.ndarray:
        """As a run has it, (epochs, repeats)."""


def pack_scene(
    plain: Trained,
    attention: Trained,
    graphs: tuple[Graph, Graph],
    words: Any,
    start: int = 0,
    pinned: tuple[Trained, Graph] | None = None,
) -> bytes:
    """Return what the stage needs of both networks of an experiment.

    The arrays of each network are called after it, such as `attention.weights` (starts, epochs + 1,
    size) and `plain.errors` (epochs, repeats). Besides there are `windows` (test windows,
    time_steps, features), `targets` (test windows, horizon), `means` (time_steps, features), which
    a hidden step holds, `order`, the windows by target, `map`, those of the heatmap, `sample`, the
    rows of it that are shown at first, and where they are known `needed` (test windows,
    time_steps).

    Args:
        plain, attention: the networks, on the same windows, after equally many epochs.
        graphs: of the plain network and of the one with attention.
        words: entries of the header: labels, colours, scales.
        start: the number of a random start that has to be among those whose weights are sent.
        pinned: another network with attention on the same windows, to be drawn beside, and its
            graph; of those starts it has the ones that there are.
    """
    data = attention.experiment.dataset()
    runs = {"plain": (plain, graphs[0]), "attention": (attention, graphs[1])}
    starts = starts_sent(plain, attention, start, pinned and pinned[0])
    if pinned:
        runs["pinned"] = pinned
    rows = map_order(data.at_step(0))
    arrays: dict[str, np.ndarray] = {
        "windows": data.test_x,
        "targets": data.test_y.reshape(len(data.test_y), -1),
        "means": data.train_x.mean(axis=0),
        "order": window_order(data.at_step(0)),
        "map": rows,
        "sample": sample(rows, int(window_order(data.at_step(0))[-1])),
    }
    if data.test_steps is not None:
        arrays["needed"] = data.test_steps.astype(np.int32)
    networks = {}
    for name, (run, graph) in runs.items():
        own = [start for start in starts if start < run.experiment.repeats]
        networks[name] = {"starts": own, "graph": graph_words(graph)}
        arrays[f"{name}.weights"] = flat_weights(run.weights, own)
        arrays[f"{name}.errors"] = run.val_loss
        arrays |= {f"{name}.graph.{k}": array for k, array in enumerate(graph.arrays)}
    said = {"networks": networks, "starts": starts, **_scales(data), **words}
    return pack(arrays, said)


def starts_sent(
    plain: Trained, attention: Trained, start: int = 0, pinned: Trained | None = None
) -> list[int]:
    """Return the starts whose weights are sent: as many as MOST_BYTES allow, this one at least."""
    runs = [plain, attention] + ([pinned] if pinned else [])
    of_one = sum(array.nbytes // array.shape[1] for run in runs for array in run.weights)
    repeats = attention.experiment.repeats
    count = max(1, min(repeats, MOST_BYTES // max(1, of_one)))
    return list(range(count)) if not count <= start < repeats else [*range(count - 1), start]


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


def map_order(data: Dataset) -> np.ndarray:
    """Return the indices of the test windows in an order that shows structure, (test windows,).

    By where the first needed step stands where that differs; else by target.
    """
    order = window_order(data)
    steps = data.test_steps
    if steps is not None and steps.any(axis=1).all() and np.ptp(steps.argmax(axis=1)) > 0:
        order = order[np.argsort(steps[order].argmax(axis=1), kind="stable")]
    return order


def sample(order: np.ndarray, shown: int) -> np.ndarray:
    """Return places in `order`, ROWS at most, evenly spread; that of the window `shown` is one."""
    places = np.linspace(0, len(order) - 1, min(ROWS, len(order))).round().astype(int)
    place = int(np.flatnonzero(order == shown)[0])
    places[np.abs(places - place).argmin()] = place
    return places
