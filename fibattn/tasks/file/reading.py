"""Reading a visitor's file: from its bytes to numbers, and an account of how.

The csv module cuts the text, and all else is decided in this package: csv.Sniffer, clevercsv and
pandas tell neither decimal commas nor titles nor totals, and no line of a cell that is no number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fibattn.quoting import quoted
from fibattn.tasks.file.cells import Column, lost_digits, read_column
from fibattn.tasks.file.clock import Clock, clock, is_called_time
from fibattn.tasks.file.codes import codes_of
from fibattn.tasks.file.decimal_sign import Sign, decimal_sign
from fibattn.tasks.file.header import Judged, judge, names_of
from fibattn.tasks.file.limits import MOST_ROWS, Unreadable, too_many
from fibattn.tasks.file.raw import Counted, How, LeftOut, Odd, Order, Raw, Wish
from fibattn.tasks.file.rows import Cut, cut
from fibattn.tasks.file.text import decode
from fibattn.tasks.file.times import are_months, is_time
from fibattn.tasks.file.totals import rows_without_time, totals_at_end

# So many rows are kept as they were read, to be shown.
HEAD_ROWS = 5
AS_FOUND = Wish()


def read(data: bytes, name: str, wish: Wish = AS_FOUND) -> Raw:
    """Return the numeric columns of a CSV file in UTF-8.

    Columns are separated by commas, semicolons, tabs, vertical bars or spaces. Where a file can be
    read in two ways the likelier is taken, and `Raw.how` says which could as well be otherwise.

    Args:
        data: the file.
        name: what it is called.
        wish: in which way to read what can be read in several.

    Raises Unreadable with a sentence that says what is wrong, where, and what would be right.
    """
    shown = quoted(name)
    table = cut(decode(data, shown), shown, wish)
    body = _body(table, shown, wish)
    sign, taken, time = _columns(body, table.separator, shown, wish)
    if time and (out := _out(time, body, taken, wish)):
        body = body.without(out, is_doubt=wish.totals is None)
        sign, taken, time = _columns(body, table.separator, shown, wish)
    if not set(taken.numbers) - {time.time.column if time else None}:
        raise _no_numbers(shown, taken.skipped, next(iter(taken.numbers), None))
    order, rows = _order(time, len(body.rows), wish)
    numbers = {column: values[rows] for column, values in taken.numbers.items()}
    numbered = np.array(body.lines, np.int64)[rows]
    for array in (numbered, *numbers.values()):
        array.flags.writeable = False
    how = How(
        separator=table.separator,
        has_header=bool(body.header),
        decimal=sign.sign,
        order=order,
        time=time.time if time else None,
        titles=table.titles,
        ends=(*body.totals, *table.notes),
        timeless=_timeless(time, body) if time else None,
        doubts=_doubts(wish, body, sign, taken, time),
        head=tuple(tuple(body.rows[row]) for row in rows[:HEAD_ROWS]),
        names=tuple(body.names),
        **taken.account,
    )
    return Raw(name, numbers, taken.skipped, numbered, how)


@dataclass(frozen=True)
class _Body:
    """The rows of a table: its header, [] if it has none, its data, and the totals left out."""

    header: list[str]
    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    totals: tuple[Odd, ...]
    doubts: dict[str, Odd]

    def without(self, out: Sequence[int], is_doubt: bool) -> _Body:
        """Return it without some rows, which are no points in time."""
        found = tuple(Odd(self.lines[row], _joined(self.rows[row])) for row in out)
        kept = [row for row in range(len(self.rows)) if row not in set(out)]
        return replace(
            self,
            rows=[self.rows[row] for row in kept],
            lines=[self.lines[row] for row in kept],
            totals=tuple(sorted((*found, *self.totals), key=lambda each: each.line)),
            doubts={"totals": found[0]} | self.doubts if is_doubt else self.doubts,
        )


def _body(table: Cut, shown: str, wish: Wish) -> _Body:
    judged = judge(table.rows) if wish.header is None else Judged(wish.header)
    doubts = dict(table.doubts)
    if judged.doubt:
        doubts["header"] = Odd(table.lines[0], _joined(table.rows[0]))
    header = table.rows[0] if judged.has_header else []
    rows, lines = table.rows[judged.has_header :], table.lines[judged.has_header :]
    if not rows:
        raise Unreadable(f"{shown} has a header in line {table.lines[0]} but no rows below it.")
    end = len(rows) - totals_at_end(rows)
    totals = tuple(Odd(line, _joined(row)) for row, line in zip(rows, lines, strict=True))[end:]
    if totals and wish.totals is None:
        doubts["totals"] = totals[0]
    if wish.totals is False:
        end, totals = len(rows), ()
    if end > MOST_ROWS:
        raise too_many(shown)
    names = names_of(header or [""] * len(rows[0]))
    return _Body(header, names, rows[:end], lines[:end], totals, doubts)


def _joined(row: Sequence[str]) -> str:
    return ", ".join(cell.strip() for cell in row[:8] if cell.strip())


def _columns(
    body: _Body, separator: str, shown: str, wish: Wish
) -> tuple[Sign, _Taken, Clock | None]:
    """Read the columns: the decimal sign, their numbers, and which of them is time."""
    # One by one: as a list at once, all other pages of the server would wait for it.
    columns = [cells for cells in zip(*body.rows, strict=True)]  # noqa: C416
    sign = _sign(columns, body, separator, shown, wish)
    taken = _Taken(body.lines)
    for k, (column, cells) in enumerate(zip(body.names, columns, strict=True)):
        taken.take(column, cells, sign.sign, is_named=bool(body.header and body.header[k].strip()))
    taken.take_codes(wish)
    filled = {
        name: columns[k]
        for k, name in enumerate(body.names)
        if name in taken.numbers or (name in taken.skipped and taken.skipped[name].why != "empty")
    }
    return sign, taken, clock(filled, taken.numbers, body.lines, wish.days)


def _sign(
    columns: Sequence[Sequence[str]], body: _Body, separator: str, shown: str, wish: Wish
) -> Sign:
    if wish.decimal is not None:
        return Sign(wish.decimal)
    amounts = [
        cells
        for name, cells in zip(body.names, columns, strict=True)
        if not (are_months(cells) or is_called_time(name, False) or _is_constant(cells))
    ]
    others = [cells for cells in columns if not are_months(cells)]
    # What is no amount, as 8.30 for half past eight, decides only where no amount has a sign.
    for few in (amounts, others):
        if any("." in cell or "," in cell for cells in few for cell in cells):
            return decimal_sign(few, body.lines, separator, shown)
    return decimal_sign(others, body.lines, separator, shown)


def _is_constant(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(cell == cells[0] for cell in cells)


def _out(time: Clock, body: _Body, taken: _Taken, wish: Wish) -> list[int]:
    """Return the rows that are left out, as they have no time."""
    if wish.totals is False:
        return []
    if wish.totals:
        out = np.flatnonzero(np.isnan(time.moments)).tolist()
        return out if len(out) < len(body.rows) else []
    cells = [row[body.names.index(time.time.column)] for row in body.rows]
    # What looks like a time but is none, as 2020-02-30, is a point in time whose cell is wrong.
    has_none = (np.isnan(time.moments) & ~time.likes_time).tolist()
    return rows_without_time(has_none, body.rows, cells) if any(has_none) else []


def _timeless(time: Clock, body: _Body) -> Counted | None:
    """Return the rows that are kept though they have no time."""
    rows = np.flatnonzero(np.isnan(time.moments)).tolist()
    if not rows:
        return None
    text = body.rows[rows[0]][body.names.index(time.time.column)]
    return Counted(body.lines[rows[0]], text, len(rows), time.time.column)


@dataclass
class _Taken:
    """The columns read so far; see `How` for what is said of them."""

    lines: Sequence[int]
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    skipped: dict[str, LeftOut] = field(default_factory=dict)
    odd: dict[str, Counted] = field(default_factory=dict)
    signs: dict[str, dict[str, Counted]] = field(default_factory=dict)
    missing: dict[str, Counted] = field(default_factory=dict)
    codes: dict[str, Counted] = field(default_factory=dict)

    def take(self, name: str, cells: Sequence[str], decimal: str, is_named: bool) -> None:
        """Read a column. One with neither name nor number is no column: each line ends with a sign.

        A month such as 12.2020 is not taken for a number.
        """
        column = read_column(cells, decimal)
        if column.values is None:
            self.skipped[name] = self._left_out(cells, column.odd[0], "words")
        elif np.isnan(column.values).all():
            if is_named or column.odd:
                self.skipped[name] = self._left_out(cells, 0, "empty")
        elif are_months(cells):
            self.skipped[name] = self._left_out(cells, 0, "words")
        elif (row := lost_digits(column.values, cells)) is not None:
            self.skipped[name] = self._left_out(cells, row, "digits")
        else:
            self.numbers[name] = column.values
            self._take_account(name, cells, column)

    @property
    def account(self) -> dict[str, Any]:
        """What is said of the cells, by the fields of `How`."""
        return {name: getattr(self, name) for name in ("odd", "signs", "missing", "codes")}

    def _left_out(self, cells: Sequence[str], row: int, why: str) -> LeftOut:
        return LeftOut(self.lines[row], cells[row], why)  # type: ignore[arg-type]

    def _take_account(self, name: str, cells: Sequence[str], column: Column) -> None:
        """Note the cells of a column of numbers that are more than digits."""

        def counted(rows: Sequence[int]) -> Counted:
            return Counted(self.lines[rows[0]], cells[rows[0]], len(rows), name)

        if column.odd:
            self.odd[name] = counted(column.odd)
        if column.signs:
            self.signs[name] = {sign: counted(rows) for sign, rows in column.signs.items()}
        for text, rows in column.missing.items():
            found, before = counted(rows), self.missing.get(text)
            if before:
                found = Counted(before.line, before.text, before.count + len(rows), before.column)
            self.missing[text] = found

    def take_codes(self, wish: Wish) -> None:
        """Note numbers such as −999 that stand for missing; make them gaps unless unwished."""
        for name, values in self.numbers.items():
            codes = codes_of(values)
            if not codes:
                continue
            rows = np.flatnonzero(np.isin(values, codes))
            text = " and ".join(f"{code:g}" for code in codes)
            self.codes[name] = Counted(self.lines[rows[0]], text, len(rows), name)
            if wish.codes is not False:
                self.numbers[name] = np.where(np.isin(values, codes), np.nan, values)


def _no_numbers(shown: str, skipped: Mapping[str, LeftOut], time: str | None) -> Unreadable:
    """Return the error that names the first cell that is neither a number nor a gap.

    time: the column of numbers that counts time, if there is one.
    """
    no_column = f"{shown} has no column of numbers"
    if time:
        no_column += f" but {quoted(time)}, which counts time"
    for name, odd in skipped.items():
        if odd.why == "digits":
            return Unreadable(
                f"{no_column}: {quoted(odd.text)} in line {odd.line}, in {quoted(name)}, has more "
                f"digits than float64 tells apart; subtract the same number from all."
            )
    words = [each for each in skipped.items() if each[1].why == "words"]
    if words:
        name, odd = min(words, key=lambda each: (is_time(each[1].text), each[1].line))
        no_column += f": {quoted(odd.text)} in line {odd.line}, in {quoted(name)}, is none"
    return Unreadable(
        f"{no_column}. A column counts when its cells below the header are numbers or empty; "
        f"columns are separated by commas, semicolons, tabs or spaces."
    )


def _order(time: Clock | None, rows: int, wish: Wish) -> tuple[Order, np.ndarray]:
    """Return in which order the rows are taken, and their indices in it, (rows,).

    By time where there is a column of time that falls, or that runs to and fro without any moment
    twice; otherwise as in the file.
    """
    as_in_file = np.arange(rows)
    if wish.order == "file":
        return "file", as_in_file
    if wish.order == "turned":
        return "turned", as_in_file[::-1]
    if time is None:
        return "file", as_in_file
    if wish.order is None and time.time.runs == "mixed" and not time.is_unique:
        return "file", as_in_file
    return "time", time.by_time()


def _doubts(
    wish: Wish, body: _Body, sign: Sign, taken: _Taken, time: Clock | None
) -> dict[str, Odd]:
    """Return which of the wishes that the visitor has not expressed could be otherwise."""
    doubts = dict(body.doubts)
    if sign.doubt:
        doubts["decimal"] = sign.doubt
    if wish.order is None and time and time.time.odd:
        doubts["order"] = time.time.odd
    if wish.days is None and time and time.time.other:
        doubts["days"] = Odd(body.lines[0], body.rows[0][body.names.index(time.time.column)])
    kept = _timeless(time, body) if wish.totals is None and time else None
    if kept and "totals" not in doubts:
        doubts["totals"] = Odd(kept.line, kept.text)
    if wish.codes is None and taken.codes:
        first = next(iter(taken.codes.values()))
        doubts["codes"] = Odd(first.line, first.text)
    return doubts
