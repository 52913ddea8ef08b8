"""Where the table begins and ends in a file: titles stand above it, and notes below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fibattn.tasks.file.cells import is_gap, is_number
from fibattn.tasks.file.times import is_time

# So many lines may stand above the header, and so many below the last row.
MOST_AROUND = 20
# By so many of the first lines it is decided how wide a table is.
SNIFFED_LINES = 100


def first_of_table(rows: Sequence[Sequence[str]]) -> int:
    """Return the index of the first row that is no title: a line of its own above a header."""
    widths = Counter(len(row) for row in rows[:SNIFFED_LINES] if len(row) > 1)
    if not widths:
        return 0
    width = widths.most_common(1)[0][0]
    for k, row in enumerate(rows[: MOST_AROUND + 1]):
        if len(row) != width or _is_part(row):
            continue
        return k if k and _is_header_below_titles(row, rows[:k], rows[k + 1 :]) else 0
    return 0


def _is_part(row: Sequence[str]) -> bool:
    """Return whether a row has empty cells and no number, as titles in a spreadsheet have."""
    return any(is_gap(cell) for cell in row) and not any(is_number(cell) for cell in row)


def _is_header_below_titles(
    row: Sequence[str], above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]
) -> bool:
    """Return whether a row holds names, and those above it are titles.

    Titles as wide as the table need nothing but names below, and then a row with a number: they
    could be rows too.
    """
    numbers = sum(is_number(cell) for cell in row)
    if any(len(each) == len(row) for each in above):
        names = not numbers and not any(is_gap(cell) or is_time(cell) for cell in row)
        return names and any(is_number(cell) for each in below[:1] for cell in each)
    return numbers + sum(is_gap(cell) for cell in row) < len(row)


def end_of_table(rows: Sequence[Sequence[str]]) -> int:
    """Return the index behind the last row that is no note: a line of one field below a table."""
    widths = Counter(len(row) for row in rows[:SNIFFED_LINES])
    width = widths.most_common(1)[0][0]
    end = len(rows)
    while width > 1 and end > 1 and len(rows) - end < MOST_AROUND:
        row = rows[end - 1]
        if len(row) > 1 or (row and is_number(row[0])):
            break
        end -= 1
    return end
