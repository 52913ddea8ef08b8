"""What is known of a file once it is read: its numbers, and how they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

# "file": as the rows stand in the file; "turned": the last row first; "time": by the column of
# time, oldest first.
Order = Literal["file", "turned", "time"]


@dataclass(frozen=True)
class Odd:
    """A cell, or the beginning of a row, that is worth a word: its line, from 1, and its text."""

    line: int
    text: str


@dataclass(frozen=True)
class LeftOut(Odd):
    """Why a column is not numeric, and the first cell that makes it so.

    why: "words" for cells that are neither numbers nor gaps, "digits" for integers with more digits
        than float64 tells apart, "empty" for a column with a name and no cell filled.
    """

    why: Literal["words", "digits", "empty"] = "words"


@dataclass(frozen=True)
class Counted(Odd):
    """Cells of one kind in one column: how many, and the first of them."""

    count: int = 1
    column: str = ""


@dataclass(frozen=True)
class Wish:
    """How a visitor wants a file read; None leaves it to what the file looks like.

    header: whether the first row holds the names of the columns.
    decimal: the decimal sign, "." or ",".
    order: in which order the rows are taken.
    codes: whether numbers such as −999, far from all others, are missing values.
    totals: whether rows without a time, such as “Total”, are left out.
    days: what stands first in 1/2/2020, "day" or "month".
    spaces: what spaces separate in 1 234, "columns" or "thousands".
    """

    header: bool | None = None
    decimal: str | None = None
    order: Order | None = None
    codes: bool | None = None
    totals: bool | None = None
    days: Literal["day", "month"] | None = None
    spaces: Literal["columns", "thousands"] | None = None


@dataclass(frozen=True)
class Time:
    """The column that looks like time, and how it runs from the file's first row to its last.

    odd: where it is "mixed", the first cell that is earlier than the one before.
    within: the column that tells rows of the same time apart, as the hour does those of a day.
    again: the first cell with a time that stands there before, whatever is within it.
    other: "day" or "month" if that could as well stand first in each date, in another order.
    """

    column: str
    runs: Literal["rising", "falling", "mixed"]
    odd: Odd | None = None
    within: str = ""
    again: Odd | None = None
    other: str = ""


@dataclass(frozen=True)
class How:
    """How a file was read.

    separator: what stands between the columns.
    has_header: whether the first row was read as the columns' names.
    decimal: the decimal sign, "." or ",".
    order, time: in which order the rows are, and the column of time if there is one.
    titles, ends: the lines above the header, and the rows that are no points in time, such as a
        total at the end, that were left out.
    timeless: the rows that were kept though they have no time.
    odd: by column, the cells that are no numbers in a column of numbers: read as missing.
    signs: by column and sign, the cells with more than digits that were read as numbers: "$", "%",
        "(" for negative, "," for thousands, "T" for TRUE and FALSE.
    missing: by text, what was read as missing beside empty cells.
    codes: by column, the number that stands for missing, as −999.
    doubts: the fields of `Wish` that could as well be otherwise, and the cell that leaves it open;
        "halves" if 1,37 is either one number or two columns, which `Wish.decimal` decides.
    head: the first rows as they were taken, as text, in the order of `names`.
    names: all columns in the file's order, kept or not.
    """

    separator: str = ","
    has_header: bool = True
    decimal: str = "."
    order: Order = "file"
    time: Time | None = None
    titles: tuple[Odd, ...] = ()
    ends: tuple[Odd, ...] = ()
    timeless: Counted | None = None
    odd: Mapping[str, Counted] = field(default_factory=dict)
    signs: Mapping[str, Mapping[str, Counted]] = field(default_factory=dict)
    missing: Mapping[str, Counted] = field(default_factory=dict)
    codes: Mapping[str, Counted] = field(default_factory=dict)
    doubts: Mapping[str, Odd] = field(default_factory=dict)
    head: tuple[tuple[str, ...], ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Raw:
    """The numbers of a file, before any columns are chosen.

    columns: each numeric column's name and values, (rows,) float64, NaN where there is a gap.
    skipped: the columns that are not numeric, such as dates, by name, and what makes them so.
    lines: (rows,) int64, the line of the file each row begins in, from 1.
    The arrays are read-only, and the rows in the order of `how.order`.
    """

    name: str
    columns: dict[str, np.ndarray]
    skipped: dict[str, LeftOut]
    lines: np.ndarray
    how: How = How()

    @property
    def rows(self) -> int:
        """How many rows there are, the header left out."""
        return len(self.lines)

    @property
    def has_header(self) -> bool:
        """Whether the first row was read as the columns' names."""
        return self.how.has_header
