"""The numbers in the formulas: of this step, this step ahead, and of what the layer takes."""

from __future__ import annotations

import pytest
from py_mini_racer import MiniRacer

from fibattn.stage.modules import script

V8 = MiniRacer()
V8.eval(script("formulas.js"))
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


WINDOW = [0.5, 0.6, 0.7]
READ = "h_t = tanh(x_t · W + h_(t-1) · U + b)"


def put_in(formula: str, outputs: list[dict], step: int = 1, ahead: int = 0) -> str:
    """Put numbers into the formula of one of the outputs; of the last, if none has it."""
    picture = {"x": WINDOW, "outputs": {each["name"]: each["values"] for each in outputs}}
    of = next((each for each in outputs if each["formula"] == formula), outputs[-1])
    view = {"step": step, "ahead": ahead, "held": None}
    return V8.call("putIn", {**of, "formula": formula}, outputs, picture, STEPS, view)


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


def test_attention_before_the_recurrent_layer_takes_the_window():
    assert put_in("e_t = h_t · W", [SCORES, WEIGHTS, STATES]) == "20 = 0.6 · W"


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        (1, "(3, 4) = tanh(0.6 · W + (1, 2) · U + b)"),
        (0, "(1, 2) = tanh(0.5 · W + (0, 0) · U + b)"),
    ],
)
def test_a_state_is_of_the_value_and_the_state_before(step, wanted):
    assert put_in(READ, [STATES | {"formula": READ}, SCORES], step) == wanted


def test_the_first_state_from_the_end_is_the_last_step_s():
    formula = "h_t = h_(t+1)"
    states = STATES | {"name": "backward.states", "formula": formula}
    forward = STATES | {"name": "forward.states", "values": [9] * 6, "formula": "h_t = h_(t-1)"}
    assert put_in(formula, [forward, states], step=1) == "(3, 4) = (5, 6)"
    assert put_in(formula, [forward, states], step=2) == "(5, 6) = (0, 0)"


def test_a_recurrent_layer_after_attention_reads_what_that_hands_on():
    weighted = output("a.weighted", "Weighted", "w_t = alpha_t h_t", [7, 8, 9], 3, 1)
    weighted["axes"] = ["time", "features"]
    outputs = [SCORES, WEIGHTS, weighted, STATES | {"formula": READ}]
    assert put_in(READ, outputs) == "(3, 4) = tanh(8 · W + (1, 2) · U + b)"
    assert put_in("w_t = alpha_t h_t", outputs) == "8 = 0.2 0.6"
    last = output("prediction", "Prediction", "y = h_T · W + b", [1.5], 1)
    assert put_in("y = h_T · W + b", [*outputs, last]) == "1.5 = (5, 6) · W + b"


def test_what_self_attention_hands_on_is_read_and_not_its_weights():
    axes = ("time", "features")
    attended = output("a.attended", "Attended", "a_i = sum", [7, 8, 9], 3, 1, axes=axes)
    outputs = [attended, WEIGHTS, STATES | {"formula": READ}]
    assert put_in(READ, outputs) == "(3, 4) = tanh(8 · W + (1, 2) · U + b)"


def test_an_index_of_features_leaves_the_symbol():
    query = output("a.query", "Query", "q", [5, 6], 2, axes=("features",))
    outputs = [STATES, query, SCORES | {"formula": "e_t = g_f tanh(q_f + h_tf)"}]
    assert put_in("e_t = g_f tanh(q_f + h_tf)", outputs) == "20 = g_f tanh(q_f + h_tf)"


def test_a_negative_factor_subtracts_nothing():
    states = output("r.states", "States", "", [1, -2, 3], 3, 1, axes=OF_TIME)
    context = CONTEXT | {"values": [-7], "shape": [1]}
    found = put_in("c = sum_t alpha_t h_t", [states, SCORES, WEIGHTS, context])
    assert found == "−7 = sum_t alpha_t h_t, at t−1: 0.2 (−2)"


def test_an_lstm_s_cell_is_its_own_and_not_the_context():
    formula = "h_t = o_t ⊙ tanh(cell_t)"
    cells = output("r.cells", "Cell states", "cell_t = cell_(t-1)", [*range(6)], 3, 2, axes=OF_TIME)
    outputs = [STATES | {"formula": formula}, cells, SCORES, WEIGHTS, CONTEXT]
    assert put_in(formula, outputs) == "(3, 4) = o_t ⊙ tanh((2, 3))"
    assert put_in("cell_t = cell_(t-1)", outputs) == "(2, 3) = (0, 1)"


def test_the_prediction_is_of_the_context():
    last = output("prediction", "Prediction", "y = tanh(c · W + b)", [0.5], 1)
    outputs = [STATES, SCORES, WEIGHTS, CONTEXT, last]
    assert put_in("y = tanh(c · W + b)", outputs) == "0.5 = tanh((7, 8) · W + b)"


def test_the_decoder_begins_with_what_the_encoder_hands_on_which_stays_a_symbol():
    formula = "s_i = tanh(x_i · W + s_(i-1) · U + b)"
    axes = ("queries", "units")
    outputs = [
        STATES | {"name": "encoder.states", "formula": READ},
        output("repeated.output", "Output", "", [9] * 6, 3, 2),
        output("decoder.states", "States", formula, [*range(6)], 3, 2, axes=axes),
    ]
    assert put_in(formula, outputs, ahead=1) == "(2, 3) = tanh(x_i · W + (0, 1) · U + b)"
    assert put_in(formula, outputs, ahead=0) == "(0, 1) = tanh(x_i · W + s_(i-1) · U + b)"


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
