"""Which column is time, in which direction it runs, and the order of the rows by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from fibattn.tasks.file.cells import is_gap
from fibattn.tasks.file.raw import Odd, Time
from fibattn.tasks.file.times import DAY, MARK, Way, fitting, likes_time
from fibattn.tasks.file.totals import is_total


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a column of time is called, as one of its words, in a few languages.
_CALLED = _words("""
    year years date time datetime timestamp unix epoch elapsed month day week quarter hour period
    yyyymm yyyymmdd census jahr datum zeit zeitstempel zeitpunkt uhrzeit monat tag handelstag
    buchungstag woche kw quartal stunde année annee mois jour semaine heure fecha hora año mes día
    dia semana anno giorno mese ora ano dt ds ts""")
# And what a column is called that counts the rows, if it is the very first.
_COUNTS = _words("""
    index id no nr no. nr. # t step row observation time_step rownames obs round unnamed:_0""")
# What is within a day, a month or a year: it comes again, and orders the rows of one of these.
_WITHIN = _words("""
    month day week quarter hour minute second time monat tag woche kw quartal stunde sekunde zeit
    uhrzeit mois jour semaine heure mes día dia semana hora giorno mese ora period""")
_BRACKETS = re.compile(r"[(\[].*?[)\]]")


def words_of(name: str) -> list[str]:
    """Return a column's name as words in lower case, without the unit in brackets."""
    spaced = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", _BRACKETS.sub(" ", name))
    return [word for word in re.split(r"[\s_\-/]+", spaced.casefold()) if word]


def is_called_time(name: str, is_first: bool) -> bool:
    """Return whether a column is called as one of time is, or as one that counts the rows."""
    if not _CALLED.isdisjoint(words_of(name)):
        return True
    plain = name.strip().replace(" ", "_")
    return is_first and plain != "T" and plain.casefold() in _COUNTS


@dataclass(frozen=True, eq=False)
class Clock:
    """A column of time.

    moments: (rows,) numbers in the order of time, NaN for a cell that is empty or no time.
    likes_time: (rows,) bool, where a cell that is no time looks like one, as 2020-02-30 does.
    """

    time: Time
    moments: np.ndarray
    likes_time: np.ndarray

    def by_time(self) -> np.ndarray:
        """Return the order of the rows from the oldest to the newest.

        Rows of the same time keep their order, or are turned with the others; a row without a time
        stays with the one before it.
        """
        if self.time.runs == "falling":
            return np.arange(len(self.moments))[::-1]
        known = np.flatnonzero(np.isfinite(self.moments))
        before = np.searchsorted(known, np.arange(len(self.moments)), side="right") - 1
        return np.argsort(self.moments[known[np.maximum(before, 0)]], kind="stable")

    @property
    def is_unique(self) -> bool:
        """Whether no two rows have the same time, and each has one."""
        return (
            len(set(self.moments.tolist())) == len(self.moments) == np.isfinite(self.moments).sum()
        )


@dataclass(frozen=True, eq=False)
class _Found:
    """A column whose cells are times, as `_moments` has read them."""

    column: str
    moments: np.ndarray
    again: int = 0
    other: str = ""

    @property
    def rank(self) -> tuple[bool, bool]:
        """The least is likeliest the column to go by: a date, and one that runs in a direction."""
        known = self.moments[np.isfinite(self.moments)]
        return self.again != 0, _runs(known) == "mixed" or len(np.unique(known)) < 2


