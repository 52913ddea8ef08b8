"""Which is the decimal sign of a file: the point or the comma."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from fibattn.quoting import quoted
from fibattn.tasks.file.cells import SPACES
from fibattn.tasks.file.limits import Unreadable
from fibattn.tasks.file.raw import Odd

_AROUND = r"[^\w\n,.]*"


def _pattern(*forms: str) -> re.Pattern[str]:
    either = "|".join(forms)
    return re.compile(rf"^{_AROUND}(?:{either})(?:[eE][+-]?\d+)?{_AROUND}$", re.M | re.ASCII)


def _sure(sign: str, other: str) -> re.Pattern[str]:
    """Return the pattern of numbers in which `sign` can only be the decimal sign."""
    return _pattern(
        rf"\d+{sign}(?:\d{{1,2}}|\d{{4,}})",
        rf"0+{sign}\d+",
        rf"\d{{4,}}{sign}\d+",
        rf"{sign}\d+",
        rf"\d{{1,3}}(?:[{other}'’{SPACES}]\d{{3}})+{sign}\d+",
        rf"\d{{1,3}}(?:{other}\d{{3}}){{2,}}",
    )


SURE = {".": _sure(r"\.", ","), ",": _sure(",", r"\.")}
# 1,234 may be a thousand or a little more than one.
OPEN = {".": _pattern(r"[1-9]\d{0,2}\.\d{3}"), ",": _pattern(r"[1-9]\d{0,2},\d{3}")}


# Beside 1.234 a whole number as 987 is as large only if the point stands between thousands.
_HUNDREDS = re.compile(r"[+-]?[1-9]\d{2}", re.ASCII)


@dataclass(frozen=True)
class Sign:
    """The decimal sign, and a cell that leaves it open if no other decides."""

    sign: str
    doubt: Odd | None = None


def decimal_sign(
    columns: Sequence[Sequence[str]], lines: Sequence[int], separator: str, shown: str
) -> Sign:
    """Return the decimal sign of all the numbers of a file.

    The numbers in which only one reading is possible decide, by their majority; the others then
    are no numbers. Where none decides, a comma separates thousands and a point is decimal; between
    semicolons both are decimal. But where whole hundreds stand beside, either separates thousands.

    Raises Unreadable where as many numbers speak for one sign as for the other.
    """
    sure = {".": 0, ",": 0}
    first: dict[str, int] = {}  # the column in which each is found first
    for k, cells in enumerate(columns):
        text = "\n".join(cells)
        if "," not in text and "." not in text:
            continue
        for sign in ",.":
            # A hundred of a column are as good as all, and quicker.
            if count := sum(1 for _ in itertools.islice(SURE[sign].finditer(text), 100)):
                sure[sign] += count
                first.setdefault(sign, k)
            elif OPEN[sign].search(text):
                first.setdefault(f"open {sign}", k)
    if sure["."] == sure[","] > 0:
        places = {sign: _first(columns[first[sign]], SURE[sign], lines) for sign in ",."}
        comma, point = (f"{quoted(odd.text)} in line {odd.line}" for odd in places.values())
        raise Unreadable(
            f"{shown} has {comma} and {point}, so it is not clear which is the decimal sign. Write "
            f"all numbers with the same one, and none for thousands."
        )
    if sure["."] or sure[","]:
        return Sign(max(sure, key=lambda sign: sure[sign]))
    open_signs = [sign for sign in ",." if f"open {sign}" in first]
    if not open_signs:
        return Sign(".")
    sign = open_signs[0]
    return _of_open(sign, columns[first[f"open {sign}"]], lines, separator, len(open_signs) == 1)


def _of_open(
    sign: str, column: Sequence[str], lines: Sequence[int], separator: str, is_alone: bool
) -> Sign:
    """Return the decimal sign where `column` has `sign` in numbers such as 1,234 or 1.234 only.

    is_alone: whether the other sign is in no number.
    """
    odd = _first(column, OPEN[sign], lines)
    if is_alone and any(_HUNDREDS.fullmatch(cell.strip()) for cell in column):
        return Sign("." if sign == "," else ",", odd)
    if separator == "," and sign == ".":  # as nearly always
        return Sign(".")
    return Sign(sign if separator == ";" and is_alone else ".", odd)


def _first(cells: Sequence[str], pattern: re.Pattern[str], lines: Sequence[int]) -> Odd:
    row = next(row for row, cell in enumerate(cells) if pattern.search(cell))
    return Odd(lines[row], cells[row])
