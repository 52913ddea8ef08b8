"""A visitor's file: what is read, what is refused and in which words, what is cut from it."""

import contextlib
import csv
import dataclasses
import io
import math
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fibattn.tasks import series
from fibattn.tasks.file import (
    GAPS,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Counted,
    LeftOut,
    Raw,
    Table,
    Unreadable,
    Wish,
    cells,
    choose,
    gaps,
    read,
)

DATA = Path(series.__file__).parent / "data"

finite = st.floats(allow_nan=False, allow_infinity=False)
small = st.integers(-50, 50).map(float)
holes = st.just(math.nan)


def parsed(text: str) -> Raw:
    return read(text.encode(), "x.csv")


def columns(raw: Raw) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in raw.columns.items()}


def raw_of(**values: list[float]) -> Raw:
    """Return a Raw with these columns, each row in the line its index + 2 says."""
    arrays = {name: np.array(numbers, np.float64) for name, numbers in values.items()}
    rows = len(next(iter(arrays.values())))
    return Raw("x.csv", arrays, {"date": LeftOut(2, "monday")}, np.arange(2, rows + 2))


# What is read


def test_numeric_columns_are_read_and_the_others_named():
    raw = parsed("date,a,b\n2020-01-01,1,2.5\n2020-01-02,-3e2,.5\n")
    assert columns(raw) == {"a": [1, -300], "b": [2.5, 0.5]}
    assert tuple(raw.skipped) == ("date",) and raw.rows == 2 and raw.name == "x.csv"
    assert raw.lines.tolist() == [2, 3]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n \n", "\n{0}\n{0}\n"])
def test_separators_line_ends_marks_and_blank_lines_change_nothing(separator, newline, start, end):
    text = start + f"a{separator}b\n1{separator}2.5\n\n3{separator}4" + end.format(separator)
    raw = read(text.replace("\n", newline).encode(), "x.csv")
    assert columns(raw) == {"a": [1, 3], "b": [2.5, 4]}


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma_is_read_where_the_separator_is_another(separator):
    raw = parsed("a;b\n1,5;2\n-,5;1,25e-3\n".replace(";", separator))
    assert columns(raw) == {"a": [1.5, -0.5], "b": [2, 0.00125]}


def test_without_a_header_columns_are_counted():
    assert columns(parsed("1,2\n3,4\n")) == {"column 1": [1, 3], "column 2": [2, 4]}
    assert columns(parsed("1,5;2\n3,5;4\n")) == {"column 1": [1.5, 3.5], "column 2": [2, 4]}
    assert columns(parsed("5\n7\n")) == {"column 1": [5, 7]}


def test_a_first_row_with_a_word_in_it_is_a_header():
    assert columns(parsed("a,2000\n3,4\n")) == {"a": [3], "2000": [4]}


def test_names_become_unique_and_none_is_empty():
    raw = parsed('a,a,a (2),,a," long\n name "\n1,2,3,4,5,6\n')
    assert list(raw.columns) == ["a", "a (3)", "a (2)", "column 4", "a (4)", "long name"]


def test_quoted_fields_may_hold_separators_quotes_and_line_ends():
    raw = parsed('"a, ""b""", "c"\n"1","2"\n"3\n",4\n5,6\n')
    assert columns(raw) == {'a, "b"': [1, 3, 5], "c": [2, 4, 6]}
    assert raw.lines.tolist() == [2, 3, 5]


@pytest.mark.parametrize("gap", [*sorted(GAPS), "NaN", "NA", "NULL", "  "])
def test_gaps_are_nan(gap):
    raw = parsed(f"a,b\n1,2\n{gap},3\n4,5\n")
    np.testing.assert_array_equal(raw.columns["a"], [1, math.nan, 4])


def test_a_blank_line_in_a_single_column_is_a_gap():
    raw = parsed("a\n1\n\n3\n\n\n")
    np.testing.assert_array_equal(raw.columns["a"], [1, math.nan, 3])
    assert raw.lines.tolist() == [2, 3, 4]


