"""The graph of a network: Keras's own computation, with all that its layers show, as a list.

The model is called once with TensorFlow watching. While it runs, every layer's output, every
recurrent cell's state after each step, and what the attention layers show are noted; then the
TensorFlow graph that computes all of them is written with the operations of `operations`. No
formula is written a second time.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fibattn.network import models  # before Keras: it prepares the environment

# isort: split
import keras
import tensorflow as tf

from fibattn.network import formulas
from fibattn.network.architecture import Architecture
from fibattn.network.catalogue import Step, attention_layers, steps_of
from fibattn.network.layers import AttentionLayer
from fibattn.network.lowering import Lowering
from fibattn.network.operations import Graph, Output, Weight

# Is told what a layer's call returned, and the arguments it was given.
Note = Callable[[Any, tuple[Any, ...], dict[str, Any]], None]

# What a recurrent cell hands on from step to step, as Keras orders it.
CELL_STATES = ("States", "Cell states")


@dataclass
class _Shown:
    """A tensor seen while the model was called, `(1, …)`, and what `Output` says about it."""

    name: str
    tensor: Any
    layer: str
    title: str
    axes: tuple[str, ...] = ()
    formula: str = ""
    line: int | None = None
    parts: tuple[Any, ...] = ()


def graph_of(architecture: Architecture) -> Graph:
    """Return the graph of the networks of an architecture, with the weights as arguments.

    Raises UnknownOperation, a ValueError with a sentence for the visitor, if the network uses an
    operation that the stage does not know.
    """
    return graph_of_model(models.build(architecture, unroll=True))


def graph_of_model(model: keras.Model) -> Graph:
    """Return the graph of a Keras model from one window to one prediction.

    Args:
        model: takes (batch, time_steps, features). Its recurrent layers must be unrolled.

    Raises UnknownOperation as `graph_of` does.
    """
    variables = model.trainable_variables
    shown: list[_Shown] = []

    def forward(window: Any, *weights: Any) -> list[Any]:
        shown[:] = _watched_call(model, window, weights)
        return [each.tensor for each in shown]

    traced = tf.function(forward, autograph=False).get_concrete_function(
        tf.TensorSpec((1, *model.input.shape[1:])),
        *[tf.TensorSpec(variable.shape) for variable in variables],
    )
    lowering = Lowering(each.tensor for each in shown)
    window, *given = traced.inputs[: 1 + len(variables)]
    lowering.give(window, "window")
    weights = weights_of(variables)
    for tensor, weight in zip(given, weights, strict=True):
        lowering.give(tensor, "weight", offset=weight.offset)
    outputs = tuple(_output(each, lowering) for each in shown)
    return Graph(tuple(lowering.nodes), tuple(lowering.arrays), weights, outputs)


def weights_of(variables: list[Any]) -> tuple[Weight, ...]:
    """Return where each variable stands among the elements of all of them."""
    sizes = [math.prod(variable.shape) for variable in variables]
    offsets = itertools.accumulate(sizes, initial=0)
    return tuple(
        Weight(variable.path, tuple(variable.shape), offset)
        for variable, offset in zip(variables, offsets, strict=False)
    )


def _output(shown: _Shown, lowering: Lowering) -> Output:
    shape, axes = tuple(shown.tensor.shape)[1:], shown.axes
    if axes and shape[0] == 1 and len(shape) == len(axes) + 1:
        # A layer that can be given many queries has one of its own.
        shape = shape[1:]
    if axes and len(shape) == len(axes) + 1:
        axes = ("queries", *axes)
    node = lowering.node_of(shown.tensor)
    return Output(
        shown.name,
        node,
        shape,
        axes if len(axes) == len(shape) else (),
        shown.layer,
        shown.title,
        shown.formula,
        shown.line,
        tuple(lowering.node_of(part) for part in shown.parts),
    )


# --- watching a model while it is called


def _watched_call(model: keras.Model, window: Any, weights: tuple[Any, ...]) -> list[_Shown]:
    """Call a model with these weights; return all that its layers show, the prediction last."""
    shown: list[_Shown] = []
    cells: list[_Cells] = []
    with contextlib.ExitStack() as watching:
        for layer in model.layers:
            for recurrent in _recurrent(layer):
                noted = _Cells(recurrent)
                cells.append(noted)
                watching.enter_context(_after_call(recurrent.cell, noted.note))
            if isinstance(layer, AttentionLayer):
                watching.enter_context(_shown_by(layer, shown))
            if not isinstance(layer, keras.layers.InputLayer):
                watching.enter_context(_after_call(layer, _noting_output(layer, shown, cells)))
        prediction, _ = model.stateless_call(list(weights), model.non_trainable_variables, window)
    different: dict[int, _Shown] = {}
    for each in shown:  # what is shown twice keeps its first name
        different.setdefault(id(each.tensor), each)
    different.pop(id(prediction), None)
    last = model.layers[-1].name
    # Where the last layer only gives the numbers another shape, it is of the one before.
    dense = [each for each in shown if each.title == "Output" and each.formula]
    formula = dense[-1].formula if dense else ""
    prediction = _Shown("prediction", prediction, last, "Prediction", formula=formula)
    return [*different.values(), prediction]


@dataclass
class _Cells:
    """The states that one recurrent layer's cell hands on, noted step by step."""

    layer: Any
    states: list[list[Any]] = field(default_factory=list)

    def note(self, result: Any, *_: Any) -> None:
        """Note what the cell returns at one step: its output, and its states."""
        _, states = result
        self.states.append(list(states) if isinstance(states, list | tuple) else [states])

    def taken(self, axis: str) -> list[_Shown]:
        """Return the states of all steps, each kind `(1, steps, units)`, in the order of time."""
        steps = self.states[::-1] if self.layer.go_backwards else self.states
        self.states = []
        said = formulas.of_states(self.layer, is_decoder=axis == "queries")
        titles = itertools.chain(CELL_STATES, (f"States {n}" for n in itertools.count(3)))
        return [
            _Shown(
                f"{self.layer.name}.{_as_name(title)}",
                tf.stack(kind, axis=1),
                self.layer.name,
                title,
                (axis, "units"),
                said.get(title, ""),
                parts=kind,
            )
            for title, kind in zip(titles, zip(*steps, strict=True), strict=False)
        ]


