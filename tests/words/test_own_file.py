"""How a file was read, in sentences."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn.tasks.file import read
from fibattn.tasks.file.raw import How, Odd, Raw, Time, Wish
from fibattn.words import own_file
from fibattn.words.own_file import Doubt, cells_read, doubts, first_rows, how_read, order, sentences

DATED = b"d,y\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n"


def a_file(text: bytes, **wish) -> Raw:
    return read(text, "x.csv", Wish(**wish))


def test_what_was_read_and_what_is_left_out():
    words = how_read(a_file(b"d;a;b\n1.1.2020;x;3\n2.1.2020;y;4\n"))
    assert words == (
        "2 rows, a header, columns separated by semicolons, decimal point. Time is `d`; it runs "
        "forward, and the rows stay as they are in the file. Left out as time: `d`, line 2 has "
        "`1.1.2020`. Left out: `a`, as line 2 has `x`."
    )


def test_strangers_words_are_quoted_and_many_columns_counted():
    header = ",".join(f"![{n}](x)" for n in range(8))
    words = how_read(a_file(f"{header},y\n{'a,' * 8}1\n{'b,' * 8}2\n".encode()))
    assert words.count("`![") == 5
    assert words.endswith("3 more columns are left out.")
    assert how_read(a_file(b"1\n2\n3\n")).startswith(
        "3 rows, no header, one column, decimal point."
    )
    five = ",".join(f"a{n}" for n in range(5))
    words = how_read(a_file(f"{five},y\n{'a,' * 5}1\n{'b,' * 5}2\n".encode()))
    assert words.count("Left out:") == 5 and "more columns" not in words


@pytest.mark.parametrize(
    ("sign", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
def test_the_separator_has_its_name(sign, name):
    raw = a_file(f"a{sign}b\n1{sign}2\n3{sign}4\n".encode())
    assert f"columns separated by {name}," in how_read(raw)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (
            ("12345678901234567", "12345678901234568"),
            "Left out: `a`, as line 2 has `12345678901234567`: float64 holds 16 digits, and cannot "
            "tell these integers apart.",
        ),
        (("", ""), "Left out: `a`, as no cell of it is filled."),
        (("x", "y"), "Left out: `a`, as line 2 has `x`."),
    ],
)
def test_a_column_that_is_left_out_has_its_reason(column, reason):
    text = f"a,y\n{column[0]},1\n{column[1]},2\n"
    assert how_read(a_file(text.encode())).endswith(f" {reason}")


# --- time, and the order of the rows

FORWARD, BACKWARDS = Time("d", "rising"), Time("d", "falling")
TO_AND_FRO = Time("d", "mixed", Odd(7, "5"))
STAY, TURNED = "the rows stay as they are in the file", "the rows are turned round"


@pytest.mark.parametrize(
    ("time", "taken", "said"),
    [
        (None, "file", "No column looks like time; the rows are taken as oldest first."),
        (None, "time", "No column looks like time; the rows are taken as oldest first."),
        (None, "turned", f"No column looks like time; {TURNED}, the last one first."),
        (FORWARD, "file", f"Time is `d`; it runs forward, and {STAY}."),
        (FORWARD, "turned", f"Time is `d`; it runs forward, and {TURNED}, the last one first."),
        (FORWARD, "time", f"Time is `d`; it runs forward, and {STAY}."),
        (BACKWARDS, "file", f"Time is `d`; it runs backwards, newest first, and {STAY}."),
        (
            BACKWARDS,
            "turned",
            f"Time is `d`; it runs backwards, newest first, and {TURNED}, the last one first.",
        ),
        (
            BACKWARDS,
            "time",
            f"Time is `d`; it runs backwards, newest first, and {TURNED}, oldest first.",
        ),
        (
            TO_AND_FRO,
            "file",
            "Time is `d`; it runs to and fro (line 7, `5`, is earlier than the one before), and "
            f"{STAY}.",
        ),
        (
            TO_AND_FRO,
            "time",
            "Time is `d`; it runs to and fro (line 7, `5`, is earlier than the one before), and "
            "the rows are sorted, oldest first.",
        ),
    ],
)
def test_the_order_of_the_rows_is_said_with_its_reason(time, taken, said):
    raw = Raw("x.csv", {}, {}, np.arange(3), How(time=time, order=taken))
    assert order(raw) == said


# --- lines and cells that are not just numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            b"A title\nd,y\n2020-01-01,1\n2020-01-02,2\n",
            "Line 1 is left out as a title: `A title`.",
        ),
        (DATED + b"Total,6\n", "Line 5 is left out as no point in time: `Total, 6`."),
        (
            b"y\n" + b"1\n" * 9 + b"12*\n",
            "1 cell of `y` is unlike the others and left out, first `12*` in line 11.",
        ),
        (
            b"a;y\n$5;1\n$6;2\n7;3\n",
            "2 cells of `a` are read without the sign `$`, first `$5` in line 2.",
        ),
        (b"a;y\n5%;1\n6%;2\n", "2 cells of `a` are read in per cent, first `5%` in line 2."),
        (
            b"a;y\n(5);1\n6;2\n(7);3\n",
            "2 cells of `a` are read as negative, as brackets say, first `(5)` in line 2.",
        ),
        (
            b"a;y\n1'234;1\n1'235;2\n",
            "2 cells of `a` are read with marks between thousands, first `1'234` in line 2.",
        ),
        (
            b"a,y\nTRUE,1\nFALSE,2\n",
            "2 cells of `a` are read as 1 for TRUE and 0 for FALSE, first `TRUE` in line 2.",
        ),
        (
            b"a,b\n1,NA\n2,5\nNA,6\n4,NA\n",
            "`NA` is read as missing in 3 cells, first in `a`, line 4.",
        ),
    ],
)
def test_each_kind_of_line_and_cell_has_a_sentence(text, said):
    raw = a_file(text)
    assert said in cells_read(raw)
    assert len(cells_read(raw)) == 2
    assert sentences(raw) == [how_read(raw), *cells_read(raw)]


def test_of_many_alike_the_rest_is_counted():
    columns = [f"a{n}" for n in range(10)]

    def of_kept(count):
        rows = "\n".join(",".join([f"{k}%"] * count) for k in range(4))
        return cells_read(a_file(f"{','.join(columns[:count])}\n{rows}\n".encode()))

    eight = ", ".join(f"`{name}`" for name in columns[:8])
    assert of_kept(8)[0] == f"Columns of numbers: {eight}."
    assert of_kept(9)[0] == f"Columns of numbers: {eight} and 1 more."
    assert of_kept(10)[0] == f"Columns of numbers: {eight} and 2 more."
    assert len(of_kept(5)) == 1 + 5 and "more like these" not in of_kept(5)[-1]
    assert len(of_kept(10)) == 1 + 5 + 1 and of_kept(10)[-1] == "5 more like these."


# --- what could be read otherwise


@pytest.mark.parametrize(
    ("text", "field", "value", "sentence", "other"),
    [
        (
            b"a;b\n1,234;2\n2,345;3\n",
            "file_decimal",
            "point",
            "`1,234` in line 2 is read with a decimal comma; it could be a decimal point, as no "
            "number in the file decides it.",
            "The point is the decimal sign",
        ),
        (
            b"d,y\n2020-01-03,1\n2020-01-01,2\n2020-01-02,3\n2020-01-04,3\n",
            "file_order",
            "file",
            "The rows are sorted by time: `2020-01-01` in line 3, is earlier than before.",
            "Keep the file's order",
        ),
        (
            b"y\n1\n2\n-999\n4\n3\n2\n1\n2\n",
            "file_codes",
            "numbers",
            "Far from all other numbers, these are read as missing: `-999` in `y`.",
            "They are numbers",
        ),
        (
            DATED + b"Total,6\n",
            "file_totals",
            "keep",
            "The row of `Total, 6` in line 5 is left out, as it is no point in time.",
            "It is data",
        ),
    ],
)
def test_the_other_reading_is_said_and_named(text, field, value, sentence, other):
    assert doubts(a_file(text)) == [Doubt(field, value, sentence, other)]


@pytest.mark.parametrize(
    ("kind", "how", "wanted"),
    [
        (
            "header",
            {"has_header": True},
            Doubt(
                "file_header",
                "no",
                "The first row, `5` in line 1, is taken for the columns' names; it could be data.",
                "The first row is data",
            ),
        ),
        (
            "header",
            {"has_header": False},
            Doubt(
                "file_header",
                "yes",
                "The first row, `5` in line 1, is taken for data; it could be the columns' names.",
                "The first row holds names",
            ),
        ),
        (
            "decimal",
            {"decimal": "."},
            Doubt(
                "file_decimal",
                "comma",
                "`5` in line 1 is read with a decimal point; it could be a decimal comma, as no "
                "number in the file decides it.",
                "The comma is the decimal sign",
            ),
        ),
        (
            "order",
            {"order": "file"},
            Doubt(
                "file_order",
                "time",
                "The rows are not in order: `5` in line 1, is earlier than before.",
                "Sort the rows by time",
            ),
        ),
    ],
)
def test_it_is_said_which_of_two_readings_was_taken(kind, how, wanted):
    made = How(**how, doubts={kind: Odd(1, "5")})
    assert doubts(Raw("x.csv", {}, {}, np.arange(3), made)) == [wanted]


# --- the first rows


def test_the_first_rows_stand_as_they_were_read():
    raw = a_file(b"d,y,z\n2020-01-03,12*,\n2020-01-02,0.25,\n2020-01-01,1e3,\n" + b"x,5,\n" * 9)
    assert first_rows(raw).splitlines()[:5] == [
        "|line|`d`|`y`|`z`|",
        "|-|-|-|-|",
        "|2|*`2020-01-03`*|missing||",
        "|3|*`2020-01-02`*|0.25||",
        "|4|*`2020-01-01`*|1000||",
    ]


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, "…|")])
def test_a_table_of_many_columns_is_cut(count, more):
    names = [f"c{n}" for n in range(count)]
    numbers = [str(9 - n) for n in range(count)]
    text = "\n".join(",".join(each) for each in (names, numbers, numbers))
    lines = first_rows(a_file(f"{text}\n".encode())).splitlines()
    assert lines[0] == "|line|" + "".join(f"`{name}`|" for name in names[:8]) + more
    assert lines[1] == "|" + "-|" * (9 + len(more) // 2)
    assert lines[2] == "|2|" + "".join(f"{number}|" for number in numbers[:8]) + more


def test_a_bar_in_a_cell_does_not_end_it():
    assert own_file.first_rows(a_file(b"a|b,y\nx|z,1\nw,2\n")).splitlines()[2] == "|2|*`x¦z`*|1|"


def test_it_is_said_what_a_file_looks_like():
    assert own_file.WHAT_A_FILE_LOOKS_LIKE == (
        "A file has a header, and below it a row for each point in time, oldest first; a column of "
        "dates may stand in it, and at least one column of numbers must. Columns are separated by "
        "commas, semicolons, tabs or spaces, and the text is in UTF-8."
    )
    assert own_file.SAMPLE == "Yearly sunspot numbers, 1700 to 2008."
