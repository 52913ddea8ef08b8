"""Axes with fixed ranges, and their ticks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fibattn.figures.layout import TEXT
from fibattn.words.notation import power_of_ten


def axis(title: str | None, span: list[float], **more: Any) -> dict[str, Any]:
    """Return an axis with a fixed range: a chart must not catch a thumb that scrolls."""
    fixed = {
        "range": span,
        "fixedrange": True,
        "automargin": False,
        "zeroline": False,
        "tickfont": TEXT,
    }
    return fixed | ({"title": {"text": title, "font": TEXT}} if title else {}) | more


def whole_ticks(first: int, last: int) -> dict[str, Any]:
    """Return at most ten round whole numbers from `first` to `last` as ticks."""
    gap = _round_gap((last - first) / 8)
    ticks = sorted({first, *range(0 if first == 0 else gap, last + 1, gap)})
    return {"tickvals": [tick for tick in ticks if tick == first or tick - first >= gap / 2]}


def _round_gap(least: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, … that is not below `least`."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(gap for gap in (power, 2 * power, 5 * power) if gap >= least)


def powers(low: float, high: float, most: int = 7) -> dict[str, Any]:
    """Return ticks for an axis that holds log10 of the values: 10⁰, 10⁵⁰, …"""
    gap = _round_gap(max(high - low, 1) / most)
    ticks = list(range(math.ceil(low / gap) * gap, math.floor(high) + 1, gap))
    return {"tickvals": ticks, "ticktext": [power_of_ten(tick) for tick in ticks]}


def log_span(numbers: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis for log10 of positive numbers, at least 1 apart.

    The lower is whole, the upper that of the largest number.
    """
    logs = np.log10(numbers)
    low = math.floor(logs.min())
    return low, max(float(logs.max()), low + 1)


def log_powers(low: int, high: int) -> dict[str, Any]:
    """Return the ticks of `powers` for an axis of type log."""
    ticks = powers(low, high)
    return ticks | {"tickvals": [10.0**tick for tick in ticks["tickvals"]]}


def decades(arrays: list[np.ndarray], at_least: tuple[int, int]) -> tuple[int, int]:
    """Return the whole powers of ten that hold all positive values, and `at_least`.

    Values are finite, or NaN, which is left out.
    """
    values = np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.zeros(0)
    wide = values.astype(np.float64)
    logs = np.log10(wide[wide > 0])
    low, high = at_least
    return math.floor(logs.min(initial=low)), math.ceil(logs.max(initial=high))
