"""What a visitor's file is read by, written out: words, formats, and both sides of each limit."""

import math

import numpy as np
import pytest

from fibattn.tasks.file import (
    Counted,
    How,
    LeftOut,
    Odd,
    Raw,
    Table,
    Time,
    Unreadable,
    Wish,
    choose,
    likely_target,
    read,
)

nan = math.nan


def parsed(text: str, **wish) -> Raw:
    return read(text.encode(), "x.csv", Wish(**wish))


def words(text: str) -> list[str]:
    return text.split()


def column(*cells: str) -> Raw:
    """Return a file with these cells below “a”, beside a column of numbers that go to and fro."""
    return parsed("a;b\n" + "".join(f"{cell};{k % 3}\n" for k, cell in enumerate(cells)))


def values(raw: Raw, name: str = "a") -> list[float]:
    return raw.columns[name].tolist()


# Cells


MISSING = words(
    """
    - -- – — . .. ... … ? : * nan na n/a n.a. #n/a null nil none missing #value! #ref! #div/0! #num!
    """
)


@pytest.mark.parametrize("gap", MISSING)
@pytest.mark.parametrize("written", [str, str.upper, " {} ".format])
def test_what_says_that_a_value_is_missing(gap, written):
    raw = column("1", written(gap), "3")
    np.testing.assert_array_equal(raw.columns["a"], [1, nan, 3])
    assert raw.how.missing == {written(gap).strip(): Counted(3, written(gap).lstrip(), 1, "a")}
    assert not raw.how.odd


@pytest.mark.parametrize("sign", "$€£¥₹")
def test_currencies(sign):
    raw = column(f"{sign}5", f"6 {sign}", f"-{sign}7", f"({sign}8)")
    assert values(raw) == [5, 6, -7, -8]
    assert raw.how.signs["a"][sign] == Counted(2, f"{sign}5", 4, "a")


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"])
def test_spaces_between_thousands(space):
    raw = column(f"1{space}234", f"12{space}345{space}678", "5")
    assert values(raw) == [1234, 12345678, 5]
    assert raw.how.signs == {"a": {",": Counted(2, f"1{space}234", 2, "a")}}


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["5%", "6%", "7", "8", "9"], [nan, nan, 7, 8, 9]),
        (["5%", "6%", "7%", "8", "9"], [5, 6, 7, nan, nan]),
        (["$5", "6", "7", "€8"], [5, 6, 7, nan]),
        (["€5", "€6", "7", "$8"], [5, 6, 7, nan]),
        (["5%", "6%", "7%"], [5, 6, 7]),
    ],
)
def test_what_is_in_another_unit_than_most_is_missing(cells, read_as):
    np.testing.assert_array_equal(column(*cells).columns["a"], read_as)


def test_as_many_in_one_unit_as_in_another_are_no_column():
    assert column("5%", "6%", "7", "8").skipped == {"a": LeftOut(2, "5%")}


@pytest.mark.parametrize("cells", [["TRUE", "false", "True"], ["true", "?", "FALSE"]])
def test_truth_is_one_and_zero(cells):
    expected = [{"true": 1, "false": 0}.get(cell.lower(), nan) for cell in cells]
    raw = column(*cells)
    np.testing.assert_array_equal(raw.columns["a"], expected)
    assert list(raw.how.signs["a"]) == ["T"]


def test_bare_numbers_need_no_account():
    raw = column("1", "-2.5", "", "3e2")
    np.testing.assert_array_equal(raw.columns["a"], [1, -2.5, nan, 300])
    assert raw.how.signs == raw.how.missing == raw.how.odd == {}


@pytest.mark.parametrize(
    ("last", "is_kept"),
    [(2**53 + 1, False), (2**53 + 1_000_001, True), (2**53 - 1, True)],
)
def test_what_rounding_loses_is_measured_by_what_the_column_spans(last, is_kept):
    # float64 rounds 2⁵³ + 1 to 2⁵³, and 2⁵³ + 1,000,001 by one as well.
    raw = column(str(2**53 - 4), str(2**53 - 2), str(last))
    assert ("a" in raw.columns) == is_kept


