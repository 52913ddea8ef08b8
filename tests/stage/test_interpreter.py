"""The interpreter: what it remembers between runs, what can be held, what it refuses."""

import re

import numpy as np
import pytest
from py_mini_racer import JSEvalException

from fibattn import Experiment
from fibattn.network import models
from fibattn.network.graph import graph_of
from fibattn.network.operations import OPERATIONS, Graph, Node, Output
from tests.stage.engine import Engine

SMALL = Experiment(attention="article", time_steps=5, series_length=60)
WINDOW = np.linspace(0, 1, 5, dtype=np.float32).reshape(5, 1)


@pytest.fixture(scope="module")
def weights() -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    shapes = [each.shape for each in models.build(SMALL.architecture).trainable_variables]
    return [generator.normal(size=tuple(shape)).astype(np.float32) for shape in shapes]


@pytest.fixture(scope="module")
def network() -> Engine:
    engine = Engine()
    engine.load(graph_of(SMALL.architecture))
    return engine


def graph_made_of(*operations: str) -> Graph:
    nodes = [Node("window", (), 2, {}), *(Node(each, (0,), 2, {}) for each in operations)]
    shown = Output("prediction", len(nodes) - 1, (2,), (), "output", "Prediction")
    return Graph(tuple(nodes), (), (), (shown,))


def test_it_knows_the_operations_that_python_writes():
    sources = {"window", "target", "weight", "constant", "view"}
    known = Engine().evaluate("Object.keys(OPERATIONS)")
    assert {*known, *sources} == set(OPERATIONS) and not sources & set(known)


def test_an_unknown_operation_is_named_in_a_sentence():
    with pytest.raises(JSEvalException, match=r"needs wobble, which the stage does not know\."):
        Engine().load(graph_made_of("wobble", "tanh", "wobble"))
    with pytest.raises(JSEvalException, match="needs toString, which"):
        Engine().load(graph_made_of("toString"))


def test_weights_stay_until_others_are_given(network, weights):
    first = network.run(WINDOW, weights)
    same = network.run(WINDOW)
    changed = network.run(WINDOW, [each + np.float32(0.5) for each in weights])
    assert first["prediction"] == same["prediction"] != changed["prediction"]
    assert network.run(WINDOW, weights)["prediction"] == first["prediction"]


def test_what_is_held_is_what_the_rest_is_computed_from(network, weights):
    free = network.run(WINDOW, weights)
    uniform = np.full(5, 0.2, np.float32)
    network.hold("attention.weights", uniform)
    held = network.run(WINDOW, weights)
    np.testing.assert_array_equal(held["attention.weights"], uniform)
    np.testing.assert_array_equal(held["recurrent.states"], free["recurrent.states"])
    np.testing.assert_allclose(
        held["attention.context"], free["recurrent.states"].mean(axis=0), rtol=1e-5
    )
    assert held["prediction"] != free["prediction"]
    network.hold("attention.weights", None)
    again = network.run(WINDOW, weights)
    for name, values in free.items():
        np.testing.assert_array_equal(again[name], values)


@pytest.mark.parametrize("name", ["attention.scores", "attention.weights"])
def test_what_no_window_changes_can_be_held_too(name):
    """Uniform weights hang on nothing, and are still the weights of the context."""
    engine = Engine()
    engine.load(graph_of(SMALL.replace(attention="uniform").architecture))
    shapes = models.build(SMALL.replace(attention="uniform").architecture).trainable_variables
    weights = [np.full(tuple(each.shape), 0.3, np.float32) for each in shapes]
    free = engine.run(WINDOW, weights)
    engine.hold(name, [0, 0, 0, 0, 100 if name.endswith("scores") else 1])
    held = engine.run(WINDOW, weights)
    np.testing.assert_allclose(held["attention.context"], free["recurrent.states"][-1], rtol=1e-6)
    engine.hold(name, None)
    np.testing.assert_array_equal(
        engine.run(WINDOW, weights)["attention.context"], free["attention.context"]
    )


def test_held_states_are_what_attention_reads(network, weights):
    states = np.arange(10, dtype=np.float32).reshape(5, 2) / 10
    network.hold("recurrent.states", states)
    held = network.run(WINDOW, weights)
    network.hold("recurrent.states", None)
    np.testing.assert_array_equal(held["recurrent.states"], states)
    np.testing.assert_allclose(
        held["attention.context"], held["attention.weights"] @ states, rtol=1e-5
    )


@pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
def test_from_a_held_state_the_later_ones_follow_as_in_keras(cell):
    """Keras continues from the state of step 2, in which one unit was changed."""
    plain = SMALL.replace(attention=None, cell=cell)
    model = models.build(plain.architecture)
    generator = np.random.default_rng(1)
    model.set_weights([generator.normal(size=each.shape) for each in model.get_weights()])
    engine = Engine()
    engine.load(graph_of(plain.architecture))
    free = engine.run(WINDOW, model.get_weights())
    held = np.full((5, 2), np.nan)
    held[2, 1] = 0.25
    engine.hold("recurrent.states", held)
    found = engine.run(WINDOW, model.get_weights())

    states = [free["recurrent.states"][2].copy()]
    states[0][1] = 0.25
    if cell == "LSTM":
        states.append(free["recurrent.cell_states"][2])
    later = model.get_layer("recurrent")(WINDOW[None, 3:], initial_state=[s[None] for s in states])
    np.testing.assert_array_equal(found["recurrent.states"][:2], free["recurrent.states"][:2])
    np.testing.assert_array_equal(found["recurrent.states"][2], states[0])
    np.testing.assert_allclose(found["recurrent.states"][4], later[0], atol=1e-5)
    np.testing.assert_allclose(found["prediction"], model.layers[-1](later)[0], atol=1e-5)
    assert abs(found["prediction"] - free["prediction"]) > 1e-4


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("network.run([1, 2])", "There are 2 numbers for the window; it takes 5."),
        ("network.run([1, 2, 3, 4, 5], [1])", "There are 1 numbers for the weights; it takes "),
        ("network.output('gate')", "There is no output “gate”; there are recurrent.states, "),
        ("network.hold('gate', [1])", "There is no output “gate”; there are recurrent.states, "),
        ("network.hold('prediction', [1, 2])", "There are 2 numbers for prediction; it has 1."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(network, call, sentence):
    with pytest.raises(JSEvalException, match=re.escape(sentence)):
        network.evaluate(call)


def test_a_number_that_overflows_stays_one_that_is_none(network, weights):
    """As in NumPy: a start that diverged shows NaN or infinity, and the next is right again."""
    free = network.run(WINDOW, weights)
    assert np.isnan(network.run(WINDOW, [each * np.nan for each in weights])["prediction"])
    assert network.run(WINDOW, weights)["prediction"] == free["prediction"]


def test_relu_and_maxima_keep_what_is_no_number():
    engine = Engine()
    engine.load(graph_made_of("relu"))
    found = engine.evaluate("written(network.run([NaN, -1]))")
    assert found == ["NaN", "0"]
