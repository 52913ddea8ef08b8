"""How many of the random starts something is true of, and which of them diverged."""

from __future__ import annotations

from fibattn.judge.starts import OverStarts


def share(count: int, starts: int) -> str:
    """Return how many of the starts: "2 of 5 starts", "all 5 starts", "none of 5 starts"."""
    if count == starts:
        return f"all {starts} starts"
    return f"{count or 'none'} of {starts} starts"


def lost(count: int, starts: int) -> str:
    """Return which starts diverged, as in "training diverged in …"; "" where none did."""
    if not count:
        return ""
    return "every start" if count == starts else f"{count} of {starts} starts"


def diverged(values: OverStarts) -> str:
    """Return "1 of 5 starts diverged" or "every start diverged"; "" where none did."""
    which = lost(values.count_diverged, values.starts)
    return which and f"{which} diverged"
