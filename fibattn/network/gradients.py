"""The operations that TensorFlow writes for a gradient, with the array operations of `operations`.

They are not Keras's choice but TensorFlow's: each stands for the derivative of an operation of the
forward pass, which `lowering` writes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fibattn.network.lowering import Lowering

# Of two arrays of equal shape.
OF_PAIRS = {
    "TanhGrad": "tanh_gradient",
    "SigmoidGrad": "sigmoid_gradient",
    "ReluGrad": "relu_gradient",
}


class GradientLowering(Lowering):
    """Collects the nodes that compute tensors of a graph with a gradient in it."""

    cannot = "cannot be trained there"

    def _rule(self, op: Any) -> list[int]:
        if op.type in OF_PAIRS:
            nodes = [self.node_of(each) for each in op.inputs]
            return [self.add(OF_PAIRS[op.type], nodes, math.prod(op.inputs[0].shape))]
        rules: dict[str, Callable[[Any], int]] = {
            "AddN": self._sum_of_all,
            "BiasAddGrad": self._sum_over_rows,
            "Equal": lambda op: self._broadcast("equal", *op.inputs),
            "Cast": self._cast,
            "Conv2DBackpropFilter": self._of_kernel,
            "Conv2DBackpropInput": self._of_convolved,
        }
        return [rules[op.type](op)] if op.type in rules else super()._rule(op)

    def _cast(self, op: Any) -> int:
        """Write nothing: what says whether numbers are equal is 1 or 0 here from the beginning."""
        (x,) = op.inputs
        if x.op.type != "Equal":
            raise self._unknown(op)
        return self.node_of(x)

    def _sum_of_all(self, op: Any) -> int:
        """Write the sum of several tensors of equal shape: as rows of a table, added up."""
        if len(op.inputs) == 2:
            return self._broadcast("add", *op.inputs)
        size, count = math.prod(op.inputs[0].shape), len(op.inputs)
        nodes = [self.node_of(each) for each in op.inputs]
        return self._over(
            "sum", self.add("join", nodes, size * count), [(size, 1)], [(count, size)]
        )

    def _sum_over_rows(self, op: Any) -> int:
        """Write the sum over all axes but the last, along which a bias lies."""
        (gradient,) = op.inputs
        *rows, last = gradient.shape
        return self._over("sum", self.node_of(gradient), [(last, 1)], [(math.prod(rows), last)])

    def _of_kernel(self, op: Any) -> int:
        """Write the gradient of a convolution by its kernel: patches times gradient, summed."""
        x, shape, gradient = op.inputs
        patches = self._patches(op, x.shape, self._constants[shape.name])
        places, length = patches.shape
        filters = int(gradient.shape[-1])
        return self._product(
            [self.picked([self.node_of(x)], patches), self.node_of(gradient)],
            [(length, 1, 0), (filters, 0, 1)],
            [(places, length, filters)],
        )

    def _of_convolved(self, op: Any) -> int:
        """Write the gradient of a convolution by its input.

        Each patch gets the kernel times the gradient at its place; an element of the input gets
        the sum over the patches that it is in.
        """
        shape, kernel, gradient = op.inputs
        shape = tuple(map(int, self._constants[shape.name]))
        patches = self._patches(op, shape, kernel.shape)
        places, length = patches.shape
        filters, size = int(gradient.shape[-1]), math.prod(shape)
        of_patches = self._product(
            [self.node_of(gradient), self.node_of(kernel)],
            [(places, filters, 0), (length, 0, filters)],
            [(filters, 1, 1)],
        )
        found = [np.flatnonzero(patches.ravel() == element) for element in range(size)]
        most = max(map(len, found))
        table = np.stack(
            [np.pad(each, (0, most - len(each)), constant_values=-1) for each in found]
        )
        return self._over("sum", self.picked([of_patches], table), [(size, most)], [(most, 1)])
