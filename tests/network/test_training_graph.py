"""One training step as a list: its error and gradient are those that TensorFlow computes."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras
import tensorflow as tf

from fibattn.network.catalogue import attention_layers
from fibattn.network.operations import OPERATIONS, Graph, UnknownOperation
from fibattn.network.training_graph import new_starts, step_graph, step_graph_of_model
from tests.network.test_training import BUILT, DECODERS, words
from tests.stage.engine import Engine

SMALL = Experiment(attention="article", time_steps=4, series_length=60)
CELLS = ["SimpleRNN", "LSTM", "GRU"]
EVERY = [{"attention": None, "cell": cell} for cell in CELLS]
EVERY += [{"attention": name, "cell": CELLS[k % 3]} for k, name in enumerate(attention_layers())]
# Sums of float32 in another order.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def random_numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.7, shape).astype(np.float32)


def assert_steps_as_tensorflow(engine: Engine, model: keras.Model, graph: Graph) -> None:
    """Compare with a gradient that TensorFlow takes, op by op, of the model as it is."""
    for number, variable in enumerate(model.trainable_variables):
        variable.assign(random_numbers(*variable.shape, seed=number))
    window = random_numbers(*model.input.shape[1:], seed=50)
    target = random_numbers(*model.output.shape[1:], seed=51)
    with tf.GradientTape() as tape:
        error = tf.reduce_mean(tf.square(model(window[None]) - target[None]))
    parts = tape.gradient(error, [each.value for each in model.trainable_variables])
    wanted = np.concatenate([np.ravel(part) for part in parts if part is not None])

    engine.load(graph)
    weights = np.concatenate([np.ravel(each) for each in model.get_weights()])
    engine.evaluate(
        f"network.run({window.ravel().tolist()}, {weights.tolist()}, {target.ravel().tolist()})"
    )
    assert engine.evaluate("network.output('error')[0]") == pytest.approx(float(error), rel=1e-5)
    found = engine.evaluate("Array.from(network.output('gradient'))")
    np.testing.assert_allclose(found, wanted, **CLOSE)
    assert np.abs(wanted).max() > 1e-3, "a gradient of nothing proves nothing"


@pytest.mark.parametrize(
    "choices",
    EVERY + [pytest.param(each, marks=pytest.mark.slow) for each in BUILT + DECODERS],
    ids=words,
)
def test_every_networks_step_is_tensorflows(engine, choices):
    architecture = SMALL.replace(**choices).architecture
    graph = step_graph(architecture)
    assert {node.operation for node in graph.nodes} <= set(OPERATIONS)
    assert_steps_as_tensorflow(engine, models.build(architecture), graph)


def dense_and(function, shape=(6, 3)) -> keras.Model:
    """A model in which a gradient passes through a function on its way to a dense layer."""
    window = keras.Input(shape, name="window")
    states = keras.layers.Dense(3, name="before")(window)
    tried = keras.layers.Lambda(function, name="tried")(states)
    return keras.Model(window, keras.layers.Dense(1)(keras.layers.Flatten()(tried)))


KERNEL = np.random.default_rng(3).normal(size=(3, 3, 2)).astype(np.float32)
# What no network of the app has, but a layer of somebody's own might.
FUNCTIONS = {
    "relu": tf.nn.relu,
    "relu of what is 0": lambda x: tf.nn.relu(x) + tf.nn.relu(0 * x),
    "slices": lambda x: x[:, 4:0:-2, 1:] * 2.0,
    "the largest, twice": lambda x: tf.reduce_max(tf.concat([x, x], axis=1), axis=1),
    "conv, valid": lambda x: tf.nn.conv1d(x, KERNEL, 2, "VALID"),
    "three uses": lambda x: x * tf.tanh(x) + tf.sigmoid(x) - tf.exp(x),
    "broadcast": lambda x: x[:, :1] / (1.0 + tf.square(x)),
    "softmax": lambda x: tf.nn.softmax(x, axis=-1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_gradient_through_a_function_is_tensorflows(engine, name):
    model = dense_and(FUNCTIONS[name])
    assert_steps_as_tensorflow(engine, model, step_graph_of_model(model))


def test_the_first_nodes_compute_the_error_alone(engine):
    graph = step_graph(SMALL.architecture)
    error, gradient = graph.outputs
    first = graph.nodes[: error.node + 1]
    assert max(max(node.inputs, default=0) for node in first) <= error.node < gradient.node
    assert "tanh_gradient" not in {node.operation for node in first}


def test_an_unknown_gradient_is_named_in_a_sentence():
    with pytest.raises(UnknownOperation) as error:
        step_graph_of_model(dense_and(lambda x: tf.minimum(x, 0.1)))
    assert str(error.value).endswith(
        "is none that the stage knows, so this network cannot be trained there."
    )


def test_new_starts_follow_those_of_the_run():
    experiment = SMALL.replace(repeats=3, seed=5)
    found = new_starts(experiment)
    model = models.build(experiment.architecture)
    for number, start in enumerate(found.weights):
        wanted = models.initial_weights(model, 5, 3 + number)
        np.testing.assert_array_equal(start, np.concatenate([each.ravel() for each in wanted]))
    assert len(found.weights) == 20


def test_of_a_large_network_there_are_fewer_new_starts():
    found = new_starts(SMALL.replace(units=32, cell="LSTM"))
    assert 1 <= len(found.weights) < 20 and found.weights.nbytes < 40_000
