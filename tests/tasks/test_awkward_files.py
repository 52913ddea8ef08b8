"""Files as their owners write them, that could be misread without a word."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn.tasks.file import Raw, Wish, likely_target, read
from fibattn.words import own_file

DAYS = [f"2020-01-{day:02}" for day in range(1, 13)]
DATED = "date,sales\n" + "".join(f"{day},{k % 4}\n" for k, day in enumerate(DAYS))
POINTS = [
    *("1.234", "987", "1.102", "2.015", "876", "1.300"),
    *("1.450", "990", "1.111", "1.205", "1.310", "1.250"),
]
AMOUNTS = [1234, 987, 1102, 2015, 876, 1300, 1450, 990, 1111, 1205, 1310, 1250]


def parsed(text: str, **wish) -> Raw:
    return read(text.encode(), "x.csv", Wish(**wish))


def target(raw: Raw) -> list[float]:
    return raw.columns[likely_target(raw)].tolist()


def said(raw: Raw) -> str:
    return " ".join([*own_file.sentences(raw), *(each.sentence for each in own_file.doubts(raw))])


# Rows that are no points in time


@pytest.mark.parametrize(
    "first",
    [
        *(
            "Gesamtsumme",
            "Jahressumme",
            "Σ",
            "Durchschn.",
            "Totaal",
            "Suma",
            "Итого",
            "合計",
            "YTD",
        ),
        *("Average (12 months)", "Year total", "2020 Total", "FY 2020 total", "Monthly average"),
        *("SUM(B2:B13)", "Source: ONS", "Page 1 of 1", "Records", "Kontostand", ""),
    ],
)
def test_a_last_row_without_a_time_is_no_point_and_named(first):
    text = f"{DATED}{first},9172\n"
    raw = parsed(text)
    assert target(raw)[-1] == 3 and raw.rows == 12
    assert [odd.line for odd in raw.how.ends] == [14]
    assert "totals" in raw.how.doubts and "9172" in said(raw)
    kept = parsed(text, totals=False)
    assert kept.rows == 13 and target(kept)[-1] == 9172


@pytest.mark.parametrize("first", [",°C", "yyyy-mm-dd,kWh", "Opening balance,1000"])
def test_a_first_row_without_a_time_is_no_point_and_named(first):
    raw = parsed(DATED.replace("\n", f"\n{first}\n", 1))
    assert target(raw)[0] == 0 and raw.rows == 12
    assert [odd.line for odd in raw.how.ends] == [2]
    assert raw.how.time.runs == "rising"


def test_subtotals_between_the_rows_are_no_points():
    rows = DATED.splitlines()
    text = "\n".join([*rows[:6], "Subtotal,115", *rows[6:], "Subtotal,99", "Total,214"]) + "\n"
    raw = parsed(text)
    assert raw.rows == 12
    assert [odd.line for odd in raw.how.ends] == [7, 15, 16]


@pytest.mark.parametrize("wrong", ["2020-02-30", "30/30/2020", "soon"])
def test_a_row_whose_time_is_wrong_stays_and_is_named(wrong):
    rows = DATED.splitlines()
    text = "\n".join([*rows[:6], f"{wrong},77", *rows[6:]]) + "\n"
    raw = parsed(text)
    assert target(raw)[5] == 77
    assert raw.how.timeless.text == wrong
    assert f"1 row has no time in `date` and stays in place, first `{wrong}` in line 7." in said(
        raw
    )
    assert raw.how.doubts["totals"].text == wrong
    assert 77 not in target(parsed(text, totals=True))


def test_rows_are_sorted_though_one_has_no_time():
    rows = DATED.splitlines()
    text = "\n".join([rows[0], *rows[7:], *rows[1:4], "soon,77", *rows[4:7]]) + "\n"
    assert target(parsed(text, order="time")) == [0, 1, 2, 77, 3, 0, 1, 2, 3, 0, 1, 2, 3]


@pytest.mark.parametrize("mark", ["*", " (p)", " [1]", " (forecast)", "†"])
def test_a_mark_beside_a_time_is_none_of_it(mark):
    raw = parsed(DATED.replace(DAYS[10], DAYS[10] + mark))
    assert raw.rows == 12 and raw.how.timeless is None
    falling = parsed(f"Year,v\n2011{mark},0\n" + "".join(f"{2010 - k},{k}\n" for k in range(12)))
    assert (falling.how.time.runs, target(falling)[-1]) == ("falling", 0)


# The decimal sign


@pytest.mark.parametrize(
    "text",
    [
        "Monat,Umsatz\n" + "".join(f"2020-{k:02}-01,{v}\n" for k, v in enumerate(POINTS, 1)),
        "Umsatz\n" + "\n".join(POINTS) + "\n",
        "Monat\tUmsatz\n" + "".join(f"2020-{k:02}-01\t{v}\n" for k, v in enumerate(POINTS, 1)),
        "Monat;Umsatz\n" + "".join(f"{k}.2020;{v}\n" for k, v in enumerate(POINTS, 1)),
        "Monat;Umsatz\n" + "".join(f"2020.{k:02};{v}\n" for k, v in enumerate(POINTS, 1)),
        "Tag;Umsatz\n" + "".join(f"{k:02}.03;{v}\n" for k, v in enumerate(POINTS, 1)),
        "Datum;Version;Umsatz\n"
        + "".join(f"2020-{k:02}-01;1.0;{v}\n" for k, v in enumerate(POINTS, 1)),
        "Monat;Umsatz\n"
        + "".join(f"{k:02}.2020;{v}\n" for k, v in enumerate(POINTS, 1))
        + "Jahr;15.000\n",
    ],
)
def test_points_between_thousands(text):
    raw = parsed(text)
    assert raw.columns["Umsatz"].tolist() == AMOUNTS
    assert likely_target(raw) == "Umsatz"
    assert "decimal" in raw.how.doubts


def test_half_past_eight_is_no_amount():
    rows = "".join(f"{8 + k // 2}.{30 * (k % 2):02};1,2{k:02}\n" for k in range(12))
    raw = parsed("Zeit;Wert\n" + rows)
    np.testing.assert_allclose(raw.columns["Wert"], [1.2 + k / 1000 for k in range(12)])
    assert "decimal" in raw.how.doubts


def test_three_decimals_beside_a_one_are_decimals():
    raw = parsed(
        "Datum;Kurs\n"
        + "".join(f"{day};1,1{k:02}\n" for k, day in enumerate(DAYS))
        + "2020-02-01;1\n"
    )
    assert target(raw)[-2:] == [1.111, 1]


def test_thousands_have_no_power_of_ten():
    raw = parsed("n;a;b\n" + "".join(f"{k};{k},5;1.{234 + k}E+03\n" for k in range(12)))
    assert "b" not in raw.columns and raw.skipped["b"].text == "1.234E+03"


# The order


def test_hours_rise_within_days_that_fall():
    rows = "".join(
        f"2020-01-0{d},{h:02}:00,{d * 100 + h}\n" for d in (3, 2, 1) for h in range(1, 7)
    )
    wanted = [d * 100 + h for d in (1, 2, 3) for h in range(1, 7)]
    raw = parsed("Date,Time,kW\n" + rows)
    assert target(raw) == wanted
    assert "Time is `Date`, and `Time` within it" in said(raw)
    numbered = parsed("Datum;Stunde;Preis\n" + rows.replace(":00", "").replace(",", ";"))
    assert target(numbered) == wanted


def test_months_rise_within_years_that_fall():
    rows = "".join(f"{y},{m},{y * 100 + m}\n" for y in (2020, 2019) for m in range(1, 13))
    raw = parsed("Year,Month,Sales\n" + rows)
    assert target(raw) == [y * 100 + m for y in (2019, 2020) for m in range(1, 13)]


def test_the_date_goes_before_the_time_of_day_and_what_runs_before_what_does_not():
    both = "".join(f"{h:02}:00,2020-01-0{d},{d * 10 + h}\n" for d in (2, 1) for h in (3, 2, 1))
    assert target(parsed("Time,Date,kW\n" + both)) == [11, 12, 13, 21, 22, 23]
    births = "".join(f"19{90 - 7 * k % 50}-01-01,{day},{k}\n" for k, day in enumerate(DAYS))
    raw = parsed("dob,submitted,score\n" + births)
    assert raw.how.time.column == "submitted" and target(raw) == list(range(12))


def test_day_and_month_that_could_change_places_are_asked_for():
    days = [f"{month:02}/0{k}" for k in (1, 2, 3) for month in (10, 1, 4, 7)]
    text = "date,v\n" + "".join(f"{day}/2020,{int(day[:2])}\n" for day in days)
    raw = parsed(text)
    assert raw.how.time.other == "month" and "days" in raw.how.doubts
    assert "the day is taken to stand first; it could be the month" in said(raw)
    assert (
        target(parsed(text, days="month", order="time")) == [1] * 3 + [4] * 3 + [7] * 3 + [10] * 3
    )
    assert "days" not in parsed(text, days="month").how.doubts


def test_years_of_two_digits_are_of_one_century():
    months = [f"{m}-{y}" for y in range(60, 72) for m in ("Jan", "Jul")]
    text = "Month,GDP\n" + "".join(f"{month},{k * k}\n" for k, month in enumerate(months))
    raw = parsed(text)
    assert raw.how.time.runs == "rising" and target(raw)[:3] == [0, 1, 4]
    assert not raw.how.doubts


def test_a_night_goes_on_after_midnight():
    hours = [*range(18, 24), *range(18)]
    rising = "".join(f"{h:02}:00,{k}\n" for k, h in enumerate(hours))
    assert target(parsed("Time,V\n" + rising)) == list(range(24))
    falling = "".join(f"{h:02}:00,{k}\n" for k, h in enumerate(reversed(hours)))
    assert target(parsed("Time,V\n" + falling)) == list(range(23, -1, -1))


@pytest.mark.parametrize(
    "times",
    [
        ["Dezember 2021", "November 2021", "Oktober 2021", "September 2021"],
        ["15-Mar", "14-Mar", "13-Mar", "12-Mar"],
        ["KW 20/2020", "KW 19/2020", "KW 18/2020", "KW 17/2020"],
        ["4Q20", "3Q20", "2Q20", "1Q20"],
        ["FY2021", "FY2020", "FY2019", "FY2018"],
        ["25.03.", "24.03.", "23.03.", "22.03."],
        ["10:00:30,500", "10:00:30,400", "10:00:30,300", "10:00:30,200"],
        ["Dec 2020", "Nov 2020", "Oct 2020", "Sept 2020"],
        ["Sun Jan 26 00:00:00 2020", "Sat Jan 25 00:00:00 2020", "Fri Jan 24 00:00:00 2020"],
        ["4. März 2021", "3. Februar 2021", "2. Januar 2021", "1. Januar 2021"],
    ],
    ids=lambda times: times[0],
)
def test_times_of_more_kinds_are_turned_where_the_newest_is_first(times):
    raw = parsed("when;y\n" + "".join(f"{time};{k * k}\n" for k, time in enumerate(times)))
    assert raw.how.time.runs == "falling" and target(raw)[-1] == 0


def test_times_that_come_again_are_said():
    rows = "".join(f"{day},A,{k}\n{day},B,{k + 10}\n" for k, day in enumerate(DAYS))
    assert "Times come again, first `2020-01-01` in line 3" in said(
        parsed("date,station,temp\n" + rows)
    )


# Missing


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(15, 26), -9999, -999], "-9999 and -999"),
        ([*range(15, 26), -999, 999], "-999 and 999"),
        ([*range(0, 1101, 100), -999, -999], "-999"),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, *[-999] * 20], "-999"),
        ([*range(10, 22), -32768], "-32768"),
        ([*range(10, 22), 9.96921e36], "9.96921e+36"),
        ([*range(10, 22), -888], "-888"),
    ],
)
def test_codes_for_missing_are_named(values, codes):
    raw = parsed("y\n" + "".join(f"{value}\n" for value in values))
    assert raw.how.codes["y"].text == codes
    left = raw.columns["y"][np.isfinite(raw.columns["y"])]
    assert len(left) == raw.rows - raw.how.codes["y"].count
    assert {"-999", "-888", "999"}.isdisjoint(f"{value:g}" for value in left)


@pytest.mark.parametrize("values", [[-99, -50, 0, 50, 99, 20, 10], [*range(990, 1005)]])
def test_usual_numbers_are_no_codes(values):
    assert not parsed("y\n" + "".join(f"{value}\n" for value in values)).how.codes


# The target


@pytest.mark.parametrize(
    ("header", "row", "wanted"),
    [
        (",Date,Consumption_MW", "{k},{day},{v}", "Consumption_MW"),
        ("Unnamed: 0,Date,MW", "{k},{day},{v}", "MW"),
        ("Time (s),Voltage (V)", "{k}.5,{v}", "Voltage (V)"),
        ("ts,pm25", "160000{k:04},{v}", "pm25"),
        ("elapsed_ms,rpm", "{k}00,{v}", "rpm"),
        ("Jahr,Monat,Arbeitslose", "2020,{k},{v}", "Arbeitslose"),
        ("Datum,Stunde,Preis", "2020-01-01,{k},{v}", "Preis"),
        ("Date,DayOfWeek,Customers", "{day},{w},{v}", "Customers"),
        ("date,is_holiday,visitors", "{day},{t},{v}", "visitors"),
        ("date,zip,cases", "{day},0123{w},{v}", "cases"),
        ("time,latitude,longitude,depth", "{day},{v}.5,{w}.5,{v}", "depth"),
    ],
)
def test_a_counter_a_place_or_a_flag_is_not_what_is_predicted(header, row, wanted):
    rows = (
        row.format(k=k, day=day, v=7 * k % 11, w=k % 7, t="TRUE" if k % 3 else "FALSE")
        for k, day in enumerate(DAYS)
    )
    assert likely_target(parsed(header + "\n" + "\n".join(rows) + "\n")) == wanted


# What stands above


def test_a_title_of_two_quoted_cells_is_a_title():
    rows = "".join(f'"{day}","{k}","{k * k}"\n' for k, day in enumerate(DAYS))
    raw = parsed(f'"Report","2020"\n"Date","Sales","Cost"\n{rows}')
    assert raw.columns["Sales"].tolist() == list(range(12))
    assert [odd.line for odd in raw.how.titles] == [1]
