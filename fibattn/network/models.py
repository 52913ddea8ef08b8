"""Keras models: of an architecture, untrained, and of a run, with the weights of one epoch."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import keras
import numpy as np

from fibattn.experiment import Architecture, Experiment
from fibattn.network.layers import ATTENTION_LAYERS
from fibattn.run import LayerRow, Run


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
        unroll: unroll the recurrent layer over its time steps, instead of a loop over them.
        bidirectional: a second recurrent layer reads the window backwards; the states of both
            are concatenated, `(batch, time, 2 * units)`.
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
       `(batch, horizon, units)`, is concatenated with `s_i`.
    4. A dense layer of one unit, the same for every step, makes the prediction of that step.

    The decoder never reads the targets, so training and prediction are the same computation.

    Source: Sutskever, Vinyals & Le 2014 (arXiv 1409.3215); with attention Luong, Pham & Manning
    2015 (arXiv 1508.04025), where the query is the decoder's state of the same step.

    Args:
        cell: "SimpleRNN", "LSTM" or "GRU".
        units: hidden units of the encoder, and of the decoder.
        horizon: how many steps are predicted.
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
    recurrent decoder `(batch, horizon, time_steps)`. `unroll` unrolls the recurrent layer over its
    time steps; it does nothing for a recurrent decoder. Neither changes the variables.
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
    """Seed Keras's initialisers with `numbers` inside the `with` block.

    Keras draws the seed of every initialiser that has none from Python's `random`, whose state is
    put back at the end.
    """
    state = random.getstate()
    random.seed(repr(numbers))
    try:
        yield
    finally:
        random.setstate(state)


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
    return keras.optimizers.Adam(learning_rate)


def compile_for(model: keras.Model, experiment: Experiment) -> keras.Model:
    """Compile a model with the optimizer and the loss the experiment trains with; return it.

    The program computes the same loss itself (`Program._error`).
    """
    model.compile(loss="mean_squared_error", optimizer=make_optimizer(experiment.learning_rate))
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
    return compile_for(model, run.experiment)
