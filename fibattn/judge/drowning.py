"""How much of the data is left when the network gets it in float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fibattn.tasks import Dataset

# What carries nearly all of the signal: this share of the sum of squared targets.
CARRIED = 0.99


@dataclass(frozen=True)
class Drowning:
    """What linear scaling leaves of the data in float32, train and test windows together.

    zero_inputs of inputs, zero_targets of targets: those that are exactly 0 in float32.
    train_carriers, test_carriers: how few windows carry 99 % of the sum of squared targets.
    """

    zero_inputs: int
    inputs: int
    zero_targets: int
    targets: int
    train_carriers: int
    test_carriers: int

    @property
    def drowned(self) -> bool:
        """Whether more than half of the inputs are exactly 0."""
        return 2 * self.zero_inputs > self.inputs


def drowning(dataset: Dataset) -> Drowning:
    """Count what linear scaling leaves of the inputs and targets in float32."""
    inputs = np.concatenate([dataset.train_x.ravel(), dataset.test_x.ravel()])
    targets = np.concatenate([dataset.train_y, dataset.test_y])
    return Drowning(
        zero_inputs=int(np.sum(zero_in_float32(inputs))),
        inputs=inputs.size,
        zero_targets=int(np.sum(zero_in_float32(targets))),
        targets=targets.size,
        train_carriers=_carriers(dataset.train_y),
        test_carriers=_carriers(dataset.test_y),
    )


def zero_in_float32(values: np.ndarray) -> np.ndarray:
    """Return where float64 values become exactly 0 in float32, subnormals kept; same shape."""
    return np.asarray(values, np.float64).astype(np.float32) == 0


def _carriers(targets: np.ndarray) -> int:
    """Return the fewest targets whose squares add up to 99 % of the sum of all squares."""
    largest = np.max(np.abs(targets))
    if largest == 0:
        return 0
    # Divided first: the squares of a chronological split's targets underflow.
    squares = np.sort((targets / largest) ** 2)[::-1]
    carried = np.cumsum(squares)
    return int(np.argmax(carried >= CARRIED * carried[-1])) + 1
