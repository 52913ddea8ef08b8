"""The graph of a network: what its layers show, and how TensorFlow's operations are written."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras
import tensorflow as tf
from keras import ops

from fibattn.network.catalogue import attention_layers, steps_of
from fibattn.network.graph import graph_of, graph_of_model
from fibattn.network.layers import ATTENTION_LAYERS, AttentionLayer
from fibattn.network.operations import OPERATIONS, UnknownOperation
from tests.stage.engine import Engine

SMALL = Experiment(attention="article", time_steps=4, series_length=60)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def shown(experiment: Experiment) -> list[str]:
    return [each.name for each in graph_of(experiment.architecture).outputs]


def as_model(function, shape=(4, 3)) -> keras.Model:
    """A model of one function of TensorFlow's of a window."""
    window = keras.Input(shape, name="window")
    return keras.Model(window, keras.layers.Lambda(function, name="tried")(window))


# --- what is shown


def test_a_layer_shows_what_its_docstring_says_and_the_last_is_the_prediction():
    found = graph_of(SMALL.architecture)
    assert shown(SMALL) == [
        "recurrent.states",
        "attention.scores",
        "attention.weights",
        "attention.context",
        "prediction",
    ]
    scores = found.output("attention.scores")
    assert (scores.title, scores.layer) == ("Scores", "attention")
    assert (scores.shape, scores.axes) == ((4,), ("time",))
    assert scores.formula == "e_t = tanh(h_t · W + b_t)"
    assert found.output("recurrent.states").shape == (4, 2)
    assert found.output("prediction").shape == (1,)
    with pytest.raises(KeyError, match=r"no output “attention\.gate”; there are recurrent"):
        found.output("attention.gate")


@pytest.mark.parametrize(
    ("choices", "names"),
    [
        ({"cell": "LSTM"}, ["recurrent.states", "recurrent.cell_states"]),
        (
            {"bidirectional": True, "head": "conv"},
            [
                "forward_recurrent.states",
                "backward_recurrent.states",
                "bidirectional.output",
                "convolution.output",
                "pooling.output",
            ],
        ),
        (
            {"attention": "self", "placement": "before"},
            ["attention.attention", "attention.attended", "attention.weights", "recurrent.states"],
        ),
        (
            {"attention": "dot", "decoder": "recurrent", "horizon": 2, "cell": "GRU"},
            ["encoder.states", "decoder.states", "attention.scores", "attention.weights"],
        ),
    ],
)
def test_every_recurrent_layer_shows_its_states_and_every_other_its_output(choices, names):
    assert set(names) <= set(shown(SMALL.replace(**{"attention": None} | choices)))


def test_what_is_shown_twice_keeps_its_first_name_and_place():
    """Self-attention returns what it has shown as attended: that is no second output."""
    names = shown(SMALL.replace(attention="self", placement="before"))
    assert names == [
        "attention.attention",
        "attention.attended",
        "attention.weights",
        "recurrent.states",
        "prediction",
    ]


def test_a_decoders_weights_have_an_axis_for_the_queries():
    asked = SMALL.replace(attention="additive-query", decoder="recurrent", horizon=3)
    weights = graph_of(asked.architecture).output("attention.weights")
    assert (weights.shape, weights.axes) == ((3, 4), ("queries", "time"))
    graph = graph_of(asked.architecture)
    assert graph.output("encoder.states").axes == ("time", "units")
    assert graph.output("decoder.states").axes == ("queries", "units")
    assert len(graph.output("decoder.states").parts) == 3


@pytest.mark.parametrize("name", ["dot", "self", "additive-query"])
@pytest.mark.parametrize("units", [1, 2])
def test_a_decoder_has_a_context_and_weights_for_each_step_ahead(name, units):
    experiment = SMALL.replace(attention=name, horizon=3, decoder="recurrent", units=units)
    graph = graph_of(experiment.architecture)
    context, weights = (graph.output(f"attention.{each}") for each in ("context", "weights"))
    assert (context.shape, context.axes) == ((3, units), ("queries", "features"))
    assert (weights.shape, weights.axes) == ((3, 4), ("queries", "time"))
    if name == "self":
        assert graph.output("attention.attention").axes == ("heads", "queries", "time")
        assert context.formula.startswith("c_i = sum over heads")


