"""How a visitor's own file was read, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.quoting import quoted
from fibattn.tasks.file import LeftOut, Odd, Raw, Time
from fibattn.words.notation import counted

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces"}
SIGNS = {".": "point", ",": "comma"}
# Of more columns, the rest is counted.
MOST_NAMED = 5
# A table of more columns is cut.
MOST_SHOWN = 8

WHAT_A_FILE_LOOKS_LIKE = (
    "A file has a header, and below it a row for each point in time, oldest first; a column of "
    "dates may stand in it, and at least one column of numbers must. Columns are separated by "
    "commas, semicolons, tabs or spaces, and the text is in UTF-8."
)
SAMPLE = "Yearly sunspot numbers, 1700 to 2008."


@dataclass(frozen=True)
class Doubt:
    """A choice in reading that could be otherwise.

    name, value: of the choice on the page, and what it would be otherwise.
    sentence: what was taken, and what leaves it open.
    other: the other reading, as a button says it.
    """

    name: str
    value: Any
    sentence: str
    other: str


def how_read(raw: Raw) -> str:
    """Return in Markdown, in one paragraph, how the file was cut and which columns are left out."""
    how = raw.how
    header = "a header" if how.has_header else "no header"
    cut = (
        f"columns separated by {SEPARATORS[how.separator]}" if len(how.names) > 1 else "one column"
    )
    words = [
        f"{counted(raw.rows, 'row')}, {header}, {cut}, decimal {SIGNS[how.decimal]}.",
        order(raw),
    ]
    for name, odd in list(raw.skipped.items())[:MOST_NAMED]:
        words.append(left_out(name, odd, how.time))
    if len(raw.skipped) > MOST_NAMED:
        words.append(f"{len(raw.skipped) - MOST_NAMED} more columns are left out.")
    return " ".join(words)


def order(raw: Raw) -> str:
    """Return which column is time, how it runs in the file, and in which order the rows are."""
    time, taken = raw.how.time, raw.how.order
    if time is None:
        if taken == "turned":
            return "No column looks like time; the rows are turned round, the last one first."
        return "No column looks like time; the rows are taken as oldest first."
    runs = {
        "rising": "runs forward",
        "falling": "runs backwards, newest first",
        "mixed": "runs to and fro",
    }[time.runs]
    if time.odd:
        runs += f" (line {time.odd.line}, {quoted(time.odd.text)}, is earlier than the one before)"
    ordered = {
        "file": "the rows stay as they are in the file",
        "turned": "the rows are turned round, the last one first",
        "time": "the rows are sorted, oldest first",
    }[taken]
    if taken == "time" and time.runs != "mixed":
        ordered = {
            "rising": "the rows stay as they are in the file",
            "falling": "the rows are turned round, oldest first",
        }[time.runs]
    within = f", and {quoted(time.within)} within it" if time.within else ""
    return f"Time is {quoted(time.column)}{within}; it {runs}, and {ordered}."


def left_out(name: str, odd: LeftOut, time: Time | None) -> str:
    """Return why a column is not among those of numbers, with the first cell that makes it so."""
    if time and time.column == name:
        return f"Left out as time: {quoted(name)}, line {odd.line} has {quoted(odd.text)}."
    if odd.why == "empty":
        return f"Left out: {quoted(name)}, as no cell of it is filled."
    if odd.why == "digits":
        return (
            f"Left out: {quoted(name)}, as line {odd.line} has {quoted(odd.text)}: float64 holds "
            f"16 digits, and cannot tell these integers apart."
        )
    return f"Left out: {quoted(name)}, as line {odd.line} has {quoted(odd.text)}."


def cells_read(raw: Raw) -> list[str]:
    """Return a sentence for each kind of line or cell that is not just a number or empty."""
    how = raw.how
    kept = [quoted(name) for name in raw.columns]
    words = [f"Columns of numbers: {_some(kept)}."]
    for odd in how.titles:
        words.append(f"Line {odd.line} is left out as a title: {quoted(odd.text)}.")
    if how.time and how.time.again and not how.time.within:
        again = how.time.again
        words.append(
            f"Times come again, first {quoted(again.text)} in line {again.line}: the file may hold "
            f"several series."
        )
    if how.timeless:
        rows = how.timeless
        has, stays = ("has", "stays") if rows.count == 1 else ("have", "stay")
        words.append(
            f"{counted(rows.count, 'row')} {has} no time in {quoted(rows.column)} and {stays} in "
            f"place, first {quoted(rows.text)} in line {rows.line}."
        )
    for odd in how.ends:
        words.append(f"Line {odd.line} is left out as no point in time: {quoted(odd.text)}.")
    odd_cells = [
        f"{_cells(each.count)} of {quoted(name)} {_is(each.count)} unlike the others and left out, "
        f"first {quoted(each.text)} in line {each.line}."
        for name, each in how.odd.items()
    ]
    signs = [
        f"{_cells(each.count)} of {quoted(name)} {_is(each.count)} read {_AS[sign]}, "
        f"first {quoted(each.text)} in line {each.line}."
        for name, by_sign in how.signs.items()
        for sign, each in by_sign.items()
    ]
    missing = [
        f"{quoted(text)} is read as missing in {_cells(each.count)}, first in {quoted(each.column)}"
        f", line {each.line}."
        for text, each in how.missing.items()
    ]
    for sentences in (odd_cells, signs, missing):
        words.extend(sentences[:MOST_NAMED])
        if len(sentences) > MOST_NAMED:
            words.append(f"{len(sentences) - MOST_NAMED} more like these.")
    return words


class _Signs(dict[str, str]):
    def __missing__(self, sign: str) -> str:
        return f"without the sign {quoted(sign)}"


_AS = _Signs(
    {
        "%": "in per cent",
        "(": "as negative, as brackets say",
        ",": "with marks between thousands",
        "T": "as 1 for TRUE and 0 for FALSE",
    }
)


def _cells(count: int) -> str:
    return f"{count:,} cell{'s' * (count != 1)}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def doubts(raw: Raw) -> list[Doubt]:
    """Return each choice that could as well be otherwise, with the other reading."""
    return [_doubt(raw, name, odd) for name, odd in raw.how.doubts.items()]


def _doubt(raw: Raw, name: str, odd: Odd) -> Doubt:
    how, cell = raw.how, f"{quoted(odd.text)} in line {odd.line}"
    if name == "header":
        if how.has_header:
            words = f"The first row, {cell}, is taken for the columns' names; it could be data."
            return Doubt("file_header", "no", words, "The first row is data")
        words = f"The first row, {cell}, is taken for data; it could be the columns' names."
        return Doubt("file_header", "yes", words, "The first row holds names")
    if name == "decimal":
        other = "," if how.decimal == "." else "."
        words = (
            f"{cell} is read with a decimal {SIGNS[how.decimal]}; it could be a "
            f"decimal {SIGNS[other]}, as no number in the file decides it."
        )
        label = f"The {SIGNS[other]} is the decimal sign"
        return Doubt("file_decimal", SIGNS[other], words, label)
    if name == "halves":
        if how.separator == ",":
            words = f"{cell} is read as two columns; it could be one number with a decimal comma."
            return Doubt("file_decimal", "comma", words, "It is one number")
        words = (
            f"{cell} is read as one number with a decimal comma, as a whole number does not begin "
            f"with 0; it could be two columns."
        )
        return Doubt("file_decimal", "point", words, "It is two columns")
    if name == "spaces":
        words = f"{cell} is read as one number with spaces between thousands; it could be several."
        return Doubt("file_spaces", "columns", words, "Spaces separate columns")
    if name == "order":
        if how.order == "time":
            label, value, words = "Keep the file's order", "file", "The rows are sorted by time"
        else:
            label, value, words = "Sort the rows by time", "time", "The rows are not in order"
        return Doubt("file_order", value, f"{words}: {cell}, is earlier than before.", label)
    if name == "codes":
        listed = _some(
            [f"{quoted(each.text)} in {quoted(column)}" for column, each in how.codes.items()]
        )
        words = f"Far from all other numbers, these are read as missing: {listed}."
        return Doubt("file_codes", "numbers", words, "They are numbers")
    if name == "days":
        other = how.time.other if how.time else "month"
        taken = "day" if other == "month" else "month"
        words = f"In {cell} the {taken} is taken to stand first; it could be the {other}."
        return Doubt("file_days", other, words, f"The {other} stands first")
    if how.timeless and odd.line == how.timeless.line:
        words = f"The row of {cell} has no time, and is kept where it stands."
        return Doubt("file_totals", "out", words, "Leave out rows without a time")
    words = f"The row of {cell} is left out, as it is no point in time."
    return Doubt("file_totals", "keep", words, "It is data")


def first_rows(raw: Raw) -> str:
    """Return the first rows as they were read, as a table in Markdown.

    Numbers stand as numbers; cells of columns that are left out stand in italics.
    """
    names = [name for name in raw.how.names if name in raw.columns or name in raw.skipped]
    shown = names[:MOST_SHOWN]
    more = ["…"] if len(names) > MOST_SHOWN else []
    lines = ["|".join(["line", *map(_cell, shown), *more]), "|".join("-" * len([0, *shown, *more]))]
    for row, texts in enumerate(raw.how.head):
        by_name = dict(zip(raw.how.names, texts, strict=True))
        cells = [
            _number(raw.columns[name][row]) if name in raw.columns else _left_out(by_name[name])
            for name in shown
        ]
        lines.append("|".join([str(raw.lines[row]), *cells, *more]))
    return "\n".join(f"|{line}|" for line in lines)


def _number(value: float) -> str:
    return "missing" if np.isnan(value) else f"{value:.12g}"


def _left_out(text: str) -> str:
    return f"*{cell}*" if (cell := _cell(text)) else ""


def _cell(text: str) -> str:
    """Return a file's text for a table in Markdown, in which a bar ends even a code span."""
    return quoted(text, most=20).replace("|", "¦") if text.strip() else ""


def sentences(raw: Raw) -> list[str]:
    """Return every sentence on how the file was read."""
    return [how_read(raw), *cells_read(raw)]