def clock(
    cells: Mapping[str, Sequence[str]],
    numbers: Mapping[str, np.ndarray],
    lines: Sequence[int],
    days: str | None = None,
) -> Clock | None:
    """Return the column that looks like time; None if there is none.

    That is one whose cells are all dates or times of day; or the first column of numbers that is
    called so and runs in one direction; or, if it is the very first column and not the only one of
    numbers, whole numbers that count. Where its moments come again and a column of what is within
    it, as hours are within a day, tells those rows apart, both together are time.

    Args:
        cells: of all columns with a cell filled, by name, in the file's order.
        numbers: the values of the numeric columns, by name.
        lines: the line each row stands in.
        days: "day" or "month" for what stands first where these could change places.
    """
    texts = {name: column for name, column in cells.items() if name not in numbers}
    found = [each for name, column in texts.items() if (each := _moments(name, column, days))]
    if found:
        best = min(found, key=lambda each: each.rank)
        return _clock(best, cells, numbers, found, lines)
    first = next(iter(cells), "")
    for column, values in numbers.items():
        if len(cells) < 2 or not is_called_time(column, column == first):
            continue
        moments = _without_marks(values, cells[column])
        if np.isnan(moments).sum() <= len(moments) // 10:
            clock_of = _clock(_Found(column, moments), cells, numbers, (), lines)
            if clock_of.time.runs != "mixed" or clock_of.time.within:
                return clock_of
    if _counts(numbers, first):
        return _clock(_Found(first, numbers[first]), cells, numbers, (), lines)
    return None


def _without_marks(values: np.ndarray, cells: Sequence[str]) -> np.ndarray:
    """Return times that are numbers, also those beside which a mark stands, as in 2011*."""
    moments = values.copy()
    for row in np.flatnonzero(np.isnan(values)).tolist():
        text = MARK.sub("", cells[row].strip())
        if text.isascii() and text.isdecimal():
            moments[row] = float(text)
    return moments


def _counts(numbers: Mapping[str, np.ndarray], first: str) -> bool:
    """Return whether the first column of all counts the rows, and another column has numbers.

    It counts them if its whole numbers rise in equal steps, or are years, months (202001), days
    (20200131 or as a spreadsheet counts them) or seconds since 1970, in order.
    """
    if len(numbers) < 2 or first not in numbers:
        return False
    values = numbers[first]
    steps = np.diff(values)
    if not len(steps) or np.isnan(values).any() or (values % 1 != 0).any():
        return False
    if _runs(values) == "mixed":
        return False
    if steps[0] > 0 and bool((steps == steps[0]).all()):
        return True
    is_strict = bool((steps != 0).all())
    low, high = float(values.min()), float(values.max())
    is_of = {
        "years": low >= 1700 and high <= 2100 and (np.abs(steps) == np.abs(steps[0])).all(),
        "spreadsheet days": low >= 20_000 and high <= 60_000 and (np.abs(steps) <= 31).all(),
        "seconds": low >= 1e9 and high <= 2.2e9,
        "milliseconds": low >= 1e12 and high <= 2.2e12,
    }
    return (is_strict and any(is_of.values())) or _are_dates(values)


def _are_dates(values: np.ndarray) -> bool:
    """Return whether all whole numbers are days as 20200131, or months as 202001."""
    form = "%Y%m" if values.max() < 1_000_000 else "%Y%m%d"
    low, high = (1700_01, 2100_12) if form == "%Y%m" else (1700_01_01, 2100_12_31)
    if values.min() < low or values.max() > high:
        return False
    try:
        for value in values:
            datetime.strptime(f"{value:.0f}", form)
    except ValueError:
        return False
    return True


def _moments(name: str, cells: Sequence[str], days: str | None) -> _Found | None:
    """Return the times in a column's cells, NaN for none; None if they are not times.

    A few cells may be something else, and those of totals. Of several ways to read them, the one
    that reads most of them; of these the first in which they run in one direction.
    """
    filled = [
        (row, MARK.sub("", cell.strip())) for row, cell in enumerate(cells) if not is_gap(cell)
    ]
    # The first may be a unit, or say that it is the balance before the first day.
    ways = next((ways for _, text in filled[:2] if (ways := list(fitting(text)))), None)
    if ways is None:
        return None
    found = [(way, *_by(way, filled, cells)) for way in ways]
    fewest = min(odd for _, _, odd in found)
    if fewest > len(filled) // 10 and (fewest > 2 or 2 * fewest >= len(filled)):
        return None
    best = [(way, moments) for way, moments, odd in found if odd == fewest]
    wished = [each for each in best if days and each[0].days == days] or best
    way, moments = next((each for each in wished if _runs(each[1]) != "mixed"), wished[0])
    other = _other_days(way, moments, best)
    return _Found(name, moments, way.again, other)


