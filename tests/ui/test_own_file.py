"""The page of a visitor's own file: how it was read is shown, and the other way is a click away."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from streamlit.testing.v1 import AppTest

from fibattn.ui import live
from tests.tasks.uploads import UPLOADS
from tests.ui.shown import show
from tests.ui.test_any_address import MARK, Waiting, outside_quotation


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)


def start(path: str = "playground") -> AppTest:
    page = AppTest.from_function(show, default_timeout=60, args=(path,))
    page.query_params["task"] = "csv"
    page.query_params["time_steps"] = "3"
    page.run()
    assert not page.exception
    return page


def give(page: AppTest, data: str | bytes, name: str = "mine.csv") -> AppTest:
    data = data.encode() if isinstance(data, str) else data
    page.get("file_uploader")[0].set_value((name, data, "text/csv")).run()
    assert not page.exception, [each.stack_trace for each in page.exception]
    return page


def words(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.info, *page.caption))


def trained_on(page: AppTest) -> list[float]:
    return page.session_state["choice"][1].table.values[:, 0].tolist()


def test_the_start_offers_a_sample_and_says_what_a_file_looks_like():
    page = start()
    assert [each.label for each in page.get("download_button")] == ["Download a sample file"]
    assert "A file has a header, and below it a row for each point in time" in words(page)
    assert "Fibonacci" not in words(page)
    give(page, "y\n" + "".join(f"{k % 5}\n" for k in range(20)))
    assert not page.get("download_button")


FALLING = "Week,y\n" + "".join(f"2020-01-{30 - k},{k * k}\n" for k in range(20))


@pytest.mark.parametrize("path", ["playground", "does-it-help"])
def test_a_file_that_runs_backwards_is_turned_round_shown_and_said(path):
    page = give(start(path), FALLING)
    forward = [float(k * k) for k in range(20)]
    assert trained_on(page) == forward[::-1]
    assert "it runs backwards, newest first, and the rows are turned round" in words(page)
    assert "|line|`Week`|`y`|\n|-|-|-|\n|21|*`2020-01-11`*|361|" in words(page)
    page.button_group(key="file_order_shown").set_value("file").run()
    assert trained_on(page) == forward
    give(page, FALLING.replace("y", "z"), "next.csv")
    assert page.session_state["file_order"] == "auto" and trained_on(page) == forward[::-1]


def test_the_other_decimal_sign_is_one_click_away_and_other_data():
    page = give(start(), "n;y\n" + "".join(f"{k};{k % 7 + 1},234\n" for k in range(20)))
    assert trained_on(page)[:2] == [1.234, 2.234]
    before = page.session_state["choice"][1]
    assert "`1,234` in line 2 is read with a decimal comma" in words(page)
    page.button(key="other file_decimal").click().run()
    assert trained_on(page)[:2] == [1234, 2234]
    assert page.session_state["choice"][1] != before
    assert "could be" not in words(page)


def test_a_first_row_taken_for_data_makes_one_row_more():
    page = give(start(), "0\n" + "".join(f"{k % 7}\n" for k in range(20)))
    assert page.session_state["choice"][1].series_length == 21
    page.button(key="other file_header").click().run()
    assert page.session_state["choice"][1].series_length == 20


def test_a_wish_that_cannot_be_met_can_be_taken_back():
    page = give(start(), "a;b\n" + "".join(f"x;{k % 7}\n" for k in range(20)))
    page.button_group(key="file_decimal_shown").set_value("point").run()
    assert len(trained_on(page)) == 20
    page = give(page, "d,y\n2020-01-01,5\n")
    page.button_group(key="file_header_shown").set_value("no").run()
    assert "has no column of numbers" in page.info[0].value
    page.button_group(key="file_header_shown").set_value("auto").run()
    assert "is 5 in every row" in page.info[0].value


def test_what_is_left_out_and_what_is_missing_has_column_line_and_text():
    rows = "".join(f"2020-01-{k + 10},{k % 7},red\n" for k in range(15))
    page = give(start(), f"Some title\nd,y,colour\n{rows}2020-02-01,12*,red\nTotal,45,\n")
    said = words(page)
    assert "Left out: `colour`, as line 3 has `red`." in said
    assert "1 cell of `y` is unlike the others and left out, first `12*` in line 18." in said
    assert "Line 1 is left out as a title: `Some title`." in said
    assert "The row of `Total, 45` in line 19 is left out" in said
    assert "`mine.csv` has gaps: 1 in `y` (line 18)." in page.info[0].value


@pytest.mark.parametrize(
    "text",
    [
        "d,{}\n2020-01-01,1\n2020-01-02,2\n",
        "d,y\n2020-01-01,{}\n2020-01-02,2\n2020-01-03,3\n",
        "{}\na,y\n" + "".join(f"{k},{k * k}\n" for k in range(20)),
        "{},y\n" + "".join(f"{k},{k * k}\n" for k in range(20)),
        "y\n" + "".join(f"{k * k % 7}\n" for k in range(20)) + "Total {}\n",
    ],
)
@pytest.mark.parametrize(
    "words", [f"![{MARK}](https://example.org/x.png)", f"`{MARK}` <b>{MARK}</b>", f"**{MARK}|x**"]
)
def test_a_strangers_words_stay_text(text, words):
    page = give(start(), text.format(words), f"{words[:60].replace('/', ' ')}.csv")
    assert MARK not in outside_quotation(page)


def uploaded(data: bytes) -> None:
    page = give(start(), data)
    assert not page.error
    assert page.info or trained_on(page)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(UPLOADS)
def test_any_upload_is_trained_on_or_answered_with_a_sentence(data):
    uploaded(data)


@pytest.mark.heavy
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(UPLOADS)
def test_three_hundred_uploads_are_trained_on_or_answered_with_a_sentence(data):
    uploaded(data)
