"""A visitor's file is read as its owner means it: literal files, and the numbers they hold."""

import math

import numpy as np
import pytest

from fibattn.tasks.file import (
    Counted,
    LeftOut,
    Odd,
    Raw,
    Time,
    Unreadable,
    Wish,
    likely_target,
    read,
)

nan = math.nan


def parsed(text: str, **wish) -> Raw:
    return read(text.encode(), "x.csv", Wish(**wish))


def check(raw: Raw, **columns: list[float]) -> None:
    assert list(raw.columns) == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(raw.columns[name], values)


# Cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$5", 5),
        ("€ 5", 5),
        ("5 €", 5),
        ("-$5", -5),
        ("$-5", -5),
        ("(5)", -5),
        ("($1'234.50)", -1234.5),
        ("−5", -5),
        ("1'234", 1234),
        ("1’234’567", 1234567),
        ("1 234", 1234),
        ("1\u202f234.5", 1234.5),
        ('"1,234"', 1234),
        ('"1,234,567.5"', 1234567.5),
        ("+5", 5),
        (" 5 ", 5),
        ("5.", 5),
        ("1e3", 1000),
    ],
)  # fmt: skip
def test_a_number_is_read_as_what_it_says(cell, value):
    raw = parsed(f"d,a,b\n2020-01-01,1,7.5\n2020-01-02,{cell},8\n2020-01-03,3,9\n")
    check(raw, a=[1, value, 3], b=[7.5, 8, 9])
    assert not raw.how.odd


@pytest.mark.parametrize(
    "cell",
    [
        "12*",
        "5%",
        "TRUE",
        "<5",
        "~7",
        "12a",
        "1 23",
        "--5",
        "(-5)",
        "(5",
        "0x1F",
        "inf",
        "1e999",
        "5 kg",
        "12:30",
        "1_000",
        "£5 €",
        "+-5",
    ],
)
def test_one_odd_cell_is_missing_and_said_and_its_column_stays(cell):
    raw = parsed(f"d,a,b\n2020-01-01,1,7\n2020-01-02,{cell},8\n2020-01-03,3,9\n")
    check(raw, a=[1, nan, 3], b=[7, 8, 9])
    assert raw.how.odd == {"a": Counted(3, cell, 1, "a")}
    assert likely_target(raw) == "a"


@pytest.mark.parametrize("cell", [".", "..", "?", "None", "N/A", "n.a.", "#DIV/0!", "–", "null"])
def test_what_stands_for_missing_is_missing_and_said(cell):
    raw = parsed(f"d,a\n2020-01-01,1\n2020-01-02,{cell}\n2020-01-03,{cell}\n")
    check(raw, a=[1, nan, nan])
    assert raw.how.missing == {cell: Counted(3, cell, 2, "a")}


def test_signs_beside_the_digits_are_said_with_line_and_text():
    raw = parsed("a;b;c;d\n5%;$1,234;(3);TRUE\n6.5%;$7;4;false\n")
    check(raw, a=[5, 6.5], b=[1234, 7], c=[-3, 4], d=[1, 0])
    assert raw.how.signs == {
        "a": {"%": Counted(2, "5%", 2, "a")},
        "b": {"$": Counted(2, "$1,234", 2, "b"), ",": Counted(2, "$1,234", 1, "b")},
        "c": {"(": Counted(2, "(3)", 1, "c")},
        "d": {"T": Counted(2, "TRUE", 2, "d")},
    }


def test_another_currency_is_no_number_of_the_same_column():
    check(parsed("a,b\n$5,1\n$6,2\n€7,3\n8,4\n"), a=[5, 6, nan, 8], b=[1, 2, 3, 4])


@pytest.mark.parametrize(
    ("odd", "rows", "is_kept"),
    [
        (1, 3, True),
        (1, 2, False),
        (2, 5, True),
        (3, 9, False),
        (3, 30, False),
        (3, 33, True),
        (4, 33, False),
        (10, 110, True),
        (11, 110, False),
    ],
)
def test_a_few_odd_cells_leave_a_column_of_numbers_and_many_do_not(odd, rows, is_kept):
    cells = ["x"] * odd + [str(k) for k in range(rows - odd)]
    raw = parsed("a,b\n" + "".join(f"{cell},{k % 3}\n" for k, cell in enumerate(cells)))
    assert ("a" in raw.columns) == is_kept
    assert raw.skipped == ({} if is_kept else {"a": LeftOut(2, "x")})


