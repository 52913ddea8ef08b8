"""Choosing among a file's columns: the likely target, gaps, and the table that is trained on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from fibattn.quoting import quoted
from fibattn.tasks.file.clock import is_called_time
from fibattn.tasks.file.limits import Unreadable
from fibattn.tasks.file.raw import LeftOut, Raw
from fibattn.tasks.file.table import Table

MOST_FEATURES = 8

# What people call a column they want predicted, the likeliest first.
_WANTED = (
    r"target|label|y",
    r"close|closing price|last price|last|adj\.? ?close",
    r"(?:.* )?(?:price|value|sales|demand|load|consumption|rate|total|count|temp|temperature)",
)
# What is seldom what somebody wants predicted.
_BESIDE = re.compile(
    r"(?:.*[ _])?(?:volume|vol\.?|id|index|no\.?|nr\.?|code|flag|weekday|day ?of ?week|wochentag"
    r"|open|zip|zip ?code|plz|post ?code|lat|latitude|lon|lng|longitude|version|unnamed: \d+)"
    r"|(?:is|has)[ _].*",
    re.IGNORECASE,
)


def likely_target(raw: Raw) -> str:
    """Return the numeric column that is likeliest the one to predict.

    One with a name for it; or else the first that is neither time nor constant, counts no rows, and
    is not beside the point, as a volume, a place or TRUE and FALSE are; or else the last.
    """
    time = raw.how.time.column if raw.how.time else None
    columns = [name for name in raw.columns if name != time and _varies(raw.columns[name])]
    for pattern in _WANTED:
        for name in columns:
            if re.fullmatch(pattern, name.replace("_", " "), re.IGNORECASE):
                return name
    first = raw.how.names[0] if raw.how.names else ""
    plain = [
        name
        for name in columns
        if not (
            _BESIDE.fullmatch(name)
            or is_called_time(name, name == first)
            or "T" in raw.how.signs.get(name, ())
            or (name == first and _counts_up(raw.columns[name]))
        )
    ]
    return next(iter(plain or columns), list(raw.columns)[-1])


def _counts_up(values: np.ndarray) -> bool:
    """Return whether numbers rise in equal steps, as those of a clock or of rows do."""
    steps = np.diff(values)
    return len(steps) > 1 and steps[0] > 0 and bool(np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def _varies(values: np.ndarray) -> bool:
    return bool(np.nanmin(values) < np.nanmax(values)) if np.isfinite(values).any() else False


def gaps(raw: Raw, columns: Sequence[str]) -> str | None:
    """Return a sentence that says where these columns of `raw` have gaps, or None if nowhere.

    Raises KeyError if one is not a numeric column of `raw`.
    """
    found = []
    for column in dict.fromkeys(columns):
        missing = np.isnan(raw.columns[column])
        count = int(missing.sum())
        if count:
            first = ", ".join(str(line) for line in raw.lines[missing][:3])
            found.append(
                f"{count:,} in {quoted(column)} (line{'s' * (count > 1)} {first}"
                f"{', …' * (count > 3)})"
            )
    if not found:
        return None
    listed = " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else found[0]
    return f"{quoted(raw.name)} has gaps: {listed}."


def choose(
    raw: Raw,
    target: str,
    features: Sequence[str],
    on_gaps: Literal["refuse", "drop", "interpolate"] = "refuse",
) -> Table:
    """Return the chosen columns of `raw` as a table.

    The target's own past is an input anyway, so a target among the features is left out, and so
    is a feature named twice. Gaps are refused; or the rows that have one are dropped; or gaps are
    filled along a straight line between their neighbours, at the ends with the nearest value.

    Raises Unreadable, with a sentence, for a column that is absent, not numeric, empty, constant
    or beyond what float64 can scale, for more than `MOST_FEATURES` features, for gaps that are
    refused, and when no row is left.
    """
    if on_gaps not in ("refuse", "drop", "interpolate"):
        raise ValueError(
            f"on_gaps is {on_gaps!r}, but it must be 'refuse', 'drop' or 'interpolate'."
        )
    chosen = tuple(feature for feature in dict.fromkeys(features) if feature != target)
    if len(chosen) > MOST_FEATURES:
        raise Unreadable(
            f"{len(chosen)} feature columns are chosen, but there may be at most {MOST_FEATURES}."
        )
    columns = (target, *chosen)
    for column in columns:
        _check_numeric(raw, column)
    values = np.column_stack([raw.columns[column] for column in columns])
    missing = np.isnan(values)
    if missing.any() and on_gaps == "refuse":
        raise Unreadable(
            f"{gaps(raw, columns)} Drop the rows with gaps or fill the gaps by interpolation."
        )
    if on_gaps == "drop":
        values = _complete(values[~missing.any(axis=1)])
    when = " after the rows with gaps were dropped" if len(values) < raw.rows else ""
    for column, numbers in zip(columns, values.T, strict=True):
        _check_varied("target" if column == target else "feature", column, numbers, when)
    if on_gaps == "interpolate":
        values = np.column_stack([_interpolate(numbers) for numbers in values.T])
    return Table(raw.name, target, chosen, values)


def _complete(rows: np.ndarray) -> np.ndarray:
    """Return the rows without a gap as they are, if there are any."""
    if not len(rows):
        raise Unreadable(
            "Every row has a gap in one of the chosen columns, so dropping them leaves nothing. "
            "Fill the gaps by interpolation or choose fewer columns."
        )
    return rows


def _check_numeric(raw: Raw, column: str) -> None:
    """Raise Unreadable unless `column` holds at least one number."""
    if column in raw.skipped:
        raise Unreadable(_why_not_numeric(column, raw.skipped[column]))
    if column not in raw.columns:
        raise Unreadable(
            f"{quoted(raw.name)} has no column {quoted(column)}. Choose one of its own."
        )
    if np.isnan(raw.columns[column]).all():
        raise Unreadable(f"The column {quoted(column)} is empty. Choose another column.")


def _why_not_numeric(column: str, odd: LeftOut) -> str:
    """Return why a column cannot be chosen."""
    if odd.why == "empty":
        return f"The column {quoted(column)} is empty. Choose another column."
    if odd.why == "digits":
        return (
            f"The column {quoted(column)} has integers with more digits than float64 tells apart, "
            f"as {quoted(odd.text)} in line {odd.line}. Subtract the same number from all of them, "
            f"or choose another column."
        )
    return (
        f"The column {quoted(column)} is not numeric: {quoted(odd.text)} in line {odd.line} is "
        f"neither a number nor empty. Choose another column."
    )


def _written(number: float) -> str:
    """Return a number in full if it is whole and has no more digits than float64 holds."""
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e21 else f"{number:g}"


def _check_varied(role: str, column: str, values: np.ndarray, when: str) -> None:
    """Raise Unreadable if `values`, gaps left out, cannot be scaled to reach from 0 to 1."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low == high:
        raise Unreadable(
            f"The {role} column {quoted(column)} is {_written(low)} in every row{when}, so there "
            f"is nothing to {'predict' if role == 'target' else 'learn from it'}. Choose another "
            f"column."
        )
    with np.errstate(all="ignore"):
        width = np.float64(high) - low
        scalable = np.isfinite(width) and np.isfinite(1 / width)
    if not scalable:
        raise Unreadable(
            f"The {role} column {quoted(column)} reaches from {low:g} to {high:g}, which float64 "
            f"cannot scale. Write it in another unit."
        )


def _interpolate(values: np.ndarray) -> np.ndarray:
    """Return (rows,) `values` with NaN filled in linearly; at least one is a number."""
    missing = np.isnan(values)
    rows = np.arange(len(values))
    filled = values.copy()
    filled[missing] = np.interp(rows[missing], rows[~missing], values[~missing])
    return filled
