"""A visitor's own file: read, checked, and cut to the chosen columns.

It is read with the csv module, which takes a second or two for the largest file. pandas is faster,
but it guesses types and names no line when a value is wrong.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

MOST_BYTES = 5 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 1_000
MOST_FEATURES = 8

# The first of these that cuts every line alike is taken. The comma is last because it may be a
# decimal comma.
SEPARATORS = ("\t", ";", ",")
SNIFFED_LINES = 100

GAPS = frozenset(("", "-", "nan", "na", "n/a", "#n/a", "null"))
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.ASCII | re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


class Unreadable(ValueError):
    """What is wrong with a file or a choice of its columns, in a sentence for the visitor."""


@dataclass(frozen=True)
class Odd:
    """The first cell of a column that is neither a number nor a gap: its line, from 1, and text."""

    line: int
    text: str


@dataclass(frozen=True, eq=False)
class Raw:
    """The numbers of a file, before any columns are chosen.

    columns: each numeric column's name and values, (rows,) float64, NaN where there is a gap.
    skipped: the columns that are not numeric, such as dates, by name, and what makes them so.
    lines: (rows,) int64, the line of the file each row begins in, from 1.
    separator: what stands between the columns.
    has_header: whether the first row was read as the columns' names.
    The arrays are read-only.
    """

    name: str
    columns: dict[str, np.ndarray]
    skipped: dict[str, Odd]
    lines: np.ndarray
    separator: str = ","
    has_header: bool = True

    @property
    def rows(self) -> int:
        """How many rows there are, the header left out."""
        return len(self.lines)


@dataclass(frozen=True, eq=False)
class Table:
    """The chosen columns of a file, in order of time and without gaps.

    values: (rows, 1 + features) float64, read-only, the target in column 0 and the features
        after it.
    owner: whose file it is, so that nobody else's equal file is taken for it.

    Tables with the same names, values and owner are equal and have the same hash, in every
    process. Raises ValueError when the shape does not fit the names or a value is not finite.
    """

    name: str
    target: str
    features: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    owner: str = ""
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        values = np.array(self.values, np.float64, order="C")  # a copy, nobody else's to change
        values.flags.writeable = False
        features = tuple(self.features)
        if values.ndim != 2 or values.shape[1] != 1 + len(features):
            raise ValueError(
                f"values have the shape {values.shape}, but a target and {len(features)} features "
                f"need (rows, {1 + len(features)})."
            )
        if not np.isfinite(values).all():
            raise ValueError("values must all be finite.")
        names = json.dumps([self.name, self.target, self.owner, *features]).encode("ascii")
        digest = hashlib.sha256(len(names).to_bytes(8, "little") + names)
        digest.update(values.astype("<f8").tobytes())
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "digest", digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Table) else NotImplemented

    def __hash__(self) -> int:
        return hash(int(self.digest[:16], 16))

    def __reduce__(self) -> tuple[Any, ...]:
        # Through the constructor: an array forgets on its way that it is read-only.
        return Table, (self.name, self.target, self.features, self.values, self.owner)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `values`: the target, then the features."""
        return (self.target, *self.features)


