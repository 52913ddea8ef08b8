"""TensorFlow's operations, written with the array operations of `operations`.

What only moves elements (slices, transposes, stacks, splits) needs no rule of its own: the
operation is run on the positions of its inputs' elements, and the result says where each element
comes from.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
import tensorflow as tf

from fibattn.network.operations import Node, UnknownOperation

# One axis: its size, and how far one step along it moves in each of the inputs.
Axis = tuple[int, ...]

# They copy elements of their inputs, or put zeros between them.
MOVES = {
    "BatchToSpaceND", "BroadcastTo", "ConcatV2", "ExpandDims", "GatherV2", "Identity", "Pack",
    "Pad", "Reshape", "ReverseV2", "Roll", "Slice", "SpaceToBatchND", "Split", "SplitV", "Squeeze",
    "StopGradient", "StridedSlice", "StridedSliceGrad", "Tile", "Transpose", "Unpack",
}  # fmt: skip
# What they return depends on the shape of their input alone.
OF_SHAPES = {"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"}
# What TensorFlow's graphs call otherwise than its functions do.
RENAMED = dict.fromkeys(("dim", "split_dim", "squeeze_dims", "reduction_indices"), "axis")
ELEMENTWISE = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Exp": "exp",
    "Log": "log",
    "Sqrt": "sqrt",
    "Abs": "abs",
}
BROADCAST = {
    "Add": "add",
    "AddV2": "add",
    "BiasAdd": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "RealDiv": "divide",
    "Maximum": "maximum",
    "Minimum": "minimum",
}


class Lowering:
    """Collects the nodes that compute some tensors of a TensorFlow graph.

    nodes, arrays: see `Graph`.

    Args:
        shown: tensors that get a node of their own even if they never change, and so do those
            computed from them: other values may be put there.
    """

    # Of a network with an operation that cannot be written.
    cannot = "cannot be shown at work there"

    def __init__(self, shown: Iterable[Any] = ()) -> None:
        self._shown = {tensor.name for tensor in shown}
        self.nodes: list[Node] = []
        self.arrays: list[np.ndarray] = []
        self._node_of: dict[str, int] = {}
        self._constants: dict[str, np.ndarray] = {}
        self._seen: dict[tuple, int] = {}
        self._array_numbers: dict[tuple, int] = {}

    def give(self, tensor: Any, operation: str, **attributes: Any) -> None:
        """Say which argument of the list an argument of the TensorFlow graph is."""
        self._node_of[tensor.name] = self.add(operation, (), _size(tensor.shape), **attributes)

    def node_of(self, tensor: Any) -> int:
        """Return the number of the node that computes a tensor, writing all it depends on.

        Raises UnknownOperation, with a sentence, if an operation cannot be written.
        """
        for op in _needed(tensor, self._is_known):
            self._write(op)
        if tensor.name in self._node_of:
            return self._node_of[tensor.name]
        self._node_of[tensor.name] = node = self._constant(self._constants[tensor.name])
        return node

    def add(self, operation: str, inputs: Sequence[int], size: int, **attributes: Any) -> int:
        """Return the number of a node, a new one unless an equal one is there."""
        key = (operation, tuple(inputs), size, json.dumps(attributes))
        if key not in self._seen:
            self._seen[key] = len(self.nodes)
            self.nodes.append(Node(operation, tuple(inputs), size, attributes))
        return self._seen[key]

    def _is_known(self, tensor: Any) -> bool:
        return tensor.name in self._node_of or tensor.name in self._constants

    def _write(self, op: Any) -> None:
        """Write one operation whose inputs are written."""
        if op.type == "Const":
            self._keep(op.outputs[0], tf.make_ndarray(op.get_attr("value")))
        elif op.type in OF_SHAPES or self._all_constant(op.inputs):
            given = [
                self._constants.get(each.name, np.zeros(each.shape, each.dtype.as_numpy_dtype))
                for each in op.inputs
            ]
            for tensor, value in zip(op.outputs, _call(op, given), strict=True):
                self._keep(tensor, value)
        else:
            nodes = self._rule(op)
            self._node_of |= {t.name: n for t, n in zip(op.outputs, nodes, strict=True)}

    def _unknown(self, op: Any) -> UnknownOperation:
        # TensorFlow numbers what is called a second time: "attention_1/Erf".
        layer = re.sub(r"_\d+$", "", op.name.split("/")[-2]) if "/" in op.name else ""
        where = f" of the layer “{layer}”" if layer else ""
        return UnknownOperation(
            f"The operation “{op.type}”{where} is none that the stage knows, so this network "
            f"{self.cannot}."
        )

    def _keep(self, tensor: Any, value: np.ndarray) -> None:
        """Keep the value of a tensor that never changes."""
        if tensor.name in self._shown:
            self._node_of[tensor.name] = self.add("join", [self._constant(value)], value.size)
        else:
            self._constants[tensor.name] = value

    def _all_constant(self, tensors: Iterable[Any]) -> bool:
        tensors = list(tensors)
        return bool(tensors) and all(each.name in self._constants for each in tensors)

    def _rule(self, op: Any) -> list[int]:
        """Return the nodes of the outputs of one operation. Raises UnknownOperation."""
        if op.type in MOVES:
            return self._move(op)
        if op.type in ELEMENTWISE:
            (x,) = op.inputs
            return [self.add(ELEMENTWISE[op.type], [self.node_of(x)], _size(x.shape))]
        if op.type in BROADCAST:
            return [self._broadcast(BROADCAST[op.type], *op.inputs)]
        rules: dict[str, Callable[[Any], int]] = {
            "MatMul": self._matmul,
            "BatchMatMulV2": self._matmul,
            "Einsum": self._einsum,
            "Conv2D": self._convolve,
            "Softmax": self._softmax,
            "Sum": self._reduce,
            "Mean": self._reduce,
            "Max": self._reduce,
            "Square": lambda op: self._broadcast("multiply", op.inputs[0], op.inputs[0]),
            "Neg": self._negate,
        }
        if op.type not in rules:
            raise self._unknown(op)
        return [rules[op.type](op)]

    # --- arrays that do not change

    def _array(self, values: np.ndarray, kind: type) -> int:
        """Return the number of an array of constants, the same one for equal contents."""
        flat: np.ndarray = np.ascontiguousarray(values, kind).ravel()
        key = flat.dtype.str, flat.tobytes()
        if key not in self._array_numbers:
            self._array_numbers[key] = len(self.arrays)
            self.arrays.append(flat)
        return self._array_numbers[key]

    def _constant(self, values: np.ndarray) -> int:
        return self.add("constant", (), values.size, array=self._array(values, np.float32))

    # --- what moves elements

    def _move(self, op: Any) -> list[int]:
        """Write an operation that copies elements, by running it on their positions."""
        kind = op.op_def.output_arg[0].type_attr
        given: list[np.ndarray] = []
        moved: list[Any] = []
        total = 0
        for tensor, argument in zip(op.inputs, _arguments(op), strict=True):
            if argument.type_attr == kind:
                # From 1 on: what the operation itself puts there is 0.
                size = _size(tensor.shape)
                given.append(np.arange(total + 1, total + size + 1).reshape(tensor.shape))
                moved.append(tensor)
                total += size
            elif tensor.name in self._constants:
                given.append(self._constants[tensor.name])
            else:
                raise self._unknown(op)
        nodes = [self.node_of(tensor) for tensor in moved]
        return [self.picked(nodes, places - 1) for places in _call(op, given)]

    def picked(self, nodes: Sequence[int], places: np.ndarray) -> int:
        """Return the node of the elements at some places of several nodes' results, joined.

        Args:
            nodes: the nodes.
            places: where each element of the result stands in the joined results; -1 for 0.
        """
        places = places.ravel()
        ends = np.cumsum([self.nodes[node].size for node in nodes])
        one = int(np.searchsorted(ends, places.min(), side="right")) if places.min() >= 0 else 0
        first = int(ends[one]) - self.nodes[nodes[one]].size
        if len(nodes) == 1 or (places.min() >= first and places.max() < ends[one]):
            source, places = nodes[one], places - first * (places >= 0)
        else:
            source = self.add("join", nodes, int(ends[-1]))
        start = int(places[0])
        if start >= 0 and np.array_equal(places, np.arange(start, start + places.size)):
            return self._view(source, start, places.size)
        return self.add("gather", [source], places.size, array=self._array(places, np.int32))

    def _view(self, source: int, start: int, size: int) -> int:
        node = self.nodes[source]
        if (start, size) == (0, node.size):
            return source
        if node.operation == "view":
            source, start = node.inputs[0], start + node.attributes["offset"]
        return self.add("view", [source], size, offset=start)

    # --- arithmetic

    def _broadcast(self, operation: str, x: Any, y: Any) -> int:
        shape = np.broadcast_shapes(tuple(x.shape), tuple(y.shape))
        steps = [_steps(tuple(each.shape), len(shape)) for each in (x, y)]
        loops = _merged(list(zip(shape, *steps, strict=True)))
        return self.add(
            operation, [self.node_of(x), self.node_of(y)], math.prod(shape), loops=loops
        )

    def _negate(self, op: Any) -> int:
        (x,) = op.inputs
        size, minus = _size(x.shape), self._constant(np.array([-1.0]))
        return self.add("multiply", [self.node_of(x), minus], size, loops=[[size, 1, 0]])

    def _softmax(self, op: Any) -> int:
        (x,) = op.inputs
        return self.add("softmax", [self.node_of(x)], _size(x.shape), length=int(x.shape[-1]))

    def _reduce(self, op: Any) -> int:
        """Write a sum, a mean or a maximum over some axes."""
        x, axes = op.inputs
        if axes.name not in self._constants:
            raise self._unknown(op)
        shape = tuple(x.shape)
        reduced = {int(axis) % len(shape) for axis in self._constants[axes.name].ravel()}
        every = list(zip(shape, _steps(shape), strict=True))
        loops: list[Axis] = [axis for i, axis in enumerate(every) if i not in reduced]
        over: list[Axis] = [axis for i, axis in enumerate(every) if i in reduced]
        result = self._over("max" if op.type == "Max" else "sum", self.node_of(x), loops, over)
        if op.type != "Mean":
            return result
        share = self._constant(np.array([1 / math.prod(shape[i] for i in reduced)]))
        size = self.nodes[result].size
        return self.add("multiply", [result, share], size, loops=[[size, 1, 0]])

    def _over(self, operation: str, node: int, loops: list[Axis], over: list[Axis]) -> int:
        """Write for each place in `loops` the sum or the maximum of a result along `over`."""
        size, merged = math.prod(size for size, _ in loops), _merged(over)
        if len(merged) > 1:
            node = self.picked([node], _places(loops + over))
            over = [(count, 1) for count in [math.prod(size for size, *_ in over)]]
            loops, merged = [(size, over[0][0])], _merged(over)
        return self.add(
            operation, [node], size, loops=_merged(loops), over=merged[0] if merged else [1, 1]
        )

    # --- products

    def _matmul(self, op: Any) -> int:
        x, y = op.inputs
        turned = ("transpose_a", "transpose_b") if op.type == "MatMul" else ("adj_x", "adj_y")
        rank = max(len(x.shape), len(y.shape))
        batch = "ABCDEFGH"[: rank - 2]
        left = "ji" if op.get_attr(turned[0]) else "ij"
        right = "kj" if op.get_attr(turned[1]) else "jk"
        of_x = batch[rank - len(x.shape) :] + left
        of_y = batch[rank - len(y.shape) :] + right
        return self._contract(x, y, f"{of_x},{of_y}->{batch}ik")

    def _einsum(self, op: Any) -> int:
        equation = op.get_attr("equation").decode()
        terms = equation.partition("->")[0].split(",")
        if len(terms) != 2 or "." in equation or any(len(set(t)) < len(t) for t in terms):
            raise self._unknown(op)
        x, y = op.inputs
        return self._contract(x, y, equation)

    def _contract(self, x: Any, y: Any, equation: str) -> int:
        """Write a product of two tensors, summed over the letters that the result lacks."""
        terms, _, result = equation.partition("->")
        letters = list(zip(terms.split(","), (x, y), strict=True))
        size = {
            letter: int(n)
            for names, tensor in letters
            for letter, n in zip(names, tensor.shape, strict=True)
            if n != 1
        }
        step = [
            dict(zip(names, _steps(tuple(tensor.shape)), strict=True)) for names, tensor in letters
        ]

        def axis(letter: str) -> Axis:
            return (size.get(letter, 1), *(each.get(letter, 0) for each in step))

        summed = [
            axis(each) for each in dict.fromkeys(terms.replace(",", "")) if each not in result
        ]
        loops = [axis(letter) for letter in result]
        nodes = [self.node_of(x), self.node_of(y)]
        return self._product(nodes, loops, summed)

    def _product(self, nodes: list[int], loops: list[Axis], summed: list[Axis]) -> int:
        size = math.prod(each[0] for each in loops)
        orders = (_merged(list(order)) for order in itertools.permutations(summed))
        over = min(orders, key=len)
        if len(over) > 1:
            # The summed axes do not follow each other: copy both inputs so that they do.
            count = math.prod(each[0] for each in summed)
            for i in (0, 1):
                every = [(each[0], each[1 + i]) for each in loops + summed]
                nodes[i] = self.picked([nodes[i]], _places(every))
            loops, over = [(size, count, count)], [[count, 1, 1]]
        return self.add(
            "contract", nodes, size, loops=_merged(loops), over=over[0] if over else [1, 1, 1]
        )

    def _convolve(self, op: Any) -> int:
        """Write a convolution as the product of the kernel with the patch it sees at each place."""
        x, kernel = op.inputs
        patches = self._patches(op, x.shape, kernel.shape)
        length, filters = patches.shape[-1], int(kernel.shape[-1])
        return self._product(
            [self.picked([self.node_of(x)], patches), self.node_of(kernel)],
            [(len(patches), length, 0), (filters, 0, 1)],
            [(length, 1, filters)],
        )

    def _patches(self, op: Any, shape: Any, kernel: Any) -> np.ndarray:
        """Return what a convolution's kernel sees at each place: (places, length), -1 for 0."""
        padding = op.get_attr("padding")
        plain = op.get_attr("data_format") == b"NHWC" and padding in (b"SAME", b"VALID")
        if not plain or kernel[2] != shape[3]:
            raise self._unknown(op)
        patches = tf.raw_ops.ExtractImagePatches(
            images=np.arange(1, _size(shape) + 1).reshape(shape),
            ksizes=[1, int(kernel[0]), int(kernel[1]), 1],
            strides=op.get_attr("strides"),
            rates=op.get_attr("dilations"),
            padding=padding,
        ).numpy()
        seen: np.ndarray = patches.reshape(-1, patches.shape[-1]) - 1
        return seen