@pytest.mark.parametrize("name", ATTENTION_LAYERS)
def test_every_layer_shows_its_steps_with_formula_and_line(name):
    """All numbered steps are shown, but for those that Keras's layers compute inside."""
    graph = graph_of(SMALL.replace(attention=name).architecture)
    found = {each.title: each for each in graph.outputs if each.layer == "attention"}
    inside = {"For each head"}
    assert set(found) == {s.title for s in steps_of(ATTENTION_LAYERS[name].__doc__)} - inside
    source = attention_layers()[name].source.splitlines()
    for each in found.values():
        assert each.formula and len(each.axes) == len(each.shape), each
        assert each.line and source[each.line - 1].strip(), each
    assert "softmax" in found["Attention" if name == "self" else "Weights"].formula or (
        name == "uniform"
    )


def test_the_line_is_the_one_that_computes():
    source = attention_layers()["article"].source.splitlines()
    graph = graph_of(SMALL.architecture)

    def line(name: str) -> str:
        return source[graph.output(name).line - 1].strip()

    assert line("attention.scores").startswith("return ops.squeeze(ops.tanh(ops.matmul(states")
    assert line("attention.weights").startswith("return self.softmax(")
    assert line("attention.context").startswith("return ops.sum(sequence, axis=1)")
    entry = attention_layers()["article"]
    assert entry.line_of("Scores", "AttentionLayer.call") is None
    assert entry.line_of("Scores", "Elsewhere.weigh") is None


def test_steps_are_read_from_a_docstring():
    text = """One line.

    1. Scores `e_t = a
       b`, shape `(batch, time)`.
    2. Gate `g`: what
       is let through.

    Args: none.
    """
    first, second = steps_of(text)
    assert (first.title, first.axes) == ("Scores", ("time",))
    assert first.formula.split() == ["e_t", "=", "a", "b"]
    assert (second.title, second.formula, second.axes) == ("Gate", "g", ())
    assert steps_of("Nothing numbered.") == ()


def test_a_layer_made_up_in_a_test_is_shown_and_computed(engine, monkeypatch):
    class Gated(AttentionLayer):
        """A gate on the scores.

        1. Gate `g_t = sigmoid(h_t)`, shape `(batch, time)`.
        """

        def build(self, input_shape):
            self.kernel = self.add_weight(name="k", shape=(input_shape[-1], 1))

        def scores(self, states):
            return self.show("Gate", ops.sigmoid(ops.matmul(states, self.kernel))[..., 0])

    monkeypatch.setitem(ATTENTION_LAYERS, "gated", Gated)
    network = dataclasses.replace(SMALL.network, attention="gated")
    architecture = dataclasses.replace(SMALL.architecture, network=network)
    model = models.build(architecture)
    graph = graph_of(architecture)
    gate = graph.output("attention.gate")
    assert (gate.title, gate.formula, gate.axes) == ("Gate", "g_t = sigmoid(h_t)", ("time",))
    assert gate.line is None, "its source is on no page"
    assert graph.output("attention.weights").formula == "alpha = softmax(e)"
    engine.load(graph)
    x = np.linspace(-1, 1, 4, dtype=np.float32).reshape(4, 1)
    found = engine.run(x, model.get_weights())
    np.testing.assert_allclose(found["prediction"], model(x[None])[0], atol=1e-5)
    hidden = found["recurrent.states"]
    wanted = 1 / (1 + np.exp(-hidden @ model.get_layer("attention").get_weights()[0]))
    np.testing.assert_allclose(found["attention.gate"], wanted[:, 0], atol=1e-5)


def test_a_model_is_left_as_it_was():
    model = models.build(SMALL.architecture, unroll=True)
    x = np.ones((1, 4, 1), np.float32)
    before = np.asarray(model(x))
    graph_of_model(model)
    np.testing.assert_array_equal(model(x), before)
    assert model.get_layer("attention").watcher is None
    for layer in (*model.layers, model.get_layer("recurrent").cell):
        assert "call" not in vars(layer)


def test_weights_stand_in_the_order_of_a_runs(engine):
    graph = graph_of(SMALL.architecture)
    variables = models.build(SMALL.architecture).trainable_variables
    assert [each.shape for each in graph.weights] == [tuple(v.shape) for v in variables]
    ends = [each.offset + int(np.prod(each.shape)) for each in graph.weights]
    assert [0, *ends[:-1]] == [each.offset for each in graph.weights]
    assert pickle.loads(pickle.dumps(graph)).nodes == graph.nodes


