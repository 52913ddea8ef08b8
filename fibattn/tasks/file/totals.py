"""Rows at the end of a table that are no points in time: totals, averages, and the like."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOTAL = re.compile(
    r"(?:(?:grand|sub|overall|running|annual|column)[ -]?)?"
    r"(?:totals?|sum|averages?|avg\.?|mean|median|std\.?|stdev|min|max|minimum|maximum|count"
    r"|summe|gesamt|insgesamt|mittelwert|durchschnitt|moyenne|somme|promedio|totale|media)"
    r"(?: [\w ]{1,20})?:?",
    re.IGNORECASE,
)
MOST_TOTALS = 5


def totals_at_end(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the last rows are totals: their first filled cell says so.

    None are if a row further above says so too: then it is what these rows are about.
    """
    count = 0
    while count < min(MOST_TOTALS, len(rows) - 1) and _is_total(rows[-1 - count]):
        count += 1
    return 0 if any(map(_is_total, rows[: len(rows) - count])) else count


def _is_total(row: Sequence[str]) -> bool:
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return _TOTAL.fullmatch(first) is not None