@pytest.mark.parametrize(
    ("constant", "written"),
    [
        ("7", "7"),
        ("-7.5", "-7.5"),
        ("100000000000000000000", "100000000000000000000"),
        ("1500000000000000000000", "1.5e+21"),
        ("1000000000000000000000", "1e+21"),
    ],
)
def test_a_constant_column_is_refused_with_its_number(constant, written):
    with pytest.raises(Unreadable, match=f"`a` is {written.replace('+', '[+]')} in every row, so"):
        choose(column(constant, constant, constant), "a", [])


def test_what_has_too_many_digits_is_refused_with_its_cell():
    cells = [str(2**53 + k) for k in (1, 2, 4)]
    sentence = (
        f"The column `a` has integers with more digits than float64 tells apart, as `{cells[0]}` "
        f"in line 2. Subtract the same number from all of them, or choose another column."
    )
    with pytest.raises(Unreadable) as refused:
        choose(column(*cells), "a", [])
    assert str(refused.value) == sentence


# Numbers that stand for missing


@pytest.mark.parametrize(
    "code",
    words("""99 999 9999 99999 999999 99.9 99.99 999.9 999.99 9999.9 9999.99 -99 -999 -9999 -99999
    -999999 -99.9 -99.99 -999.9 -999.99 -9999.9 -9999.99"""),
)
def test_codes_of_nines(code):
    raw = column("1", "2", "3", code, "4", "5")
    np.testing.assert_array_equal(raw.columns["a"], [1, 2, 3, nan, 4, 5])
    assert raw.how.codes == {"a": Counted(5, code, 1, "a")}


@pytest.mark.parametrize(
    ("numbers", "is_code"),
    [
        ([1, 2, 3, 4, 5, 999], True),
        ([1, 2, 3, 4, 999], False),  # five numbers at least beside it
        ([1, 2, 3, 4, 999, 999], False),
        ([1, 2, 3, 4, 5, *[999] * 5], True),
        ([1, 2, 3, 4, 5, *[999] * 6], False),  # no more of it than of the others
        ([0, 1, 2, 3, 49, 99], True),  # 50 from the next, which span 49
        ([0, 1, 2, 3, 49.5, 99], False),  # as far as they span
        ([0, 1, 2, 3, 50, 99], False),
        ([898, 898.1, 898.2, 898.3, 899, 999], True),  # more than a tenth of itself away
        ([899.5, 899.6, 899.7, 899.8, 899.9, 999], False),
        ([9, 9, 9, 9, 9, 1000], False),
        ([1, 2, 3, 4, 5, 9], False),
    ],
)
def test_when_a_number_of_nines_is_a_code(numbers, is_code):
    raw = column(*map(str, numbers))
    assert bool(raw.how.codes) == is_code
    assert np.isnan(raw.columns["a"]).any() == is_code


# The header


def test_half_numbers_are_numbers_and_fifty_rows_are_looked_at():
    def has_header(*cells: str) -> bool:
        rows = [f"{cell},{k % 3}" for k, cell in enumerate(cells)]
        return parsed("\n".join(["A,5", *rows]) + "\n").has_header

    assert has_header("1", "v")  # a word over numbers
    assert not has_header("1", "v", "w")  # a word over words, and a number over numbers
    half = [*["1"] * 25, *["v"] * 25]
    assert has_header(*half)
    assert has_header(*half, "w", "w")
    assert not has_header(*half[1:], "w", "1")


@pytest.mark.parametrize(
    ("first", "has_header"),
    [
        ("7,8,9", True),
        ("7,8", False),
        ("7,8,10", False),
        ("9,8,7", False),
        ("7.5,8.5,9.5", False),
        ("100000001,100000002,100000003", True),
        ("1000000001,1000000002,1000000003", False),
    ],
)
def test_numbers_that_count_up_may_be_names(first, has_header):
    row = ",".join(str(number) for number in (5, 3, 4)[: len(first.split(","))])
    raw = parsed(f"{first}\n{row}\n{row}\n1{row}\n")
    assert raw.has_header == has_header
    assert ("header" in raw.how.doubts) == has_header


def test_a_table_in_which_each_row_counts_up_has_no_names_in_the_first():
    rows = [f"{k},{k + 1},{k + 2}" for k in range(51)]
    assert not parsed("\n".join([*rows, "5,1,3"])).has_header, "the row behind the fiftieth"
    assert parsed("\n".join([*rows[:50], "5,1,3"])).has_header


