"""What is said of runs that come from the store."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fibattn.words.stored import kept_since

NOON = datetime(2026, 3, 9, 12, 5, tzinfo=UTC)


def test_of_what_was_trained_here_nothing_is_said():
    assert kept_since([None, None]) == ""
    assert kept_since([]) == ""


def test_of_what_was_not_it_is_said_when_it_was_trained():
    sentence = "Not trained just now, but on 9 March 2026 at 12:05 UTC, and kept since."
    assert kept_since([NOON, NOON + timedelta(seconds=30)]) == sentence
    assert kept_since([NOON.astimezone(timezone(timedelta(hours=5)))]) == sentence


def test_two_times_are_both_said():
    later = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert kept_since([later, NOON]) == (
        "Not trained just now, but between 9 March 2026 at 12:05 UTC and 31 December 2026 at 23:00 "
        "UTC, and kept since."
    )


def test_where_some_were_trained_here_it_is_said_how_many_were_not():
    assert kept_since([None, NOON]) == (
        "1 of these 2 networks was not trained just now, but on 9 March 2026 at 12:05 UTC."
    )
    assert kept_since([NOON, NOON, None]).startswith("2 of these 3 networks were not trained")


MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
MONTHS += ["October", "November", "December"]


@pytest.mark.parametrize(("month", "name"), list(enumerate(MONTHS, 1)))
def test_every_month_has_its_name(month, name):
    said = kept_since([datetime(2026, month, 2, 3, 4, tzinfo=UTC)])
    assert f"on 2 {name} 2026 at 03:04 UTC" in said
