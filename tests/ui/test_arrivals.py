"""When many visitors come at once their pages are opened one after the other."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.ui import arrivals
from fibattn.ui.turns import Turns

EACH = 0.4


def a_page() -> None:
    """Streamlit runs its source alone."""
    import streamlit as st

    from fibattn.ui import arrivals

    with arrivals.opening():
        st.write("opened")


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """Return what is said to who waits, in order."""
    said: list[str] = []
    monkeypatch.setattr(arrivals, "TURNS", Turns(EACH))
    monkeypatch.setattr(arrivals, "SAID_EVERY", EACH / 2)

    def noted(turn, words=arrivals.in_words):
        said.append(words(turn))
        return said[-1]

    monkeypatch.setattr(arrivals, "in_words", noted)
    return said


def opened() -> AppTest:
    page = AppTest.from_function(a_page).run()
    assert not page.exception
    assert [each.value for each in page.markdown] == ["opened"]
    assert not page.info, "what is said while it waits goes"
    return page


def test_who_comes_alone_waits_for_nobody(said):
    opened()
    assert said == []


def test_who_comes_with_others_is_told_how_many_are_opened_before(said):
    for _ in range(3):
        arrivals.TURNS.take()
    begun = time.monotonic()
    opened()
    assert time.monotonic() - begun >= 2 * EACH
    assert said[0] == "3 pages before this one, about 1 s left."
    assert said[-1] in ("1 page before this one.", "This one is next.")


def test_a_visitor_waits_once(said):
    page = opened()
    for _ in range(100):
        arrivals.TURNS.take()
    begun = time.monotonic()
    page.run()
    assert (said, time.monotonic() - begun < EACH) == ([], True)


def test_a_turn_is_as_long_as_pages_take(said):
    for _ in range(30):
        opened()
    arrivals.TURNS.take()
    assert arrivals.TURNS.take().left < EACH