def read(data: bytes, name: str) -> Raw:
    """Return the numeric columns of a CSV file in UTF-8; `name` is the file's.

    Columns are separated by commas, semicolons or tabs; with the latter two a decimal comma is
    read too. Without a header (a first row of numbers and gaps only, and no gap over a column of
    words) columns are called "column 1", "column 2", …. A column is numeric if all its cells are
    numbers or gaps (see `GAPS`, in any case). Blank lines and rows without any cell filled do not
    count at the end; a blank line between the rows is a gap if there is one column, and nothing if
    there are more.

    Raises Unreadable with a sentence that says what is wrong, where, and what would be right.
    """
    shown = _short(name)
    text = _decode(data, shown)
    separator = _sniff(text)
    rows, lines = _rows(text, separator, shown)
    decimal_comma = separator != ","
    headless = _is_headless(rows, decimal_comma)
    header = [] if headless else rows.pop(0)
    first_line = lines[0] if headless else lines.pop(0)
    if not rows:
        raise Unreadable(f"{shown} has a header in line {first_line} but no rows below it.")
    if len(rows) > MOST_ROWS:
        raise _too_many(shown)
    numbers: dict[str, np.ndarray] = {}
    cells: dict[str, tuple[str, ...]] = {}
    skipped = {}
    names = _names(header or [""] * len(rows[0]))
    for k, (column, texts) in enumerate(zip(names, zip(*rows, strict=True), strict=True)):
        values = _numbers(texts, decimal_comma)
        if isinstance(values, int):
            skipped[column] = Odd(lines[values], texts[values])
        elif (header and header[k].strip()) or not np.isnan(values).all():
            numbers[column], cells[column] = values, texts
        # What is left has neither name nor number: a separator at the end of each line.
    _check_finite(numbers, cells, lines, shown)
    if decimal_comma:
        _check_decimal_sign(cells, lines, shown)
    if all(np.isnan(values).all() for values in numbers.values()):
        raise Unreadable(
            f"{shown} has no column of numbers{_first_odd(skipped)}. A column counts when each of "
            f"its cells below the header is a number or empty; columns are separated by commas, "
            f"semicolons or tabs."
        )
    numbered = np.array(lines, np.int64)
    for array in (numbered, *numbers.values()):
        array.flags.writeable = False
    return Raw(name, numbers, skipped, numbered, separator, has_header=not headless)


def _is_headless(rows: Sequence[Sequence[str]], decimal_comma: bool) -> bool:
    """Return whether the first row holds data: numbers, and gaps where numbers stand below."""
    first = [_number(cell, decimal_comma) for cell in rows[0]]
    if None in first or all(number != number for number in first):
        return False
    over = [k for k, number in enumerate(first) if number != number]
    return not any(_number(row[k], decimal_comma) is None for row in rows[1:] for k in over)


def _first_odd(skipped: Mapping[str, Odd]) -> str:
    """Return where the first cell is that is neither a number nor a gap, '' if there is none."""
    if not skipped:
        return ""
    column, odd = min(skipped.items(), key=lambda each: each[1].line)
    return f": {_short(odd.text)} in line {odd.line}, in {_short(column)}, is none"


def gaps(raw: Raw, columns: Sequence[str]) -> str | None:
    """Return a sentence that says where these columns of `raw` have gaps, or None if nowhere.

    Raises KeyError if one is not a numeric column of `raw`.
    """
    found = []
    for column in dict.fromkeys(columns):
        missing = np.isnan(raw.columns[column])
        count = int(missing.sum())
        if count:
            first = ", ".join(str(line) for line in raw.lines[missing][:3])
            found.append(
                f"{count:,} in {_short(column)} (line{'s' * (count > 1)} {first}"
                f"{', …' * (count > 3)})"
            )
    if not found:
        return None
    listed = " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else found[0]
    return f"{_short(raw.name)} has gaps: {listed}."


def choose(
    raw: Raw,
    target: str,
    features: Sequence[str],
    on_gaps: Literal["refuse", "drop", "interpolate"] = "refuse",
) -> Table:
    """Return the chosen columns of `raw` as a table.

    The target's own past is an input anyway, so a target among the features is left out, and so
    is a feature named twice. Gaps are refused; or the rows that have one are dropped; or gaps are
    filled along a straight line between their neighbours, at the ends with the nearest value.

    Raises Unreadable, with a sentence, for a column that is absent, not numeric, empty, constant
    or beyond what float64 can scale, for more than `MOST_FEATURES` features, for gaps that are
    refused, and when no row is left.
    """
    if on_gaps not in ("refuse", "drop", "interpolate"):
        raise ValueError(
            f"on_gaps is {on_gaps!r}, but it must be 'refuse', 'drop' or 'interpolate'."
        )
    chosen = tuple(feature for feature in dict.fromkeys(features) if feature != target)
    if len(chosen) > MOST_FEATURES:
        raise Unreadable(
            f"{len(chosen)} feature columns are chosen, but there may be at most {MOST_FEATURES}."
        )
    columns = (target, *chosen)
    for column in columns:
        _check_numeric(raw, column)
    values = np.column_stack([raw.columns[column] for column in columns])
    missing = np.isnan(values)
    if missing.any() and on_gaps == "refuse":
        raise Unreadable(
            f"{gaps(raw, columns)} Drop the rows with gaps or fill the gaps by interpolation."
        )
    if on_gaps == "drop":
        values = values[~missing.any(axis=1)]
        if not len(values):
            raise Unreadable(
                "Every row has a gap in one of the chosen columns, so dropping them leaves "
                "nothing. Fill the gaps by interpolation or choose fewer columns."
            )
    when = " after the rows with gaps were dropped" if len(values) < raw.rows else ""
    for column, numbers in zip(columns, values.T, strict=True):
        _check_varied("target" if column == target else "feature", column, numbers, when)
    if on_gaps == "interpolate":
        values = np.column_stack([_interpolate(numbers) for numbers in values.T])
    return Table(raw.name, target, chosen, values)