def test_a_separator_at_the_end_of_each_line_makes_no_column():
    assert columns(parsed("a,b,\n1,2,\n3,4,\n")) == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("cell", ["1_000", "٣", "0x1F", "1 00", "12,34,567", "12:30", "5 kg"])
def test_what_python_or_a_reader_might_take_for_a_number_is_text(cell):
    assert parsed(f"a;b\n{cell};2\n3;4\n").skipped.keys() == {"a"}


def test_arrays_are_read_only():
    raw = parsed("a,b\n1,2\n3,4\n")
    for values in (*raw.columns.values(), raw.lines, choose(raw, "a", []).values):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 9


def test_as_many_rows_as_allowed_are_read():
    rows = "1\n" * MOST_ROWS
    assert parsed("a\n" + rows).rows == parsed(rows).rows == MOST_ROWS
    assert parsed("a\n" + rows + "\n" * 100).rows == MOST_ROWS


def written(header: list[str], rows: list[list[str]], separator: str, quoting: int) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


@settings(max_examples=150)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    st.data(),
)
def test_a_written_table_reads_back_equal(header, data):
    assume(all(not cells.is_number(name) and not cells.is_gap(name) for name in header))
    assume(len(header) > 1 or not set(";|") & set(header[0]))  # the writer would not quote it
    values = data.draw(
        st.lists(
            st.lists(finite | holes, min_size=len(header), max_size=len(header)).filter(
                lambda row: not all(map(math.isnan, row))
            ),
            min_size=1,
            max_size=8,
        )
    )
    separator = data.draw(st.sampled_from(",;\t"))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    # With one column nothing tells a decimal comma from a separator, nor what the separator is.
    comma = separator != "," and len(header) > 1 and data.draw(st.booleans())
    separator = "," if len(header) == 1 else separator
    rows = [["" if math.isnan(v) else repr(v) for v in row] for row in values]
    if comma:
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    # A 99 far from all others would be taken for a code, and that is tested elsewhere.
    raw = read(written(header, rows, separator, quoting), "x.csv", Wish(codes=False))
    read_back = {name: [math.nan] * raw.rows for name in raw.skipped} | columns(raw)
    assert {left.why for left in raw.skipped.values()} <= {"empty"}
    written_down = dict(zip(header, np.array(values)[raw.lines - 2].T, strict=True))
    assert read_back.keys() == written_down.keys()
    for name, numbers in written_down.items():
        np.testing.assert_array_equal(read_back[name], numbers)


