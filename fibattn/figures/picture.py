"""A picture: a figure together with the sentences that say what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, and `alt`: what it shows, in words, for whoever cannot see it."""

    figure: go.Figure
    alt: str


def sentences(*clauses: str) -> str:
    """Join clauses, each with a capital and a full stop; empty ones are left out."""
    return " ".join(
        f"{clause[0].upper()}{clause[1:].removesuffix('.')}." for clause in clauses if clause
    )


def listed(words: list[str]) -> str:
    """Join words as in running text: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