def _other_days(way: Way, taken: np.ndarray, best: Sequence[tuple[Way, np.ndarray]]) -> str:
    """Return "day" or "month", whichever could also stand first and give another order; else ""."""
    for other, moments in best:
        is_other = way.days and other.days and other.days != way.days
        if is_other and (_runs(moments) != "mixed") == (_runs(taken) != "mixed"):
            known = np.isfinite(taken)
            if (np.argsort(moments[known]) != np.argsort(taken[known])).any():
                return other.days
    return ""


def _by(
    way: Way, filled: Sequence[tuple[int, str]], cells: Sequence[str]
) -> tuple[np.ndarray, int]:
    """Return the times that one way of reading finds, and how many cells it does not fit."""
    moments = np.full(len(cells), np.nan)
    odd = 0
    for row, text in filled:
        try:
            moments[row] = way.read(text)
        except (ValueError, OverflowError):
            odd += not is_total(text)
            if odd > 2 and odd > len(filled) // 10:
                break
    return (_going_on(moments, way.again) if way.again else moments), odd


def _going_on(moments: np.ndarray, again: int) -> np.ndarray:
    """Return moments that come again each day or year as they go on: 0:00 after 23:00 is later.

    Falling ones go back as well: 23:00 below 0:00 is of the day before.
    """
    known = np.flatnonzero(np.isfinite(moments))
    steps = np.diff(moments[known])
    begun = np.cumsum((steps < -again / 2).astype(int) - (steps > again / 2).astype(int))
    going_on = moments.copy()
    going_on[known[1:]] += again * begun
    return going_on if _runs(going_on) != "mixed" else moments


def _runs(moments: np.ndarray) -> str:
    steps = np.diff(moments[np.isfinite(moments)])
    if (steps >= 0).all():
        return "rising"
    return "falling" if (steps <= 0).all() else "mixed"


def _clock(
    best: _Found,
    cells: Mapping[str, Sequence[str]],
    numbers: Mapping[str, np.ndarray],
    found: Sequence[_Found],
    lines: Sequence[int],
) -> Clock:
    """Return the clock of a column, together with one that is within it, if there is one."""
    column, moments = best.column, best.moments
    within, both = _within(best, numbers, found)
    if within:
        moments = both
    runs = _runs(moments)
    odd = again = None
    known = np.flatnonzero(np.isfinite(moments))
    steps = np.diff(moments[known])
    if runs == "mixed":
        row = int(known[1:][steps < 0][0])
        odd = Odd(lines[row], cells[column][row])
    if len(set(moments[known].tolist())) < len(known):
        _, firsts = np.unique(moments[known], return_index=True)
        row = int(known[np.setdiff1d(np.arange(len(known)), firsts)[0]])
        again = Odd(lines[row], cells[column][row])
    looks = np.zeros(len(moments), bool)
    for row in np.flatnonzero(np.isnan(moments)).tolist():
        looks[row] = likes_time(cells[column][row])
    time = Time(column, runs, odd, within, again, best.other)  # type: ignore[arg-type]
    return Clock(time, moments, looks)


def _within(
    best: _Found, numbers: Mapping[str, np.ndarray], found: Sequence[_Found]
) -> tuple[str, np.ndarray]:
    """Return the column that tells rows of the same time apart, and both as one number; "" if none.

    It is a time of day beside a date, or a column of numbers that is called so.
    """
    known = np.isfinite(best.moments)
    if len(np.unique(best.moments[known])) == known.sum():
        return "", best.moments
    inner = {each.column: each.moments for each in found if each.again == DAY}
    inner |= {
        name: values for name, values in numbers.items() if not _WITHIN.isdisjoint(words_of(name))
    }
    for name, values in inner.items():
        if name == best.column or not np.isfinite(values[known]).all():
            continue
        pairs = np.stack([best.moments[known], values[known]], axis=1)
        ordered, rank = np.unique(pairs, axis=0, return_inverse=True)
        if len(ordered) == len(pairs):
            both = np.full(len(known), np.nan)
            both[known] = rank.reshape(-1)
            return name, both
    return "", best.moments
