"""From an architecture to a Keras model: recurrent layers, perhaps attention, an output."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import keras
import numpy as np

from fibattn.experiment import Architecture
from fibattn.network.layers import ATTENTION_LAYERS
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
    bidirectional: bool = False,
    placement: str = "after",
    head: str = "dense",
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
        bidirectional: a second recurrent layer reads the window backwards; the states of both
            stand side by side, `(batch, time, 2 * units)`.
        placement: of the attention layer, "after" the recurrent layer or "before" it. Before it,
            the recurrent layer reads the weighted inputs `alpha_t x_t`.
        head: "dense" takes the context; "conv" keeps the time axis up to a Conv1D of `units`
            filters, and takes their maximum over time.
    """
    convolved = head == "conv"
    window = keras.Input(shape=input_shape, name="window")
    recurrent = _recurrent_layer(
        cell,
        units,
        activation=activations[0],
        return_sequences=convolved or (attention is not None and placement == "after"),
        unroll=unroll,
        name="recurrent",
    )
    if bidirectional:
        recurrent = keras.layers.Bidirectional(recurrent, name="bidirectional")
    layers = [recurrent]
    if attention is not None:
        keep = convolved or placement == "before"
        layer = ATTENTION_LAYERS[attention](return_sequences=keep, name="attention")
        layers.insert(0 if placement == "before" else 1, layer)
    if convolved:
        convolution = keras.layers.Conv1D(
            units, kernel_size=3, padding="same", activation=activations[0], name="convolution"
        )
        layers += [convolution, keras.layers.GlobalMaxPooling1D(name="pooling")]
    layers.append(keras.layers.Dense(dense_units, activation=activations[1], name="output"))

    states, weights = window, None
    for layer in layers:
        if show_weights and layer.name == "attention":
            states, weights = layer(states, return_attention_scores=True)
        else:
            states = layer(states)
    return keras.Model(window, [states, weights] if show_weights else states)


def encoder_decoder(
    cell: str,
    units: int,
    horizon: int,
    input_shape: tuple[int, int],
    activations: tuple[str, str],
    attention: str | None,
    show_weights: bool = False,
) -> keras.Model:
    """Return the uncompiled encoder–decoder: `(batch, time, features)` to `(batch, horizon)`.

    1. The encoder reads the window: states `h_t`, shape `(batch, time, units)`.
    2. The decoder, of the same cell and size, starts from the encoder's final states. At each of
       its `horizon` steps it reads the encoder's last hidden state: `s_i`, shape
       `(batch, horizon, units)`.
    3. With attention each `s_i` is a query over the `h_t`: the context, shape
       `(batch, horizon, units)`, stands beside `s_i`.
    4. One dense unit makes a number of each step.

    The decoder never reads the targets, so training and prediction are the same computation.

    Source: Sutskever, Vinyals & Le 2014 (arXiv 1409.3215); with attention Luong, Pham & Manning
    2015 (arXiv 1508.04025), where the decoder's state of the same step asks.

    Args:
        cell: "SimpleRNN", "LSTM" or "GRU".
        units: hidden units of the encoder, and of the decoder.
        horizon: how many steps are written.
        input_shape: `(time_steps, features)`.
        activations: of both recurrent layers and of the output layer.
        attention: the name of an attention layer with a query, or None.
        show_weights: give the attention weights `(batch, horizon, time)` as a second output.
    """
    window = keras.Input(shape=input_shape, name="window")
    encoder = _recurrent_layer(
        cell,
        units,
        activation=activations[0],
        return_sequences=attention is not None,
        return_state=True,
        name="encoder",
    )
    encoded, *final = encoder(window)
    decoder = _recurrent_layer(
        cell, units, activation=activations[0], return_sequences=True, name="decoder"
    )
    # The first of an LSTM's two states is the hidden one.
    read = keras.layers.RepeatVector(horizon, name="repeated")(final[0])
    states = decoder(read, initial_state=final)
    weights = None
    if attention is not None:
        layer = ATTENTION_LAYERS[attention](name="attention")
        if show_weights:
            context, weights = layer(encoded, query=states, return_attention_scores=True)
        else:
            context = layer(encoded, query=states)
        states = keras.layers.Concatenate(name="context_and_state")([context, states])
    steps = keras.layers.Dense(1, activation=activations[1], name="output")(states)
    output = keras.layers.Reshape((horizon,), name="horizon")(steps)
    return keras.Model(window, [output, weights] if show_weights else output)


def _recurrent_layer(cell: str, units: int, **options: Any) -> Any:
    return getattr(keras.layers, cell)(units, **options)


def build(
    architecture: Architecture, show_weights: bool = False, unroll: bool = False
) -> keras.Model:
    """Return the uncompiled model of an architecture.

    It takes `(batch, time_steps, features)` to `(batch, horizon)`.

    With `show_weights` the attention weights are a second output: `(batch, time_steps)`, of a
    recurrent decoder `(batch, horizon, time_steps)`. `unroll` lays the time steps out one by one,
    except of a recurrent decoder. Neither changes the variables.
    """
    arguments = (
        architecture.cell,
        architecture.units,
        architecture.horizon,
        (architecture.time_steps, architecture.features),
        (architecture.activation, architecture.output_activation),
        architecture.attention,
        show_weights,
    )
    if architecture.decoder == "recurrent":
        return encoder_decoder(*arguments)
    return recurrent_network(
        *arguments,
        unroll,
        architecture.bidirectional,
        architecture.placement,
        architecture.head,
    )


def layer_rows(model: keras.Model) -> tuple[LayerRow, ...]:
    """Return the layers of a model as `model.summary()` shows them.

    Of a layer with several outputs the shape is the first one's.
    """
    rows = []
    for layer in model.layers:
        output = layer.output[0] if isinstance(layer.output, list | tuple) else layer.output
        kind, shape = type(layer).__name__, tuple(output.shape)
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

    Only the layers are made again, not the graph between them, which takes far longer. A model
    that branches is made again whole: there a layer's inputs do not tell how to build it.
    """
    weights = []
    with seeded(*seed):
        if any(isinstance(layer.input, list | tuple) for layer in model.layers[1:]):
            fresh = keras.models.clone_model(model)
            return [variable.numpy() for variable in fresh.trainable_variables]
        for layer in model.layers[1:]:
            fresh = type(layer).from_config(layer.get_config())
            fresh.build(layer.input.shape)
            weights += [variable.numpy() for variable in fresh.trainable_variables]
    return weights


def compile_as_article(model: keras.Model, learning_rate: float = 1e-3) -> Any:
    """Compile as the article does, MSE and Adam; return the model."""
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate))
    return model