def _size(shape: Any) -> int:
    return math.prod(int(n) for n in shape)


def _steps(shape: Sequence[int], rank: int | None = None) -> list[int]:
    """Return how far one step along each axis moves in the flat array: 0 along an axis of one.

    With a rank above that of the shape, axes of one are put in front.
    """
    steps = [math.prod(shape[i + 1 :]) if n > 1 else 0 for i, n in enumerate(shape)]
    return [0] * ((rank or len(shape)) - len(shape)) + steps


def _merged(axes: Sequence[Axis]) -> list[list[int]]:
    """Return the same loops with as few axes as possible, in the same order."""
    merged: list[list[int]] = []
    for axis in axes:
        size, *steps = axis
        if size == 1:
            continue
        if merged and merged[-1][1:] == [size * step for step in steps]:
            merged[-1] = [merged[-1][0] * size, *steps]
        else:
            merged.append([size, *steps])
    return merged


def _places(axes: Sequence[Axis]) -> np.ndarray:
    """Return where each place of some loops, (size, step) each, stands in the flat array."""
    places = np.zeros(1, np.int64)
    for size, step in axes:
        places = (places[:, None] + np.arange(size) * step).ravel()
    return places


def _needed(tensor: Any, known: Callable[[Any], bool]) -> list[Any]:
    """Return the operations that a tensor still depends on, each after those it depends on."""
    order: list[Any] = []
    done: set[str] = set()
    waiting = [] if known(tensor) else [(tensor.op, False)]
    while waiting:
        op, ready = waiting.pop()
        if ready:
            order.append(op)
        elif op.name not in done:
            done.add(op.name)
            waiting.append((op, True))
            if op.type not in OF_SHAPES:
                waiting += [(each.op, False) for each in op.inputs if not known(each)]
    return order


def _arguments(op: Any) -> list[Any]:
    """Return for each input of an operation the argument, by its definition, it is part of."""
    arguments = []
    for argument in op.op_def.input_arg:
        times = op.get_attr(argument.number_attr) if argument.number_attr else 1
        arguments += [argument] * times
    return arguments


def _call(op: Any, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Run one operation of a graph on other inputs than its own; return its outputs."""
    inferred: set[str] = set()
    given: dict[str, Any] = {}
    rest = list(inputs)
    for argument in op.op_def.input_arg:
        inferred |= {argument.type_attr, argument.number_attr, argument.type_list_attr}
        if argument.number_attr:
            count = op.get_attr(argument.number_attr)
            given[argument.name], rest = rest[:count], rest[count:]
        else:
            given[argument.name] = rest.pop(0)
    for attribute in op.op_def.attr:
        if attribute.name not in inferred:
            given[attribute.name] = op.get_attr(attribute.name)
    renamed = {RENAMED.get(name, name): value for name, value in given.items()}
    with tf.init_scope():
        result = getattr(tf.raw_ops, op.type)(**renamed)
    results = result if isinstance(result, list | tuple) else [result]
    return [each.numpy() for each in results]
