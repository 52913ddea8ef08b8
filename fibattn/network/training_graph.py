"""One training step as a list of array operations, and new random starts to take it from.

The loss of a window and its gradient are traced from the Keras model as `graph` traces a forward
pass, so that whoever runs the list trains that network without a formula of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras
import tensorflow as tf

from fibattn.experiment import Experiment
from fibattn.network.answers import MOST_BYTES, NEW_STARTS, NewStarts
from fibattn.network.architecture import Architecture
from fibattn.network.gradients import GradientLowering
from fibattn.network.graph import weights_of
from fibattn.network.operations import Graph, Output


def new_starts(experiment: Experiment) -> NewStarts:
    """Return what trains an experiment's network from random starts that its run did not have.

    Raises UnknownOperation as `step_graph` does.
    """
    model = models.build(experiment.architecture, unroll=True)
    size = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    count = max(1, min(NEW_STARTS, MOST_BYTES // (4 * max(1, size))))
    first = experiment.repeats
    weights = [
        np.concatenate(
            [each.ravel() for each in models.initial_weights(model, experiment.seed, repeat)]
        )
        for repeat in range(first, first + count)
    ]
    adam = models.make_optimizer().get_config()
    return NewStarts(
        step_graph_of_model(model),
        np.stack(weights),
        {name: float(adam[name]) for name in ("beta_1", "beta_2", "epsilon")},
    )


def step_graph(architecture: Architecture) -> Graph:
    """Return the graph of one training step of the network of an architecture.

    Its outputs are `error`, (), the loss of one window, which the first nodes up to its own
    compute, and `gradient`, (size,), by all variables one after the other. The gradient of a batch
    is the mean over its windows.

    Raises UnknownOperation, a ValueError with a sentence for the visitor, if the gradient uses an
    operation that the stage does not know.
    """
    return step_graph_of_model(models.build(architecture, unroll=True))


def step_graph_of_model(model: keras.Model) -> Graph:
    """Return `step_graph` of a Keras model whose recurrent layers are unrolled."""
    variables = model.trainable_variables

    def step(window: Any, target: Any, *weights: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            predicted, _ = model.stateless_call(
                list(weights), model.non_trainable_variables, window
            )
            error = keras.losses.get(models.LOSS)(target, predicted)
        parts = tape.gradient(error, list(weights), unconnected_gradients="zero")
        return error, tf.concat([tf.reshape(part, [-1]) for part in parts], axis=0)

    traced = tf.function(step, autograph=False).get_concrete_function(
        tf.TensorSpec((1, *model.input.shape[1:])),
        tf.TensorSpec((1, *model.output.shape[1:])),
        *[tf.TensorSpec(variable.shape) for variable in variables],
    )
    lowering = GradientLowering()
    window, target, *given = traced.inputs[: 2 + len(variables)]
    lowering.give(window, "window")
    lowering.give(target, "target")
    weights = weights_of(variables)
    for tensor, weight in zip(given, weights, strict=True):
        lowering.give(tensor, "weight", offset=weight.offset)
    error, gradient = traced.outputs
    last = model.layers[-1].name
    outputs = (
        Output("error", lowering.node_of(error), (), (), last, "Error"),
        Output("gradient", lowering.node_of(gradient), tuple(gradient.shape), (), last, "Gradient"),
    )
    return Graph(tuple(lowering.nodes), tuple(lowering.arrays), weights, outputs)
