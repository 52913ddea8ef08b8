"""Reading the cells of one column: numbers, gaps, and what is neither."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

# How people, programs and statistics offices write that a value is missing, in any case.
GAPS = frozenset(
    (
        *(
            "",
            "-",
            "--",
            "–",
            "—",
            ".",
            "..",
            "...",
            "…",
            "?",
            ":",
            "*",
            "nan",
            "na",
            "n/a",
            "n.a.",
        ),
        *("#n/a", "null", "nil", "none", "missing", "#value!", "#ref!", "#div/0!", "#num!"),
    )
)
TRUTH = {"true": 1.0, "false": 0.0}
# Cells of these characters only are numbers exactly if `float` takes them: no underscores, no
# digits of other scripts, no "nan" and no "inf" among them.
_PLAIN = frozenset("0123456789+-.eE \t\n\r")

# `int` takes no more digits than this.
_WHOLE = re.compile(r"[+-]?\d{1,300}", re.ASCII)

SPACES = " \u00a0\u2009\u202f"  # between thousands: space, no-break space, and two thin ones
_CURRENCY = "$€£¥₹"


@cache
def number_pattern(decimal: str) -> re.Pattern[str]:
    """Return the pattern of a number with this decimal sign, and of what may stand around it.

    Its groups: `open` and `close`, brackets for a negative one; `currency` or `unit`, before or
    after; `minus`; `digits`; `group`, what stands between thousands.
    """
    other = "," if decimal == "." else "."
    point = re.escape(decimal)
    grouped = rf"[1-9]\d{{0,2}}(?P<group>[{other}'’{SPACES}])\d{{3}}(?:(?P=group)\d{{3}})*"
    return re.compile(
        rf"(?P<open>\()?(?P<first>[+\-−–])?[{SPACES}]?(?P<currency>[{_CURRENCY}])?[{SPACES}]?(?P<second>[+\-−–])?"
        rf"(?P<digits>(?:{grouped}|\d+)(?:{point}\d*)?|{point}\d+)(?P<power>[eE][+-]?\d+)?"
        rf"[{SPACES}]?(?P<unit>[%{_CURRENCY}])?(?P<close>\))?",
        re.ASCII,
    )


def number(text: str, decimal: str) -> tuple[float, str] | None:
    """Return the number in a cell and the signs beside its digits; None if there is none.

    Signs: "%", a currency's, "(" for brackets that say negative, "," for marks between thousands.
    """
    match = number_pattern(decimal).fullmatch(text)
    if match is None:
        return None
    # In the order of the pattern's groups.
    opened, first, currency, second, digits, group, power, unit, closed = match.groups("")
    brackets, minus = bool(opened), first or second
    if (first and second) or (currency and unit) or brackets != bool(closed):
        return None
    if (brackets and minus) or (group and power):
        return None
    if group:
        digits = digits.replace(group, "")
    value = float(digits.replace(decimal, ".") + power)
    if value == np.inf:
        return None
    signs = currency + unit + "(" * brackets + "," * bool(group)
    return -value if brackets or minus in ("-", "−", "–") else value, signs


def is_gap(cell: str) -> bool:
    """Return whether a cell says that there is no value."""
    return cell.strip().casefold() in GAPS


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number, whichever is the decimal sign."""
    text = cell.strip()
    if text.isascii() and text.isdecimal():  # the usual case, and quick
        return True
    return number(text, ".") is not None or number(text, ",") is not None


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of a column, read.

    values: (rows,) float64, NaN where there is a gap or an odd cell; None if the column does not
        hold numbers.
    odd: the rows with cells that are neither numbers nor gaps; of a column that does not hold
        numbers, at least the first of them.
    signs: what stands beside digits (see `number`; "T" for TRUE and FALSE), and in which rows.
    missing: the texts of gaps that are not just empty, and in which rows.
    """

    values: np.ndarray | None
    odd: Sequence[int] = ()
    signs: dict[str, list[int]] = field(default_factory=dict)
    missing: dict[str, list[int]] = field(default_factory=dict)


def read_column(cells: Sequence[str], decimal: str) -> Column:
    """Read the cells of a column.

    It holds numbers if all its cells are numbers or gaps, but for a few: two odd cells among more
    numbers, or one in ten. If all are TRUE or FALSE, these are 1 and 0.
    """
    plain = _plain(cells, decimal)
    if plain is not None:
        return Column(plain)
    truth = _truth(cells)
    return truth if truth is not None else _with_signs(cells, decimal)


def _plain(cells: Sequence[str], decimal: str) -> np.ndarray | None:
    """Return the numbers of a column of bare numbers and empty cells; None for any other."""
    if decimal == ",":
        if any("." in cell for cell in cells):
            return None
        cells = [cell.replace(",", ".") for cell in cells]
    if not set("".join(cells)) <= _PLAIN:
        return None
    try:
        values = np.array([float(cell or "nan") for cell in cells])
    except ValueError:
        return None
    return None if np.isinf(values).any() else values


def _truth(cells: Sequence[str]) -> Column | None:
    """Read a column of TRUE and FALSE; None for any other."""
    values = np.full(len(cells), np.nan)
    rows = []
    for row, cell in enumerate(cells):
        text = cell.strip().casefold()
        if text in TRUTH:
            values[row] = TRUTH[text]
            rows.append(row)
        elif text not in GAPS:
            return None
    return Column(values, signs={"T": rows}) if rows else None


def _with_signs(cells: Sequence[str], decimal: str) -> Column:
    """Read a column cell by cell, with signs beside the digits."""
    most = max(2, len(cells) // 10)
    values = np.full(len(cells), np.nan)
    signs: dict[int, str] = {}
    missing: dict[str, list[int]] = {}
    odd = []
    seen: dict[str, tuple[float, str] | None] = {}
    for row, cell in enumerate(cells):
        text = cell.strip()
        if text not in seen:
            seen[text] = (np.nan, "") if text.casefold() in GAPS else number(text, decimal)
        found = seen[text]
        if found is None:
            odd.append(row)
            if len(odd) > most:
                return Column(None, odd)
            continue
        if found[0] == found[0]:
            values[row], signs[row] = found
        elif text:
            missing.setdefault(text, []).append(row)
    for row in _other_units(signs):
        values[row] = np.nan
        del signs[row]
        odd.append(row)
    if odd and not are_few(len(odd), len(signs)):
        return Column(None, sorted(odd))
    by_sign: dict[str, list[int]] = {}
    for row, text in signs.items():
        for sign in text:
            by_sign.setdefault(sign, []).append(row)
    return Column(values, sorted(odd), by_sign, missing)


def are_few(odd: int, numbers: int) -> bool:
    """Return whether so many odd cells may stand in a column of numbers: two, or one in ten."""
    return 10 * odd <= numbers or (odd <= 2 and odd < numbers)


def _other_units(signs: dict[int, str]) -> list[int]:
    """Return the rows in another unit than most: 5% is not 5, nor is €5 $5.

    A currency may be left out in some cells, a per cent sign may not.
    """
    unit_of = {
        text: next((sign for sign in text if sign in f"%{_CURRENCY}"), "")
        for text in set(signs.values())
    }
    if len(set(unit_of.values())) <= 1:
        return []
    units = {row: unit_of[text] for row, text in signs.items()}
    percent = Counter(unit == "%" for unit in units.values())
    if percent[True] and percent[False]:
        few = percent[True] <= percent[False]
        return [row for row, unit in units.items() if (unit == "%") == few]
    common = Counter(unit for unit in units.values() if unit).most_common(1)[0][0]
    return [row for row, unit in units.items() if unit not in ("", common)]


def lost_digits(values: np.ndarray, cells: Sequence[str]) -> int | None:
    """Return the first row with an integer of which float64 loses what tells the rows apart.

    None if there is none: a rounding below a millionth of what the column spans is no loss, nor is
    any if all cells are the same.
    """
    large: list[int] = np.flatnonzero(np.abs(values) >= 2**53).tolist()
    if not large:
        return None
    known: list[int] = np.flatnonzero(np.isfinite(values)).tolist()
    if len({cells[row].strip() for row in known}) == 1:
        return None
    with np.errstate(over="ignore"):
        span = float(np.nanmax(values) - np.nanmin(values))
    for row in large:
        text = cells[row].strip()
        if _WHOLE.fullmatch(text) and abs(int(text) - int(values[row])) > 1e-6 * span:
            return row
    return None