@pytest.mark.parametrize(
    ("text", "has_header", "is_open"),
    [
        (",7\n2020-01-01,5\n2020-01-02,6\n", True, False),
        (",,7\n2020-01-01,x,5\n2020-01-02,y,6\n", True, True),  # two columns without a name
        ("3,,7\n4,x,5\n5,y,6\n", True, True),  # what has no name is not the first
        ("2020,x\n2020-01-01,5\n2020-01-02,6\n", True, False),
        ("x\n?\n?\n5\n", True, False),
        ("2020-01-01,-\n2020-01-02,5\n", False, False),
        ("x,5\n?,6\n", True, True),
        (",5\n7,6\n", False, True),
        ("0,5\n7,6\n", False, True),
        ("1,5\n7,6\n", False, False),
    ],
)
def test_first_rows(text, has_header, is_open):
    raw = parsed(text)
    assert raw.has_header == has_header
    assert ("header" in raw.how.doubts) == is_open


# Above and below


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_titles_and_notes_whatever_separates_the_columns(separator):
    def text(above: int, below: int) -> str:
        rows = [separator.join(row) for row in (("d", "y"), ("u", "5"), *[("v", "6")] * 48)]
        return "\n".join([*["title"] * above, *rows, *["note"] * below])

    for above, below in [(1, 0), (0, 1), (1, 1), (20, 20)]:
        raw = parsed(text(above, below))
        assert (raw.how.separator, values(raw, "y")) == (separator, [5] + [6] * 48)
        assert raw.how.titles == tuple(Odd(k, "title") for k in range(1, above + 1))
        assert raw.how.ends == tuple(Odd(above + k, "note") for k in range(51, below + 51))
    for above, below in [(21, 0), (0, 21)]:
        with pytest.raises(Unreadable):
            parsed(text(above, below))


def test_a_row_with_a_number_is_no_title():
    assert parsed("1,,x\na,b,c\n3,4,5\n7,8,9\n6,5,4\n").how.titles == ()


def test_a_title_as_wide_as_the_table_needs_numbers_right_below_the_header():
    title, names = ",x,\n", "a,b,c\n"
    below = "3,4,5\n7,8,9\n" * 5
    assert parsed(title + names + below).how.titles == (Odd(1, "x"),)
    assert parsed(title + names + "p,q,r\n" + below).how.titles == ()


def test_years_may_be_names_below_a_title():
    raw = parsed("of 2020\nYear,1990,1991\n1,2,5\n2,7,3\n")
    assert (list(raw.columns), raw.how.titles) == (["Year", "1990", "1991"], (Odd(1, "of 2020"),))


def test_empty_rows_before_a_note_are_no_rows():
    raw = parsed("a,b\n1,2\n3,5\n,\n , \nSource: me\n")
    assert (values(raw), raw.how.ends) == ([1, 3], (Odd(6, "Source: me"),))


TOTALS = words(
    """
    total totals sum average averages avg avg. mean median std std. stdev min max minimum maximum
    count summe gesamt insgesamt mittelwert durchschnitt moyenne somme promedio totale media
    Total: grand-total grandtotal
    """
)
LONGER_TOTALS = [
    "Grand total",
    "sub total",
    "Overall mean",
    "running total",
    "annual average",
    "Column sum",
    "Total of all years",
    "Total of all years:",
]


@pytest.mark.parametrize("word", TOTALS + LONGER_TOTALS)
def test_words_that_say_total(word):
    raw = parsed(f"d;y\nu;5\n{word};999\n")
    assert (values(raw, "y"), raw.how.ends) == ([5], (Odd(3, f"{word}, 999"),))
    assert raw.how.doubts["totals"] == Odd(3, f"{word}, 999")


@pytest.mark.parametrize("word", ["Totally", "summer", "v", "my total", "Total of " + "x" * 18])
def test_words_that_do_not(word):
    assert values(parsed(f"d;y\nu;5\n{word};999\n"), "y") == [5, 999]


@pytest.mark.parametrize(("count", "left_out"), [(1, 1), (5, 5), (6, 0)])
def test_five_totals_at_most(count, left_out):
    raw = parsed("d;y\nu;5\nv;6\n" + "Total;9\n" * count)
    assert raw.rows == 2 + count - left_out


# Time

