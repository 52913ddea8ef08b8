"""What Keras's own layers compute, as formulas that are read, in the notation of `layers`."""

from __future__ import annotations

from typing import Any

import keras


def of_states(layer: Any, is_decoder: bool) -> dict[str, str]:
    """Return the formulas of a recurrent layer's states by their titles; none if it is unknown.

    `h` are the hidden states, `s` a decoder's, and `cell` an LSTM's; the gates `f`, `i` and `o` and
    the candidate `g`, a GRU's gate `z` and candidate `n`, stay symbols. `⊙` is elementwise.

    Sources: `keras.layers.SimpleRNN`; Hochreiter & Schmidhuber 1997 with the forget gate of Gers,
    Schmidhuber & Cummins 2000; Cho et al. 2014 (arXiv 1406.1078).
    """
    state, at = ("s", "i") if is_decoder else ("h", "t")
    before = f"({at}+1)" if layer.go_backwards else f"({at}-1)"
    known = (keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU)
    if not isinstance(layer, known):
        return {}
    activation = keras.activations.serialize(layer.cell.activation)
    if isinstance(layer, keras.layers.SimpleRNN):
        summed = f"x_{at} · W + {state}_{before} · U + b"
        return {"States": f"{state}_{at} = {applied(activation, summed)}"}
    if isinstance(layer, keras.layers.LSTM):
        return {
            "States": f"{state}_{at} = o_{at} ⊙ {applied(activation, f'cell_{at}')}",
            "Cell states": f"cell_{at} = f_{at} ⊙ cell_{before} + i_{at} ⊙ g_{at}",
        }
    return {"States": f"{state}_{at} = z_{at} ⊙ {state}_{before} + (1 - z_{at}) ⊙ n_{at}"}


def of_dense(layer: keras.layers.Dense, given: str) -> str:
    """Return the formula of a dense layer, from the symbol of what it is given."""
    activation = keras.activations.serialize(layer.activation)
    return f"y = {applied(activation, f'{given} · W + b')}"


def applied(activation: str, to: str) -> str:
    """Return an activation of a term; the linear one leaves it as it is."""
    return to if activation == "linear" else f"{activation}({to})"
