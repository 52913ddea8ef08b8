"""Cutting a file's text into rows and fields, and the lines around the table off it."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fibattn.tasks.file.cells import is_gap, is_number
from fibattn.tasks.file.limits import MOST_COLUMNS, MOST_ROWS, Unreadable, too_many
from fibattn.tasks.file.raw import Odd
from fibattn.tasks.file.times import is_time

# The first of these that cuts every line alike is taken. The comma is last because it may be a
# decimal comma.
SEPARATORS = ("\t", ";", "|", ",")
SNIFFED_LINES = 100
# So many lines may stand above the header, and so many below the last row.
MOST_AROUND = 20

_WHOLE = re.compile(r"\s*[+-]?\d+", re.ASCII)
_DIGITS = re.compile(r"\d+\s*", re.ASCII)


@dataclass(frozen=True)
class Cut:
    """A file's text, cut into fields.

    rows, lines: the rows of the table, all equally wide, and the line each begins in, from 1.
    titles, notes: the lines above and below the table.
    """

    separator: str
    rows: list[list[str]]
    lines: list[int]
    titles: tuple[Odd, ...] = ()
    notes: tuple[Odd, ...] = ()


def cut(text: str, shown: str, decimal: str | None = None) -> Cut:
    """Cut a text into rows.

    Lines of other widths above a header, and those of one field below the last row, are cut off.
    Blank lines and rows without any cell filled do not count at the ends; a blank line between the
    rows is a gap if there is one column, and nothing if there are more.

    Args:
        text: of the file.
        shown: its quoted name.
        decimal: the decimal sign, if the visitor has said which: it may keep a comma from
            separating.

    Raises Unreadable, with the line, if a row has another width or cannot be cut.
    """
    separator = _sniff(text, decimal)
    rows, lines = _all_rows(text, separator, shown)
    start, end = _first_of_table(rows), _end_of_table(rows)
    titles = tuple(_line(rows[k], lines[k]) for k in range(start) if any(rows[k]))
    notes = tuple(_line(rows[k], lines[k]) for k in range(end, len(rows)) if rows[k])
    width = len(rows[start])
    if width > MOST_COLUMNS:
        raise Unreadable(
            f"{shown} has {width:,} columns, but at most {MOST_COLUMNS:,} can be read."
        )
    table = zip(rows[start:end], lines[start:end], strict=True)
    kept = [(row or [""], line) for row, line in table if row or width == 1]
    for row, line in kept:
        if len(row) != width:
            raise _other_width(len(row), line, width, lines[start], shown, separator)
    while not any(cell.strip() for cell in kept[-1][0]):
        kept.pop()
    return Cut(separator, [row for row, _ in kept], [line for _, line in kept], titles, notes)


def _reader(text: str, separator: str) -> Any:
    # Strict, so that a stray quotation mark is an error and does not swallow the lines after it.
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )


def _counts(row: Sequence[str]) -> bool:
    return len(row) > 1 or bool(row and row[0].strip())


def _sniff(text: str, decimal: str | None) -> str:
    """Return the separator of `text`.

    That is one that cuts the first lines into the same number of fields, more than one, or all of
    them but those above a header and below the table; if none does, the one that cuts the first
    line into most, so that the error tells of it. A single column of numbers with a decimal comma
    counts as separated by semicolons, any other single column by commas.
    """
    sniffed = {separator: _sniffed(text, separator) for separator in SEPARATORS}
    for separator, rows in sniffed.items():
        widths = {len(row) for row in rows}
        if len(widths) == 1 and widths.isdisjoint({0, 1}):
            halved = separator == "," and decimal == "," and _is_halved(rows)
            return ";" if halved else separator
    for separator, rows in sniffed.items():
        start, end = _first_of_table(rows), _end_of_table(rows)
        if separator == "," and len(rows) > 1 and len(rows[0]) == 1 and _is_halved(rows[1:]):
            return ";"
        if {len(row) for row in rows[start:end]} == {len(rows[start])} and len(rows[start]) > 1:
            return separator
    return max(reversed(SEPARATORS), key=lambda separator: len(next(iter(sniffed[separator]))))


def _sniffed(text: str, separator: str) -> list[list[str]]:
    """Return the first rows that count, at least one; up to where the text cannot be cut."""
    rows: list[list[str]] = []
    try:
        for row in itertools.islice(_reader(text, separator), SNIFFED_LINES):
            if _counts(row):
                rows.append(row)
    except csv.Error:
        rows.append([])  # a width that no other row has
    return rows or [[""]]


def _is_halved(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether each row has two whole numbers: those before and after a decimal comma."""
    return all(
        len(row) == 2 and _WHOLE.fullmatch(row[0]) and _DIGITS.fullmatch(row[1]) for row in rows
    )


def _first_of_table(rows: Sequence[Sequence[str]]) -> int:
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


def _end_of_table(rows: Sequence[Sequence[str]]) -> int:
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


def _line(row: Sequence[str], line: int) -> Odd:
    return Odd(line, ", ".join(cell.strip() for cell in row if cell.strip()))


def _read_rows(text: str, separator: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that counts and the line it begins in, blank lines as empty lists."""
    reader = _reader(text, separator)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"{shown} cannot be cut into fields from line {line} on ({error}). A quotation "
                f"mark inside a quoted field must be doubled, and each one opened be closed."
            ) from None
        yield line, row if _counts(row) else []
        line = reader.line_num + 1


def _all_rows(text: str, separator: str, shown: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows from the first filled one to the last, and the line each begins in.

    There are not many more than a file may have: the rest is looked at, but not kept.
    """
    rows: list[list[str]] = []
    lines: list[int] = []
    filled = 0
    most = MOST_ROWS + 2 * MOST_AROUND
    for line, row in _read_rows(text, separator, shown):
        has_cells = any(cell.strip() for cell in row)
        if not (rows or has_cells):
            continue
        if len(rows) <= most:
            rows.append(row)
            lines.append(line)
            filled = len(rows) if has_cells else filled
        elif has_cells:
            raise too_many(shown)
    if not filled:
        raise Unreadable(f"{shown} is empty.")
    return rows[:filled], lines[:filled]


def _other_width(
    fields: int, line: int, width: int, first: int, shown: str, separator: str
) -> Unreadable:
    hint = " A decimal comma needs semicolons or tabs between the columns."
    return Unreadable(
        f"Line {line} of {shown} has {_fields(fields)}, but line {first} has {_fields(width)}. "
        f"Every line must have as many, separated by commas, semicolons or tabs."
        f"{hint if separator == ',' else ''}"
    )


def _fields(count: int) -> str:
    return f"{count:,} field{'s' * (count != 1)}"
