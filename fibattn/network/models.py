"""Keras models: of an architecture, untrained, and of a run, with the weights of one epoch."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import keras
import numpy as np
from keras.src.random import seed_generator

from fibattn.network.architecture import Architecture
from fibattn.network.choices import NetworkChoices, TrainingChoices
from fibattn.network.layers import ATTENTION_LAYERS
from fibattn.run import LayerRow, Run

# What every training makes small, by `fit` or by the program, as Keras calls it.
LOSS = "mean_squared_error"


def recurrent_network(
    network: NetworkChoices,
    outputs: int,
    input_shape: tuple[int, int],
    show_weights: bool = False,
    unroll: bool = False,
) -> keras.Model:
    """Return the uncompiled model: `(batch, time, features)` to `(batch, outputs)`.

    Where the time axis is kept up to the attention layer, that weighs the states. With
    `placement="before"` the recurrent layer reads the weighted inputs `alpha_t x_t`. The "conv"
    head takes the weighted states through a Conv1D of as many filters as there are units, and
    their maximum over time to the output. With `bidirectional` the states of both directions
    stand side by side, `(batch, time, 2 * units)`.

    Args:
        network: how to build it; a recurrent decoder is `encoder_decoder`'s.
        outputs: units of the output layer.
        input_shape: `(time_steps, features)`.
        show_weights: give the attention weights `(batch, time)` as a second output.
        unroll: unroll the recurrent layer over its time steps, instead of a loop over them.
    """
    window = keras.Input(shape=input_shape, name="window")
    states, weights = window, None
    for layer in _layers(network, outputs, unroll):
        if show_weights and layer.name == "attention":
            states, weights = layer(states, return_attention_scores=True)
        else:
            states = layer(states)
    return keras.Model(window, [states, weights] if show_weights else states)


def _layers(network: NetworkChoices, outputs: int, unroll: bool) -> list[keras.layers.Layer]:
    """Return the layers of `recurrent_network`, in the order in which they are called."""
    attends, convolved = network.attention is not None, network.head == "conv"
    before = network.placement == "before"
    recurrent = _recurrent_layer(
        network,
        return_sequences=convolved or (attends and not before),
        unroll=unroll,
        name="recurrent",
    )
    if network.bidirectional:
        recurrent = keras.layers.Bidirectional(recurrent, name="bidirectional")
    layers = [recurrent]
    if network.attention is not None:
        layer = ATTENTION_LAYERS[network.attention]
        attention = layer(return_sequences=convolved or before, name="attention")
        layers.insert(0 if before else 1, attention)
    if convolved:
        convolution = keras.layers.Conv1D(
            network.units,
            kernel_size=3,
            padding="same",
            activation=network.activation,
            name="convolution",
        )
        layers += [convolution, keras.layers.GlobalMaxPooling1D(name="pooling")]
    return [*layers, _output_layer(network, outputs)]


def encoder_decoder(
    network: NetworkChoices,
    horizon: int,
    input_shape: tuple[int, int],
    show_weights: bool = False,
    unroll: bool = False,
) -> keras.Model:
    """Return the uncompiled encoder–decoder: `(batch, time, features)` to `(batch, horizon)`.

    1. The encoder reads the window: states `h_t`, shape `(batch, time, units)`.
    2. The decoder, of the same cell and size, starts from the encoder's final states. At each of
       its `horizon` steps it reads the encoder's last hidden state: `s_i`, shape
       `(batch, horizon, units)`.
    3. With attention each `s_i` is a query over the `h_t`: the context, shape
       `(batch, horizon, units)`, is concatenated with `s_i`.
    4. A dense layer of one unit, the same for every step, makes the prediction of that step.

    The decoder never reads the targets, so training and prediction are the same computation.

    Source: Sutskever, Vinyals & Le 2014 (arXiv 1409.3215); with attention Luong, Pham & Manning
    2015 (arXiv 1508.04025), where the query is the decoder's state of the same step.

    Args:
        network: how to build it; its attention layer must take a query.
        horizon: how many steps are written.
        input_shape: `(time_steps, features)`.
        show_weights: give the attention weights `(batch, horizon, time)` as a second output.
        unroll: unroll both recurrent layers over their steps, instead of loops over them.
    """
    window = keras.Input(shape=input_shape, name="window")
    encoder = _recurrent_layer(
        network,
        return_sequences=network.attention is not None,
        return_state=True,
        unroll=unroll,
        name="encoder",
    )
    encoded, *final = encoder(window)
    decoder = _recurrent_layer(network, return_sequences=True, unroll=unroll, name="decoder")
    # The first of an LSTM's two states is the hidden one.
    read = keras.layers.RepeatVector(horizon, name="repeated")(final[0])
    states = decoder(read, initial_state=final)
    weights = None
    if network.attention is not None:
        layer = ATTENTION_LAYERS[network.attention](name="attention")
        if show_weights:
            context, weights = layer(encoded, query=states, return_attention_scores=True)
        else:
            context = layer(encoded, query=states)
        states = keras.layers.Concatenate(name="context_and_state")([context, states])
    steps = _output_layer(network, 1)(states)
    output = keras.layers.Reshape((horizon,), name="horizon")(steps)
    return keras.Model(window, [output, weights] if show_weights else output)


def _recurrent_layer(network: NetworkChoices, **options: Any) -> Any:
    layer = getattr(keras.layers, network.cell)
    return layer(network.units, activation=network.activation, **options)


def _output_layer(network: NetworkChoices, outputs: int) -> Any:
    return keras.layers.Dense(outputs, activation=network.output_activation, name="output")


def build(
    architecture: Architecture, show_weights: bool = False, unroll: bool = False
) -> keras.Model:
    """Return the uncompiled model of an architecture.

    It takes `(batch, time_steps, features)` to `(batch, horizon)`.

    With `show_weights` the attention weights are a second output: `(batch, time_steps)`, of a
    recurrent decoder `(batch, horizon, time_steps)`. `unroll` unrolls the recurrent layers over
    their steps. Neither changes the variables.
    """
    network, horizon = architecture.network, architecture.horizon
    shape = architecture.time_steps, architecture.features
    if network.decoder == "recurrent":
        return encoder_decoder(network, horizon, shape, show_weights, unroll)
    return recurrent_network(network, horizon, shape, show_weights, unroll)


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


# Held while Keras's initialisers are seeded.
_SEEDING = threading.Lock()


@contextlib.contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Seed Keras's initialisers with `numbers` inside the `with` block.

    Keras draws the seed of every initialiser that has none from Python's `random`, which it holds
    under the name `python_random`. It is given a generator of its own: other threads draw from the
    shared one at any time, as those of a cluster's worker do, and would change the weights.
    """
    with _SEEDING:
        seed_generator.python_random = random.Random(repr(numbers))
        try:
            yield
        finally:
            seed_generator.python_random = random


