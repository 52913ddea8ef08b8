"""What is looked at on the stage, as a short text for the address: e12~s3~v16_0.52~h4~w3_0.

Epoch, start (from 1), chosen step, values dragged, steps hidden, weights held; then o where it is
opened up, r where each step is hidden in turn, and a where all windows stand in the heatmap. Steps
count from 0, the oldest. A value or weight without a number is the same as the one before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

# The address as a whole has to stay under 2,000 characters.
LONGEST = 1000

_PART = re.compile(r"([eskvhwora])(\d{0,4})(?:_(-?[\d.]{1,14}(?:e-?\d{1,2})?))?")


def to_text(view: dict[str, Any], epochs: int) -> str:
    """Return a view, as the stage tells it, as text; "" for what one sees without one.

    What would make it longer than LONGEST is left out.
    """
    parts = []
    if view["epoch"] != epochs:
        parts.append(f"e{view['epoch']}")
    if view["start"]:
        parts.append(f"s{view['start'] + 1}")
    changed = view["values"] or view["hidden"] or view["held"]
    if changed:
        parts.append(f"k{view['step']}")
    parts += _numbered("v", view["values"])
    parts += [f"h{step}" for step in view["hidden"]]
    parts += _numbered("w", view["held"])
    parts += ["o"] * bool(view["opened"]) + ["r"] * bool(view["occluded"])
    parts += ["a"] * bool(view["all"])
    text = "~".join(parts)
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition("~")[0]


def from_text(text: str) -> dict[str, Any]:
    """Return the view in a text; parts that mean nothing are left out.

    Numbers are checked by the stage, which knows how many steps, starts and epochs there are.
    """
    view: dict[str, Any] = {"values": [], "hidden": [], "held": []}
    for part in text[:LONGEST].split("~"):
        found = _PART.fullmatch(part)
        if not found:
            continue
        kind, digits, number = found.groups()
        value = _finite(number)
        if kind == "o":
            view["opened"] = True
        elif kind == "r":
            view["occluded"] = True
        elif kind == "a":
            view["all"] = True
        elif not digits:
            continue
        elif kind == "e":
            view["epoch"] = int(digits)
        elif kind == "s":
            view["start"] = int(digits) - 1
        elif kind == "k":
            view["step"] = int(digits)
        elif kind == "h":
            view["hidden"].append(int(digits))
        else:
            pairs = view["values" if kind == "v" else "held"]
            if value is None and number is None and pairs:
                value = pairs[-1][1]
            if value is not None:
                pairs.append([int(digits), value])
    return view


def _numbered(kind: str, pairs: Sequence[tuple[int, float]]) -> list[str]:
    """Return the parts for some steps and their numbers."""
    parts: list[str] = []
    before = ""
    for step, value in pairs:
        number = _number(value)
        parts.append(f"{kind}{step}" + (f"_{number}" if number != before else ""))
        before = number
    return parts


def _number(value: float) -> str:
    """Return a float32 with as many digits as make it the same float32 again."""
    return str(np.float32(value)).replace("+", "")


def _finite(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
