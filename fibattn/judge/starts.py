"""Values over random starts: their median and range, and which of them diverged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from fibattn.run import Run


@dataclass(frozen=True, eq=False)
class OverStarts:
    """One value, or one array of values, for each random start.

    A start that diverged is left out of `median`, `low` and `high`, and counted: whoever shows
    them says so too (`words.starts`). Make one with `over_starts`.

    values: (starts, *shape), float64.
    diverged: (starts,), boolean.
    """

    values: np.ndarray
    diverged: np.ndarray

    @property
    def starts(self) -> int:
        """How many random starts there are, diverged ones included."""
        return len(self.values)

    @property
    def count_diverged(self) -> int:
        """How many of them diverged."""
        return int(self.diverged.sum())

    @property
    def all_diverged(self) -> bool:
        """Whether there is no start left to take a median of."""
        return bool(self.diverged.all())

    @property
    def kept(self) -> np.ndarray:
        """The values of the starts that did not diverge: (starts - count_diverged, *shape)."""
        return self.values[~self.diverged]

    @cached_property
    def median(self) -> np.ndarray:
        """The median over the starts that did not diverge: (*shape), NaN if there is none."""
        return self._over(np.median)

    @cached_property
    def low(self) -> np.ndarray:
        """The smallest value over the starts that did not diverge, as `median`."""
        return self._over(np.min)

    @cached_property
    def high(self) -> np.ndarray:
        """The largest value over the starts that did not diverge, as `median`."""
        return self._over(np.max)

    def first(self, count: int) -> OverStarts:
        """Return the values of the first random starts alone."""
        return OverStarts(self.values[:count], self.diverged[:count])

    def __getitem__(self, place: int | slice | np.ndarray) -> OverStarts:
        """Return the part `values[:, place]`; a start that diverged elsewhere stays left out."""
        return OverStarts(self.values[:, place], self.diverged)

    def _over(self, function: Callable[..., np.ndarray]) -> np.ndarray:
        if self.all_diverged:
            return np.full(self.values.shape[1:], np.nan)[()]
        return function(self.kept, axis=0)


def over_starts(values: ArrayLike, diverged: np.ndarray | None = None) -> OverStarts:
    """Return values over random starts.

    Args:
        values: (starts, *shape), of any number type; kept in float64.
        diverged: (starts,), boolean, where the caller knows more than these values show: of a run
            `judge.starts.diverged(run)`, so that every picture of it leaves out the same starts.
            A start with a value that is not finite has diverged in any case.
    """
    wide = np.asarray(values, np.float64)
    lost = np.asarray(~np.isfinite(wide).all(axis=tuple(range(1, wide.ndim))))
    return OverStarts(wide, lost if diverged is None else lost | diverged)


def diverged(run: Run) -> np.ndarray:
    """Return which starts of a run diverged: (starts,), boolean.

    Those with a loss, a prediction or an attention weight that is not a finite number.
    """
    lost = ~np.isfinite(run.val_loss).all(axis=0) | ~np.isfinite(run.loss).all(axis=0)
    for each in (run.train_predictions, run.test_predictions, run.test_attention):
        lost |= ~np.isfinite(each).all(axis=tuple(range(1, each.ndim)))
    return lost
