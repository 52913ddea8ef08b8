"""Numbers that stand for missing values, as −999 does."""

from __future__ import annotations

import numpy as np

# The least of these is two nines: a single one is a usual number.
CODES = tuple(
    float(sign * code)
    for code in (99, 999, 9999, 99999, 999999, 99.9, 99.99, 999.9, 999.99, 9999.9, 9999.99)
    for sign in (-1, 1)
)


def code_of(values: np.ndarray) -> float | None:
    """Return the number of nines that seems to stand for missing in (rows,) `values`; else None.

    It is further from all others than they are from each other, and there are at least five of
    them and no more of it than of them.
    """
    known = values[np.isfinite(values)]
    if len(known) < 6:
        return None
    for code in (float(known.min()), float(known.max())):
        if code not in CODES:
            continue
        others = known[known != code]
        if len(others) < 5 or 2 * len(others) < len(known):
            continue
        span = float(others.max() - others.min())
        if np.abs(others - code).min() > max(span, 0.1 * abs(code)):
            return code
    return None
