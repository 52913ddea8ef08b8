"""From an architecture to a Keras model: a recurrent layer, perhaps attention, a dense layer."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

from fibattn import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import keras
import numpy as np

from fibattn.experiment import Architecture
from fibattn.layers import ATTENTION_LAYERS
from fibattn.run import LayerRow


def recurrent_network(
    cell: str,
    units: int,
    dense_units: int,
    input_shape: tuple[int, int],
    activations: tuple[str, str],
    attention: str | None,
    show_weights: bool = False,
    unroll: bool = False,
) -> keras.Model:
    """Return the uncompiled model: `(batch, time, features)` to `(batch, dense_units)`.

    Args:
        cell: "SimpleRNN", "LSTM" or "GRU".
        units: hidden units of the recurrent layer.
        dense_units: units of the output layer.
        input_shape: `(time_steps, features)`.
        activations: of the recurrent layer and of the output layer.
        attention: the name of an attention layer, or None for the last state alone.
        show_weights: give the attention weights `(batch, time)` as a second output.
        unroll: lay the recurrent layer's steps out one by one instead of looping.
    """
    window = keras.Input(shape=input_shape, name="window")
    recurrent = getattr(keras.layers, cell)
    states = recurrent(
        units,
        activation=activations[0],
        return_sequences=attention is not None,
        unroll=unroll,
        name="recurrent",
    )(window)
    weights = None
    if attention is not None:
        layer = ATTENTION_LAYERS[attention](name="attention")
        if show_weights:
            states, weights = layer(states, return_attention_scores=True)
        else:
            states = layer(states)
    output = keras.layers.Dense(dense_units, activation=activations[1], name="output")(states)
    return keras.Model(window, [output, weights] if show_weights else output)


def build(
    architecture: Architecture, show_weights: bool = False, unroll: bool = False
) -> keras.Model:
    """Return the uncompiled model of an architecture.

    It takes `(batch, time_steps, features)` to `(batch, 1)`.

    With `show_weights` the attention weights `(batch, time_steps)` are a second output; `unroll`
    lays the time steps out one by one. Neither changes the variables.
    """
    return recurrent_network(
        architecture.cell,
        architecture.units,
        1,
        (architecture.time_steps, architecture.features),
        (architecture.activation, architecture.output_activation),
        architecture.attention,
        show_weights,
        unroll,
    )


def layer_rows(model: keras.Model) -> tuple[LayerRow, ...]:
    """Return the layers of a model as `model.summary()` shows them."""
    rows = []
    for layer in model.layers:
        kind, shape = type(layer).__name__, tuple(layer.output.shape)
        rows.append(LayerRow(layer.name, kind, shape, layer.count_params()))
    return tuple(rows)


@contextlib.contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Make what Keras initialises inside depend on `numbers` alone, and nothing outside on it.

    Keras draws the seed of every initialiser that has none from Python's `random`.
    """
    state = random.getstate()
    random.seed(repr(numbers))
    try:
        yield
    finally:
        random.setstate(state)


def initial_weights(model: keras.Model, *seed: int) -> list[np.ndarray]:
    """Return fresh initial weights for a model, as if it had been built anew.

    Only the layers are made again, not the graph between them, which takes far longer.
    """
    weights = []
    with seeded(*seed):
        for layer in model.layers[1:]:
            fresh = type(layer).from_config(layer.get_config())
            fresh.build(layer.input.shape)
            weights += [variable.numpy() for variable in fresh.trainable_variables]
    return weights


def compile_as_article(model: keras.Model, learning_rate: float = 1e-3) -> Any:
    """Compile as the article does, MSE and Adam; return the model."""
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate))
    return model