@pytest.mark.parametrize(
    ("cells", "is_kept"),
    [
        (["9007199254740993", "9007199254740994", "9007199254740996"], False),
        (["1600000000000000001", "1600000000000000002", "1600000000000000003"], False),
        (["1600000000000000000", "1600000001000000000", "1600000002000000000"], True),
        (["1", "9007199254740993", "12200160415121876738"], True),  # Fibonacci: all is in the sizes
        (["9007199254740993"] * 3, True),
        (["9007199254740990", "9007199254740991", "9007199254740989"], True),
    ],
)
def test_integers_keep_their_differences_or_are_left_out(cells, is_kept):
    raw = parsed("a,b\n" + "".join(f"{cell},{k * k}\n" for k, cell in enumerate(cells)))
    if is_kept:
        check(raw, a=[float(cell) for cell in cells], b=[0, 1, 4])
    else:
        assert raw.skipped == {"a": LeftOut(2, cells[0], "digits")}


# The decimal sign


@pytest.mark.parametrize(
    ("text", "sign", "values", "is_open"),
    [
        ("y;z\n1,5;1\n2,25;2\n", ",", [1.5, 2.25], False),
        ("y;z\n1.5;1\n2.25;2\n", ".", [1.5, 2.25], False),
        ("y;z\n1.234,5;1\n2,25;2\n", ",", [1234.5, 2.25], False),
        ("y;z\n1,234.5;1\n2;2\n", ".", [1234.5, 2], False),
        ("y;z\n1,234;1\n2,5;2\n", ",", [1.234, 2.5], False),
        ("y;z\n1,234;1\n2.5;2\n", ".", [1234, 2.5], False),
        ("y\tz\n1,234\t1\n2,345\t2\n", ".", [1234, 2345], True),
        ("y;z\n1,234;1\n2,345;2\n", ",", [1.234, 2.345], True),
        ("y;z\n1.234;1\n2.345;2\n", ".", [1.234, 2.345], True),
        ("y,z\n1.234,1\n2.345,2\n", ".", [1.234, 2.345], False),
        ('y,z\n"1,5",1\n"2,5",2\n', ",", [1.5, 2.5], False),
        ('y,z\n"1,234",1\n"2,345",2\n', ".", [1234, 2345], True),
        ("y;z\n1.234.567;1\n2;2\n", ",", [1234567, 2], False),
        ("y;z\n0,123;1\n0,234;2\n", ",", [0.123, 0.234], False),
        ("y;z\n5;1\n6;2\n", ".", [5, 6], False),
        ("y\n5,0\n11,5\n", ",", [5, 11.5], False),
        ("y;z\n1.234;1\n999;2\n", ",", [1234, 999], True),
        ("y;z\n1,234;1\n999;2\n", ".", [1234, 999], True),
        ("y;z\n1,234;1\n0;2\n", ",", [1.234, 0], True),
        ("y;z\n1 234,5;1\n2\u202f345,5;2\n", ",", [1234.5, 2345.5], False),
    ],
)
def test_the_decimal_sign_is_what_the_numbers_say(text, sign, values, is_open):
    raw = parsed(text)
    assert raw.how.decimal == sign
    np.testing.assert_array_equal(raw.columns["y"], values)
    assert ("decimal" in raw.how.doubts) == is_open


def test_the_other_decimal_sign_can_be_chosen():
    text = "y;z\n1,234;1\n2,345;2\n"
    np.testing.assert_array_equal(parsed(text, decimal=".").columns["y"], [1234, 2345])
    np.testing.assert_array_equal(parsed(text, decimal=",").columns["y"], [1.234, 2.345])
    check(parsed("1,5\n2,6\n"), **{"column 1": [1, 2], "column 2": [5, 6]})
    check(parsed("1,5\n2,6\n", decimal=","), **{"column 1": [1.5, 2.6]})


def test_a_few_numbers_with_the_other_sign_are_missing():
    check(parsed("y;z\n1,5;1\n2,5;2\n3.5;3\n"), y=[1.5, 2.5, nan], z=[1, 2, 3])


def test_months_with_a_point_are_no_numbers():
    raw = parsed("m;y\n11.2020;1,5\n12.2020;2,5\n01.2021;3,5\n")
    check(raw, y=[1.5, 2.5, 3.5])
    assert raw.how.time == Time("m", "rising")


# The header


@pytest.mark.parametrize(
    ("text", "has_header", "is_open"),
    [
        (",0\n2020-01-01,5\n2020-01-02,6\n", True, False),
        ("2020-01-01,5\n2020-01-02,6\n", False, False),
        ("2020-01-01 10:00;5;x\n2020-01-01 11:00;6;y\n", False, True),
        ("date,y\n2020-01-01,5\n2020-01-02,6\n2020-01-03,7\n", True, False),
        ("A,1.5\nB,2.5\n", False, True),
        ("country,1990,1991,1992\nFR,5,6,7\nDE,4,3,2\n", True, True),
        ("Year,1990,1991,1992\n1,5,6,7\n2,4,3,2\n", True, False),
        ("0,1,2\n5,6,9\n4,7,2\n", True, True),
        ("1,2,3\n4,5,6\n", False, False),
        ("a,b\nx,1\ny,2\n", True, False),
        ("5\n7\n", False, False),
        ("0\n7\n", False, True),
        ("a,2000\n3,4\n", True, True),
    ],
)
def test_the_first_row_is_a_header_where_it_differs_from_those_below(text, has_header, is_open):
    raw = parsed(text)
    assert raw.has_header == has_header
    assert ("header" in raw.how.doubts) == is_open
    for wished in (True, False):
        other = parsed(text, header=wished)
        assert other.has_header == wished and "header" not in other.how.doubts


