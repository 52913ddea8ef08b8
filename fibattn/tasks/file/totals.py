"""Rows of a table that are no points in time: totals, averages, units, and the like."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOTAL = re.compile(
    r"(?:(?:grand|sub|overall|running|annual|column|year|monthly|weekly|daily)[ -]?)?"
    r"(?:totals?|sum|averages?|avg\.?|mean|median|std\.?|stdev|min|max|minimum|maximum|count"
    r"|(?:gesamt|jahres|zwischen|quartals|monats)?summe|gesamt|insgesamt|mittel|mittelwert"
    r"|durchschn\.?|durchschnitt|moyenne|somme|promedio|totale|totaal|suma|media|итого|合計|Σ|Ø)"
    r"(?: [\w ]{1,20}| ?\(.{1,20}\))?:?",
    re.IGNORECASE,
)
MOST_TOTALS = 5
MOST_ABOVE = 2


def rows_without_time(
    has_none: Sequence[bool], rows: Sequence[Sequence[str]], cells: Sequence[str]
) -> list[int]:
    """Return the rows that are no points in time, where the others are.

    Those are a few at the end, as a total; at the beginning, as a row of units or the balance
    before the first day; and those between them that are called totals.

    Args:
        has_none: of each row, whether its cell of time is none, nor has the looks of one.
        rows: of the table.
        cells: of the column of time.
    """
    above = next((k for k, none in enumerate(has_none) if not none), 0)
    below = next((k for k, none in enumerate(reversed(has_none)) if not none), 0)
    found = {k for k, none in enumerate(has_none) if none and _is_total(rows[k])}
    if above <= MOST_ABOVE:
        found |= {k for k in range(above) if not any(map(str.isdigit, cells[k]))}
    if below <= MOST_TOTALS:
        found |= set(range(len(rows) - below, len(rows)))
    return sorted(found)


def totals_at_end(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the last rows are totals: their first filled cell says so.

    None are if a row further above says so too: then it is what these rows are about.
    """
    count = 0
    while count < min(MOST_TOTALS, len(rows) - 1) and _is_total(rows[-1 - count]):
        count += 1
    return 0 if any(map(_is_total, rows[: len(rows) - count])) else count


def _is_total(row: Sequence[str]) -> bool:
    return is_total(next((cell for cell in row if cell.strip()), ""))


def is_total(cell: str) -> bool:
    """Return whether a cell calls its row a total, an average or the like."""
    return _TOTAL.fullmatch(cell.strip()) is not None
