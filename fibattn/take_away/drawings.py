"""Pictures as SVG, which need neither a script nor a library: of runs, series, and the atlas.

Their words and lines take their colour from the page, so that they follow light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np

from fibattn import figures
from fibattn.figures.axes import decades, powers, whole_ticks
from fibattn.figures.colours import ATTENTION, BASELINE, NETWORKS, PINNED, PLAIN, SERIES
from fibattn.figures.error_dots import ErrorAxis, error_span
from fibattn.judge.baselines import Baseline
from fibattn.judge.matrix import Entry
from fibattn.judge.pinned import Pinned
from fibattn.judge.run_values import errors, predictions
from fibattn.judge.starts import OverStarts, diverged, over_starts
from fibattn.judge.windows import window_order
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import power_of_ten

# Of a picture, and of what surrounds the part that is drawn in, in CSS pixels.
WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 52
# Of a row of starts.
ROW = 56
# Of a name under the rows.
LINE = 22
# Of predicted against true: its height, and how many windows of each network are drawn.
TALL, MOST_POINTS = 380, 90
# Of the atlas: where its marks begin, the room for a slanting name beside them, and a row's height.
MARKS_LEFT, MARKS_TOP, MARKS_RIGHT, MARK_ROW = 205, 125, 80, 27

# Of a line: of the test windows, of a pinned run.
DASHED, DOTTED = "7 5", "2 4"

Place = Callable[[float], float]


def loss_curves(plain: Run, attention: Run, pinned: Pinned | None = None) -> str:
    """Return both networks' losses over the epochs, on a log axis, as SVG.

    The line is the median over the starts that did not diverge, dashed of the test windows; the
    band is the whole range of the test loss. What a log axis cannot show, 0, is at its lower edge.
    Of pinned networks there is the test loss, dotted.
    """
    runs = dict(zip(NETWORKS, (plain, attention), strict=True))
    losses = {
        key: [over_starts(each.T, diverged(run)) for each in (run.loss, run.val_loss)]
        for key, run in runs.items()
    }
    before = [
        (colour, over_starts(was.val_loss.T, diverged(was)))
        for (_, colour), was in _of_pinned(pinned)
    ]
    found = [over.kept for parts in losses.values() for over in parts]
    low, high = decades([*found, *[over.kept for _, over in before]], (-5, -2))
    epochs = max([plain.experiment.epochs, *[over.values.shape[1] for _, over in before]])
    x = _along((1, max(epochs, 2)), (LEFT, WIDTH - RIGHT))
    y = _along((low, high), (HEIGHT - BOTTOM, TOP))
    parts = [_level(y, tick) for tick in _ticks(low, high)]
    parts += [_word(x(tick), HEIGHT - 32, str(tick)) for tick in _epochs(epochs)]
    parts.append(_word((LEFT + WIDTH) / 2, HEIGHT - 6, "epoch"))
    for (_, colour), (train, test) in losses.items():
        if not test.all_diverged:
            logs = [_logs(each, low) for each in (test.high, test.low, train.median, test.median)]
            there, back = _points(logs[0], x, y), _points(logs[1], x, y)
            band = " ".join([*there, *reversed(back)])
            parts.append(f'<polygon points="{band}" fill="{colour}" fill-opacity="0.16"/>')
            parts += [_line(logs[2], x, y, colour), _line(logs[3], x, y, colour, DASHED)]
    for colour, over in before:
        if not over.all_diverged:
            parts.append(_line(_logs(over.median, low), x, y, colour, DOTTED))
    curves = (plain.loss, plain.val_loss), (attention.loss, attention.val_loss)
    return _picture("".join(parts), HEIGHT, figures.loss_curves(*curves, epochs, pinned).alt)


def _of_pinned(pinned: Pinned | None) -> list[tuple[tuple[str, str], Run]]:
    """Return the pinned networks that are drawn, with the names and colours of their kind."""
    runs = (pinned.plain, pinned.attention) if pinned else (None, None)
    return [(key, was) for key, was in zip(NETWORKS, runs, strict=True) if was is not None]


def starts_errors(
    plain: Run, attention: Run, beside: tuple[Baseline, ...], pinned: Pinned | None = None
) -> str:
    """Return every start's test error on a log axis, a row for each network, as SVG.

    A bar stands at the median. A start that diverged stands at the right end, as a triangle. What
    learns nothing is a line through all rows, with its name below. A pinned network has a row of
    outlined dots below the one of its kind.
    """
    before = dict(_of_pinned(pinned))
    found = []
    for key, run in zip(NETWORKS, (plain, attention), strict=True):
        found.append((*key, errors(run), False))
        if key in before:
            found.append((PINNED, key[1], errors(before[key]), True))
    axis = ErrorAxis(*error_span([over for _, _, over, _ in found], beside))
    x = _along((axis.low, axis.high), (LEFT + 30, WIDTH - RIGHT - 8))
    near = [each for each in beside if not each.exact and axis.holds(each.test_mse)]
    rows = TOP + ROW * len(found)
    bottom = rows + LINE * len(near) + 4
    parts = [
        _named(x(math.log10(each.test_mse)), k, rows, each.label) for k, each in enumerate(near)
    ]
    for tick in _ticks(int(axis.low), int(axis.high)):
        parts.append(_rule(x(tick), TOP, x(tick), bottom))
        parts.append(_word(x(tick), bottom + 22, power_of_ten(tick)))
    parts.append(_word((LEFT + WIDTH) / 2, bottom + 46, "mean squared error, test"))
    for row, (name, colour, over, outlined) in enumerate(found):
        y = TOP + ROW * (row + 0.5)
        parts.append(_word(0, y + 5, name, anchor="start"))
        parts += _dots(over, axis, x, y, colour, outlined)
    alt = figures.scores(plain, attention, beside, pinned).alt
    return _picture("".join(parts), bottom + 52, alt)


def numbers(data: Dataset, scaled: bool) -> str:
    """Return a series as SVG: its numbers as powers of ten, or what the network is given of them.

    Raises ValueError where there is no series of many magnitudes.
    """
    if data.series is None or not data.many_magnitudes:
        raise ValueError("Only a series that spans many powers of ten is drawn here.")
    values = data.scaling.scale(data.series) if scaled else np.log10(data.series)
    last, high = len(values), max(1.0, float(values.max()))
    low = min(0.0, float(values.min()))
    x = _along((1, last), (LEFT, WIDTH - 2 * RIGHT))
    y = _along((low, high), (HEIGHT - BOTTOM, TOP + 4))
    if scaled:
        parts = [_at(y, tick, f"{tick:g}") for tick in (0, 0.5, 1)]
    else:
        parts = [_level(y, tick) for tick in _ticks(int(low), int(high))]
    parts += [_word(x(tick), HEIGHT - 32, f"{tick:,}") for tick in _epochs(last)]
    parts.append(_word((LEFT + WIDTH) / 2, HEIGHT - 6, "place in the series"))
    points = [f"{x(place):.1f},{y(float(value)):.1f}" for place, value in enumerate(values, 1)]
    parts.append(
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{SERIES}" stroke-width="3"/>'
    )
    return _picture("".join(parts), HEIGHT, figures.series(data).alt)


def predicted(plain: Run, attention: Run) -> str:
    """Return predictions against the true numbers of a series of many magnitudes, as SVG.

    A point is the median over the starts. What has no power of ten, zero and below, is a triangle
    under the axis. Of many windows some are left out, evenly by target.
    """
    data = attention.dataset().at_step(0)
    truth = np.log10(data.unscale(data.test_y))
    low, high = math.floor(truth.min()), math.ceil(truth.max())
    order = window_order(data)
    some = order[np.linspace(0, len(order) - 1, min(len(order), MOST_POINTS)).round().astype(int)]
    x = _along((low, high), (LEFT, WIDTH - RIGHT))
    y = _along((low, high), (TALL - BOTTOM - 40, TOP))
    parts = [_level(y, tick) for tick in _ticks(low, high)]
    parts += [_word(x(tick), TALL - 32, power_of_ten(tick)) for tick in _ticks(low, high)]
    parts.append(_word((LEFT + WIDTH) / 2, TALL - 6, "true number; upwards: predicted"))
    parts.append(
        f'<line x1="{x(low):.1f}" y1="{y(low):.1f}" x2="{x(high):.1f}" y2="{y(high):.1f}" '
        'stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 5"/>'
    )
    for place, (run, (_, colour)) in enumerate(zip((plain, attention), NETWORKS, strict=True)):
        median = predictions(run).median
        if np.isnan(median).all():
            continue
        numbers = data.unscale(median)
        below = y(low) + 14 + 16 * place
        parts += [_point(x(truth[k]), numbers[k], y, below, colour) for k in some]
    alt = figures.predicted_against_true(plain, attention, data, None).alt
    return _picture("".join(parts), TALL, alt)


def atlas(rows: Mapping[str, Sequence[Entry]], columns: Sequence[str]) -> str:
    """Return a mark for each layer, a column, on each task, a row, as SVG.

    Full where the layer's test error is clearly lower or higher than the plain network's, in the
    colour of the network it speaks for; hollow where nobody can tell.
    """
    x = _along((0, len(columns)), (MARKS_LEFT + 16, WIDTH - MARKS_RIGHT + 16))
    parts = [
        f'<g transform="translate({x(k):.1f} {MARKS_TOP - 8}) rotate(-45)">'
        f"{_word(0, 0, attention_layers()[name].short, anchor='start')}</g>"
        for k, name in enumerate(columns)
    ]
    for k, (name, entries) in enumerate(rows.items()):
        y = MARKS_TOP + MARK_ROW * (k + 0.5)
        parts.append(_word(MARKS_LEFT - 8, y + 5, name, anchor="end"))
        parts += [_mark(x(columns.index(e.attention)), y, e.clearly("plain")) for e in entries]
    alt = figures.atlas(rows, columns, "plain").alt
    return _picture("".join(parts), MARKS_TOP + MARK_ROW * len(rows), alt)


def _mark(x: float, y: float, clearly: int | None) -> str:
    colour = {1: ATTENTION, -1: PLAIN}.get(clearly or 0, BASELINE)
    fill = colour if clearly else "none"
    look = f'r="9" fill="{fill}" stroke="{colour}" stroke-width="3"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}/>'


def legend(*lines: str) -> str:
    """Return what the colours of the networks mean, as HTML; `lines` are of the loss."""
    parts = [
        f'<span class="sample" style="color:{colour}"></span>{name}' for name, colour in NETWORKS
    ]
    dashed = dict(zip(lines, ("", " dashed"), strict=False))
    parts += [f'<span class="sample{kind}"></span>{line}' for line, kind in dashed.items()]
    return f'<p class="legend">{"".join(parts)}</p>'


def _point(x: float, number: float, y: Place, below: float, colour: str) -> str:
    """Return one prediction: a dot, or a triangle below the axis where it has no power of ten."""
    look = f'fill="{colour}" fill-opacity="0.6"'
    if number > 0:
        return f'<circle cx="{x:.1f}" cy="{y(math.log10(number)):.1f}" r="4" {look}/>'
    corners = ((x - 5, below - 5), (x + 5, below - 5), (x, below + 5))
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
    return f'<polygon points="{points}" {look}/>'


def _named(x: float, place: int, top: float, name: str) -> str:
    """Return a dashed line through the rows, with its name below them, each on its own line."""
    y = top + LINE * (place + 1)
    return (
        f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y - 14:.1f}" stroke="currentColor" '
        f'stroke-dasharray="5 4"/>{_word(x, y, name)}'
    )


def _dots(
    over: OverStarts, axis: ErrorAxis, x: Place, y: float, colour: str, outlined: bool
) -> list[str]:
    look = f'fill="{colour}" fill-opacity="{0 if outlined else 0.55}" stroke="{colour}"'
    parts = []
    for place, lost in zip(axis.places(over), over.diverged, strict=True):
        at = x(float(place))
        triangle = f"{at - 6:.1f},{y - 7:.1f} {at + 7:.1f},{y:.1f} {at - 6:.1f},{y + 7:.1f}"
        parts.append(
            f'<polygon points="{triangle}" {look}/>'
            if lost
            else f'<circle cx="{at:.1f}" cy="{y:.1f}" r="6" {look}/>'
        )
    if not over.all_diverged:
        median = float(over.median)
        at = x(max(math.log10(median), axis.low) if median > 0 else axis.low)
        parts.append(f'<rect x="{at - 2:.1f}" y="{y - 16:.1f}" width="4" height="32" {look}/>')
    return parts


def _along(values: tuple[float, float], places: tuple[float, float]) -> Place:
    """Return what turns a value between two values into a place between two places."""
    (low, high), (first, last) = values, places
    return lambda value: first + (value - low) / (high - low) * (last - first)


def _logs(values: np.ndarray, low: float) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log10(values), low)


def _points(logs: np.ndarray, x: Place, y: Place) -> list[str]:
    return [f"{x(epoch):.1f},{y(float(log)):.1f}" for epoch, log in enumerate(logs, 1)]


def _line(logs: np.ndarray, x: Place, y: Place, colour: str, dashes: str = "") -> str:
    points = _points(logs, x, y)
    if len(points) == 1:  # a line needs two
        at, level = points[0].split(",")
        return f'<circle cx="{at}" cy="{level}" r="4" fill="{"none" if dashes else colour}" ' + (
            f'stroke="{colour}" stroke-width="2"/>'
        )
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="2.5"{dash}/>'
    )


def _ticks(low: int, high: int) -> list[int]:
    return [int(tick) for tick in powers(low, high)["tickvals"]]


def _epochs(epochs: int) -> list[int]:
    return [int(tick) for tick in whole_ticks(1, epochs)["tickvals"]]


def _level(y: Place, tick: int) -> str:
    return _at(y, tick, power_of_ten(tick))


def _at(y: Place, tick: float, text: str) -> str:
    label = _word(LEFT - 8, y(tick) + 5, text, anchor="end")
    return _rule(LEFT, y(tick), WIDTH - RIGHT, y(tick)) + label


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="currentColor" '
        'stroke-opacity="0.2"/>'
    )


def _word(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="14" '
        f'fill="currentColor">{escape(text)}</text>'
    )


def _picture(inside: str, height: float, alt: str) -> str:
    return (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'font-family="inherit">{inside}</svg>'
    )