def test_titles_above_the_header_are_cut_off_and_said():
    raw = parsed("Some title\nYear,Jan,Feb\n1880,1,2\n1881,2,3\n")
    check(raw, Year=[1880, 1881], Jan=[1, 2], Feb=[2, 3])
    assert raw.how.titles == (Odd(1, "Some title"),) and raw.lines.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("above", "titles"),
    [
        ("Sales,,\n", [Odd(1, "Sales")]),
        ("Sales of 2020,in $\n\n", [Odd(1, "Sales of 2020, in $")]),
        ("# one\n# two\n", [Odd(1, "# one"), Odd(2, "# two")]),
        ('"Sales, in $"\n,,\n', [Odd(1, "Sales, in $")]),
    ],
)
def test_titles_of_spreadsheets_are_cut_off(above, titles):
    raw = parsed(above + "Year,Jan,Feb\n1880,1,2\n1881,2,3\n")
    check(raw, Year=[1880, 1881], Jan=[1, 2], Feb=[2, 3])
    assert list(raw.how.titles) == titles


@pytest.mark.parametrize("text", ["a,b\n1,2,3\n4,5,6\n", "title\n1,2.5\n3,4.5\n"])
def test_what_may_be_a_header_of_another_width_is_asked_about(text):
    with pytest.raises(
        Unreadable, match=r"^Line 2 of `x.csv` has [23] fields, but line 1 has [12]"
    ):
        parsed(text)


# The end


def test_totals_at_the_end_are_left_out_and_said():
    text = "Year,y\n2019,5\n2020,6\nTotal,999\n"
    raw = parsed(text)
    check(raw, Year=[2019, 2020], y=[5, 6])
    assert raw.how.ends == (Odd(4, "Total, 999"),) and "totals" in raw.how.doubts
    check(parsed(text, totals=False), Year=[2019, 2020, nan], y=[5, 6, 999])


@pytest.mark.parametrize(
    "word", ["TOTAL", "Grand total", "Sum:", "Average", "Mean", "Summe", "Max"]
)
def test_many_words_say_total(word):
    raw = parsed(f"d,y\n2020-01-01,5\n2020-01-02,6\n{word},999\n,\n")
    assert raw.columns["y"].tolist() == [5, 6] and raw.how.time == Time("d", "rising")


def test_totals_all_the_way_are_data():
    raw = parsed("kind,y\nTotal,5\nmen,6\nTotal,7\n")
    assert raw.columns["y"].tolist() == [5, 6, 7] and raw.how.ends == ()


def test_notes_below_the_table_are_cut_off_and_said():
    raw = parsed("d,y\n2020-01-01,5\n2020-01-02,6\n\nSource: me\n* revised\n")
    check(raw, y=[5, 6])
    assert raw.how.ends == (Odd(5, "Source: me"), Odd(6, "* revised"))


# Time


@pytest.mark.parametrize(
    "dates",
    [
        ["2020-01-02", "2020-01-10", "2020-02-01"],
        ["2020-01-02T09:00:00Z", "2020-01-02T10:00:00Z", "2020-01-02T11:30:00+00:00"],
        ["2.1.2020", "10.1.2020", "1.2.2020"],
        ["1/2/2020", "1/10/2020", "2/1/2020"],
        ["02/01/2020", "10/01/2020", "01/02/2020"],
        ["2020/01/02 23:00", "2020/01/03 01:00", "2020/01/03 02:00"],
        ["Jan 2020", "Feb 2020", "Apr 2020"],
        ["Jan 5, 2020", "Jan 12, 2020", "Apr 1, 2020"],
        ["5 January 2020", "12 January 2020", "1 April 2020"],
        ["01-Jan-20", "12-Jan-20", "01-Feb-20"],
        ["2019-Q4", "2020-Q1", "2020-Q2"],
        ["2019-W51", "2019-W52", "2020-W01"],
        ["2019-11", "2019-12", "2020-01"],
        ["2009/10", "2010/11", "2012/13"],
        ["9:30", "10:00", "10:30"],
        ["Mon, 06 Jan 2020", "Tue, 07 Jan 2020", "Wed, 08 Jan 2020"],
    ],
    ids=lambda dates: dates[0],
)
def test_a_file_is_read_oldest_first_whichever_way_it_runs(dates):
    def written(order):
        return "when;y\n" + "".join(f"{dates[k]};{k * k + 1}\n" for k in order)

    forward, backward = parsed(written([0, 1, 2])), parsed(written([2, 1, 0]))
    check(forward, y=[1, 2, 5])
    check(backward, y=[1, 2, 5])
    assert forward.how.time == Time("when", "rising")
    assert backward.how.time == Time("when", "falling")
    assert backward.lines.tolist() == [4, 3, 2]
    check(parsed(written([2, 1, 0]), order="file"), y=[5, 2, 1])