# What is refused, and in which words


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "`x.csv` is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", "`x.csv` is empty."),
        (b",,\n,,\n", "`x.csv` is empty."),
        (b"a,b\n", "`x.csv` has a header in line 1 but no rows below it."),
        (b"a,b\n\n,\n", "`x.csv` has a header in line 1 but no rows below it."),
        (
            b"1" * (MOST_BYTES + 1),
            "`x.csv` is larger than 5 MB. Leave out columns or rows you do not need.",
        ),
        (
            b"a\n" + b"1\n" * (MOST_ROWS + 1),
            "`x.csv` has more than 20,000 rows. Cut it to its last 20,000, or average over longer "
            "spans.",
        ),
        (
            b"1\n" * (MOST_ROWS + 1),
            "`x.csv` has more than 20,000 rows. Cut it to its last 20,000, or average over longer "
            "spans.",
        ),
        (
            b"a\n" + b"1\n" * (MOST_ROWS + 500),
            "`x.csv` has more than 20,000 rows. Cut it to its last 20,000, or average over longer "
            "spans.",
        ),
        (
            b"1," * MOST_COLUMNS + b"1\n",
            "`x.csv` has 1,001 columns, but at most 1,000 can be read.",
        ),
        ("a\n1\n".encode("utf-16"), "`x.csv` is in UTF-16. Save it as UTF-8."),
        (
            b"PK\x03\x04 and more",
            "`x.csv` is not a CSV file but a workbook or an archive. Save the sheet as CSV in "
            "UTF-8.",
        ),
        (
            b"\x89PNG\r\n\x1a\n\x00",
            "`x.csv` is not a CSV file: byte 7 is no part of any text. Save the data as CSV in "
            "UTF-8.",
        ),
        (
            "a,b\r\n1,2\r\nMünchen,3".encode("latin-1"),
            "`x.csv` is not in UTF-8: byte 0xFC in line 3 does not fit. Save it as UTF-8.",
        ),
        (
            b"\xef\xbb\xbf\xfc",
            "`x.csv` is not in UTF-8: byte 0xFC in line 1 does not fit. Save it as UTF-8.",
        ),
        (
            b"a;b\n1;2\n\n3\n4;5;6\n",
            "Line 4 of `x.csv` has 1 field, but line 1 has 2 fields. Every line must have as many, "
            "separated by commas, semicolons, tabs or spaces.",
        ),
        (
            b"\nsunspots,x\n5,0,1\n11,0,2\n",
            "Line 3 of `x.csv` has 3 fields, but line 2 has 2 fields. Every line must have as "
            "many, separated by commas, semicolons, tabs or spaces. A decimal comma needs "
            "semicolons or tabs between the columns.",
        ),
        (
            b'a,b\n1,2\n3,"4"5\n6,7\n',
            "`x.csv` cannot be cut into fields from line 3 on (',' expected after '\"'). A "
            "quotation mark inside a quoted field must be doubled, and each one opened be closed.",
        ),
        (
            b'a,b\n1,"2\n3,4\n',
            "`x.csv` cannot be cut into fields from line 2 on (unexpected end of data). A "
            "quotation mark inside a quoted field must be doubled, and each one opened be closed.",
        ),
        (
            b"a,b\nx,NA\ny,-\n",
            "`x.csv` has no column of numbers: `x` in line 2, in `a`, is none. A column counts "
            "when its cells below the header are numbers or empty; columns are separated by "
            "commas, semicolons, tabs or spaces.",
        ),
        (
            b"a\tb\n1,2\t5\n2\t6.5\n",
            "`x.csv` has `1,2` in line 2 and `6.5` in line 3, so it is not clear which is the "
            "decimal sign. Write all numbers with the same one, and none for thousands.",
        ),
        (
            b"d,y\n2020-01-01,x\n2020-01-02,z\n",
            "`x.csv` has no column of numbers: `x` in line 2, in `y`, is none. A column "
            "counts when its cells below the header are numbers or empty; columns are separated by "
            "commas, semicolons, tabs or spaces.",
        ),
        (
            b"t,big\n1,1600000000000000001\n2,1600000000000000002\n",
            "`x.csv` has no column of numbers but `t`, which counts time: `1600000000000000001` in "
            "line 2, in `big`, has more digits than float64 tells apart; subtract the same number "
            "from all.",
        ),
    ],
    ids=range(23),
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(Unreadable) as refused:
        read(data, "x.csv")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("cell", ["inf", "+inf", "Infinity", "-INFINITY", "1e999"])
def test_infinity_is_missing_and_said(cell):
    raw = parsed(f"a,b\n1,2\n3,{cell}\n4,5\n")
    np.testing.assert_array_equal(raw.columns["b"], [2, math.nan, 5])
    assert raw.how.odd == {"b": Counted(3, cell, 1, "b")}


def test_inf_in_a_column_of_words_is_a_word():
    assert parsed("a,b\ninf,2\nsup,3\n").skipped.keys() == {"a"}


def test_long_names_are_cut_in_sentences():
    with pytest.raises(Unreadable, match=f"^`{'n' * 59}…` is empty.$"):
        read(b"", "n" * 500)


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text("01,;.\t\n\r\"'-eainf ä", max_size=80).map(str.encode))
@example(b'a,"b"c\n1700,5\n')
@example(b"\r\n\r,\n")
@example(b'""')
def test_no_bytes_raise_anything_but_a_sentence(data):
    with contextlib.suppress(Unreadable):
        raw = read(data, "x.csv")
        assert raw.rows and all(len(values) == raw.rows for values in raw.columns.values())
        assert not any(np.isinf(values).any() for values in raw.columns.values())
        assert raw.lines.min() >= 1 and len(set(raw.lines)) == raw.rows


