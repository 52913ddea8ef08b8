"""A picture: a figure together with the sentence that says what it shows."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, and `alt`: what it shows, in words, for whoever cannot see it."""

    figure: go.Figure
    alt: str
