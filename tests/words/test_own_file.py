"""How a file was read, in sentences."""

from __future__ import annotations

import pytest

from fibattn.tasks.file import read
from fibattn.words.own_file import how_read


def test_what_was_read_and_what_is_left_out():
    words = how_read(read(b"d;a;b\n1.1.2020;x;3\n2.1.2020;y;4\n", "x.csv"))
    assert words == (
        "2 rows, a header, columns separated by semicolons, decimal point. Time is `d`; it runs "
        "forward, and the rows stay as they are in the file. Left out as time: `d`, line 2 has "
        "`1.1.2020`. Left out: `a`, as line 2 has `x`."
    )


def test_strangers_words_are_quoted_and_many_columns_counted():
    header = ",".join(f"![{n}](x)" for n in range(8))
    words = how_read(read(f"{header},y\n{'a,' * 8}1\n{'b,' * 8}2\n".encode(), "x.csv"))
    assert words.count("`![") == 5
    assert words.endswith("3 more columns are left out.")
    assert "no header" in how_read(read(b"1\n2\n3\n", "x.csv"))


@pytest.mark.parametrize(("sign", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs")])
def test_the_separator_has_its_name(sign, name):
    raw = read(f"a{sign}b\n1{sign}2\n3{sign}4\n".encode(), "x.csv")
    assert f"columns separated by {name}," in how_read(raw)