EXAMPLES = [
    # 5 May, 12 May and 3 June 2021, as each way writes them
    ("05.05.2021", "12.05.2021", "03.06.2021"),
    ("05/05/2021", "12/05/2021", "13/06/2021"),
    ("05/05/2021", "05/12/2021", "06/13/2021"),
    ("2021/05/05", "2021/05/12", "2021/06/03"),
    ("2021.05.05", "2021.05.12", "2021.06.03"),
    ("05-05-2021", "12-05-2021", "13-06-2021"),
    ("05-05-2021", "05-12-2021", "06-13-2021"),
    ("05.05.21", "12.05.21", "03.06.21"),
    ("05/05/21", "05/12/21", "06/13/21"),
    ("05/05/21", "12/05/21", "13/06/21"),
    ("05 May 2021", "12 May 2021", "03 Jun 2021"),
    ("05 April 2021", "12 April 2021", "03 June 2021"),
    ("May 05, 2021", "May 12, 2021", "Jun 03, 2021"),
    ("April 05, 2021", "April 12, 2021", "June 03, 2021"),
    ("05-May-2021", "12-May-2021", "03-Jun-2021"),
    ("05-May-21", "12-May-21", "03-Jun-21"),
    ("05. April 2021", "12. April 2021", "03. June 2021"),
    ("May 05 2021", "May 12 2021", "Jun 03 2021"),
    ("Wed, 05 May 2021", "Wed, 12 May 2021", "Thu, 03 Jun 2021"),
    ("2021-05-05", "2021-05-12", "2021-06-03"),
    ("20210505T10", "20210512T09", "20210603T08"),
    *(
        tuple(f"0{day}.05.2021{clock}" for day, clock in zip((5, 6, 6), clocks, strict=True))
        for clocks in [
            (" 23:00", " 09:00", " 10:30"),
            (" 23:00:01", " 09:00:02", " 09:00:10"),
            (" 23:00:01.5", " 09:00:02.25", " 09:00:02.5"),
            (" 11:00 PM", " 09:00 AM", " 01:00 PM"),
            (" 11:00:01 PM", " 09:00:01 AM", " 01:00:01 PM"),
            (", 23:00", ", 09:00", ", 10:30"),
        ]
    ),
    ("2020-12", "2021-02", "2021-03"),
    ("2020/12", "2021/02", "2021/03"),
    ("12/2020", "02/2021", "03/2021"),
    ("12.2020", "02.2021", "03.2021"),
    ("Dec 2020", "Feb 2021", "Mar 2021"),
    ("December 2020", "February 2021", "March 2021"),
    ("Dec-2020", "Feb-2021", "Mar-2021"),
    ("Dec-20", "Feb-21", "Mar-21"),
    ("2020 Dec", "2021 Feb", "2021 Mar"),
    ("2020-Dec", "2021-Feb", "2021-Mar"),
    ("9:30", "10:00", "11:15"),
    ("9:30:59", "10:00:01", "10:00:10"),
    ("2020-Q3", "2020-Q4", "2021-Q1"),
    ("2020 Q3", "2020 Q4", "2021 Q1"),
    ("2020Q3", "2020Q4", "2021Q1"),
    ("2020q3", "2020q4", "2021q1"),
    ("Q3 2020", "Q4 2020", "Q1 2021"),
    ("Q3-2020", "Q4-2020", "Q1-2021"),
    ("Q3/2020", "Q4/2020", "Q1/2021"),
    ("q32020", "q42020", "q12021"),
    ("2020-W07", "2020-W10", "2021-W01"),
    ("2020M09", "2020M11", "2021M02"),
    ("2020H2", "2021H1", "2021H2"),
    ("1998/99", "1999/00", "2000/01"),
    ("1998–99", "1999–00", "2000–01"),
    ("2020-05-05T23:30:00+02:00", "2020-05-05T22:00:00+00:00", "2020-05-05T22:00:01Z"),
]


@pytest.mark.parametrize("times", EXAMPLES, ids=lambda times: times[-1])
def test_times_are_put_in_order(times):
    """A falling file is turned: whichever way of reading is taken, the order must be right."""
    raw = parsed("d;y\n" + "".join(f"{times[k]};{k * k}\n" for k in (2, 1, 0)))
    assert raw.how.time == Time("d", "falling")
    assert values(raw, "y") == [0, 1, 4]
    mixed = parsed("d;y\n" + "".join(f"{times[k]};{k * k}\n" for k in (1, 2, 0)))
    assert mixed.how.time == Time("d", "mixed", Odd(4, times[0]))
    assert (values(mixed, "y"), mixed.how.order) == ([0, 1, 4], "time")


