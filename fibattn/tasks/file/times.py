"""Which column looks like time, and in which direction it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from fibattn.tasks.file.cells import is_gap
from fibattn.tasks.file.raw import Odd, Time

# Where day and month could change places, the first that fits all cells in order is taken.
_DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d-%b-%Y", "%d-%b-%y", "%d. %B %Y", "%b %d %Y", "%a, %d %b %Y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%Y %b", "%Y-%b")
_HOURS = ("%H:%M", "%H:%M:%S")
FORMATS = (*(day + clock for day in _DAYS for clock in _CLOCKS), *_MONTHS, *_HOURS)
# 2020-Q3, 2020 Q3, Q3 2020, 2020-W07, 2020M11
_PART_OF_YEAR = re.compile(r"(\d{4})[ -]?[QWMHqwmh](\d{1,2})|[Qq](\d)[ -/]?(\d{4})")
# 2019/20
_SEASON = re.compile(r"(\d{4})[/–-](\d{2})", re.ASCII)
_LONGEST = 40
MONTH_OF_YEAR = re.compile(r"(?:0[1-9]|1[0-2])\.(?:19|20)\d\d", re.ASCII)

NAMES = frozenset(
    (
        *(
            "year",
            "date",
            "time",
            "datetime",
            "timestamp",
            "month",
            "day",
            "week",
            "quarter",
            "hour",
        ),
        *(
            "period",
            "index",
            "id",
            "no",
            "nr",
            "no.",
            "nr.",
            "#",
            "t",
            "step",
            "row",
            "observation",
        ),
        *(
            "jahr",
            "datum",
            "zeit",
            "monat",
            "tag",
            "woche",
            "année",
            "annee",
            "mois",
            "jour",
            "fecha",
        ),
        *("año", "mes", "anno", "unnamed: 0", "dt", "ds", "time_step", "rownames", "obs"),
    )
)


def _iso(text: str) -> float:
    if text.isdigit():
        raise ValueError
    moment = datetime.fromisoformat(text)
    return _seconds(moment if moment.tzinfo is None else moment.astimezone(UTC))


def _part_of_year(text: str) -> float:
    match = _PART_OF_YEAR.fullmatch(text)
    if match is None:
        raise ValueError
    year, part, part_before, year_after = match.groups()
    return int(year or year_after) * 100 + int(part or part_before)


def _season(text: str) -> float:
    match = _SEASON.fullmatch(text)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError
    return float(match[1])


def _seconds(moment: datetime) -> float:
    return (moment.replace(tzinfo=None) - datetime(1, 1, 1)).total_seconds()


def _by_format(form: str) -> Callable[[str], float]:
    return lambda text: _seconds(datetime.strptime(text, form))


def _shape(text: str) -> str:
    """Return a text with "0" for each run of digits and "a" for each word."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text))


def _by_shape() -> dict[str, list[Callable[[str], float]]]:
    """Return the ways to read a time, by the shape of texts they read."""
    example = datetime(2020, 11, 12, 13, 14, 15)
    readers: dict[str, list[Callable[[str], float]]] = {}
    for form in FORMATS:
        readers.setdefault(_shape(example.strftime(form)), []).append(_by_format(form))
    return readers


_READERS = _by_shape()


def _fitting(text: str) -> Iterator[Callable[[str], float]]:
    """Yield each way to read a text as a time."""
    if not 4 <= len(text) <= _LONGEST or text.isalpha():
        return
    for reader in (_iso, _part_of_year, *_READERS.get(_shape(text), ()), _season):
        try:
            reader(text)
        except (ValueError, OverflowError):
            continue
        yield reader


def is_time(cell: str) -> bool:
    """Return whether a cell looks like a date or a time of day; a bare number does not."""
    return next(_fitting(cell.strip()), None) is not None


def are_months(cells: Sequence[str]) -> bool:
    """Return whether all cells are months such as 12.2020, which are not to be taken for numbers.

    There are at least three.
    """
    if "." not in cells[0] and not is_gap(cells[0]):  # as nearly always
        return False
    filled = [cell.strip() for cell in cells if not is_gap(cell)]
    return len(filled) > 2 and all(MONTH_OF_YEAR.fullmatch(cell) for cell in filled)


@dataclass(frozen=True, eq=False)
class Clock:
    """A column of time: `moments` are (rows,) numbers in its order, NaN where a cell is empty."""

    time: Time
    moments: np.ndarray

    def by_time(self) -> np.ndarray | None:
        """Return the order of the rows from the oldest to the newest; None if some have none.

        Rows of the same time keep their order, or are turned with the others.
        """
        if not np.isfinite(self.moments).all():
            return None
        if self.time.runs == "falling":
            return np.arange(len(self.moments))[::-1]
        return np.argsort(self.moments, kind="stable")

    @property
    def is_unique(self) -> bool:
        """Whether no two rows have the same time."""
        return len(np.unique(self.moments)) == len(self.moments)


