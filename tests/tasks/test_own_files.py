"""Small files as visitors have them, in tests/tasks/files, and any file at all."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fibattn.tasks.file import Raw, Unreadable, choose, likely_target, read
from fibattn.words import own_file
from tests.tasks.uploads import UPLOADS

FILES = Path(__file__).parent / "files"
nan = math.nan

# The likely target, its first three numbers and its last, and what could be read otherwise.
READ = {
    "accounting.csv": ("Profit", [50, 150, 250, 1150], set()),
    "clock.csv": ("kW", [0.05, 1.15, 2.25, 3.35], set()),
    "decimal_commas_alone.csv": ("Niederschlag", [0, 1.1, 2.2, 8.9], set()),
    "eurostat.csv": ("OBS_VALUE", [0.5, 1.5, nan, 19.5], set()),
    "excel_totals.csv": ("Units", [10, 11, 12, 27], {"totals", "decimal"}),
    "flags.csv": ("visitors", [0, 1, 4, 4], set()),
    "footnotes.csv": ("GDP", [100, 101, 102, nan], set()),
    "fred.csv": ("DGS10", [3.01, 3.11, 3.21, nan], set()),
    "french.csv": ("Consommation (MW)", [50100.5, 51101.5, 52102.5, 69119.5], set()),
    "german_bank.csv": ("Betrag", [-134.9, 127.8, -120.7, 1], set()),
    "giss.csv": ("Jan", [-0.2, -0.19, -0.18, -0.01], set()),
    "ids.csv": ("value", [0, 1, 2, 1], set()),
    "milliseconds.csv": ("y", [0, 1, 4, 4], set()),
    "nanoseconds.csv": ("value", [0, 1, 2, 1], set()),
    "nasdaq.csv": ("Close/Last", [154.9, 153.8, 152.7, 150], set()),
    "no_header.csv": ("column 2", [0, 1, 4, 9], set()),
    "pandas_index.csv": ("0", [0, 1, 4, 9], set()),
    "percent.csv": ("growth", [0, 1.1, 2.2, 4.9], set()),
    "pipes.txt": ("level", [0.5, 1.5, 2.5, 1.5], set()),
    "semicolon_end.csv": ("a", [0, 1, 4, 4], set()),
    "sensor.tsv": ("temp", [20, 21, 22, 23], {"codes"}),
    "single_column.csv": ("sunspots", [0, 1, 2, 8], set()),
    "spaces.txt": ("column 2", [5, 11, 16, 16], set()),
    "swiss.csv": ("Umsatz", [1100.5, 2101.5, 3102.5, 15114.5], set()),
    "trends.csv": ("fibonacci: (Worldwide)", [40, 41, 42, 41], set()),
    "unsorted.csv": ("y", [0, 1, 2, 19], {"order"}),
    "us_dates.csv": ("Cases", [0, 3, 6, 57], set()),
    "wide_years.csv": ("1990", [5, 4, 1, 1], {"header"}),
    "worldbank.csv": ("Population, total", [8e7, 80.1e6, 80.2e6, 81.9e6], set()),
    "yahoo.csv": ("Close", [10.25, 11.25, 12.25, 13.25], set()),
}
REFUSED = {
    "latin1.csv": "is not in UTF-8: byte 0xF6 in line 1",
    "utf16.csv": "is in UTF-16. Save it as UTF-8.",
    "words_only.csv": "`ann` in line 2, in `name`, is none",
}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_its_owner_means_it(name):
    target, numbers, doubts = READ[name]
    raw = read((FILES / name).read_bytes(), name)
    assert likely_target(raw) == target
    values = raw.columns[target]
    np.testing.assert_array_equal([*values[:3], values[-1]], numbers)
    assert set(raw.how.doubts) == doubts
    assert len(own_file.doubts(raw)) == len(doubts)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_answered(name):
    with pytest.raises(Unreadable) as refused:
        read((FILES / name).read_bytes(), name)
    assert REFUSED[name] in str(refused.value)


def test_every_file_is_looked_at_here():
    assert {path.name for path in FILES.iterdir()} == {*READ, *REFUSED}


def check(data: bytes) -> None:
    """Read a file, with the first digit of each number looked for in its line, and say how."""
    try:
        raw = read(data, "x.csv")
    except Unreadable as refused:
        sentence = str(refused)
    else:
        sentence = check_raw(data, raw)
    assert sentence.endswith(".")
    assert len(sentence) < 500


def first_digit(value: float) -> str:
    return next((digit for digit in repr(float(value)) if digit in "123456789"), "")


def check_raw(data: bytes, raw: Raw) -> str:
    lines = data.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert raw.rows <= len(lines)
    for name, values in raw.columns.items():
        assert len(values) == raw.rows and not np.isinf(values).any()
        for line, value in zip(raw.lines.tolist(), values.tolist(), strict=True):
            near = {first_digit(each) for each in (value, *np.nextafter(value, (0, np.inf)))}
            text = "".join(lines[line - 1 :])
            assert value == 1 or any(digit in text for digit in near), name
    for sentence in (*own_file.sentences(raw), *(each.sentence for each in own_file.doubts(raw))):
        assert sentence.endswith("."), sentence
    assert own_file.first_rows(raw).count("\n") == 1 + min(raw.rows, 5)
    try:
        chosen = choose(raw, likely_target(raw), [], "drop")
    except Unreadable as refused:
        return str(refused)
    assert np.isfinite(chosen.values).all()
    return own_file.how_read(raw)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(UPLOADS | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_upload_is_read_or_refused_with_a_sentence(data):
    check(data)


@pytest.mark.long
@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(UPLOADS | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_a_thousand_uploads_are_read_or_refused_with_a_sentence(data):
    check(data)