def _recurrent(layer: Any) -> list[Any]:
    """Return the recurrent layers that a layer is or holds."""
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    return [layer] if isinstance(layer, keras.layers.RNN) else []


def _noting_output(layer: Any, shown: list[_Shown], cells: list[_Cells]) -> Note:
    own = _recurrent(layer)

    def note(result: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        # What begins from another's state is a decoder: its steps are those of the horizon.
        axis = "time" if named.get("initial_state") is None else "queries"
        for each in cells:
            if each.layer in own:
                shown.extend(each.taken(axis))
        output = result[0] if isinstance(result, list | tuple) else result
        # A recurrent layer's output is among its states.
        if not isinstance(layer, keras.layers.RNN):
            said = ""
            if isinstance(layer, keras.layers.Dense):
                said = formulas.of_dense(layer, _symbol_of(given[0], shown))
            shown.append(_Shown(f"{layer.name}.output", output, layer.name, "Output", formula=said))

    return note


def _symbol_of(tensor: Any, shown: list[_Shown]) -> str:
    """Return what a formula calls a tensor: as the one that computes it does, else "input"."""
    for each in shown:
        symbol = each.formula.split("=")[0].strip()
        if each.tensor is tensor and symbol:
            return symbol
        if each.parts and each.parts[-1] is tensor and symbol:
            return f"{symbol.split('_')[0]}_T"  # after the last step
    return "input"


@contextlib.contextmanager
def _after_call(layer: Any, note: Note) -> Iterator[None]:
    """Hand on what a layer's `call` returns, inside the `with` block."""
    call = layer.call

    def watched(*args: Any, **kwargs: Any) -> Any:
        result = call(*args, **kwargs)
        note(result, args, kwargs)
        return result

    # Past Keras, which would keep track of the attribute as a part of the layer.
    object.__setattr__(layer, "call", watched)
    try:
        yield
    finally:
        object.__delattr__(layer, "call")


@contextlib.contextmanager
def _shown_by(layer: AttentionLayer, shown: list[_Shown]) -> Iterator[None]:
    """Note what an attention layer shows, with what its docstring says about it."""
    steps = _steps_of_class(type(layer))
    entry = next(
        (each for each in attention_layers().values() if each.class_name == type(layer).__name__),
        None,
    )

    def note(title: str, tensor: Any) -> None:
        method = sys._getframe(2).f_code.co_qualname  # who called `show`, which called this
        own = _steps_of_method(type(layer), method)
        step = own.get(title) or steps.get(title) or Step(title, "", ())
        shown.append(
            _Shown(
                f"{layer.name}.{_as_name(title)}",
                tensor,
                layer.name,
                title,
                step.axes,
                step.formula,
                entry.line_of(title, method) if entry else None,
            )
        )

    layer.watcher = note
    try:
        yield
    finally:
        layer.watcher = None


def _steps_of_class(layer: type) -> dict[str, Step]:
    """Return the numbered steps of a layer's docstring by title, else of its base classes'."""
    steps: dict[str, Step] = {}
    for each in reversed(layer.__mro__):
        steps |= {step.title: step for step in steps_of(each.__doc__ or "")}
    return steps


def _steps_of_method(layer: type, method: str) -> dict[str, Step]:
    """Return the numbered steps of a method's docstring by title: such as "SelfAttention.call"."""
    name = method.split(".")[-1]
    owner = next((each for each in layer.__mro__ if method == f"{each.__qualname__}.{name}"), None)
    documented = getattr(owner, name, None)
    return {step.title: step for step in steps_of(getattr(documented, "__doc__", None) or "")}


def _as_name(title: str) -> str:
    return title.lower().replace(" ", "_")
