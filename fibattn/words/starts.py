"""The sentence about random starts that diverged."""

from __future__ import annotations

from collections.abc import Mapping

from fibattn.judge.starts import OverStarts


def diverged(over: OverStarts) -> str:
    """Return how many starts diverged, as a clause without a full stop; '' if none did.

    "1 of 5 starts diverged", or "every start diverged".
    """
    if not over.count_diverged:
        return ""
    if over.all_diverged:
        return "every start diverged"
    return f"{over.count_diverged} of {over.starts} starts diverged"


def diverged_by_network(networks: Mapping[str, OverStarts | None]) -> str:
    """Return the same for each network by name; '' if no start of any of them diverged.

    "Plain: 1 of 5 starts diverged; Attention: every start diverged". A network without values yet
    is None.
    """
    clauses = {name: diverged(over) for name, over in networks.items() if over is not None}
    return "; ".join(f"{name}: {clause}" for name, clause in clauses.items() if clause)
