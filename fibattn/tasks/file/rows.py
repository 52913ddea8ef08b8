"""Cutting a file's text into rows and fields, and the lines around the table off it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fibattn.tasks.file.around import MOST_AROUND, end_of_table, first_of_table
from fibattn.tasks.file.limits import MOST_COLUMNS, MOST_ROWS, Unreadable, too_many
from fibattn.tasks.file.raw import Odd, Wish
from fibattn.tasks.file.separator import counts, reader, separator_of
from fibattn.tasks.file.spaces import SPACE, around, marked


@dataclass(frozen=True)
class Cut:
    """A file's text, cut into fields.

    rows, lines: the rows of the table, all equally wide, and the line each begins in, from 1.
    titles, notes: the lines above and below the table.
    doubts: what could be cut otherwise, and a row of it; see `How`.
    """

    separator: str
    rows: list[list[str]]
    lines: list[int]
    titles: tuple[Odd, ...] = ()
    notes: tuple[Odd, ...] = ()
    doubts: Mapping[str, Odd] = field(default_factory=dict)


def cut(text: str, shown: str, wish: Wish) -> Cut:
    """Cut a text into rows.

    Lines of other widths above a header, and those of one field below the last row, are cut off.
    Blank lines and rows without any cell filled do not count at the ends; a blank line between the
    rows is a gap if there is one column, and nothing if there are more.

    Args:
        text: of the file.
        shown: its quoted name.
        wish: in which way to read what can be read in several.

    Raises Unreadable, with the line, if a row has another width or cannot be cut.
    """
    separator, doubt = separator_of(text, wish)
    rows, lines = _all_rows(text, separator, shown)
    if separator == SPACE:
        start, end = around(rows)
        rows = marked(rows)
    else:
        start, end = first_of_table(rows), end_of_table(rows)
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
    kept_rows, kept_lines = [row for row, _ in kept], [line for _, line in kept]
    second = min(1, len(kept) - 1)  # the first may hold names
    odd = Odd(kept_lines[second], separator.join(kept_rows[second]))
    doubts = {doubt: odd} if doubt else {}
    return Cut(separator, kept_rows, kept_lines, titles, notes, doubts)


def _line(row: Sequence[str], line: int) -> Odd:
    return Odd(line, ", ".join(cell.strip() for cell in row if cell.strip()))


def _read_rows(text: str, separator: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that counts and the line it begins in, blank lines as empty lists."""
    cutter = reader(text, separator)
    line = 1
    while True:
        try:
            row = next(cutter)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"{shown} cannot be cut into fields from line {line} on ({error}). A quotation "
                f"mark inside a quoted field must be doubled, and each one opened be closed."
            ) from None
        yield line, row if counts(row) else []
        line = cutter.line_num + 1


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
        f"Every line must have as many, separated by commas, semicolons, tabs or spaces."
        f"{hint if separator == ',' else ''}"
    )


def _fields(count: int) -> str:
    return f"{count:,} field{'s' * (count != 1)}"
