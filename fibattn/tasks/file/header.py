"""Whether the first row of a table holds the columns' names, and what the columns are called."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fibattn.tasks.file.cells import is_gap, is_number
from fibattn.tasks.file.times import is_time

Kind = Literal["number", "time", "gap", "word"]
# So many rows below the first are looked at.
LOOKED_AT = 50


@dataclass(frozen=True)
class Judged:
    """Whether the first row is a header, and whether it could as well not be."""

    has_header: bool
    doubt: bool = False


def judge(rows: Sequence[Sequence[str]]) -> Judged:
    """Return whether the first row is a header: its cells are of other kinds than those below.

    A word over numbers or dates speaks for a header, and so does a gap over dates or words: tables
    are written with an index that has no name. Numbers over numbers and dates over dates speak for
    data. Where both are found, words decide; where neither, it is a header.
    """
    first, below = rows[0], rows[1 : 1 + LOOKED_AT]
    if not below:
        return Judged(any(_kind(cell) == "word" for cell in first))
    pairs = [(_kind(cell), _usual([row[k] for row in below])) for k, cell in enumerate(first)]
    counts = Counter(pairs)
    same = counts["number", "number"] + counts["time", "time"]
    named = (
        sum(counts["word", kind] for kind in ("number", "time", "gap")) + counts["time", "number"]
    )
    if named:
        return Judged(True, doubt=named == 1 and same > 0 and not _counts_up(first))
    if same:
        return _of_numbers(rows, pairs)
    return Judged(True)


def _of_numbers(rows: Sequence[Sequence[str]], pairs: Sequence[tuple[Kind, Kind]]) -> Judged:
    """Judge a first row with numbers over numbers or dates over dates, and no word over either."""
    first = rows[0]
    nameless = sum(pair in (("gap", "time"), ("gap", "word")) for pair in pairs)
    if nameless:
        return Judged(True, doubt=first[0].strip() != "" or nameless > 1)
    counts_up = _counts_up(first) and not all(map(_counts_up, rows[1 : 1 + LOOKED_AT]))
    if any(pair == ("word", "word") for pair in pairs):
        return Judged(counts_up, doubt=True)
    if ("time", "time") in pairs:
        return Judged(False)
    return Judged(counts_up, doubt=counts_up or first[0].strip() in ("", "0"))


def _kind(cell: str) -> Kind:
    if is_gap(cell):
        return "gap"
    if is_number(cell):
        return "number"
    return "time" if is_time(cell) else "word"


def _usual(cells: Sequence[str]) -> Kind:
    """Return what most of the filled cells are; "gap" if none is filled."""
    filled = [cell for cell in cells if not is_gap(cell)]
    if not filled:
        return "gap"
    if 2 * sum(map(is_number, filled)) >= len(filled):
        return "number"
    # A few decide: dates are slow to read.
    return "time" if all(map(is_time, (filled[0], filled[-1]))) else "word"


def _counts_up(row: Sequence[str]) -> bool:
    """Return whether a row's numbers are whole and follow each other, as names 0, 1, 2 or years."""
    numbers = [cell.strip() for cell in row if is_number(cell)]
    if len(numbers) < 3 or not all(cell.isdecimal() and len(cell) < 10 for cell in numbers):
        return False
    values = list(map(int, numbers))
    return all(after - before == 1 for before, after in itertools.pairwise(values))


def names_of(header: Sequence[str]) -> list[str]:
    """Return a name for each column, no two the same; "column 2" for a second without one."""
    cleaned = [" ".join(name.split()) for name in header]
    wanted = [name or f"column {k}" for k, name in enumerate(cleaned, 1)]
    names: list[str] = []
    taken, used = set(wanted), set()
    for name in wanted:
        unique = name
        if name in used:
            unique = next(
                other for n in itertools.count(2) if (other := f"{name} ({n})") not in taken
            )
            taken.add(unique)
        used.add(unique)
        names.append(unique)
    return names
