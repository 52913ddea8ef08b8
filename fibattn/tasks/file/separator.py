"""What stands between the columns of a file."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from typing import Any

from fibattn.tasks.file.around import SNIFFED_LINES, end_of_table, first_of_table
from fibattn.tasks.file.cells import is_number
from fibattn.tasks.file.raw import Wish

# The first of these that cuts every line alike is taken. The comma is last because it may be a
# decimal comma; a space may stand in any cell, and separates only where none of these does.
SEPARATORS = ("\t", ";", "|", ",")
SPACE = " "

_WHOLE = re.compile(r"\s*[+-]?\d+", re.ASCII)
_DIGITS = re.compile(r"\d+\s*", re.ASCII)
_SPACED = re.compile(r"\d +[+\-\d]", re.ASCII)


def reader(text: str, separator: str) -> Any:
    """Return what cuts a text into rows of fields; of several spaces in a row each is one."""
    # Strict, so that a stray quotation mark is an error and does not swallow the lines after it.
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )


def counts(row: Sequence[str]) -> bool:
    """Return whether a row is more than a blank line."""
    return len(row) > 1 or bool(row and row[0].strip())


def separator_of(text: str, wish: Wish) -> tuple[str, str | None]:
    """Return the separator of a text, and what could be otherwise, if anything; see `How.doubts`.

    That is one that cuts the first lines into the same number of fields, more than one, or all of
    them but those above a header and below the table; if none does, the one that cuts the first
    line into most, so that the error tells of it. A single column of numbers with a decimal comma
    counts as separated by semicolons, any other single column by commas.
    """
    sniffed = {separator: _sniffed(text, separator) for separator in SEPARATORS}
    spaced = with_names_of_rows(_sniffed(text, SPACE))
    for separator, rows in sniffed.items():
        if separator == "," and _is_spaced(rows, spaced):
            return SPACE, None
        if _is_even(rows):
            return _of_commas(rows, wish) if separator == "," else (separator, None)
    for separator, rows in sniffed.items():
        start, end = first_of_table(rows), end_of_table(rows)
        if separator == "," and len(rows) > 1 and len(rows[0]) == 1 and _is_halved(rows[1:]):
            return ";", None
        if _is_even(rows[start:end]):
            return separator, None
    most = max(reversed(SEPARATORS), key=lambda separator: len(next(iter(sniffed[separator]))))
    if len(sniffed[most][0]) <= 1 and _is_even(
        spaced[first_of_table(spaced) : end_of_table(spaced)]
    ):
        return _of_spaces(sniffed[most], wish)
    return most, None


def _sniffed(text: str, separator: str) -> list[list[str]]:
    """Return the first rows that count, at least one; up to where the text cannot be cut."""
    rows: list[list[str]] = []
    try:
        for row in itertools.islice(reader(text, separator), SNIFFED_LINES):
            if counts(row):
                rows.append(without_mark(row) if separator == SPACE else row)
    except csv.Error:
        rows.append([])  # a width that no other row has
    return rows or [[""]]


def without_mark(row: list[str]) -> list[str]:
    """Return a row of a file with spaces, without the "#" before names and the space at the end."""
    start, end = row[:1] == ["#"], len(row) - (len(row) > 1 and not row[-1])
    return row[start:end]


def with_names_of_rows(rows: list[list[str]]) -> list[list[str]]:
    """Return rows whose header has a name for each column but the first, as R writes them, even."""
    below = rows[1 : SNIFFED_LINES + 1]
    width = len(rows[0])
    if width < 2 or any(is_number(cell) for cell in rows[0]):
        return rows
    if not below or any(len(row) not in (0, width + 1) for row in below):
        return rows
    first = next((row for row in below if row), [])
    return [["", *rows[0]], *rows[1:]] if any(map(is_number, first)) else rows


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    widths = {len(row) for row in rows}
    return len(widths) == 1 and widths.isdisjoint({0, 1})


def _of_commas(rows: Sequence[Sequence[str]], wish: Wish) -> tuple[str, str | None]:
    """Return what separates rows that commas cut: they may be decimal commas of a single column.

    A whole number does not begin with 0; and of decimals there are often equally many.
    """
    if not _is_halved(rows):
        return ",", None
    if wish.decimal:
        return (";" if wish.decimal == "," else ","), None
    after = [row[1].strip() for row in rows]
    if any(len(digits) > 1 and digits[0] == "0" for digits in after):
        return ";", "halves"
    return ",", "halves" if len({len(digits) for digits in after}) == 1 else None


def _is_halved(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether each row has two whole numbers: those before and after a decimal comma."""
    return all(
        len(row) == 2 and _WHOLE.fullmatch(row[0]) and _DIGITS.fullmatch(row[1]) for row in rows
    )


def _is_spaced(by_comma: Sequence[Sequence[str]], by_space: Sequence[Sequence[str]]) -> bool:
    """Return whether commas are decimal, and spaces separate: 1,5 2,5."""
    below = by_space[1:]
    return (
        _is_even(by_space)
        and bool(below)
        and all(is_number(cell) and not cell.endswith(",") for row in below for cell in row)
        and any(_SPACED.search(cell) for row in by_comma[1:] for cell in row)
        and any("," in cell for row in below for cell in row)
    )


def _of_spaces(rows: Sequence[Sequence[str]], wish: Wish) -> tuple[str, str | None]:
    """Return what separates rows that only spaces cut: they may stand between thousands."""
    below = rows[1:]
    if not below or not all(row and is_number(row[0]) for row in below):
        return SPACE, None
    if wish.spaces:
        return (SPACE if wish.spaces == "columns" else ","), None
    return ",", "spaces"