@pytest.mark.parametrize(
    "text",
    [
        "2009/13",
        "2020-Q",
        "Q 2020",
        "32.05.2021",
        "05.13.2021",
        "25:00",
        "2020-13-01",
        "monday",
        "May",
        "5:5",
        "2021-05-05 and so on for more than forty signs",
    ],
)
def test_what_is_no_time(text):
    raw = parsed(f"d;y\n{text};4\n{text};1\n{text};0\n")
    assert raw.how.time is None


TIME_NAMES = words("""
    year date time datetime timestamp month day week quarter hour period jahr datum zeit monat tag
    woche année annee mois jour fecha año mes anno dt ds time_step unix_time elapsed_ms YEAR Datum
    Handelstag yyyymm""")
COUNTING_NAMES = words("index id no nr no. nr. # t step row observation rownames obs Round")


@pytest.mark.parametrize("name", [*TIME_NAMES, "Time (s)", "TradeDate"])
def test_a_column_of_numbers_that_is_called_time_is_time_if_it_runs_in_one_direction(name):
    raw = parsed(f"y;{name}\n4;60\n1;35\n0;10\n")
    assert raw.how.time == Time(name, "falling")
    assert values(raw, "y") == [0, 1, 4]
    assert parsed(f"y;{name}\n4;60\n1;10\n0;35\n").how.time is None
    assert parsed(f"y;{name}\n4;60\n1;\n0;35\n").how.time is None


@pytest.mark.parametrize("name", [*COUNTING_NAMES, "unnamed: 0"])
def test_what_is_called_a_count_of_rows_is_time_in_the_first_column_only(name):
    first = parsed(f"{name};y\n60;4\n35;1\n10;0\n")
    assert (first.how.time, values(first, "y")) == (Time(name, "falling"), [0, 1, 4])
    assert parsed(f"y;{name}\n4;60\n1;35\n0;10\n").how.time is None
    assert parsed("T;y\n60;4\n35;1\n10;0\n").how.time is None, "a temperature"


def test_a_name_of_time_does_not_make_the_only_column_time():
    assert values(parsed("year\n60\n35\n10\n"), "year") == [60, 35, 10]


@pytest.mark.parametrize(
    ("first", "is_time"),
    [
        ((2002, 2001, 2000), True),
        ((1702, 1701, 1700), True),
        ((1701, 1700, 1699), False),
        ((2100, 2099, 2098), True),
        ((2101, 2100, 2099), False),
        ((2004, 2002, 2000), True),
        ((2005, 2002, 2000), False),
        ((202002, 202001, 201912), True),
        ((202013, 202012, 202011), False),
        ((43833, 43832, 43831), True),
        ((1600000120, 1600000060, 1600000000), True),
        ((17000103, 17000102, 17000101), True),
        ((17000102, 17000101, 16991231), False),
        ((21001231, 21001229, 21001201), True),
        ((21010101, 21001231, 21001230), False),
        ((20200303, 20200301, 20200230), False),
        ((1, 2, 3), True),
        ((5, 15, 25), True),
        ((5, 15, 26), False),
        ((3, 2, 1), False),
        ((0.5, 1.5, 2.5), False),
        ((1, 1.5, 2), False),
    ],
)
def test_a_first_column_that_counts_is_time(first, is_time):
    raw = parsed("n;y\n" + "".join(f"{n};{y}\n" for n, y in zip(first, (4, 1, 0), strict=True)))
    falls = first[0] > first[-1]
    assert raw.how.time == (Time("n", "falling" if falls else "rising") if is_time else None)
    assert values(raw, "y") == ([0, 1, 4] if is_time and falls else [4, 1, 0])
    alone = parsed("n\n" + "".join(f"{n}\n" for n in first))
    assert alone.how.time is None, "the only column of numbers is what is to be predicted"
    second = parsed("y;n\n" + "".join(f"{y};{n}\n" for n, y in zip(first, (4, 1, 0), strict=True)))
    assert second.how.time is None, "only the first column"


