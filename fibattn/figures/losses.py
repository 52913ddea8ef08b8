"""Losses over the epochs: of both networks, on the training and on the test windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.figures.axes import axis, decades, log_powers, whole_ticks
from fibattn.figures.colours import BASELINE, NETWORKS, PINNED, faint
from fibattn.figures.layout import figure, side_note, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import unseen
from fibattn.judge.pinned import Pinned
from fibattn.judge.starts import OverStarts, over_starts
from fibattn.words.notation import readable
from fibattn.words.starts import diverged_by_network

HEIGHT = 360

Losses = tuple[np.ndarray, np.ndarray]

DASHES = {"train": "solid", "test": "dash", PINNED: "dot"}


@dataclass(frozen=True, eq=False)
class _Curves:
    """One network's losses, shape (epochs so far,), with the same starts left out of both."""

    colour: str
    train: OverStarts
    test: OverStarts


def loss_curves(
    plain: Losses | None, attention: Losses | None, epochs: int, pinned: Pinned | None = None
) -> Picture:
    """Draw both networks' losses over the epochs, on a log axis.

    Args:
        plain, attention: (loss, val_loss), each (epochs so far, repeats), scaled MSE.
        epochs: how many there will be; the axis is that long from the start.
        pinned: runs whose test losses are drawn as dotted lines beside these.

    The line is the median over the random starts, the band of the test loss its whole range. A
    start with a loss that is not finite has diverged, and is left out from the first epoch on.
    Where every start diverged, both are of the finite losses that there are. The alt says the
    last test losses.
    """
    curves, before = _curves(plain, attention), _of_pinned(pinned)
    traces = [_band(each.colour, each.test) for each in curves.values()]
    for name, each in curves.items():
        traces.append(_line(name, "train", each.colour, each.train))
        traces.append(_line(name, "test", each.colour, each.test))
    traces += [_line(name, PINNED, each.colour, each.test) for name, each in before.items()]
    traces += [_legend(name, colour) for name, colour in NETWORKS]
    traces += [_legend(part, BASELINE, DASHES[part]) for part in ("train", "test")]
    traces += [_legend(PINNED, BASELINE, DASHES[PINNED])] if before else []
    drawn = [_shown(part) for each in curves.values() for part in (each.train, each.test)]
    low, high = decades([*drawn, *[_shown(each.test) for each in before.values()]], (-5, -2))
    epochs = max(epochs, *[each.test.values.shape[1] for each in before.values()], 1)
    lost = diverged_by_network({name: each.test for name, each in curves.items()})
    corner = {"yref": "paper", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    drawing = figure(
        traces,
        HEIGHT,
        xaxis=axis("epoch", [0.5, epochs + 0.5], **whole_ticks(1, epochs)),
        yaxis=axis("mean squared error", [low, high], type="log", **log_powers(low, high)),
        annotations=side_note(lost, 0, 0, **corner) if curves else [waiting()],
    )
    return Picture(drawing, sentences(_alt(curves, lost), _alt_of_pinned(before)))


def _of_pinned(pinned: Pinned | None) -> dict[str, _Curves]:
    """Return the losses of those pinned networks that are drawn."""
    if pinned is None:
        return {}
    runs = pinned.plain, pinned.attention
    return _curves(*[None if run is None else (run.loss, run.val_loss) for run in runs])


def _curves(plain: Losses | None, attention: Losses | None) -> dict[str, _Curves]:
    """Return the losses of the networks that have some."""
    found = {}
    for (name, colour), losses in zip(NETWORKS, (plain, attention), strict=True):
        if losses is not None and len(losses[0]):
            train, test = losses
            lost = over_starts(np.concatenate([train, test]).T).diverged
            found[name] = _Curves(colour, over_starts(train.T, lost), over_starts(test.T, lost))
    return found


def _alt(curves: Mapping[str, _Curves], lost: str) -> str:
    if not curves:
        return "Loss over the epochs: no result yet."
    ends = _ends(curves)
    medians = f"median test error over the random starts: {ends}" if ends else ""
    return sentences("loss over the epochs", medians, lost)


def _alt_of_pinned(before: Mapping[str, _Curves]) -> str:
    ends = _ends(before)
    return f"{PINNED}: {ends}" if ends else ""


def _ends(curves: Mapping[str, _Curves]) -> str:
    """Return in words where the median test losses end; '' where every start diverged."""
    return ", ".join(
        f"{name} is at {readable(float(each.test.median[-1]))} after epoch {len(each.test.median)}"
        for name, each in curves.items()
        if not each.test.all_diverged
    )


def _shown(over: OverStarts) -> np.ndarray:
    """Return the losses that are drawn, (starts, epochs), NaN where one is not finite."""
    values = over.values if over.all_diverged else over.kept
    return np.where(np.isfinite(values), values, np.nan)


def _low_middle_high(losses: np.ndarray) -> np.ndarray:
    """Return the range and the median over the starts without NaN: (3, epochs), NaN if none."""
    found = np.full((3, losses.shape[1]), np.nan)
    seen = ~np.isnan(losses).all(axis=0)
    some = losses[:, seen]
    found[:, seen] = np.nanmin(some, axis=0), np.nanmedian(some, axis=0), np.nanmax(some, axis=0)
    return found


def _line(name: str, part: str, colour: str, over: OverStarts) -> dict[str, Any]:
    spans = _low_middle_high(_shown(over))
    middle = _drawable(spans[1])
    # A line needs two neighbours; a point between gaps, or the first epoch, would not be seen.
    lonely = len(middle) < 3 or bool(np.isnan(middle).any())
    return {
        "type": "scatter",
        "x": np.arange(1, len(middle) + 1),
        "y": middle.astype(np.float32),
        "mode": "lines+markers" if lonely else "lines",
        "line": {"color": colour, "width": 2.5, "dash": DASHES[part]},
        "marker": {
            "color": colour,
            "size": 8,
            "symbol": "circle" if part == "train" else "circle-open",
            "line": {"width": 2},
        },
        "name": f"{name}, {part}",
        "showlegend": False,
        "text": [
            f"{readable(median)} ({readable(low)} to {readable(high)})"
            for low, median, high in spans.T.tolist()
        ],
        "hovertemplate": f"{name}, {part}, epoch %{{x}}<br>median %{{text}}<extra></extra>",
    }


def _band(colour: str, over: OverStarts) -> dict[str, Any]:
    """Return the range over the random starts that can be drawn, as one closed area."""
    losses = _drawable(_shown(over))
    low, _, high = _low_middle_high(losses)
    seen = np.flatnonzero(~np.isnan(low) & (len(losses) > 1))
    return {
        "type": "scatter",
        "x": np.concatenate([seen, seen[::-1]]) + 1,
        "y": np.concatenate([high[seen], low[seen][::-1]]).astype(np.float32),
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": faint(colour, 0.18),
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _legend(name: str, colour: str, dash: str = "solid") -> dict[str, Any]:
    return unseen("lines", line={"color": colour, "width": 2.5, "dash": dash}, name=name)


def _drawable(losses: np.ndarray) -> np.ndarray:
    """Return NaN, a gap, for what a log axis cannot show."""
    return np.where(losses > 0, losses, np.nan)
