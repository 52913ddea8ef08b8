"""What is answered about a network by whoever has Keras, and whether it can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.network.operations import Graph

# So many new random starts are handed on, if their weights take no more bytes.
NEW_STARTS = 20
MOST_BYTES = 30_000


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What the networks predict for one window, as it is and with each step hidden in turn.

    base: (repeats,), scaled, the predictions for the unchanged window.
    occluded: (repeats, time_steps), scaled, the predictions with that step hidden.

    With a horizon above 1 it is one more axis of both, the last. `judge.heatmap.occlusion_effect`
    says by how much they differ.
    """

    base: np.ndarray
    occluded: np.ndarray


@dataclass(frozen=True)
class Swapped:
    """The test MSE on the scaled values, of every random start, with three kinds of weights.

    Of a start that diverged it is inf.

    trained: with the network's own weights.
    permuted: with the weights of each window randomly permuted over its steps; the mean over
        several permutations.
    uniform: with 1/T for every step.
    """

    trained: tuple[float, ...]
    permuted: tuple[float, ...]
    uniform: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class NewStarts:
    """What trains a network elsewhere, from random starts that its run did not have.

    They are the starts that the experiment would have with more of them, so they follow its own.

    step: one training step, see `training_graph.step_graph`.
    weights: (starts, size), float32, the initial weights of each.
    adam: beta_1, beta_2 and epsilon of the optimizer.
    """

    step: Graph
    weights: np.ndarray
    adam: Mapping[str, float]


def swappable(experiment: Experiment) -> str:
    """Return in a sentence why the weights cannot be swapped, '' if they can.

    They can be where nothing but the weighted sum of the states goes to the output.
    """
    if experiment.attention is None:
        return "There is no attention layer, so there are no weights to swap."
    if not attention_layers()[experiment.attention].sums_states:
        return (
            "This layer does not sum the states themselves, so other weights on them would make "
            "another layer."
        )
    if experiment.placement == "before":
        return (
            "Attention stands before the recurrent layer, so other weights would change the "
            "states too."
        )
    if experiment.head == "conv":
        return "The conv head keeps the weighted states in order, so there is no context to change."
    if experiment.decoder == "recurrent":
        return (
            "A recurrent decoder asks anew at each step and also hands on its own state, so there "
            "is not one set of weights."
        )
    return ""