def _check_numeric(raw: Raw, column: str) -> None:
    """Raise Unreadable unless `column` holds at least one number."""
    if column in raw.skipped:
        raise Unreadable(
            f"The column {_short(column)} is not numeric: {_short(raw.skipped[column].text)} in "
            f"line {raw.skipped[column].line} is neither a number nor empty. Choose another column."
        )
    if column not in raw.columns:
        raise Unreadable(
            f"{_short(raw.name)} has no column {_short(column)}. Choose one of its own."
        )
    if np.isnan(raw.columns[column]).all():
        raise Unreadable(f"The column {_short(column)} is empty. Choose another column.")


def _check_varied(role: str, column: str, values: np.ndarray, when: str) -> None:
    """Raise Unreadable if `values`, gaps left out, cannot be scaled to reach from 0 to 1."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low == high:
        raise Unreadable(
            f"The {role} column {_short(column)} is {low:g} in every row{when}, so there is "
            f"nothing to {'predict' if role == 'target' else 'learn from it'}. Choose another "
            f"column."
        )
    with np.errstate(all="ignore"):
        width = np.float64(high) - low
        scalable = np.isfinite(width) and np.isfinite(1 / width)
    if not scalable:
        raise Unreadable(
            f"The {role} column {_short(column)} reaches from {low:g} to {high:g}, which float64 "
            f"cannot scale. Write it in another unit."
        )


def _interpolate(values: np.ndarray) -> np.ndarray:
    """Return (rows,) `values` with NaN filled in linearly; at least one is a number."""
    missing = np.isnan(values)
    rows = np.arange(len(values))
    filled = values.copy()
    filled[missing] = np.interp(rows[missing], rows[~missing], values[~missing])
    return filled


def _check_finite(
    numbers: dict[str, np.ndarray],
    cells: dict[str, tuple[str, ...]],
    lines: Sequence[int],
    shown: str,
) -> None:
    """Raise Unreadable if a column holds an infinite number."""
    for column, values in numbers.items():
        infinite = np.flatnonzero(np.isinf(values))
        if infinite.size:
            row = int(infinite[0])
            raise Unreadable(
                f"Line {lines[row]} of {shown} has {_short(cells[column][row])} in the column "
                f"{_short(column)}, but numbers must be finite. Leave the cell empty if there is "
                f"no value."
            )


def _check_decimal_sign(
    cells: dict[str, tuple[str, ...]], lines: Sequence[int], shown: str
) -> None:
    """Raise Unreadable if some numbers have a comma and others a point."""
    places: dict[str, str] = {}
    for texts in cells.values():
        for row, text in enumerate(texts):
            for sign in ",.":
                if sign in text and sign not in places:
                    places[sign] = f"{_short(text)} in line {lines[row]}"
    if len(places) == 2:
        raise Unreadable(
            f"{shown} has {places[',']} and {places['.']}, so it is not clear which is the "
            f"decimal sign. Write all numbers with the same one, and none for thousands."
        )


def _short(text: str) -> str:
    """Return `text` in quotation marks, on one line and cut to 40 characters."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= 40 else line[:39] + '…'}”"


def _too_many(shown: str) -> Unreadable:
    return Unreadable(
        f"{shown} has more than {MOST_ROWS:,} rows. Cut it to its last {MOST_ROWS:,}, or average "
        f"over longer spans."
    )


