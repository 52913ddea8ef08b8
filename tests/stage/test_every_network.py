"""The stage computes what Keras does, for every network that an experiment can have.

Keras is asked by itself: its model with loops instead of unrolled steps, its recurrent layers made
again to return their states, and the weights it gives as a second output.
"""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras

from fibattn.knobs import knobs_of
from fibattn.network.choices import NetworkChoices
from fibattn.network.graph import graph_of
from tests.stage.engine import Engine

# How far the stage may be off, as a share of the largest number beside it where that is above 1.
CLOSE = 1e-5

VARIED = {
    name: tuple(each.options) for name, each in knobs_of(NetworkChoices).items() if each.options
} | {"horizon": (1, 3)}


def test_every_choice_of_the_network_is_varied_here():
    assert set(VARIED) == {*knobs_of(NetworkChoices), "horizon"} - {"units"}


def allowed(values: dict) -> Experiment | None:
    """A small experiment with these choices, None if an Experiment refuses them."""
    try:
        return Experiment(time_steps=4, units=2, series_length=60, **values)
    except ValueError:
        return None


def label(values: dict) -> str:
    return "-".join(f"{value}" for value in values.values())


EVERY = {
    label(values): experiment
    for values in (
        dict(zip(VARIED, each, strict=True)) for each in itertools.product(*VARIED.values())
    )
    if (experiment := allowed(values))
}


def covering() -> list[str]:
    """A few networks in which every two choices that can go together do so once."""

    def pairs(experiment: Experiment) -> set:
        values = [(name, getattr(experiment, name)) for name in VARIED]
        return set(itertools.combinations(values, 2))

    found, covered = [], set()
    labels = list(EVERY)
    random.Random(0).shuffle(labels)
    for least in (20, 10, 5, 2, 1):
        for each in labels:
            new = pairs(EVERY[each]) - covered
            if len(new) >= least:
                found.append(each)
                covered |= new
    return found


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def compare(engine: Engine, experiment: Experiment, seed: int = 0) -> set[str]:
    """Assert that the stage's outputs are Keras's; return the names of those compared."""
    architecture = experiment.architecture
    model = models.build(architecture, show_weights=experiment.attention is not None)
    random_numbers = np.random.default_rng(seed)
    weights = [
        random_numbers.normal(0, 0.7, variable.shape).astype(np.float32)
        for variable in model.trainable_variables
    ]
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    windows = random_numbers.normal(size=(2, *model.input.shape[1:])).astype(np.float32)
    graph = graph_of(architecture)
    assert engine.load(graph) == [each.name for each in graph.outputs]
    expected = asked_of_keras(model, windows)
    for number, window in enumerate(windows):
        found = engine.run(window, weights)
        assert found["prediction"].shape == (experiment.horizon,)
        for name, values in expected.items():
            largest = max(1.0, float(np.abs(values[number]).max()))
            np.testing.assert_allclose(
                found[name], values[number], rtol=0, atol=CLOSE * largest, err_msg=name
            )
        if "attention.scores" in found and "attention.weights" in found:
            np.testing.assert_allclose(
                found["attention.weights"], softmax(found["attention.scores"]), rtol=0, atol=CLOSE
            )
    return set(expected)


def asked_of_keras(model: keras.Model, windows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what Keras says, by the stage's names: prediction, weights, context and states."""
    layers = {layer.name: layer for layer in model.layers[1:]}
    asked = {name: [layer.input, layer.output] for name, layer in layers.items()}
    said = keras.Model(model.input, asked)(windows)
    answers: dict[str, object] = {"prediction": model(windows)}
    for name, layer in layers.items():
        given, output = said[name]
        if isinstance(layer, keras.layers.Bidirectional):
            answers |= states_of(layer.forward_layer, given)
            answers |= states_of(layer.backward_layer, given)
        elif isinstance(layer, keras.layers.RNN):
            answers |= states_of(layer, *(given if isinstance(given, list) else [given]))
        elif name == "attention":
            # Self-attention has a name of its own for what it returns in each step's place.
            sequence = "attended" if type(layer).__name__ == "SelfAttention" else "weighted"
            kind = sequence if layer.return_sequences else "context"
            answers |= {f"attention.{kind}": output[0], "attention.weights": output[1]}
            answers["prediction"] = answers["prediction"][0]
        elif name in ("convolution", "pooling"):
            answers[f"{name}.output"] = output
    return {name: np.asarray(values) for name, values in answers.items()}


def states_of(layer, sequences, *initial) -> dict[str, np.ndarray]:
    """Return the states after each step of a recurrent layer, made again to return them."""
    options = layer.get_config() | {"return_sequences": True, "return_state": False}
    again = type(layer).from_config(options)
    again.build(sequences.shape)
    again.set_weights(layer.get_weights())
    states = np.asarray(again(sequences, initial_state=list(initial) or None))
    return {f"{layer.name}.states": states[:, ::-1] if layer.go_backwards else states}


def softmax(scores):
    powers = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("name", covering())
def test_the_stage_computes_what_keras_does(engine, name):
    experiment = EVERY[name]
    compared = compare(engine, experiment)
    assert "prediction" in compared and any(each.endswith(".states") for each in compared)
    if experiment.attention:
        assert "attention.weights" in compared


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(attention="article"),
        Experiment(attention="additive", task="adding-problem", time_steps=12, units=5),
        Experiment(attention="self", task="adding-problem", placement="before", time_steps=12),
        Experiment(attention="self", cell="GRU", units=8, time_steps=30, head="conv"),
    ],
    ids=["the first a visitor meets", "two features", "two features weighed", "a larger one"],
)
def test_the_stage_computes_networks_of_other_sizes(engine, experiment):
    assert "attention.weights" in compare(engine, experiment, seed=2)


# All networks that differ in their activations alone.
STRUCTURES: dict[str, list[Experiment]] = {}
for _each in EVERY.values():
    _kept = {name: getattr(_each, name) for name in VARIED if not name.endswith("activation")}
    STRUCTURES.setdefault(label(_kept), []).append(_each)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(STRUCTURES)), ids=STRUCTURES)
def test_the_stage_computes_what_keras_does_in_the_whole_matrix(engine, number):
    """Every structure; the activations, which each takes alike, are dealt out over them."""
    alike = list(STRUCTURES.values())[number]
    compare(engine, alike[number % len(alike)], seed=1)