def initial_weights(model: keras.Model, *seed: int) -> list[np.ndarray]:
    """Return initial values for a model's trainable variables, drawn with that seed.

    The layers are made again one by one; the graph between them, which takes far longer, is not.
    Only a model that branches is cloned whole: there a layer's inputs do not tell how to build it.
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


def make_optimizer(learning_rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """Return the optimizer of every training, by `fit` or by the program."""
    # By itself it would be named by how many there were before, and be found by no other process.
    return keras.optimizers.Adam(learning_rate, name="adam")


def compile_for(model: keras.Model, training: TrainingChoices) -> keras.Model:
    """Compile a model with the loss and the optimizer of every training; return it."""
    model.compile(loss=LOSS, optimizer=make_optimizer(training.learning_rate))
    return model


def model_of(run: Run, repeat: int = 0, epoch: int | None = None) -> keras.Model:
    """Return the Keras model of one random start of a run, with its weights after `epoch` epochs.

    It is compiled with the optimizer and the loss the run was trained with. Adam's moments begin at
    zero, so from epoch 0 `fit` in the order of `Run.sample_order` repeats the run's training.

    Args:
        run: the run.
        repeat: which random start, from 0.
        epoch: 0 for the weights before the first epoch; None for those after the last.

    Raises ValueError for a repeat or an epoch that the run does not have.
    """
    epochs = run.experiment.epochs
    epoch = epochs if epoch is None else epoch
    run.check_repeat(repeat)
    if not 0 <= epoch <= epochs:
        raise ValueError(f"epoch is {epoch}, but this run has 0 (before training) to {epochs}.")
    model = build(run.experiment.architecture)
    model.set_weights([array[epoch, repeat] for array in run.weights])
    return compile_for(model, run.experiment.training)