def clock(
    texts: Mapping[str, Sequence[str]],
    numbers: Mapping[str, np.ndarray],
    lines: Sequence[int],
    names: Sequence[str],
) -> Clock | None:
    """Return the column that looks like time; None if there is none.

    That is the first whose cells are all dates or times of day; or the first column of numbers that
    is called so and runs in one direction; or, if it is the very first column and not the only one
    of numbers, whole numbers that rise in equal steps.

    Args:
        texts: the cells of the columns that are not numeric, by name.
        numbers: the values of the numeric columns, by name.
        lines: the line each row stands in.
        names: all columns with a cell filled, in the file's order.
    """
    for column, cells in texts.items():
        moments = _moments(cells)
        if moments is not None:
            return _clock(column, moments, cells, lines)
    for column, values in numbers.items():
        called_time = column.casefold() in NAMES and len(names) > 1
        if called_time and np.isfinite(values).all() and _runs(values) != "mixed":
            return _clock(column, values, (), lines)
    return _counting(numbers, lines, names)


def _counting(
    numbers: Mapping[str, np.ndarray], lines: Sequence[int], names: Sequence[str]
) -> Clock | None:
    """Return the first column of all if it counts the rows, and another column has numbers.

    It counts them if its whole numbers rise in equal steps, or are years or days (20200131) in
    order.
    """
    if len(numbers) < 2 or names[0] not in numbers:
        return None
    values = numbers[names[0]]
    steps = np.diff(values)
    if not len(steps) or (values % 1 != 0).any() or _runs(values) == "mixed":
        return None
    counts = steps[0] > 0 and bool((steps == steps[0]).all())
    years = bool((np.abs(steps) == 1).all() and values.min() >= 1700 and values.max() <= 2100)
    return _clock(names[0], values, (), lines) if counts or years or _are_days(values) else None


def _are_days(values: np.ndarray) -> bool:
    """Return whether all whole numbers are days as 20200131."""
    if values.min() < 1700_01_01 or values.max() > 2100_12_31:
        return False
    try:
        for value in values:
            datetime.strptime(f"{value:.0f}", "%Y%m%d")
    except ValueError:
        return False
    return True


def _moments(cells: Sequence[str]) -> np.ndarray | None:
    """Return the times in a column's cells, NaN for none; None if they are not times.

    A few cells may be something else, as a total is. Of several ways to read them, the one that
    reads most of them; of these the first in which they run in one direction.
    """
    first = next((cell.strip() for cell in cells if not is_gap(cell)), "")
    readers = list(_fitting(first))
    if not readers:
        return None
    filled = [(row, cell.strip()) for row, cell in enumerate(cells) if not is_gap(cell)]
    found = [(moments, odd) for reader in readers for moments, odd in [_by(reader, filled, cells)]]
    fewest = min(odd for _, odd in found)
    if fewest > len(filled) // 10 and (fewest > 2 or 2 * fewest >= len(filled)):
        return None
    best = [moments for moments, odd in found if odd == fewest]
    return next((moments for moments in best if _runs(moments) != "mixed"), best[0])


def _by(
    reader: Callable[[str], float], filled: Sequence[tuple[int, str]], cells: Sequence[str]
) -> tuple[np.ndarray, int]:
    """Return the times that one way of reading finds, and how many cells it does not fit."""
    moments = np.full(len(cells), np.nan)
    odd = 0
    for row, text in filled:
        try:
            moments[row] = reader(text)
        except (ValueError, OverflowError):
            odd += 1
            if odd > 2 and odd > len(filled) // 10:
                break
    return moments, odd


def _runs(moments: np.ndarray) -> str:
    steps = np.diff(moments[np.isfinite(moments)])
    if (steps >= 0).all():
        return "rising"
    return "falling" if (steps <= 0).all() else "mixed"


def _clock(column: str, moments: np.ndarray, cells: Sequence[str], lines: Sequence[int]) -> Clock:
    runs = _runs(moments)
    odd = None
    if runs == "mixed":
        known = np.flatnonzero(np.isfinite(moments))
        row = int(known[1:][np.diff(moments[known]) < 0][0])
        odd = Odd(lines[row], cells[row])
    return Clock(Time(column, runs, odd), moments)  # type: ignore[arg-type]
