"""What stands between the columns of a file."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Sequence
from typing import Any

from fibattn.tasks.file.around import SNIFFED_LINES, end_of_table, first_of_table
from fibattn.tasks.file.raw import Wish
from fibattn.tasks.file.spaces import (
    SPACE,
    are_thousands,
    comma_is_decimal,
    is_one_number,
    table_of,
)

# The first of these that cuts every line alike is taken. The comma is last because it may be a
# decimal comma; a space may stand in any cell, and separates only where none of these does.
SEPARATORS = ("\t", ";", "|", ",")

_WHOLE = re.compile(r"\s*[+-]?\d+", re.ASCII)
_DIGITS = re.compile(r"\d+\s*", re.ASCII)
_YEAR = re.compile(r"\s*(?:1[6-9]|20)\d\d", re.ASCII)
# The largest number of minutes, and of months and days too.
_LARGEST_OF_TIME = 59


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
    them but those above a header and below the table; if none does, spaces if they do; else the one
    that cuts the first line into most, so that the error tells of it. A single column of numbers
    with a decimal comma counts as separated by semicolons, any other single column by commas.
    """
    sniffed = {separator: _sniffed(text, separator) for separator in SEPARATORS}
    # Where they separate nothing there is no such table.
    spaced = None if wish.spaces == "thousands" else table_of(text, _sniffed(text, SPACE))
    if spaced and wish.spaces == "columns":
        return SPACE, None
    for separator, rows in sniffed.items():
        if separator == "," and spaced and comma_is_decimal(spaced):
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
    if len(sniffed[most][0]) > 1 or not spaced:
        return most, None
    if not is_one_number([row[0] if row else "" for row in sniffed[most]]):
        return SPACE, None
    return most, "spaces" if are_thousands([row[0] for row in sniffed[most]]) else None


def _sniffed(text: str, separator: str) -> list[list[str]]:
    """Return the first rows that count, at least one; up to where the text cannot be cut."""
    rows: list[list[str]] = []
    try:
        for row in itertools.islice(reader(text, separator), SNIFFED_LINES):
            if counts(row):
                rows.append(row)
    except csv.Error:
        rows.append([])  # a width that no other row has
    return rows or [[""]]


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    widths = {len(row) for row in rows}
    return len(widths) == 1 and widths.isdisjoint({0, 1})


def _of_commas(rows: Sequence[Sequence[str]], wish: Wish) -> tuple[str, str | None]:
    """Return what separates rows that commas cut: they may be decimal commas of a single column.

    A whole number does not begin with 0, but a month, a day or a minute may; and of decimals there
    are often equally many.
    """
    if not _is_halved(rows):
        return ",", None
    if wish.decimal:
        return (";" if wish.decimal == "," else ","), None
    after = [row[1].strip() for row in rows]
    is_time = all(int(digits) <= _LARGEST_OF_TIME for digits in after) or all(
        _YEAR.fullmatch(row[0]) for row in rows
    )
    has_zero = any(len(digits) > 1 and digits[0] == "0" for digits in after)
    if has_zero and not is_time:
        return ";", "halves"
    return ",", "halves" if len({len(digits) for digits in after}) == 1 else None


def _is_halved(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether each row has two whole numbers: those before and after a decimal comma."""
    return all(
        len(row) == 2 and _WHOLE.fullmatch(row[0]) and _DIGITS.fullmatch(row[1]) for row in rows
    )
