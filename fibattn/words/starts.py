"""How many of the random starts something is true of, and which of them diverged."""

from __future__ import annotations

from collections.abc import Mapping

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


def diverged_by_network(networks: Mapping[str, OverStarts | None]) -> str:
    """Return the same for each network by name; '' if no start of any of them diverged.

    "Plain: 1 of 5 starts diverged; Attention: every start diverged". A network without values yet
    is None.
    """
    clauses = {name: diverged(over) for name, over in networks.items() if over is not None}
    return "; ".join(f"{name}: {clause}" for name, clause in clauses.items() if clause)
