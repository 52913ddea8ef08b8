"""Where true and predicted numbers stand: on the original scale, or by their powers of ten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fibattn.figures.axes import log_span
from fibattn.tasks import Dataset

# Predictions that miss the span of the true numbers by this many spans are not drawn to scale.
FAR_OFF = 3


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of the test windows, (windows,), on the original scale.

    places: where they stand on the axis, NaN where they have no place.
    """

    numbers: np.ndarray
    places: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """Which have no place on the axis: (windows,), boolean."""
        return np.isnan(self.places)


@dataclass(frozen=True)
class Axes:
    """The ends of the true numbers' axis, and of the predicted ones'; `pad` is a small height."""

    low: float
    high: float
    bottom: float
    top: float

    @property
    def pad(self) -> float:
        """A height as small as a dot's."""
        return 0.035 * (self.top - self.bottom)


def numbers_of(scaled: np.ndarray, dataset: Dataset) -> Numbers:
    """Return scaled numbers of the test windows, (windows,), on the original scale."""
    numbers = dataset.unscale(scaled)
    return Numbers(numbers, _places(numbers, dataset))


def axes_of(dataset: Dataset, medians: Iterable[Numbers]) -> Axes:
    """Return axes that hold all true numbers, and what has a place of these predicted ones."""
    low, high = _true_span(dataset)
    every = np.concatenate([[low, high], *[median.places[~median.lost] for median in medians]])
    return Axes(low, high, float(every.min()), float(every.max()))


def _places(values: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Return where values stand on the axis, NaN where they have no place.

    On a log axis zero and below have none, on another what is absurdly far off: it would squeeze
    all else together.
    """
    places = np.full(values.shape, np.nan)
    if dataset.many_magnitudes:
        shown = values > 0
        places[shown] = np.log10(values[shown])
    else:
        low, high = _true_span(dataset)
        room = FAR_OFF * (high - low)
        shown = (values >= low - room) & (values <= high + room)
        places[shown] = values[shown]
    return places


def _true_span(dataset: Dataset) -> tuple[float, float]:
    """Return the ends of the true numbers' axis."""
    if dataset.many_magnitudes and dataset.series is not None:
        return log_span(dataset.series)
    truth = dataset.unscale(dataset.test_y)
    return float(truth.min()), float(truth.max())
