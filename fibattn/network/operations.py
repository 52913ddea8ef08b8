"""A network's computation as a list of array operations: plain data, which needs no Keras.

`graph` writes such a list of a Keras model, and the JavaScript of `fibattn.stage` runs it. Every
array is a flat, row-major float32 array of one window, so there is no batch axis. The operations
know nothing of layers: what is not arithmetic (slices, transposes, paddings, unrolled loops) is
resolved to positions when the list is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# Every operation there is. `loops` are the axes of the result, outermost first, each with its
# size and with how far one step along it moves in every input; `over` is the axis summed over.
OPERATIONS: Mapping[str, str] = {
    "window": "the window, (time_steps, features)",
    "target": "what should be predicted, (horizon,); a network alone has none, its error has",
    "weight": "one variable: the elements from `offset` on of all variables, one after the other",
    "constant": "the array number `array`, float32",
    "view": "a part of its input, without copying: the elements from `offset` on",
    "join": "its inputs, one after the other",
    "gather": "the elements of its input at the positions in the array number `array`; 0 at -1",
    "add": "x + y, broadcast along `loops`",
    "subtract": "x - y, broadcast along `loops`",
    "multiply": "x * y, broadcast along `loops`",
    "divide": "x / y, broadcast along `loops`",
    "maximum": "the larger of x and y, broadcast along `loops`",
    "minimum": "the smaller of x and y, broadcast along `loops`",
    "tanh": "tanh(x)",
    "sigmoid": "1 / (1 + exp(-x))",
    "relu": "max(x, 0)",
    "exp": "exp(x)",
    "log": "the natural logarithm of x",
    "sqrt": "the square root of x",
    "abs": "the absolute value of x",
    "equal": "1 where x = y, otherwise 0, broadcast along `loops`",
    "tanh_gradient": "dy * (1 - y * y), of y = tanh(x), for y and dy",
    "sigmoid_gradient": "dy * y * (1 - y), of y = sigmoid(x), for y and dy",
    "relu_gradient": "dy where x > 0, otherwise 0, for dy and x",
    "softmax": "the softmax of each run of `length` elements",
    "sum": "for each place in `loops` the sum along `over`",
    "max": "for each place in `loops` the maximum along `over`",
    "contract": "for each place in `loops` the sum of x * y along `over`: products of matrices",
}


@dataclass(frozen=True)
class Node:
    """One array operation; its number in `Graph.nodes` is that of its result.

    operation: a key of `OPERATIONS`.
    inputs: the numbers of the nodes whose results it takes, all smaller than its own.
    size: how many elements its result has.
    attributes: the numbers that the operation's entry in `OPERATIONS` names.
    """

    operation: str
    inputs: tuple[int, ...]
    size: int
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Weight:
    """One trainable variable, a part of a network's flat weights: as in `Run.weights`.

    name: Keras's path of it, such as "recurrent/simple_rnn_cell/kernel".
    shape: its shape.
    offset: where its first element stands among the elements of all variables.
    """

    name: str
    shape: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class Output:
    """A tensor that a layer shows, of one window.

    name: the layer's name and what it is, such as "attention.weights"; what the whole network
        predicts is "prediction".
    node: the node that computes it.
    shape: its shape, without the batch.
    axes: a name for each axis, as far as the layer says them, else ().
    layer: the Keras layer's name.
    title: what the layer calls it: the first word of a numbered step of its docstring.
    formula: the formula of that step, "" if it has none.
    line: the line of `LayerEntry.source`, from 1, whose code computes it; None if unknown.
    parts: of a recurrent layer's states the node of each step, one after the other: what is put
        in the place of one changes all steps after it. Else ().
    """

    name: str
    node: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    layer: str
    title: str
    formula: str = ""
    line: int | None = None
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """How a network of one architecture computes its prediction, and all that its layers show.

    nodes: the operations, each after those it depends on.
    arrays: constants (float32) and positions (int32) that the nodes refer to by number; flat.
    weights: the variables, in the order of `Run.weights`.
    outputs: what can be read after a run, the prediction last; see also `step_graph`.
    """

    nodes: tuple[Node, ...]
    arrays: tuple[np.ndarray, ...]
    weights: tuple[Weight, ...]
    outputs: tuple[Output, ...]

    def output(self, name: str) -> Output:
        """Return the output of that name. Raises KeyError, with all names, if there is none."""
        for each in self.outputs:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.outputs)
        raise KeyError(f"There is no output “{name}”; there are {names}.")


class UnknownOperation(ValueError):
    """A network uses an operation that cannot be written with `OPERATIONS`; says which."""