@pytest.mark.parametrize(
    ("months", "is_time"),
    [
        (("11.2020", "12.2020", "01.2021"), True),
        (("11.2020", "12.2020"), False),
        (("11.2020", "", "12.2020", "01.2021"), True),
        (("11.2020", "13.2020", "01.2021"), False),
        (("11.1899", "12.1899", "01.1900"), False),
        (("11.1900", "12.1900", "01.1901"), True),
        (("11.2099", "12.2099", "01.2100"), False),
        (("10.2020", "00.2020", "12.2020"), False),
        (("9.2020", "10.2020", "11.2020"), True),
        (("2020.01", "2020.02", "2020.03"), True),
        (("2020.01", "2020.13", "2020.25"), False),
    ],
)
def test_numbers_that_are_months(months, is_time):
    raw = column(*months)
    assert ("a" in raw.skipped) == is_time
    assert (raw.how.time is not None) == is_time


@pytest.mark.parametrize(
    ("odd", "times", "is_time"),
    [
        (1, 1, False),
        (1, 2, True),
        (2, 2, False),
        (2, 3, True),
        (3, 26, False),
        (3, 27, True),
        (4, 35, False),
        (4, 36, True),
    ],
)
def test_a_few_cells_of_a_column_of_times_may_be_none(odd, times, is_time):
    cells = [f"{2000 + k}-01-01" for k in range(times)] + ["odd one"] * odd
    assert (column(*cells).how.time == Time("a", "rising")) == is_time


def test_the_order_is_what_was_wished():
    text = "d;y\n2020-01-01;5\n2020-01-02;6\n"
    for order in ("file", "turned", "time"):
        raw = parsed(text, order=order)
        assert (raw.how.order, values(raw, "y")) == (order, [6, 5] if order == "turned" else [5, 6])


def test_the_first_cell_that_is_earlier_than_the_one_before_is_said():
    days = ["2020-01-01", "2020-01-01", "2020-01-03", "2020-01-02"]
    raw = parsed("d;y\n" + "".join(f"{day};{k * k}\n" for k, day in enumerate(days)))
    assert raw.how.time == Time("d", "mixed", Odd(5, "2020-01-02"), again=Odd(3, "2020-01-01"))


def test_an_empty_column_before_it_does_not_hide_time():
    assert parsed("e;n;y\n;1;4\n;2;1\n;3;0\n").how.time == Time("n", "rising")


def test_rows_of_the_same_time_are_turned_with_the_others():
    days = ["2020-01-03", "2020-01-02", "2020-01-02", "2020-01-01"]
    raw = parsed("d;y\n" + "".join(f"{day};{k * k}\n" for k, day in enumerate(days)))
    assert (values(raw, "y"), raw.how.order) == ([9, 4, 1, 0], "time")


# The decimal sign


@pytest.mark.parametrize(
    ("number", "sign"),
    [
        ("1,5", ","),
        ("1,55", ","),
        ("1,5555", ","),
        ("0,555", ","),
        ("1234,555", ","),
        (",555", ","),
        ("1.234,555", ","),
        ("1 234,555", ","),
        ("1'234,555", ","),
        ("1’234,555", ","),
        ("1.234.567", ","),
        ("-1,5", ","),
        ("$1,5", ","),
        ("1,5 %", ","),
        ("1,5e3", ","),
    ],
)  # fmt: skip
def test_numbers_that_show_which_sign_is_decimal(number, sign):
    assert parsed(f"a;b\n{number};2\n5;3\n").how.decimal == sign
    turned = number.translate(str.maketrans(",.", ".,"))
    assert parsed(f"a;b\n{turned};2\n5;3\n").how.decimal == "."
    doubts = parsed(f"a;b\n{number};2\n5;3\n").how.doubts
    assert "decimal" not in doubts


@pytest.mark.parametrize(
    ("small", "is_decimal"),
    [("999", False), ("100", False), ("99", True), ("1", True), ("1000", True), ("0", True)],
)
def test_whole_hundreds_beside_a_point_make_it_stand_for_thousands(small, is_decimal):
    raw = parsed(f"a;b\n1.234;1\n{small};2\n")
    assert values(raw)[0] == (1.234 if is_decimal else 1234)
    assert raw.how.doubts["decimal"] == Odd(2, "1.234")


def test_as_many_numbers_for_one_sign_as_for_the_other_are_refused_with_both():
    with pytest.raises(Unreadable, match=r"has `1,5` in line 2 and `2\.5` in line 3, so it is not"):
        parsed("a;b\n1,5;1\n2.5;3\n")


# Columns


WANTED = words(
    """
    target label y close last price value sales demand load consumption rate total count temp
    temperature TARGET adj._close adjclose daily_count
    """
)


