"""The numbers in the formulas: of this step, this step ahead, and of what the layer takes."""

from __future__ import annotations

import pytest
from py_mini_racer import MiniRacer

from fibattn.stage.modules import script

V8 = MiniRacer()
V8.eval(script("opened.js"))
STEPS = 3


def output(name: str, title: str, formula: str, values: list[float], *shape: int, axes=()) -> dict:
    return {
        **{"name": name, "title": title, "formula": formula, "values": values},
        **{"shape": list(shape), "axes": list(axes)},
    }


OF_TIME = ("time", "units")
STATES = output("r.states", "States", "", [1, 2, 3, 4, 5, 6], 3, 2, axes=OF_TIME)
SCORES = output("a.scores", "Scores", "e_t = h_t · W", [10, 20, 30], 3, axes=("time",))
WEIGHTS = output("a.weights", "Weights", "alpha = softmax(e)", [0.1, 0.2, 0.7], 3, axes=("time",))
CONTEXT = output("a.c", "Context", "c = sum_t alpha_t h_t", [7, 8], 2, axes=("features",))


def put_in(formula: str, outputs: list[dict], step: int = 1, ahead: int = 0) -> str:
    values = {each["name"]: each["values"] for each in outputs}
    return V8.call("putIn", formula, outputs, values, STEPS, {"step": step, "ahead": ahead})


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("e_t = h_t · W", "20 = (3, 4) · W"),
        ("alpha = softmax(e)", "0.2 = softmax((10, 20, 30))"),
        ("c = sum_t alpha_t h_t", "(7, 8) = sum_t alpha_t h_t, at t−1: 0.2 (3, 4)"),
        ("A_ij = h_t", "A_ij = (3, 4)"),
    ],
)
def test_this_step_s_numbers_are_put_in(formula, wanted):
    assert put_in(formula, [STATES, SCORES, WEIGHTS, CONTEXT]) == wanted


def test_a_query_is_a_symbol_of_its_own():
    query = output("a.query", "Query", "q", [5, 6], 2, axes=("features",))
    scores = SCORES | {"formula": "e_t = h_t · q"}
    assert put_in("q", [STATES, query, scores]) == "(5, 6)"
    assert put_in("e_t = h_t · q", [STATES, query, scores]) == "20 = (3, 4) · (5, 6)"


def test_states_that_come_after_attention_are_not_what_it_took():
    assert put_in("e_t = h_t · W", [SCORES, WEIGHTS, STATES]) == "20 = h_t · W"


def test_of_two_directions_the_layer_takes_both():
    forward = STATES | {"name": "forward.states"}
    backward = STATES | {"name": "backward.states", "values": [0] * 6}
    both = output("both.output", "Output", "", [*range(12)], 3, 4)
    outputs = [forward, backward, both, SCORES]
    assert put_in("e_t = h_t · W", outputs) == "20 = (4, 5, 6, …) · W"
    assert put_in("e_t = h_t · W", [forward, backward, SCORES]) == "20 = h_t · W"


def test_a_decoder_s_numbers_are_of_the_step_ahead_and_the_encoder_s_states():
    axes = ("queries", "time")
    outputs = [
        STATES | {"name": "encoder.states"},
        output("repeated.output", "Output", "", [9] * 6, 3, 2),
        output("decoder.states", "States", "", [9] * 6, 3, 2, axes=("queries", "units")),
        output("a.scores", "Scores", "e_t = s + h_t", [*range(9)], 3, 3, axes=axes),
    ]
    assert put_in("e_t = s + h_t", outputs, ahead=2) == "7 = s + (3, 4)"
    assert put_in("e_t = s + h_t", outputs, step=2, ahead=0) == "2 = s + (5, 6)"
