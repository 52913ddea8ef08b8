"""The formulas that are said of Keras's own layers are what these compute."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn.network import models  # noqa: F401  (before Keras: it prepares the environment)

# isort: split
import keras

from fibattn.network import formulas

STEPS, FEATURES, UNITS = 4, 2, 3
WINDOW = np.random.default_rng(0).normal(size=(1, STEPS, FEATURES)).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {"tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "sigmoid": sigmoid}


def computed(formula: str, **symbols) -> np.ndarray:
    """Compute the right side of a formula, with numbers for its symbols."""
    right = formula.split("=")[1].strip().replace("·", "@").replace("⊙", "*")
    right = right.replace("_(t-1)", "_before").replace("_(t+1)", "_before").replace("_t", "")
    return eval(right, {"__builtins__": {}}, ACTIVATIONS | symbols)


def random_layer(kind: str, backwards: bool, activation: str):
    layer = getattr(keras.layers, kind)(
        UNITS, activation=activation, return_sequences=True, go_backwards=backwards
    )
    layer.build(WINDOW.shape)
    dice = np.random.default_rng(1)
    layer.set_weights([dice.normal(size=each.shape) * 0.7 for each in layer.get_weights()])
    return layer


def states_of(layer) -> np.ndarray:
    """Return Keras's states in the order in which they are computed, (steps, units)."""
    return np.asarray(layer(WINDOW))[0]


def inputs_of(layer) -> np.ndarray:
    return WINDOW[0, ::-1] if layer.go_backwards else WINDOW[0]


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
@pytest.mark.parametrize("backwards", [False, True])
def test_of_a_simple_recurrent_layer(backwards, activation):
    layer = random_layer("SimpleRNN", backwards, activation)
    formula = formulas.of_states(layer, is_decoder=False)["States"]
    assert ("h_(t+1)" in formula) == backwards
    W, U, b = layer.get_weights()
    before = np.zeros(UNITS)
    for x, state in zip(inputs_of(layer), states_of(layer), strict=True):
        found = computed(formula, x=x, h_before=before, W=W, U=U, b=b)
        assert found == pytest.approx(state, abs=1e-5)
        before = state


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_of_an_lstm(activation):
    layer = random_layer("LSTM", backwards=False, activation=activation)
    said = formulas.of_states(layer, is_decoder=False)
    W, U, b = layer.get_weights()
    h, cell = np.zeros(UNITS), np.zeros(UNITS)
    for x, state in zip(inputs_of(layer), states_of(layer), strict=True):
        # Keras's order of the gates.
        i, f, g, o = np.split(x @ W + h @ U + b, 4)
        gates = {"i": sigmoid(i), "f": sigmoid(f), "o": sigmoid(o), "g": ACTIVATIONS[activation](g)}
        cell = computed(said["Cell states"], cell_before=cell, **gates)
        h = computed(said["States"], cell=cell, **gates)
        assert h == pytest.approx(state, abs=1e-5)


def test_of_a_gru():
    layer = random_layer("GRU", backwards=False, activation="tanh")
    said = formulas.of_states(layer, is_decoder=False)
    W, U, (b, c) = layer.get_weights()
    h = np.zeros(UNITS)
    for x, state in zip(inputs_of(layer), states_of(layer), strict=True):
        (z, r, n), (uz, ur, un) = np.split(x @ W + b, 3), np.split(h @ U + c, 3)
        candidate = np.tanh(n + sigmoid(r + ur) * un)
        h = computed(said["States"], z=sigmoid(z + uz), h_before=h, n=candidate)
        assert h == pytest.approx(state, abs=1e-5)


def test_of_a_decoder_each_state_is_one_of_a_step_ahead():
    layer = random_layer("LSTM", backwards=False, activation="tanh")
    assert formulas.of_states(layer, is_decoder=True) == {
        "States": "s_i = o_i ⊙ tanh(cell_i)",
        "Cell states": "cell_i = f_i ⊙ cell_(i-1) + i_i ⊙ g_i",
    }


@pytest.mark.parametrize("activation", ["tanh", "relu", "linear"])
def test_of_a_dense_layer(activation):
    layer = keras.layers.Dense(2, activation=activation)
    layer.build((1, FEATURES))
    W, b = layer.get_weights()
    found = computed(formulas.of_dense(layer, "c"), c=WINDOW[0, 0], W=W, b=b + 0)
    assert found == pytest.approx(np.asarray(layer(WINDOW[:, 0]))[0], abs=1e-5)


def test_of_a_layer_that_is_not_known_nothing_is_said():
    cells = keras.layers.StackedRNNCells([keras.layers.SimpleRNNCell(2)])
    assert formulas.of_states(keras.layers.RNN(cells), is_decoder=False) == {}
