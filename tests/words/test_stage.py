"""What is written on the stage: each row's name and symbol, and where its scales end."""

import pytest

from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.network.operations import Graph, Output
from fibattn.words import stage

TITLES = {
    "recurrent.states": "States",
    "recurrent.cells": "Cell states",
    "backward.states": "States",
    "attention.scores": "Scores",
    "attention.weights": "Weights",
    "attention.context": "Context",
}


def graph() -> Graph:
    outputs = [
        Output(name, 0, (4,), (), "layer", title, "", None) for name, title in TITLES.items()
    ]
    return Graph((), (), (), tuple(outputs))


def test_every_row_has_a_name_and_a_symbol():
    assert stage.rows(Experiment(), graph()) == {
        "values": ("values", "x, drag them"),
        "ahead": ("weights", "steps ahead"),
        "effects": ("effect", "of hiding it"),
        "heatmap": ("test windows, a sample", "all test windows"),
        "pinned": ("pinned", ""),
        "recurrent.states": ("states", "h"),
        "recurrent.cells": ("cell states", "c"),
        "backward.states": ("states", "h, from the end"),
        "attention.scores": ("scores", "e"),
        "attention.weights": ("weights", "α, sum 1"),
        "attention.context": ("context", ""),
    }


@pytest.mark.parametrize("attention", sorted(attention_layers()))
def test_the_header_says_what_belongs_to_the_layer(attention):
    layer = attention_layers()[attention]
    found = stage.words(Experiment(attention=attention, time_steps=5), graph(), 0.75)
    assert set(found) == {"rows", "source", "parts", "ceiling", "weightsTo"}
    assert found["rows"] == stage.rows(Experiment(attention=attention), graph())
    assert (found["source"], found["parts"]) == (layer.source, layer.query_key_value)
    assert found["ceiling"] == layer.ceiling(5)


def test_weights_end_at_the_ceiling_where_there_is_one_and_else_at_the_largest():
    article = stage.words(Experiment(attention="article", time_steps=5), graph(), 0.4)
    assert article["weightsTo"] == article["ceiling"] < 1
    dot = stage.words(Experiment(attention="dot", time_steps=5), graph(), 0.4)
    assert (dot["ceiling"], dot["weightsTo"]) == (1, 0.4)


def test_a_picture_that_stands_still_says_why():
    assert stage.NO_SCRIPTS == (
        "This picture stands still, because the part of the page that moves it could not be "
        "started."
    )
    assert stage.WAITING == "The trained networks will stand here, to be tried by hand."
