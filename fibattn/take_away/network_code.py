"""The Keras code of an experiment's networks, as one would write it by hand.

It makes its layers one after the other in the order in which they are called. Keras draws the seed
of each initial value when a layer is made, so this order gives the run's initial weights.
"""

from __future__ import annotations

from textwrap import indent

from fibattn.network.catalogue import attention_layers
from fibattn.network.choices import NetworkChoices


def plain_code(network: NetworkChoices, shape: tuple[int, int], horizon: int) -> str:
    """Return the function `plain_network`, which returns the model without attention."""
    lines = _decoder(network, horizon, "") if _decodes(network) else _direct(network, horizon, "")
    return _function(
        "plain_network",
        "Return the network without attention: windows to predictions.",
        shape,
        [*lines, "return keras.Model(window, prediction)"],
    )


def attention_code(network: NetworkChoices, shape: tuple[int, int], horizon: int) -> str:
    """Return the function `attention_network`, which returns the model and one of its weights."""
    layer = attention_layers()[network.attention or ""].class_name
    make = _decoder if _decodes(network) else _direct
    returned = "return keras.Model(window, prediction), keras.Model(window, weights)"
    return _function(
        "attention_network",
        "Return the network with attention, and what gives the weights of its steps.",
        shape,
        [*make(network, horizon, layer), returned],
    )


def _function(name: str, words: str, shape: tuple[int, int], lines: list[str]) -> str:
    body = ['"""' + words + '"""', f"window = keras.Input({shape})", *lines]
    return "\n".join([f"def {name}():", *(indent(line, "    ") for line in body)])


def _decodes(network: NetworkChoices) -> bool:
    return network.decoder == "recurrent"


def _direct(network: NetworkChoices, horizon: int, layer: str) -> list[str]:
    """Return the lines from `window` to `prediction`; without `layer` there is no attention."""
    convolved = network.head == "conv"
    before = bool(layer) and network.placement == "before"
    lines, states = [], "window"
    if before:
        lines += _attend(layer, "inputs", "window", sequences=True)
        states = "inputs"
    sequences = convolved or (bool(layer) and not before)
    lines.append(f"states = {_recurrent(network, return_sequences=sequences)}({states})")
    read = "states"
    if layer and not before:
        read = "weighted" if convolved else "context"
        lines += _attend(layer, read, "states", sequences=convolved)
    if convolved:
        lines += [
            f"filtered = keras.layers.Conv1D({network.units}, 3, "
            f'padding="same", activation="{network.activation}")({read})',
            "highest = keras.layers.GlobalMaxPooling1D()(filtered)",
        ]
        read = "highest"
    return [*lines, f"prediction = {_dense(network, horizon)}({read})"]


def _decoder(network: NetworkChoices, horizon: int, layer: str) -> list[str]:
    """Return the lines of an encoder–decoder, which writes the steps one after the other."""
    encoder = _recurrent(network, return_sequences=bool(layer), return_state=True)
    decoder = _recurrent(network, return_sequences=True)
    lines = [
        f"encoded, *last = {encoder}(window)",
        "# The decoder reads the encoder's last hidden state at each step, never the targets.",
        f"read = keras.layers.RepeatVector({horizon})(last[0])",
        f"states = {decoder}(read, initial_state=last)",
    ]
    if layer:
        lines += [
            f"context, weights = {layer}()(encoded, query=states, return_attention_scores=True)",
            "states = keras.layers.Concatenate()([context, states])",
        ]
    lines.append(f"steps = {_dense(network, 1)}(states)")
    return [*lines, f"prediction = keras.layers.Reshape(({horizon},))(steps)"]


def _attend(layer: str, name: str, read: str, sequences: bool) -> list[str]:
    options = "return_sequences=True" if sequences else ""
    return [f"{name}, weights = {layer}({options})({read}, return_attention_scores=True)"]


def _recurrent(network: NetworkChoices, **options: bool) -> str:
    more = "".join(f", {name}=True" for name, value in options.items() if value)
    layer = f'keras.layers.{network.cell}({network.units}, activation="{network.activation}"{more}'
    if not network.bidirectional:
        return f"{layer})"
    # Keras copies the first layer, after the second is made: so the backward one draws first, as
    # in the run, whose layers were made from their configs.
    return (
        "keras.layers.Bidirectional(\n"
        f"    {layer}),\n"
        f"    backward_layer={layer}, go_backwards=True),\n"
        ")"
    )


def _dense(network: NetworkChoices, outputs: int) -> str:
    return f'keras.layers.Dense({outputs}, activation="{network.output_activation}")'