@pytest.mark.parametrize(
    "name",
    [*WANTED, "closing price", "last price", "adj close", "adj. close", "oil price", "Mean temp"],
)
def test_names_of_what_is_to_be_predicted(name):
    assert likely_target(parsed(f"a;b;{name}\n5;1;2\n3;4;1\n4;4;4\n")) == name


@pytest.mark.parametrize("likelier", ["target", "label", "y"])
@pytest.mark.parametrize("less", ["close", "last", "price", "mean temp"])
def test_what_is_called_the_target_comes_first(likelier, less):
    assert likely_target(parsed(f"{less};{likelier}\n5;1\n3;4\n4;4\n")) == likelier


@pytest.mark.parametrize(
    "likelier", ["close", "closing price", "last price", "last", "adj. close", "adj close"]
)
@pytest.mark.parametrize("less", ["oil price", "value", "count"])
def test_then_the_closing_price(likelier, less):
    assert likely_target(parsed(f"{less};{likelier}\n5;1\n3;4\n4;4\n")) == likelier


BESIDE = words("volume vol vol. index no no. nr nr. code flag month day hour weekday open Volume")


@pytest.mark.parametrize("name", [*BESIDE, "postal_code", "trade volume"])
def test_names_of_what_is_seldom_to_be_predicted(name):
    assert likely_target(parsed(f"{name};a\n5;1\n3;4\n4;4\n")) == "a"
    assert likely_target(parsed(f"rain;{name}\n5;1\n3;4\n4;4\n")) == "rain"


def test_a_column_of_gaps_and_one_number_is_not_to_be_predicted():
    assert likely_target(parsed("a;b\n5;1\n;2\n5;0\n")) == "b"


def test_a_table_holds_its_features_as_a_tuple():
    table = Table("x.csv", "a", ["b"], np.array([[1.0, 2.0]]))
    assert (table.features, table.columns, table.rows) == (("b",), ("a", "b"), 1)


# What is said of it


def test_what_is_said_of_a_file_that_needs_no_word():
    assert parsed("a,b\n3,2\n1,5\n").how == How(
        ",", True, ".", "file", head=(("3", "2"), ("1", "5")), names=("a", "b")
    )
    assert How() == How(",", True, ".", "file", None, (), (), None, {}, {}, {}, {}, {}, (), ())


def test_five_rows_are_shown_in_the_order_they_are_taken():
    days = [f"2020-01-{9 - k:02}" for k in range(7)]
    raw = parsed("d;y\n" + "".join(f"{day};{k * k}\n" for k, day in enumerate(days)))
    assert raw.how.head == tuple((days[k], str(k * k)) for k in (6, 5, 4, 3, 2))


def test_a_row_is_told_by_its_first_eight_cells():
    raw = parsed("d" + ";y" * 9 + "\nu" + ";5" * 9 + "\nTotal" + ";9" * 9 + "\n")
    assert raw.how.ends == (Odd(3, "Total, 9, 9, 9, 9, 9, 9, 9"),)


def test_what_stands_for_missing_is_counted_over_the_columns():
    raw = parsed("a;b\n1;?\n?;5\n2;?\n3;6\n4;1\n")
    assert raw.how.missing == {"?": Counted(3, "?", 3, "a")}


# Bytes


@pytest.mark.parametrize("byte", [*range(0x09), *range(0x0E, 0x20)])
def test_bytes_that_are_in_no_text(byte):
    with pytest.raises(Unreadable, match="not a CSV file: byte 5 is no part of any text"):
        read(b"a\n1\n" + bytes([byte]) + b"2\n", "x.csv")


@pytest.mark.parametrize("byte", [0x09, 0x0B, 0x0C, 0x20, 0x7F])
def test_bytes_that_may_be(byte):
    assert read(b"a;b\n1;2\n2;3\n" + bytes([byte]) + b";4\n", "x.csv").rows >= 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xfea\x00", "is in UTF-16"),
        (b"\xfe\xff\x00a", "is in UTF-16"),
        (b"PK\x03\x04a", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0a", "a workbook or an archive"),
        (b"a\n1\r\n2\r\xff\n", r"byte 0xFF in line 4 does"),
        (b"\xef\xbb\xbfa\n\xff", r"byte 0xFF in line 2 does"),
    ],
)
def test_bytes_that_are_refused(data, sentence):
    with pytest.raises(Unreadable, match=sentence):
        read(data, "x.csv")
