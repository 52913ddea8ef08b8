"""Columns that are separated by spaces, which may also stand within a cell.

They are taken only where nothing else is likely: a table is refused rather than misread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fibattn.tasks.file.around import SNIFFED_LINES
from fibattn.tasks.file.cells import are_few, is_gap, is_number
from fibattn.tasks.file.times import is_time

SPACE = " "

# A space between digits, which may stand between thousands.
_BETWEEN_DIGITS = re.compile(r"\d +\d", re.ASCII)
_FIELD = re.compile(r'"[^"]*"|[^ ]+')


def table_of(text: str, rows: list[list[str]]) -> list[list[str]] | None:
    """Return the header and the rows of a table separated by spaces; None if there is none.

    Each row has as many fields, more than one, and each field stands below the same field of the
    other rows: otherwise empty cells of fixed columns have been closed up.

    Args:
        text: of the file.
        rows: the first of it, cut at spaces.
    """
    start, end = around(rows)
    table = marked(rows)[start:end]
    widths = {len(row) for row in table}
    if len(table) < 2 or len(widths) != 1 or widths & {0, 1}:
        return None
    return table if _is_aligned(text.splitlines(), len(table[0])) else None


def marked(rows: list[list[str]]) -> list[list[str]]:
    """Return rows without the space at their ends, the header as wide as they are.

    Of a header these are left out: the "#" before it, as NumPy writes it. One that lacks a name for
    the first column, as R writes it where that counts the rows, gets an empty one.
    """
    rows = [row[:-1] if len(row) > 1 and not row[-1] else row for row in rows]
    start = around(rows)[0]
    header, below = rows[start], [row for row in rows[start + 1 :] if row]
    if header[:1] == ["#"] and below and len(header) == len(below[0]) + 1:
        header = header[1:]
    elif len(header) > 1 and _lacks_first(header, below):
        header = ["", *header]
    return [*rows[:start], header, *rows[start + 1 :]]


def _lacks_first(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a header has a name less than there are columns, the first of which counts."""
    return (
        len(below) > 1
        and all(len(row) == len(header) + 1 for row in below)
        and all(row[0] == str(number) for number, row in enumerate(below, 1))
        and all(is_number(row[-1]) or is_gap(row[-1]) for row in below)
    )


def around(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return where the table begins, with the row above the first number, and where it ends."""
    numeric = [k for k, row in enumerate(rows) if any(is_number(cell) for cell in row)]
    if not numeric:
        return 0, len(rows)
    first, last = numeric[0], numeric[-1]
    while last + 1 < len(rows) and all(is_gap(c) or is_time(c) for c in rows[last + 1]):
        last += 1
    start = max(0, first - 1)
    while start > 0 and not rows[start]:
        start -= 1
    return start, last + 1


def _is_aligned(lines: Sequence[str], width: int) -> bool:
    """Return whether fields stand below each other, where more than one space separates them."""
    lines = lines[:SNIFFED_LINES]
    found = [[match.span() for match in _FIELD.finditer(line)] for line in lines]
    spans = [each for each in found if len(each) == width]
    if not any("  " in line.strip() for line in lines):
        return True
    return all(
        max(start for start, _ in column) < min(end for _, end in column)
        or len({start for start, _ in column}) == 1
        for column in zip(*spans, strict=True)
    )


def comma_is_decimal(table: Sequence[Sequence[str]]) -> bool:
    """Return whether commas are decimal and spaces separate, as in 1,5 2,5.

    A header decides it in which spaces separate and no comma does; without one all numbers must
    have a comma.
    """
    header, below = table[0], table[1:]
    if any(is_number(cell) for cell in header):
        return all(_is_decimal(cell) for row in table for cell in row)
    cells = [cell for row in below for cell in row]
    return (
        not any("," in cell for cell in header)
        and all(_is_cell(cell) for cell in cells)
        and any(_is_decimal(cell) for cell in cells)
    )


def _is_decimal(cell: str) -> bool:
    return is_number(cell) and "," in cell.strip(",")


def _is_cell(cell: str) -> bool:
    if cell.endswith(","):
        return False
    return is_number(cell) or is_gap(cell) or is_time(cell)


def is_one_number(cells: Sequence[str]) -> bool:
    """Return whether lines are one number each below a header, but for a few."""
    below = cells[1:]
    numbers = sum(is_number(cell) for cell in below)
    return numbers > 0 and are_few(len(below) - numbers, numbers)


def are_thousands(cells: Sequence[str]) -> bool:
    """Return whether there are numbers with spaces between digits, which could be two columns."""
    return any(_BETWEEN_DIGITS.search(cell) for cell in cells[1:] if is_number(cell))
