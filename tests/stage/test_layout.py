"""Which of a network's tensors are rows along the steps, and how each of them is drawn."""

from __future__ import annotations

import pytest
from py_mini_racer import MiniRacer

from fibattn import Experiment
from fibattn.network.graph import graph_of
from fibattn.stage.modules import script
from fibattn.stage.packing import graph_words

STEPS = 6
V8 = MiniRacer()
V8.eval(script("layout.js"))


def rows(**choices) -> dict[str, str]:
    """Return how each output of a network is drawn, of those that are."""
    experiment = Experiment(time_steps=STEPS, series_length=60, **choices)
    outputs = graph_words(graph_of(experiment.architecture))["outputs"]
    kinds = {each["name"]: V8.call("kindOf", each, outputs, STEPS) for each in outputs}
    return {name: kind for name, kind in kinds.items() if kind}


@pytest.mark.parametrize(
    ("choices", "wanted"),
    [
        (
            {"attention": "article"},
            {"recurrent.states": "states", "scores": "line", "weights": "weights"},
        ),
        (
            {"attention": "self"},
            {"recurrent.states": "states", "attention": "heads", "weights": "weights"},
        ),
        # Of a decoder as of another network; as many steps ahead as there are steps change nothing.
        *(
            (
                {"attention": layer, "horizon": horizon, "decoder": "recurrent"},
                {"encoder.states": "states", looks: kind, "weights": "weights"},
            )
            for layer, looks, kind in (("dot", "scores", "line"), ("self", "attention", "heads"))
            for horizon in (2, STEPS)
        ),
        # Where there is no context, what is handed on stands along the steps.
        (
            {"attention": "article", "placement": "before"},
            {
                "scores": "line",
                "weights": "weights",
                "weighted": "line",
                "recurrent.states": "states",
            },
        ),
        (
            {"attention": "self", "head": "conv", "units": 3},
            {
                "recurrent.states": "states",
                "attention": "heads",
                "attended": "states",
                "weights": "weights",
            },
        ),
        (
            {"attention": "article", "head": "conv", "bidirectional": True, "cell": "LSTM"},
            {
                "forward_recurrent.states": "states",
                "forward_recurrent.cell_states": "states",
                "backward_recurrent.states": "states",
                "backward_recurrent.cell_states": "states",
                "scores": "line",
                "weights": "weights",
                "weighted": "states",
            },
        ),
    ],
    ids=str,
)
def test_what_stands_along_the_steps_is_a_row(choices, wanted):
    named = {name if "." in name else f"attention.{name}": kind for name, kind in wanted.items()}
    assert rows(**choices) == named
