"""The networks' names, and one colour for each thing that is drawn.

Each has a contrast of at least 3:1 to the light and to the dark page.
"""

from __future__ import annotations

from typing import Any, TypeVar

from plotly.colors import get_colorscale, sample_colorscale

_T = TypeVar("_T")

PLAIN = "#2B84C6"
ATTENTION = "#D9700F"
# The control: attention with equal weights.
UNIFORM = "#A566A0"
BASELINE = "#8A8F98"
SERIES = "#13917F"
# The steps the true rule needs. Seen on every part of the scale of weights too.
TRUTH = "#E0489B"
WEIGHTS = "Viridis"
# What a pinned run is called; it is drawn as an outline in the colours of its networks.
PINNED = "pinned"

NETWORKS = (("Plain", PLAIN), ("Attention", ATTENTION))
EVERY_NETWORK = {
    "Plain": PLAIN,
    "Uniform weights": UNIFORM,
    PINNED.capitalize(): ATTENTION,
    "Attention": ATTENTION,
}


def by_network(plain: _T, attention: _T) -> dict[str, _T]:
    """Return a dictionary from the names in NETWORKS to the values of the two networks."""
    return dict(zip((name for name, _ in NETWORKS), (plain, attention), strict=True))


def for_scripts() -> dict[str, Any]:
    """Return the colours that the stage draws with, and the scale of weights from 0 to its end."""
    scale = sample_colorscale(get_colorscale(WEIGHTS), 64, colortype="rgb")
    return {
        "plain": PLAIN,
        "attention": ATTENTION,
        "series": SERIES,
        "truth": TRUTH,
        "scale": [_hex(each) for each in scale],
    }


def _hex(rgb: str) -> str:
    return "#" + "".join(f"{int(float(part)):02x}" for part in rgb[4:-1].split(","))


def faint(colour: str, opacity: float) -> str:
    """Return a colour with an opacity from 0, invisible, to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