def test_years_that_fall_are_turned_round_and_other_numbers_are_not():
    check(parsed("Year,y\n2002,3\n2001,4\n2000,5\n"), Year=[2000, 2001, 2002], y=[5, 4, 3])
    check(parsed("fuel,y\n202,3\n201,4\n200,5\n"), fuel=[202, 201, 200], y=[3, 4, 5])
    check(parsed("fuel,y\n2,3\n1,4\n", order="turned"), fuel=[1, 2], y=[4, 3])


def test_days_and_years_without_a_name_are_time_too():
    raw = parsed("20200301,5\n20200229,6\n20200131,9\n")
    check(raw, **{"column 1": [20200131, 20200229, 20200301], "column 2": [9, 6, 5]})
    assert likely_target(raw) == "column 2"
    check(
        parsed("2001,5\n2000,6\n1999,9\n"),
        **{"column 1": [1999, 2000, 2001], "column 2": [9, 6, 5]},
    )
    check(parsed("7,5\n6,6\n5,9\n"), **{"column 1": [7, 6, 5], "column 2": [5, 6, 9]})


def test_a_few_cells_without_a_time_do_not_hide_that_a_file_runs_backwards():
    raw = parsed("d,y\n2020-01-05,5\nd,y\n2020-01-03,6\n,7\n2020-01-01,8\n2019-12-31,9\n")
    check(raw, y=[9, 8, 7, 6, nan, 5])
    assert raw.how.time == Time("d", "falling") and raw.how.order == "time"


def test_dates_to_and_fro_are_sorted_and_said():
    text = "date,y\n2020-01-03,1\n2020-01-01,2\n2020-01-02,3\n"
    raw = parsed(text)
    check(raw, y=[2, 3, 1])
    assert raw.how.time == Time("date", "mixed", Odd(3, "2020-01-01"))
    assert raw.how.order == "time" and raw.how.doubts == {"order": Odd(3, "2020-01-01")}
    check(parsed(text, order="file"), y=[1, 2, 3])


def test_dates_that_come_again_keep_the_order_of_the_file_and_that_is_open():
    text = "date,y\n2020-01-01,1\n2020-01-02,2\n2020-01-01,3\n2020-01-02,4\n"
    raw = parsed(text)
    check(raw, y=[1, 2, 3, 4])
    assert raw.how.order == "file" and "order" in raw.how.doubts
    check(parsed(text, order="time"), y=[1, 3, 2, 4])


# Numbers that stand for missing


def test_a_far_number_of_nines_is_missing_and_open():
    values = [5, 6, -999, 7, 5, 6, -999]
    text = "y\n" + "".join(f"{value}\n" for value in values)
    raw = parsed(text)
    check(raw, y=[5, 6, nan, 7, 5, 6, nan])
    assert raw.how.codes == {"y": Counted(4, "-999", 2, "y")}
    assert raw.how.doubts == {"codes": Odd(4, "-999")}
    check(parsed(text, codes=False), y=values)
    check(parsed("y\n" + "".join(f"{v}\n" for v in range(90, 100))), y=list(range(90, 100)))


# Which column is the target


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("Date,Open,High,Low,Close,Volume", "Close"),
        ("Date,Open,High,Low,Adj Close,Volume", "Adj Close"),
        ("Date,Volume,a", "a"),
        ("Date,a,b", "a"),
        ("ds,x,y", "y"),
        ("Date,Volume,High Price", "High Price"),
        ("Year,Month,rain", "rain"),
        ("Date,Volume,id", "Volume"),
    ],
)
def test_the_likely_target(header, target):
    names = header.split(",")
    rows = [
        ",".join(str((k + 2) * (row + 1) % 13) for k in range(1, len(names))) for row in range(4)
    ]
    text = "".join(f"{2001 + row}-01-01,{cells}\n" for row, cells in enumerate(rows))
    if names[0] == "Year":
        text = text.replace("-01-01", "")
    assert likely_target(parsed(f"{header}\n{text}")) == target


def test_a_constant_column_or_the_time_is_not_the_likely_target():
    assert likely_target(parsed("t,y,a\n1,5,3\n2,5,4\n3,5,9\n")) == "a"
    assert likely_target(parsed("n,a\n1,3\n2,4\n3,9\n")) == "a"
