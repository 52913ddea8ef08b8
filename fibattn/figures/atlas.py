"""The atlas: a mark for every layer on every task, coloured by what it does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.figures.axes import axis
from fibattn.figures.colours import ATTENTION, BASELINE, PLAIN
from fibattn.figures.layout import TEXT, figure, note, waiting
from fibattn.figures.picture import Picture, sentences
from fibattn.figures.traces import dots
from fibattn.judge.matrix import Entry, View
from fibattn.network.catalogue import attention_layers
from fibattn.words import atlas as words

ROW_HEIGHT, ABOVE, BELOW, LEFT = 40, 88, 46, 104
# Characters of a name that stand beside a row on one line.
ONE_LINE = 9
MARK, RING = 20, 29
# The ends of the scale as log10: what is ten times higher or more has the colour of ten times.
MOST = 1
# Towards attention's colour what speaks for it, towards that of the plain network what does not.
SCALE = ((0.0, PLAIN), (0.5, BASELINE), (1.0, ATTENTION))


@dataclass(frozen=True)
class _Look:
    """How a view is drawn: its words, and what the ticks of its scale say."""

    subject: str
    ticks: Mapping[int, str]


ERROR = {-1: "10 times higher", 0: "the same", 1: "10 times lower"}
WEIGHT = {-1: "10 times less", 0: "k/T", 1: "10 times more"}
LOOKS: dict[View, _Look] = {
    "plain": _Look("Test error against the plain network", ERROR),
    "uniform": _Look("Test error against uniform weights", ERROR),
    "weight": _Look("Weight on the true steps against k/T", WEIGHT),
}


def atlas(rows: Mapping[str, Sequence[Entry]], columns: Sequence[str], view: View) -> Picture:
    """Draw a mark for each cell: its colour for the effect, full where it is clear.

    A cross where all starts diverged. Where the weight lies, a ring marks a right answer. The alt
    says of each row which layers clearly help, and which hurt.

    Args:
        rows: by their names for people, from the top; a cell that is missing has no mark.
        columns: the identifiers of the layers, from the left.
        view: against which control, or where the weight lies.
    """
    look = LOOKS[view]
    heights = dict(zip(rows, range(len(rows))[::-1], strict=True))
    cells = [
        (heights[name], columns.index(each.attention), each)
        for name, entries in rows.items()
        for each in entries
        if each.attention in columns and _value(each, view) is not None
    ]
    traces = [_marks(cells, view, look)]
    if view == "weight":
        traces.insert(0, _rings(cells))
    drawing = figure(
        traces,
        ABOVE + ROW_HEIGHT * len(rows) + BELOW,
        xaxis=axis(
            None,
            [-0.6, len(columns) - 0.4],
            tickvals=list(range(len(columns))),
            ticktext=[attention_layers()[name].short for name in columns],
            side="top",
            autotickangles=[0, -90],
            showgrid=False,
        ),
        yaxis=axis(
            None,
            [-0.6, len(rows) - 0.4],
            tickvals=list(heights.values()),
            ticktext=[in_two_lines(name) for name in rows],
        ),
        annotations=_unknown(rows, heights, view),
        showlegend=False,
        margin={"l": LEFT, "r": 8, "t": ABOVE, "b": BELOW},
    )
    return Picture(drawing, _alt(rows, view, look))


def in_two_lines(name: str) -> str:
    """Return a name, such as “Sum of the last two”, in the two lines that make it narrowest.

    A short one stays on one line.
    """
    if len(name) <= ONE_LINE:
        return name
    parts = name.split(" ")
    splits = [
        [" ".join(part) for part in (parts[:at], parts[at:]) if part] for at in range(len(parts))
    ]
    return "<br>".join(min(splits, key=lambda lines: max(map(len, lines))))


def _value(entry: Entry, view: View) -> float | None:
    """Return log10 of the effect, positive where it speaks for attention; None without one.

    NaN where all starts diverged.
    """
    if view != "weight":
        against = entry.against(view)
        return None if against is None else -against.comparison.median
    weight, chance = entry.measured.weight, entry.row.chance
    if entry.pointing is None or weight is None or not chance:
        return None
    share = float(weight.median)
    return math.log10(share / chance) if share else -math.inf if share == 0 else math.nan


def _marks(cells: Sequence[tuple[int, int, Entry]], view: View, look: _Look) -> dict[str, Any]:
    values = [_value(each, view) for _, _, each in cells]
    symbols = [
        "x" if value is None or math.isnan(value) else "circle" if clear else "circle-open"
        for value, clear in zip(values, (e.clearly(view) for *_, e in cells), strict=True)
    ]
    coloured = np.nan_to_num(np.array(values, float), nan=0.0, posinf=MOST, neginf=-MOST)
    return dots(
        [column for _, column, _ in cells],
        [row for row, _, _ in cells],
        marker={
            "symbol": symbols,
            "size": MARK,
            "color": coloured,
            "cmin": -MOST,
            "cmax": MOST,
            "colorscale": [list(stop) for stop in SCALE],
            "line": {"width": [3 * (symbol == "circle-open") for symbol in symbols]},
            "colorbar": _colour_bar(look),
        },
        customdata=[[each.task, each.attention] for *_, each in cells],
        text=["<br>".join(words.cell(each)) for *_, each in cells],
        hovertemplate="%{text}<extra></extra>",
    )


def _rings(cells: Sequence[tuple[int, int, Entry]]) -> dict[str, Any]:
    """Return a ring around each right answer."""
    right = [(row, column) for row, column, each in cells if each.right]
    look = {"symbol": "circle-open", "size": RING, "color": BASELINE, "line": {"width": 2}}
    return dots(
        [column for _, column in right], [row for row, _ in right], marker=look, hoverinfo="skip"
    )


def _colour_bar(look: _Look) -> dict[str, Any]:
    return {
        "orientation": "h",
        "y": 0,
        "yanchor": "top",
        "x": 0.5,
        "xanchor": "center",
        "len": 0.7,
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": list(look.ticks),
        "ticktext": list(look.ticks.values()),
        "tickfont": TEXT,
        "tickangle": 0,
    }


def _unknown(
    rows: Mapping[str, Sequence[Entry]], heights: Mapping[str, int], view: View
) -> list[dict[str, Any]]:
    """Return the words in place of marks: none yet, or the true steps are not known."""
    if not any(rows.values()):
        return [waiting()]
    if view != "weight":
        return []
    return [
        note("which steps matter is not known", 0.5, heights[name], opacity=0.75)
        for name, entries in rows.items()
        if entries and not any(each.pointing for each in entries)
    ]


def _alt(rows: Mapping[str, Sequence[Entry]], view: View, look: _Look) -> str:
    if not any(rows.values()):
        return f"{look.subject}: no result yet."
    said = [f"{name}: {words.row(each, view)}" for name, each in rows.items() if each]
    return sentences(look.subject, *said)
