"""A window as a picture that needs no script: its values, and where known its weights."""

from __future__ import annotations

import numpy as np

# Of the picture, in CSS pixels.
WIDTH, HEIGHT, LABEL = 640, 84, 84


def picture(values: np.ndarray, weights: np.ndarray | None) -> str:
    """Return SVG: a row of bars for the values, and one for the weights, each over its own range.

    Args:
        values: (time_steps,), scaled.
        weights: (time_steps,); None where there are none yet.
    """
    rows = [("values", values, "#13917F")]
    if weights is not None and np.isfinite(weights).all():
        rows.append(("weights", weights, "#D9700F"))
    # Words in the colours of their bars can be read on the light and on the dark page.
    drawn = "".join(
        f'<text x="0" y="{top + HEIGHT / 2:.0f}" fill="{colour}">{name}</text>'
        + _bars(row, top, colour)
        for top, (name, row, colour) in zip((4, HEIGHT + 24), rows, strict=False)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{2 * HEIGHT + 40}" '
        f'font-size="14" font-family="sans-serif">{drawn}</svg>'
    )


def _bars(row: np.ndarray, top: int, colour: str) -> str:
    low, high = min(0.0, float(row.min())), max(float(row.max()), 1e-9)
    step = (WIDTH - LABEL) / len(row)
    parts = []
    for place, value in enumerate(row):
        tall = max(1.0, HEIGHT * abs(float(value)) / (high - low))
        base = top + HEIGHT * high / (high - low)
        y = base - tall if value >= 0 else base
        parts.append(
            f'<rect x="{LABEL + place * step:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" '
            f'height="{tall:.1f}" fill="{colour}"/>'
        )
    return "".join(parts)
