"""Names that `figures` still imports from here; they live in the modules named below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fibattn.judge.baselines import Baseline, baselines
from fibattn.judge.drowning import zero_in_float32
from fibattn.judge.errors import test_mse, train_mse
from fibattn.judge.windows import step_labels, window_order

__all__ = [
    "Baseline",
    "Spread",
    "baselines",
    "nan_as_infinity",
    "step_labels",
    "test_mse",
    "train_mse",
    "window_order",
    "zero_in_float32",
]


@dataclass(frozen=True)
class Spread:
    """One value for each random start; NaN counts as infinitely bad. `OverStarts` replaces it."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return float(np.median(self._ordered()))

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self._ordered()[0])

    @property
    def high(self) -> float:
        """The largest value."""
        return float(self._ordered()[-1])

    def _ordered(self) -> np.ndarray:
        return np.sort(nan_as_infinity(np.array(self.values, np.float64)))


def nan_as_infinity(values: np.ndarray) -> np.ndarray:
    """Return float64 values with NaN as inf; same shape."""
    wide = np.asarray(values, np.float64)
    return np.where(np.isnan(wide), np.inf, wide)
