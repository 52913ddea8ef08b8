"""Numbers that stand for missing values, as −999 does."""

from __future__ import annotations

import numpy as np

# The least of these is two nines: a single one is a usual number. Those that no sensor measures
# are the least number of 16 bits, and what netCDF and others fill arrays with.
CODES = (
    *(
        float(sign * code)
        for code in (99, 999, 9999, 99999, 999999, 99.9, 99.99, 999.9, 999.99, 9999.9, 9999.99, 888)
        for sign in (-1, 1)
    ),
    *(-32768.0, 9.96921e36, 9.969209968386869e36, 1e20, 1e30),
)


def codes_of(values: np.ndarray) -> list[float]:
    """Return the numbers that seem to stand for missing in (rows,) `values`.

    Each is further from all others than they are from each other, and there are at least five of
    them and no more of it than of them. It is also one if it is below zero and none of them is, so
    far that they reach no further than twice its size, however many there are.
    """
    found: list[float] = []
    rest = values[np.isfinite(values)]
    while (code := _code_of(rest)) is not None:
        found.append(code)
        rest = rest[rest != code]
    return found


def _code_of(known: np.ndarray) -> float | None:
    if len(known) < 6:
        return None
    for code in (float(known.min()), float(known.max())):
        if code not in CODES:
            continue
        others = known[known != code]
        if len(others) < 5:
            continue
        # Another code among them would make them reach far.
        plain = others[~np.isin(others, CODES)]
        others = plain if len(plain) >= 5 else others
        if code < 0 <= others.min() and others.max() <= 2 * abs(code):
            return code
        if 2 * len(others) < len(known):
            continue
        span = float(others.max() - others.min())
        if np.abs(others - code).min() > max(span, 0.1 * abs(code)):
            return code
    return None