# --- operations


def test_an_unknown_operation_is_named_in_a_sentence():
    with pytest.raises(UnknownOperation) as error:
        graph_of_model(as_model(tf.math.erf))
    assert str(error.value) == (
        "The operation “Erf” of the layer “tried” is none that the stage knows, so this network "
        "cannot be shown at work there."
    )


def test_an_index_that_is_computed_is_none_that_is_known():
    with pytest.raises(UnknownOperation, match="“ArgMax” of the layer “tried”"):
        graph_of_model(as_model(lambda x: tf.gather(x, tf.argmax(x[0, 0]), axis=1)))


def kernel(*shape):
    return tf.constant(np.random.default_rng(3).normal(size=shape).astype(np.float32))


FUNCTIONS = {
    "slices": lambda x: x[:, 3:0:-2, 1:],
    "newaxis": lambda x: x[:, 1, None, :] + x,
    "reverse": lambda x: tf.reverse(x, [1]) - x,
    "stack": lambda x: tf.stack(tf.unstack(x, axis=2), axis=1),
    "concat with a constant": lambda x: tf.concat([x, tf.ones((1, 4, 2)), x], axis=2),
    "split": lambda x: tf.concat(tf.split(x, [1, 2], axis=2)[::-1], axis=2),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1]]),
    "tile": lambda x: tf.tile(x, [1, 2, 2]) * 2.0,
    "transpose": lambda x: tf.transpose(x, [0, 2, 1]) / 3.0,
    "gather": lambda x: tf.gather(x, [2, 0, 2], axis=2),
    "roll": lambda x: tf.roll(x, 1, axis=1),
    "broadcast": lambda x: tf.broadcast_to(x[:, :1], (1, 4, 3)) - x[:, :, :1],
    "shapes": lambda x: x * tf.cast(tf.shape(x)[1], "float32") + tf.ones_like(x),
    "minimum": lambda x: tf.minimum(x, 0.1) + tf.maximum(x, x[:, :1]),
    "elements": lambda x: tf.sqrt(tf.abs(x)) + tf.exp(x) - tf.math.log(tf.square(x)) + -x,
    "relu": lambda x: tf.nn.relu(x) + tf.sigmoid(x),
    "sum of all": lambda x: tf.reduce_sum(x, axis=[1, 2]),
    "sum of two axes apart": lambda x: tf.reduce_sum(x[:, None] * kernel(2, 4, 3), axis=[1, 3]),
    "mean": lambda x: tf.reduce_mean(x, axis=[1, 2], keepdims=True),
    "max": lambda x: tf.reduce_max(x, axis=1),
    "softmax": lambda x: tf.nn.softmax(10 * x),
    "matmul": lambda x: tf.matmul(x, kernel(1, 5, 3), transpose_b=True),
    "matmul, turned": lambda x: tf.matmul(x[0], kernel(4, 2), transpose_a=True)[None],
    "batches of one": lambda x: tf.matmul(x[:, None], kernel(2, 3, 2)),
    "einsum": lambda x: tf.einsum("bti,ijk->bjtk", x, kernel(3, 2, 5)),
    "einsum of two sums": lambda x: tf.einsum("bti,jti->bj", x, kernel(2, 4, 3)),
    "einsum of sums apart": lambda x: tf.einsum("bti,ikt->bk", x, kernel(3, 2, 4)),
    "einsum of a sum in one": lambda x: tf.einsum("bt,tkh->bk", x[:, :, 0], kernel(4, 2, 3)),
    "conv": lambda x: tf.nn.conv1d(x, kernel(3, 3, 2), 1, "SAME"),
    "conv, valid": lambda x: tf.nn.conv1d(x, kernel(2, 3, 5), 2, "VALID"),
    "conv, dilated": lambda x: tf.nn.conv1d(x, kernel(2, 3, 2), 1, "SAME", dilations=2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_operation_computes_what_tensorflow_does(engine, name):
    graph = graph_of_model(as_model(FUNCTIONS[name]))
    assert {node.operation for node in graph.nodes} <= set(OPERATIONS)
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    engine.load(graph)
    wanted = FUNCTIONS[name](tf.constant(x[None])).numpy()
    np.testing.assert_allclose(
        engine.run(x)["prediction"], wanted.reshape(wanted.shape[1:]), rtol=1e-5, atol=1e-6
    )
