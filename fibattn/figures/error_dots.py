"""Errors of random starts as dots on a log axis, in a row or a column for each network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.figures.axes import decades
from fibattn.figures.colours import BASELINE, faint
from fibattn.figures.traces import dots, unseen
from fibattn.judge.baselines import Baseline
from fibattn.judge.starts import OverStarts
from fibattn.words.notation import readable

# What stands at the ends of the axis: a start that diverged, an error of 0.
SIDEWAYS = ("triangle-right", "triangle-left")
UPWARDS = ("triangle-up", "triangle-down")


@dataclass(frozen=True)
class ErrorAxis:
    """The axis of log10 of the errors, from `low` to `high`; horizontal unless `upright`."""

    low: float
    high: float
    upright: bool = False

    def places(self, over: OverStarts) -> np.ndarray:
        """Return where errors stand on this axis: (starts,).

        A start that diverged stands at the upper end, an error of 0 at the lower.
        """
        with np.errstate(divide="ignore"):
            logs = np.log10(np.where(over.diverged, np.inf, over.values))
        return np.clip(logs, self.low, self.high).astype(np.float32)

    def holds(self, mse: float) -> bool:
        """Return whether an error lies between the ends."""
        return mse > 0 and self.low <= math.log10(mse) <= self.high

    def xy(self, along: Any, across: Any) -> dict[str, Any]:
        """Return positions along and across this axis as the coordinates of a trace."""
        return {"x": across, "y": along} if self.upright else {"x": along, "y": across}


def error_span(found: Iterable[OverStarts], baselines: Iterable[Baseline]) -> tuple[int, int]:
    """Return whole powers of ten that hold all errors and the baselines near to them.

    Without a result the axis is as it will most likely be with one. The exact rule is not near.
    """
    near = [b.test_mse for b in baselines if not b.exact and b.test_mse > 0]
    if not near:
        return decades([over.kept for over in found], (-5, -2))
    low, high = math.floor(math.log10(min(near))) - 1, math.ceil(math.log10(max(near)))
    return decades([over.kept for over in found], (low, high))


def start_dots(
    name: str,
    colour: str,
    place: float,
    over: OverStarts,
    error_axis: ErrorAxis,
    outlined: bool = False,
) -> list[dict[str, Any]]:
    """Return a dot for each start, and a bar at their median.

    A start that diverged, or whose error is 0, is a triangle at the end of the axis. Where every
    start diverged there is no bar.

    Args:
        name: of the network.
        colour: of the network.
        place: where its row or column stands.
        over: its errors, shape ().
        error_axis: the axis of the errors.
        outlined: whether they are those of a pinned run.
    """
    beyond, nil = UPWARDS if error_axis.upright else SIDEWAYS
    starts = list(zip(over.values.tolist(), over.diverged.tolist(), strict=True))
    look = {
        "color": faint(colour, 0 if outlined else 0.55),
        "size": 10 if outlined else 12,
        "line": {"color": colour, "width": 1.5},
        "symbol": [beyond if lost else "circle" if mse > 0 else nil for mse, lost in starts],
    }
    every = dots(
        **error_axis.xy(error_axis.places(over), np.full(over.starts, place)),
        marker=look,
        name=name,
        text=["diverged" if lost else readable(mse) for mse, lost in starts],
        customdata=[[start] for start in range(1, over.starts + 1)],
        hovertemplate=f"{name}, start %{{customdata[0]}}: %{{text}}<extra></extra>",
    )
    return [every, *_median_bar(name, colour, place, over, error_axis, outlined)]


def joined(
    networks: list[OverStarts], where: Iterable[int], error_axis: ErrorAxis
) -> dict[str, Any]:
    """Return one line for each start, through its dots in all networks, which stand at `where`."""
    starts = networks[0].starts
    levels = np.stack([error_axis.places(over) for over in networks])
    gap = np.full((1, starts), np.nan, np.float32)
    along = np.concatenate([levels, gap]).T.ravel()
    across = np.tile([*where, np.nan], starts)
    return error_axis.xy(along, across) | {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": faint(BASELINE, 0.4), "width": 1},
        "hoverinfo": "skip",
        "name": "the same start",
    }


def no_dots() -> dict[str, Any]:
    """Return what is drawn before the first result: without a trace there is no axis."""
    return unseen("markers", showlegend=False)


def median_and_range(over: OverStarts) -> str:
    """Return errors in words: "0.010 (0.0010 to 0.050)"; '' if every start diverged."""
    if over.all_diverged:
        return ""
    low, high = readable(float(over.low)), readable(float(over.high))
    return f"{readable(float(over.median))} ({low} to {high})"


def _median_bar(
    name: str,
    colour: str,
    place: float,
    over: OverStarts,
    error_axis: ErrorAxis,
    outlined: bool,
) -> list[dict[str, Any]]:
    if over.all_diverged:
        return []
    median = float(over.median)
    along = error_axis.low if median <= 0 else math.log10(median)
    bar = "line-ew" if error_axis.upright else "line-ns"
    return [
        dots(
            **error_axis.xy([max(along, error_axis.low)], [place]),
            marker={
                "symbol": bar,
                "size": 22 if outlined else 30,
                "line": {"color": colour, "width": 2 if outlined else 4},
            },
            name=f"{name}, median",
            text=[readable(median)],
            hovertemplate=f"{name}, median %{{text}}<extra></extra>",
        )
    ]