def _decode(data: bytes, shown: str) -> str:
    """Return the text of `data`, or raise Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"{shown} is larger than {MOST_BYTES // 2**20} MB. Leave out columns or rows you do "
            f"not need."
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(f"{shown} is in UTF-16. Save it as UTF-8.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(
            f"{shown} is not a CSV file but a workbook or an archive. Save the sheet as CSV in "
            f"UTF-8."
        )
    control = _CONTROL.search(data)
    if control:
        raise Unreadable(
            f"{shown} is not a CSV file: byte {control.start() + 1:,} is no part of any text. "
            f"Save the data as CSV in UTF-8."
        )
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        raise Unreadable(
            f"{shown} is not in UTF-8: byte 0x{body[error.start]:02X} in line {line} does not "
            f"fit. Save it as UTF-8."
        ) from None
    if not text.strip():
        raise Unreadable(f"{shown} is empty.")
    return text.rstrip("\r\n")  # blank lines at the end do not count, and there may be millions


def _reader(text: str, separator: str) -> Any:
    # Strict, so that a stray quotation mark is an error and does not swallow the lines after it.
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )


def _sniff(text: str) -> str:
    """Return the separator of `text`.

    That is one that cuts all of the first lines into the same number of fields, more than one;
    if none does, the one that cuts the first line into most, so that the error tells of it. A
    single column counts as separated by commas: whether its commas are decimal is not to be known.
    """
    first = dict.fromkeys(SEPARATORS, 1)
    for separator in SEPARATORS:
        widths = []
        try:
            for row in itertools.islice(_reader(text, separator), SNIFFED_LINES):
                if len(row) > 1 or (row and row[0].strip()):
                    widths.append(len(row))
        except csv.Error:
            widths.append(0)
        if widths and min(widths) == max(widths) > 1:
            return separator
        first[separator] = max(widths[:1], default=1)
    return max(reversed(SEPARATORS), key=lambda separator: first[separator])


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
        yield line, row if len(row) > 1 or (row and row[0].strip()) else []
        line = reader.line_num + 1


def _rows(text: str, separator: str, shown: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows of `text`, all of the same width, and the line each begins in."""
    rows: list[list[str]] = []
    lines: list[int] = []
    width = last = 0
    for line, row in _read_rows(text, separator, shown):
        filled = any(cell.strip() for cell in row)
        if (not row and width != 1) or not (rows or filled):
            continue
        if not rows:
            width = len(row)
            if width > MOST_COLUMNS:
                raise Unreadable(
                    f"{shown} has {width:,} columns, but at most {MOST_COLUMNS:,} can be read."
                )
        row = row or [""]
        if len(row) != width:
            hint = " A decimal comma needs semicolons or tabs between the columns."
            raise Unreadable(
                f"Line {line} of {shown} has {_fields(len(row))}, but line {lines[0]} has "
                f"{_fields(width)}. Every line must have as many, separated by commas, semicolons "
                f"or tabs.{hint if separator == ',' else ''}"
            )
        if len(rows) <= MOST_ROWS + 1:
            rows.append(row)
            lines.append(line)
            last = len(rows) if filled else last
        elif filled:
            raise _too_many(shown)
    if not last:
        raise Unreadable(f"{shown} is empty.")
    return rows[:last], lines[:last]


def _fields(count: int) -> str:
    return f"{count:,} field{'s' * (count != 1)}"


def _names(header: Sequence[str]) -> list[str]:
    """Return a name for each column, no two the same."""
    cleaned = [" ".join(name.split()) for name in header]
    wanted = [name or f"column {k}" for k, name in enumerate(cleaned, 1)]
    names: list[str] = []
    taken = set(wanted)
    for name in wanted:
        unique = name
        if name in names:
            unique = next(
                other for n in itertools.count(2) if (other := f"{name} ({n})") not in taken
            )
            taken.add(unique)
        names.append(unique)
    return names


def _number(cell: str, decimal_comma: bool) -> float | None:
    """Return the number in `cell`, NaN for a gap, or None for anything else."""
    text = cell.strip()
    if text.casefold() in GAPS:
        return np.nan
    if _POINT.fullmatch(text):
        return float(text)
    if decimal_comma and _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return float(text) if _INFINITE.fullmatch(text) else None


def _numbers(cells: Sequence[str], decimal_comma: bool) -> np.ndarray | int:
    """Return the numbers in a column's `cells`, (rows,) float64, or the first row that is text."""
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        number = _number(cell, decimal_comma)
        if number is None:
            return row
        values[row] = number
    return values
