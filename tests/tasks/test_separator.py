"""What separates the columns: signs, spaces, or nothing, where a comma or a space may be either."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibattn.tasks.file import Raw, Unreadable, Wish, likely_target, read
from fibattn.words import own_file


def parsed(text: str, **wish) -> Raw:
    return read(text.encode(), "x.csv", Wish(**wish))


def columns(raw: Raw) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in raw.columns.items()}


def doubt(raw: Raw) -> own_file.Doubt:
    (found,) = own_file.doubts(raw)
    return found


ROWS = range(1, 9)
HALVED = "".join(f"{k},{7 * k % 100:02}\n" for k in ROWS)
HALVES = [float(f"{k}.{7 * k % 100:02}") for k in ROWS]


# Commas


@pytest.mark.parametrize("digits", ["0750", "05", "50", "5"])
def test_one_number_or_two_columns_of_whole_numbers_can_be_told_or_is_asked(digits):
    text = "".join(f"{k},{digits}\n" for k in ROWS)
    raw = parsed(text)
    one, two = [float(f"{k}.{digits}") for k in ROWS], [[*map(float, ROWS)], [float(digits)] * 8]
    likely, other = ([one], two) if digits == "0750" else (two, [one])
    assert list(columns(raw).values()) == likely
    assert f"`2,{digits}` in line 2" in doubt(raw).sentence
    wish = {"comma": ",", "point": "."}[doubt(raw).value]
    again = parsed(text, decimal=wish)
    assert list(columns(again).values()) == other
    assert not own_file.doubts(again)
    # Who has chosen what was taken is not asked any more.
    kept = parsed(text, decimal="," if wish == "." else ".")
    assert list(columns(kept).values()) == likely and not own_file.doubts(kept)


def test_whole_numbers_of_many_lengths_are_columns():
    raw = parsed("".join(f"{k},{k**3}\n" for k in ROWS))
    assert len(raw.columns) == 2 and not own_file.doubts(raw)


def test_a_header_of_one_name_says_that_it_is_one_column():
    raw = parsed(f"y\n{HALVED}")
    assert columns(raw) == {"y": HALVES} and not own_file.doubts(raw)


# Spaces


@pytest.mark.parametrize("space", [" ", "   ", "\t "])
@pytest.mark.parametrize("before", ["", "  "])
@pytest.mark.parametrize("after", ["", " "])
def test_columns_may_be_separated_by_spaces(space, before, after):
    text = "".join(f"{before}{k}{space}{k * k}{after}\n" for k in ROWS)
    raw = parsed(text)
    assert list(columns(raw).values()) == [[*map(float, ROWS)], [float(k * k) for k in ROWS]]
    assert raw.how.separator == (" " if space.isspace() and "\t" not in space else "\t")
    assert not own_file.doubts(raw)


def test_what_numpy_saves_is_read():
    values = np.random.default_rng(0).normal(size=(20, 3))
    file = io.StringIO()
    np.savetxt(file, values, header="one two three")
    raw = parsed(file.getvalue())
    assert list(raw.columns) == ["one", "two", "three"]
    assert np.array_equal(np.column_stack(list(raw.columns.values())), values)


def test_what_r_writes_without_names_of_rows_is_read():
    raw = parsed('"a" "b"\n' + "".join(f"{k} {k / 4}\n" for k in ROWS))
    assert columns(raw) == {"a": [*map(float, ROWS)], "b": [k / 4 for k in ROWS]}


def test_what_r_writes_with_names_of_rows_is_read():
    lines = [["a", "b"], *([f'"{k}"', str(k * k), str(k / 4)] for k in ROWS)]
    raw = parsed("\n".join(map(" ".join, lines)))
    assert list(raw.columns) == ["column 1", "a", "b"]
    assert raw.columns["b"].tolist() == [k / 4 for k in ROWS]
    assert raw.how.has_header and not raw.how.titles


def test_between_spaces_commas_may_be_decimal():
    raw = parsed("a b\n" + "".join(f"{k},5 {k},25\n" for k in ROWS))
    assert columns(raw) == {"a": [k + 0.5 for k in ROWS], "b": [k + 0.25 for k in ROWS]}
    assert (raw.how.separator, raw.how.decimal) == (" ", ",")


def test_a_time_may_have_a_space_between_day_and_hour():
    text = "".join(f"2020-01-01 {hour:02}:00 {hour * 1.5}\n" for hour in range(12))
    raw = parsed(text)
    assert list(columns(raw).values()) == [[hour * 1.5 for hour in range(12)]]
    assert raw.how.time is not None and raw.how.time.runs == "rising"


def test_a_unit_after_a_space_is_left_out_and_named():
    raw = parsed("".join(f"{k}.5 km\n" for k in ROWS))
    assert list(columns(raw).values()) == [[k + 0.5 for k in ROWS]]
    assert "`km`" in own_file.how_read(raw)


@pytest.mark.parametrize("header", ["", "a b\n"])
def test_thousands_or_two_columns_is_asked(header):
    text = header + "".join(f"{k} {100 + k}\n" for k in ROWS)
    raw = parsed(text)
    assert list(columns(raw).values()) == [[1000.0 * k + 100 + k for k in ROWS]]
    found = doubt(raw)
    assert "`2 102` in line 2" in found.sentence or "`1 101` in line 2" in found.sentence
    assert (found.name, found.value) == ("file_spaces", "columns")
    two = parsed(text, spaces="columns")
    assert list(columns(two).values()) == [[*map(float, ROWS)], [100.0 + k for k in ROWS]]
    assert not own_file.doubts(two)
    assert columns(parsed(text, spaces="thousands")) == columns(raw)


def test_a_header_of_one_name_above_thousands_says_that_it_is_one_column():
    raw = parsed("y\n" + "".join(f"{k} {100 + k}\n" for k in ROWS))
    assert columns(raw) == {"y": [1000.0 * k + 100 + k for k in ROWS]}
    assert not own_file.doubts(raw)


def test_prose_is_no_table():
    with pytest.raises(Unreadable, match=r"fields"):
        parsed("It was the best of times,\nit was the worst of times\nand all in between\n")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
@given(data=st.data())
def test_whatever_separates_the_numbers_are_the_same(separator, data):
    count = data.draw(st.integers(2, 4))
    numbers = st.integers(-(10**6), 10**6).map(lambda k: k / 64)
    rows = data.draw(st.lists(st.lists(numbers, min_size=count, max_size=count), min_size=3))
    names = [f"n{k}" for k in range(count)]
    lines = [separator.join(map(str, row)) for row in [names, *rows]]
    raw = parsed("\n".join(lines), codes=False, totals=False, order="file")
    assert raw.how.separator == separator
    assert columns(raw) == {name: [row[k] for row in rows] for k, name in enumerate(names)}


# What is read as it was before spaces could separate


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("year,net sales\n2001,1 201\n2002,2 202\n2003,3 203\n", [1201, 2202, 3203]),
        ("net sales,gross sales\n1 101,1 201\n2 102,2 202\n3 103,3 203\n", [1201, 2202, 3203]),
        ("2001,1 201\n2002,2 202\n2003,3 203\n", [1201, 2202, 3203]),
        ("yyyymmdd hhmm,v\n20200101 1100,15\n20200101 1200,16\n20200101 1300,17\n", [15, 16, 17]),
        ("lat lon,temp\n51 11,15\n52 12,16\n53 13,17\n", [15, 16, 17]),
        ("y m d,v\n2020 01 01,15\n2020 01 02,16\n2020 01 03,17\n", [15, 16, 17]),
        ("year,net sales\n2001,1 201.5\n2002,2 202.5\n2003,3 203.5\n", [1201.5, 2202.5, 3203.5]),
        ("net change\n- 1.5\n- 2.5\nnot known\n- 3.5\n- 4.5\n", [-1.5, -2.5, np.nan, -3.5, -4.5]),
        (
            "Total sales\n1 101\n2 102\nnot available\n4 104\n5 105\n6 106\n",
            [1101, 2102, np.nan, 4104, 5105, 6106],
        ),
    ],
)
def test_spaces_within_cells_separate_nothing(text, wanted):
    raw = parsed(text)
    assert np.array_equal(raw.columns[likely_target(raw)], wanted, equal_nan=True)


@pytest.mark.parametrize(
    "text",
    [
        "2020,01\n2020,02\n2020,03\n2020,04\n",
        "8,05\n8,10\n8,15\n8,20\n",
        "2020,001\n2020,150\n2020,300\n",
    ],
)
def test_months_minutes_and_days_are_columns_and_asked_about(text):
    raw = parsed(text)
    assert len(raw.columns) == 2 and doubt(raw).value == "comma"


@pytest.mark.parametrize("sign", ["1.5 %", "1.5 €", "$ 1.5", "- 1.5", "( 1.5 )"])
def test_a_space_beside_a_sign_asks_nothing(sign):
    raw = parsed(f"{sign}\n" * 8)
    assert len(raw.columns) == 1 and not own_file.doubts(raw)


@pytest.mark.parametrize(
    "text",
    [
        "year temp rain\n2001 1.5 11 mm\n2002 2.5 12 mm\n2003 3.5 13 mm\n",  # a name for two fields
        "date value\n2020-01-01 1.5 km\n2020-01-02 2.5 km\n2020-01-03 3.5 km\n",
        "year sales\n2001 1 101\n2002 2 102\n2003 3 103\n",
        "year temp\n2001 1.5\n# 2002 99\n2003 2.5\n2004 3.5\n",  # a row that was taken out
        "      a    b\n2001 1.5    \n2002     2.5\n2003 3.5    \n2004     4.5\n",  # empty cells
    ],
)
def test_what_spaces_do_not_tell_is_refused_and_not_misread(text):
    with pytest.raises(Unreadable):
        parsed(text)


@pytest.mark.parametrize("above", ["# my file\n#", "Sunspot numbers\n"])
def test_a_title_of_as_many_words_is_no_header(above):
    raw = parsed(
        f"{above} year temp\n" + "".join(f"{2000 + k} {k}.5\n" for k in ROWS) + "Source: me\n"
    )
    assert list(raw.columns) == ["year", "temp"] and raw.rows == 8
    assert raw.how.time is not None and raw.how.time.column == "year"
    assert "me" in own_file.how_read(raw) + " ".join(own_file.sentences(raw))


@pytest.mark.parametrize("last", ["", "Quelle\n"])
def test_decimal_commas_between_spaces_may_have_dates_and_gaps_beside(last):
    raw = parsed("date a\n2020-01-01 1,25\n2020-01-02 NA\n2020-01-03 3,25\n" + last)
    assert np.array_equal(raw.columns["a"], [1.25, np.nan, 3.25], equal_nan=True)


@pytest.mark.parametrize("text", ["a b\n1 101\n2 102\n3 103\n", "1 1\n2 4\n3 9\n"])
@pytest.mark.parametrize("spaces", ["columns", "thousands"])
def test_the_wish_decides_in_each_case_where_both_are_possible(text, spaces):
    if spaces == "thousands" and "101" not in text:
        with pytest.raises(Unreadable):
            parsed(text, spaces=spaces)
    else:
        assert len(parsed(text, spaces=spaces).columns) == (2 if spaces == "columns" else 1)
