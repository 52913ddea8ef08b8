"""A figure for the last row of a hall: type, dots, lines and margins are larger."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from fibattn.figures.picture import Picture

# How much larger everything is: what has 14 pixels gets 20.
LARGER = 1.43

# What is a length in pixels, by its name.
_LENGTHS = {"size", "xshift", "yshift", "standoff"}
_MARGINS = {"l", "r", "t", "b"}


def for_a_hall(picture: Picture) -> Picture:
    """Return the same picture with all lengths in pixels multiplied by LARGER, but its own size.

    A page that is itself enlarged gives it more room.
    """
    drawn = picture.figure.to_plotly_json()
    return Picture(go.Figure(_larger(drawn)), picture.alt)


def _larger(part: Any, inside: str = "") -> Any:
    """Return a part of a figure, enlarged; `inside`: the name of what holds it."""
    if isinstance(part, dict):
        return {
            name: _times(value) if _is_length(name, inside) else _larger(value, name)
            for name, value in part.items()
        }
    if isinstance(part, list | tuple):
        return [_larger(each, inside) for each in part]
    return part


def _is_length(name: str, inside: str) -> bool:
    return (
        name in _LENGTHS
        or (inside == "margin" and name in _MARGINS)
        or (inside == "line" and name == "width")
    )


def _times(value: Any) -> Any:
    if isinstance(value, int | float):
        return value * LARGER
    return [_times(each) for each in value] if isinstance(value, list | tuple) else value
