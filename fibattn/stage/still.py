"""A window as a picture that needs no script: its values, and where known its weights."""

from __future__ import annotations

import numpy as np

# Of the picture, in CSS pixels.
WIDTH, HEIGHT, LABEL = 640, 84, 84


def picture(values: np.ndarray, weights: np.ndarray | None, words: str) -> str:
    """Return SVG: a row of bars for the values, and one for the weights, each over its own range.

    Args:
        values: (time_steps,), scaled.
        weights: (time_steps,); None where there are none yet.
        words: a sentence for people who do not see it.
    """
    rows = [("values", values, "#13917F")]
    if weights is not None and np.isfinite(weights).all():
        rows.append(("weights", weights, "#D9700F"))
    drawn = "".join(
        f'<text x="0" y="{top + HEIGHT / 2:.0f}" fill="currentColor">{name}</text>'
        + _bars(row, top, colour)
        for top, (name, row, colour) in zip((4, HEIGHT + 24), rows, strict=False)
    )
    height = len(rows) * (HEIGHT + 20) + 8
    return (
        f'<svg role="img" aria-label="{words}" viewBox="0 0 {WIDTH} {height}" font-size="14" '
        f'style="width:100%;max-width:{WIDTH}px">{drawn}</svg>'
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
