"""How a cell is read as a time: dates, months, quarters, times of day, in some languages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fibattn.tasks.file.cells import is_gap

# Where day and month could change places, the first that fits all cells in order is taken.
_DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%d. %b %Y", "%b %d %Y", "%a, %d %b %Y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
_MONTHS = (
    *("%Y-%m", "%Y/%m", "%m/%Y", "%m.%Y", "%Y.%m", "%b %Y", "%b-%Y", "%b-%y", "%Y %b", "%Y-%b"),
    "%b %y",
)
# Moments of a year or of a day, which come again: where they fall by more than half of it, the next
# has begun. By format, how many seconds it has; a year has those of 1900, in which they are read.
YEAR, DAY = 365 * 86400, 86400
_RECURRING = {
    **dict.fromkeys(("%d-%b", "%b %d", "%d %b", "%d.%m."), YEAR),
    **dict.fromkeys(
        ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H:%M:%S,%f", "%I:%M %p", "%I:%M:%S %p"), DAY
    ),
}
FORMATS = (
    *(day + clock for day in _DAYS for clock in _CLOCKS),
    *(*_MONTHS, "%a %b %d %H:%M:%S %Y"),
    *_RECURRING,
)
# 2020-Q3, 2020 Q3, Q3 2020, 2020-W07, 2020M11, KW 7/2020
_PART_OF_YEAR = re.compile(
    r"(\d{4})[ -]?[QWMHqwmh](\d{1,2})|(?:[Qq]|KW ?|kw ?)(\d{1,2})[ -/]?(\d{4})"
)
# 3Q20, 3Q2020
_PART_FIRST = re.compile(r"(\d)[QHqh](\d{2}|\d{4})", re.ASCII)
_FISCAL = re.compile(r"FY ?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
# 2019/20
_SEASON = re.compile(r"(\d{4})[/–-](\d{2})", re.ASCII)
_LONGEST = 40
MONTH_OF_YEAR = re.compile(
    r"(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d|(?:19|20)\d\d\.(?:0[1-9]|1[0-2])", re.ASCII
)
# What stands behind a time and is none of it: a footnote's mark, or that the row is an estimate.
MARK = re.compile(
    r"\s*(?:[*†‡]+|\[\w{1,3}\]|\((?:p|e|r|f|prelim\w*|est\w*|fore?cast|proj\w*|rev\w*)\.?\))$",
    re.IGNORECASE,
)
# Two digits of a year from here on are of the last century, if that puts the rows in order.
_PIVOT = 2040
# Whole and other languages' months, by the short ones that `strptime` knows.
_MONTH_NAMES = {
    other: english
    for english, others in {
        "jan": "january januar janvier janv enero ene gennaio gen januari jän jänner janeiro",
        "feb": "february februar février fevrier févr fév febrero febbraio februari fevereiro",
        "mar": "march märz maerz mär mrz mars marzo maart mrt março",
        "apr": "april avril avr abril abr aprile",
        "may": "mai mayo maggio mag mei maio",
        "jun": "june juni juin junio giugno giu junho",
        "jul": "july juli juillet juil julio luglio lug julho",
        "aug": "august août aout agosto ago augustus",
        "sep": "sept september septembre septiembre settembre set setembro",
        "oct": "october oktober okt octobre octubre ottobre ott outubro",
        "nov": "november novembre noviembre novembro",
        "dec": "december dezember dez décembre decembre déc diciembre dic dicembre dezembro",
    }.items()
    for other in others.split()
}
_WORD = re.compile(r"[^\W\d_]{3,}\.?")


Reader = Callable[[str], float]


@dataclass(frozen=True)
class Way:
    """A way to read a time: the moment it returns, and after how many seconds moments come again.

    days: whether day and month could change places: "day" or "month" for what it takes first.
    """

    read: Reader
    again: int = 0
    days: str = ""


def _iso(text: str) -> float:
    if text.isdigit():
        raise ValueError
    moment = datetime.fromisoformat(text)
    return _seconds(moment if moment.tzinfo is None else moment.astimezone(UTC))


def _part_of_year(text: str) -> float:
    match = _PART_OF_YEAR.fullmatch(text)
    if match is not None:
        year, part, part_before, year_after = match.groups()
        return int(year or year_after) * 100 + int(part or part_before)
    match = _PART_FIRST.fullmatch(text)
    if match is not None:
        return _whole_year(match[2]) * 100 + int(match[1])
    match = _FISCAL.fullmatch(text)
    if match is None:
        raise ValueError
    return _whole_year(match[1]) * 100.0


def _whole_year(digits: str) -> int:
    """Return a year of two digits or four; 69 to 99 are of the last century, as for `strptime`."""
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 69 else 2000)


def _season(text: str) -> float:
    match = _SEASON.fullmatch(text)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError
    return float(match[1])


def _seconds(moment: datetime) -> float:
    return (moment.replace(tzinfo=None) - datetime(1, 1, 1)).total_seconds()


def _by_format(form: str) -> Reader:
    return lambda text: _seconds(datetime.strptime(_in_english(text), form))


def _before_pivot(form: str) -> Reader:
    """Return the way to read years of two digits that puts the late ones into the last century."""

    def read(text: str) -> float:
        moment = datetime.strptime(_in_english(text), form)
        if moment.year >= _PIVOT:
            moment = datetime.strptime(
                f"{moment.year - 100} {moment:%m %d %H %M %S %f}", "%Y %m %d %H %M %S %f"
            )
        return _seconds(moment)

    return read


def _in_english(text: str) -> str:
    """Return a text with the names of months as `strptime` knows them."""

    def english(word: re.Match[str]) -> str:
        name = word[0].rstrip(".")
        return _MONTH_NAMES.get(name.casefold(), name)

    return _WORD.sub(english, text) if any(map(str.isalpha, text)) else text


def _shape(text: str) -> str:
    """Return a text with "0" for each run of digits and "a" for each word."""
    return re.sub(r"[^\W\d_]+\.?(?=\W|$)|[^\W\d_]+", "a", re.sub(r"\d+", "0", text))


def _by_shape() -> dict[str, list[Way]]:
    """Return the ways to read a time, by the shape of texts they read."""
    example = datetime(2020, 11, 12, 13, 14, 15)
    ways: dict[str, list[Way]] = {}
    for form in FORMATS:
        days = {"%d/%m": "day", "%m/%d": "month", "%d-%m": "day", "%m-%d": "month"}
        first = next((word for part, word in days.items() if form.startswith(part)), "")
        of_shape = ways.setdefault(_shape(example.strftime(form)), [])
        of_shape.append(Way(_by_format(form), _RECURRING.get(form, 0), first))
        if "%y" in form:
            of_shape.append(Way(_before_pivot(form), 0, first))
    return ways


_WAYS = _by_shape()
_OF_ANY_SHAPE = (Way(_iso), Way(_part_of_year))


def fitting(text: str) -> Iterator[Way]:
    """Yield each way to read a text as a time."""
    if not 4 <= len(text) <= _LONGEST or text.isalpha():
        return
    for way in (*_OF_ANY_SHAPE, *_WAYS.get(_shape(text), ()), Way(_season)):
        try:
            way.read(text)
        except (ValueError, OverflowError):
            continue
        yield way


def is_time(cell: str) -> bool:
    """Return whether a cell looks like a date or a time of day; a bare number does not."""
    return next(fitting(cell.strip()), None) is not None


def are_months(cells: Sequence[str]) -> bool:
    """Return whether cells are months such as 12.2020, which are not to be taken for numbers.

    There are at least three, and at most one in ten cells is something else.
    """
    # Nearly always the first cells tell; all of a large table would take seconds.
    first = (cell.strip() for cell in cells if not is_gap(cell))
    if not any(map(MONTH_OF_YEAR.fullmatch, itertools.islice(first, 3))):
        return False
    filled = [cell.strip() for cell in cells if not is_gap(cell)]
    fits = sum(MONTH_OF_YEAR.fullmatch(cell) is not None for cell in filled)
    return fits > 2 and len(filled) - fits <= len(filled) // 10


def likes_time(cell: str) -> bool:
    """Return whether a cell has the looks of a time, be it one of no calendar."""
    text = MARK.sub("", cell.strip())
    return is_time(text) or ("a" not in (shape := _shape(text)) and shape in _WAYS)
