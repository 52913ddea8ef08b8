"""Every choice that a network and its training depend on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from fibattn.knobs import knob, knobs_of
from fibattn.network.catalogue import attention_layers

ACTIVATIONS = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "ReLU", "linear": "linear"}


@dataclass(frozen=True, kw_only=True)
class NetworkChoices:
    """How a network is built. The defaults are the article's plain network."""

    units: int = knob(
        2,
        "Units",
        "How many hidden units the recurrent layer has: so many numbers are its state.",
        low=1,
        high=32,
        step=1,
        place="main",
    )
    cell: str = knob(
        "SimpleRNN",
        "Recurrent layer",
        "What reads the window, step by step. The tutorial uses SimpleRNN; LSTM and GRU have "
        "gates, which learn what to keep and what to forget.",
        options={"SimpleRNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"},
        control="buttons",
    )
    attention: str | None = knob(
        None,
        "Attention layer",
        "What stands between the recurrent layer and the output.",
        at_start="article",
        options={None: "None"} | {name: each.label for name, each in attention_layers().items()},
        control="list",
        place="top",
    )
    bidirectional: bool = knob(
        False,
        "Both directions",
        "A second recurrent layer reads the window backwards; their states stand side by side.",
        options={False: "No", True: "Yes"},
        control="switch",
    )
    placement: str = knob(
        "after",
        "Attention stands",
        "After the recurrent layer it weighs the states; before it, the inputs.",
        options={"after": "After", "before": "Before"},
        control="buttons",
    )
    head: str = knob(
        "dense",
        "Head",
        "What stands behind attention. Dense takes the context, one for each window. Conv1D keeps "
        "the time axis: it slides over the weighted states, and its maximum over time goes to the "
        "output.",
        options={"dense": "Dense", "conv": "Conv1D"},
        control="buttons",
    )
    decoder: str = knob(
        "direct",
        "Decoder",
        "How several steps ahead are predicted. Direct: all at once (many-to-many). Recurrent: one "
        "after the other, with a new look at the window for each (encoder–decoder).",
        options={"direct": "Direct", "recurrent": "Recurrent"},
        control="buttons",
    )
    activation: str = knob(
        "tanh",
        "Activation",
        "Of the recurrent layer; the tutorial uses tanh.",
        options=ACTIVATIONS,
        control="list",
    )
    output_activation: str = knob(
        "tanh",
        "Output activation",
        "Of the output layer; the tutorial uses tanh.",
        options=ACTIVATIONS,
        control="list",
    )


@dataclass(frozen=True, kw_only=True)
class TrainingChoices:
    """How a network is trained. The defaults are the article's, from one random start."""

    epochs: int = knob(
        30,
        "Epochs",
        "How often the training windows are gone through. More epochs continue from where the last "
        "run stopped.",
        low=1,
        high=100,
        step=1,
        place="main",
        given=True,
    )
    batch_size: int = knob(
        1,
        "Batch size",
        "After how many windows the weights are changed; the tutorial uses 1.",
        options={size: str(size) for size in (1, 2, 4, 8, 16, 32, 64)},
        control="steps",
    )
    learning_rate: float = knob(
        1e-3,
        "Learning rate",
        "How far each step changes the weights. The tutorial's, and the default of Adam, which "
        "trains here, is 0.001.",
        low=1e-5,
        high=1.0,
        options={rate: f"{rate:g}" for rate in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)},
        control="steps",
        given=True,
    )
    repeats: int = knob(
        1,
        "Random starts",
        "How many times each network is trained, each time from other random weights and with the "
        "windows in another order.",
        at_start=8,
        low=1,
        high=100,
        step=1,
        given=True,
    )
    seed: int = knob(
        0,
        "Seed",
        "The same seed gives the same random starts again.",
        low=0,
        high=9999,
        step=1,
        control="number",
        given=True,
    )

    def compiled(self) -> TrainingChoices:
        """Return the choices that a training program is compiled for, the others at default."""
        given = {
            name: each.default for name, each in knobs_of(TrainingChoices).items() if each.given
        }
        return dataclasses.replace(self, **given)