# Where gaps are


def test_no_gaps_are_no_sentence():
    assert gaps(raw_of(a=[1, 2], b=[1, math.nan]), ["a"]) is None


def test_gaps_are_told_by_column_number_and_line():
    nan = math.nan
    raw = raw_of(a=[nan] * 5, b=[1, 2, nan, 4, 5], c=[1, 2, 3, 4, 5], d=[nan, 2, nan, 4, 5])
    assert gaps(raw, ["b", "c"]) == "`x.csv` has gaps: 1 in `b` (line 4)."
    assert gaps(raw, ["d", "b", "d"]) == (
        "`x.csv` has gaps: 2 in `d` (lines 2, 4) and 1 in `b` (line 4)."
    )
    assert gaps(raw, ["a", "b", "d"]) == (
        "`x.csv` has gaps: 5 in `a` (lines 2, 3, 4, …), 1 in `b` (line 4) and 2 in `d` "
        "(lines 2, 4)."
    )


@pytest.mark.parametrize(
    ("count", "words"), [(3, "lines 2, 3, 4"), (4, "lines 2, 3, 4, …"), (1, "line 2")]
)
def test_three_lines_with_gaps_are_named_and_more_are_dots(count, words):
    raw = raw_of(a=[math.nan] * count + [1.0, 2.0])
    assert gaps(raw, ["a"]) == f"`x.csv` has gaps: {count} in `a` ({words})."


# What is chosen


@pytest.mark.parametrize("ends", [(-5.0, 5.0), (0.0, 1e300), (-1e300, 0.0), (3.0, 4.0)])
def test_numbers_of_either_sign_can_be_scaled(ends):
    assert choose(raw_of(a=list(ends)), "a", []).values[:, 0].tolist() == list(ends)


@pytest.mark.parametrize("ends", [(-1e308, 1e308), (0.0, 5e-324)])
def test_what_float64_cannot_scale_is_refused(ends):
    with pytest.raises(Unreadable, match="float64 cannot scale"):
        choose(raw_of(a=list(ends)), "a", [])


def test_the_target_comes_first_and_the_features_in_their_order():
    chosen = choose(raw_of(a=[1, 2], b=[3, 4], c=[5, 6]), "b", ["c", "a"], "refuse")
    assert (chosen.name, chosen.target, chosen.features) == ("x.csv", "b", ("c", "a"))
    assert chosen.values.tolist() == [[3, 5, 1], [4, 6, 2]]
    assert chosen.rows == 2 and chosen.columns == ("b", "c", "a")


def test_the_target_and_repeated_names_among_the_features_are_left_out():
    raw = raw_of(a=[1, 2], b=[3, 4])
    assert choose(raw, "a", ["b", "a", "b"]).features == ("b",)
    assert choose(raw, "a", ["a"]).features == ()


def test_eight_features_and_the_target_are_allowed():
    raw = raw_of(**{f"c{k}": [k, 1 + k * k] for k in range(2, 12)})
    assert len(choose(raw, "c2", [f"c{k}" for k in range(2, 11)]).features) == 8
    with pytest.raises(Unreadable) as refused:
        choose(raw, "c2", list(raw.columns))
    assert str(refused.value) == "9 feature columns are chosen, but there may be at most 8."


