"""What a kept page needs to train both networks from new random starts, as one row of bytes."""

from __future__ import annotations

import numpy as np

from fibattn.network.answers import NewStarts
from fibattn.stage.packing import graph_words, pack
from fibattn.take_away.pair import Pair


def pack_training(pair: Pair, new: tuple[NewStarts, NewStarts]) -> bytes:
    """Return the training windows, each network's training step and its new initial weights.

    The arrays are `windows` (train windows, time_steps, features), `targets` (train windows,
    horizon), and of each network such as `plain.weights` (new starts, size). The test windows are
    the stage's.

    Args:
        pair: the runs.
        new: of the plain network and of the one with attention.
    """
    data, experiment = pair.attention.dataset(), pair.attention.experiment
    arrays: dict[str, np.ndarray] = {
        "windows": data.train_x,
        "targets": data.train_y.reshape(len(data.train_y), -1),
    }
    networks = {}
    for name, each in zip(pair.runs, new, strict=True):
        networks[name] = graph_words(each.step)
        arrays[f"{name}.weights"] = each.weights
        arrays |= {f"{name}.graph.{k}": array for k, array in enumerate(each.step.arrays)}
    said = {
        "networks": networks,
        "epochs": experiment.epochs,
        "batch": experiment.batch_size,
        "rate": experiment.learning_rate,
        "seed": experiment.seed,
        "first": experiment.repeats,
        "adam": dict(new[0].adam),
    }
    return pack(arrays, said)