@pytest.mark.parametrize(
    ("target", "features", "on_gaps", "sentence"),
    [
        (
            "gap",
            ["a"],
            "refuse",
            "`x.csv` has gaps: 2 in `gap` (lines 2, 4). Drop the rows with gaps or fill the gaps "
            "by interpolation.",
        ),
        (
            "date",
            [],
            "refuse",
            "The column `date` is not numeric: `monday` in line 2 is neither a number nor empty. "
            "Choose another column.",
        ),
        (
            "a",
            ["date"],
            "refuse",
            "The column `date` is not numeric: `monday` in line 2 is neither a number nor empty. "
            "Choose another column.",
        ),
        ("b", [], "refuse", "`x.csv` has no column `b`. Choose one of its own."),
        ("a", ["b"], "refuse", "`x.csv` has no column `b`. Choose one of its own."),
        ("empty", [], "drop", "The column `empty` is empty. Choose another column."),
        ("a", ["empty"], "interpolate", "The column `empty` is empty. Choose another column."),
        (
            "same",
            [],
            "refuse",
            "The target column `same` is 7.5 in every row, so there is nothing to predict. Choose "
            "another column.",
        ),
        (
            "a",
            ["same"],
            "refuse",
            "The feature column `same` is 7.5 in every row, so there is nothing to learn from it. "
            "Choose another column.",
        ),
        (
            "late",
            ["gap"],
            "drop",
            "The target column `late` is 0 in every row after the rows with gaps were dropped, so "
            "there is nothing to predict. Choose another column.",
        ),
        (
            "one",
            [],
            "interpolate",
            "The target column `one` is 3 in every row, so there is nothing to predict. Choose "
            "another column.",
        ),
        (
            "gap",
            ["other"],
            "drop",
            "Every row has a gap in one of the chosen columns, so dropping them leaves nothing. "
            "Fill the gaps by interpolation or choose fewer columns.",
        ),
        (
            "wide",
            [],
            "interpolate",
            "The target column `wide` reaches from -1.7e+308 to 1.7e+308, which float64 cannot "
            "scale. Write it in another unit.",
        ),
        (
            "a",
            ["narrow"],
            "refuse",
            "The feature column `narrow` reaches from 0 to 4.94066e-324, which float64 cannot "
            "scale. Write it in another unit.",
        ),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused_with_a_sentence(
    target, features, on_gaps, sentence
):
    nan = math.nan
    raw = raw_of(
        a=[1, 2, 3, 4],
        gap=[nan, 1, nan, 2],
        other=[1, nan, 2, nan],
        empty=[nan] * 4,
        same=[7.5] * 4,
        late=[1, 0, 1, 0],
        one=[nan, 3, nan, nan],
        wide=[-1.7e308, nan, 1.7e308, 0],
        narrow=[0, 0, 5e-324, 0],
    )
    with pytest.raises(Unreadable) as refused:
        choose(raw, target, features, on_gaps)
    assert str(refused.value) == sentence


def test_an_unknown_way_with_gaps_is_an_error_in_the_code():
    with pytest.raises(ValueError, match="on_gaps is 'guess', but it must be"):
        choose(raw_of(a=[1, 2]), "a", [], "guess")


def interpolated(values: list[float]) -> list[float]:
    """Fill NaN by a plain loop over exact fractions."""
    known = [k for k, value in enumerate(values) if not math.isnan(value)]
    filled = []
    for k, value in enumerate(values):
        before = max((i for i in known if i <= k), default=known[0])
        after = min((i for i in known if i >= k), default=known[-1])
        if not math.isnan(value) or before == after or k < before or k > after:
            filled.append(values[k if k in known else after if k < before else before])
            continue
        low, high = Fraction(values[before]), Fraction(values[after])
        filled.append(float(low + (high - low) * Fraction(k - before, after - before)))
    return filled


@given(st.lists(small | holes, min_size=2, max_size=30))
def test_interpolation_against_a_plain_loop_and_numpy(values):
    known = {value for value in values if not math.isnan(value)}
    assume(len(known) > 1)
    chosen = choose(raw_of(a=values), "a", [], "interpolate").values[:, 0]
    np.testing.assert_allclose(chosen, interpolated(values), rtol=1e-12, atol=1e-12)
    array = np.array(values)
    rows, there = np.arange(len(array)), ~np.isnan(array)
    np.testing.assert_array_equal(chosen, np.interp(rows, rows[there], array[there]))


@given(st.lists(st.tuples(small | holes, small | holes, small | holes), min_size=1, max_size=20))
def test_dropping_leaves_exactly_the_rows_without_gaps(rows):
    a, b, unused = (list(column) for column in zip(*rows, strict=True))
    whole = [[p, q] for p, q in zip(a, b, strict=True) if not (math.isnan(p) or math.isnan(q))]
    try:
        chosen = choose(raw_of(a=a, b=b, unused=unused), "a", ["b"], "drop")
    except Unreadable:
        assert any(len({row[k] for row in whole}) < 2 for k in range(2))
    else:
        assert chosen.values.tolist() == whole


# The table as a field of an experiment


def test_equal_tables_are_equal_and_any_difference_makes_another():
    values = np.array([[1.0, 2], [3, 4]])
    one = Table("x", "a", ("b",), values)
    assert one == Table("x", "a", ("b",), values.copy(order="F")) and one != "x"
    others = [
        Table("y", "a", ("b",), values),
        Table("x", "b", ("b",), values),
        Table("x", "a", ("c",), values),
        Table("x", "a", ("b",), values + np.array([[0, 0], [0, 1e-9]])),
        Table("x", "a", ("b",), values[:1]),
    ]
    assert len({one, *others}) == 6 and all(one != other for other in others)


@settings(max_examples=30)
@given(st.lists(st.tuples(finite, finite), max_size=5), st.text(st.characters()))
def test_pickling_keeps_equality_hash_and_the_lock_on_the_values(rows, name):
    one = Table(name, "a", ("b",), np.array(rows).reshape(-1, 2))
    again = pickle.loads(pickle.dumps(one))
    assert again == one and hash(again) == hash(one) and again.columns == one.columns
    assert not again.values.flags.writeable
    assert dataclasses.replace(one) == one


def test_the_hash_is_64_bits_of_the_digest():
    one = Table("x", "ä", ("b",), np.eye(2))
    assert one.digest.startswith("bc7e91787a8c2756")
    assert hash(one) == hash(0xBC7E91787A8C2756)


def test_the_hash_is_the_same_in_another_process():
    code = (
        "import numpy as np; from fibattn.tasks.file import Table;"
        "print(hash(Table('x', 'ä', ('b',), np.eye(2))))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=DATA.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(other.stdout) == hash(Table("x", "ä", ("b",), np.eye(2)))


def test_a_table_keeps_its_own_copy():
    values = np.eye(2)
    one = Table("x", "a", ("b",), values)
    values[0, 0] = 5
    assert one.values[0, 0] == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.ones(2), r"values have the shape \(2,\), but a target and 1 features need \(rows, 2\)"),
        (np.ones((2, 3)), r"values have the shape \(2, 3\)"),
        (np.array([[1, math.nan]]), "values must all be finite"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        Table("x", "a", ("b",), values)


# The data that comes with the demo


def test_the_sunspots_are_all_there():
    raw = read((DATA / "sunspots.csv").read_bytes(), "sunspots.csv")
    assert raw.columns["year"].tolist() == list(range(1700, 2009)) and not raw.skipped
    sunspots = choose(raw, "sunspots", []).values[:, 0]
    assert sunspots[:5].tolist() == [5, 11, 16, 23, 36] and sunspots[-1] == 2.9
    assert sunspots.max() == 190.2  # in 1957, the greatest on record
    assert sunspots.sum() == pytest.approx(15373.4)


def test_a_column_that_is_left_out_says_which_cell_made_it_so():
    raw = parsed("d;a;b\n1.1.2020;x;3\n2.1.2020;?;4\n")
    assert raw.skipped == {"d": LeftOut(2, "1.1.2020"), "a": LeftOut(2, "x")}
    with pytest.raises(Unreadable, match="`x` in line 2 is neither a number nor empty"):
        choose(raw, "a", [])


@pytest.mark.parametrize(
    ("text", "has_header"),
    [
        (",0\n2020-01-01,5\n2020-01-02,6\n", True),
        (",0\n1,5\n2,6\n", False),
        ("1,2\n3,4\n", False),
        ("a,b\n3,4\n", True),
    ],
)
def test_a_gap_over_words_begins_a_header(text, has_header):
    raw = parsed(text)
    assert raw.has_header == has_header
    assert raw.rows == text.count("\n") - has_header
