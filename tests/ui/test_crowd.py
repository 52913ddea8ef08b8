"""In a crowd a page waits in place, is drawn with its result in one go, and when it is its turn."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fibattn.trainer.standing import Standing
from fibattn.ui import attention_view, live, navigation, progress
from fibattn.ui.turns import Turns, Wait
from tests.ui.shown import visited
from tests.ui.test_every_choice import MadeUp


class Crowded(MadeUp):
    """Stands in for the trainer of many visitors: all is trained at the third look."""

    visitors = 9
    looks = 0

    def watch(self, visitor, experiments, **_):
        Crowded.looks += 1
        if Crowded.looks > 2:
            return super().watch(visitor, experiments)
        none = np.empty((0, 1))
        return [Standing(each, "waiting", 0, none, none, place=3) for each in experiments]


@pytest.fixture
def said(monkeypatch):
    """Return what is said of the progress, in order; nobody waits for long."""
    said = []
    for module in (live, attention_view):
        monkeypatch.setattr(module, "trainer", Crowded)
    monkeypatch.setattr(Crowded, "looks", 0)
    monkeypatch.setattr(live, "MANY", 5)
    monkeypatch.setattr(live, "look_every", lambda: 0.01)
    monkeypatch.setattr(live, "TURNS", Turns())

    def noted(words):
        def say(*arguments):
            said.append(words(*arguments))
            return said[-1]

        return say

    for name in ("stage_in_words", "turn_in_words"):
        monkeypatch.setattr(progress, name, noted(getattr(progress, name)))
    return said


@pytest.fixture
def shown_before(said, monkeypatch):
    """Return a page that shows results, and has other networks to wait for."""
    monkeypatch.setattr(Crowded, "looks", 2)
    page = visited("playground")
    said.clear()
    monkeypatch.setattr(Crowded, "looks", 0)
    return page


@pytest.fixture
def drawn_meanwhile(said) -> Iterator[threading.Thread]:
    """Have two other pages drawn, 0.8 s each."""

    begun = threading.Event()

    def draw() -> None:
        for _ in range(2):
            live.TURNS.take(lambda _: None, 1.0)
            begun.set()
            time.sleep(0.8)
        live.TURNS.give_back()

    other = threading.Thread(target=draw)
    other.start()
    begun.wait()
    yield other
    other.join()


def test_a_page_waits_in_place_and_is_then_drawn_whole_in_the_same_run(said, shown_before):
    page = shown_before.run()
    waiting, trained = dict.fromkeys(said)
    assert waiting == "Waiting for a turn: 3 networks before this one."
    assert trained.startswith("Trained: ")
    assert any(caption.value.startswith("Trained: ") for caption in page.caption)
    assert len(page.get("plotly_chart")) >= 3


@pytest.mark.parametrize("path", ["playground", "does-it-help", "inside"])
def test_one_that_was_just_opened_ends_its_run_first_and_is_drawn_in_the_next(said, path):
    page = visited(path)
    assert set(said) == {"Waiting for a turn: 3 networks before this one."}
    assert any("Stop training" in button.label for button in page.button)
    assert not page.get("plotly_chart")
    page.run()
    assert said[-1].startswith("Trained: ")
    assert any(caption.value.startswith("Trained: ") for caption in page.caption)
    assert not any("Stop training" in button.label for button in page.button)


def test_while_it_waits_it_says_what_stands_below(said, monkeypatch, shown_before):
    drawn = []
    monkeypatch.setattr(
        live,
        "_draw",
        lambda standings, words, button="", draw=live._draw: (
            drawn.append(words(standings).beside) or draw(standings, words, button)
        ),
    )
    shown_before.run()
    assert drawn[0] == "What stands below is still of the settings before."
    drawn.clear()
    monkeypatch.setattr(Crowded, "looks", 0)
    visited("playground")
    assert drawn == ["With so many visitors, the figures come with the result."]


def test_a_result_that_is_there_is_drawn_when_it_is_its_turn(said, monkeypatch, drawn_meanwhile):
    monkeypatch.setattr(Crowded, "looks", 2)
    visited("inside")
    assert not drawn_meanwhile.is_alive()
    assert said[0] == "1 page before this one."
    assert said[-1].startswith("Trained: ")


def test_who_has_its_turn_already_needs_no_other(said, monkeypatch):
    monkeypatch.setattr(Crowded, "looks", 2)
    monkeypatch.setattr(Turns, "is_late", True)
    monkeypatch.setattr(live, "_take_late_turn", None)
    visited("playground")
    assert said[-1].startswith("Trained: ")


def test_without_a_crowd_nobody_waits_for_who_is_late(said, monkeypatch):
    monkeypatch.setattr(Crowded, "visitors", live.MANY)
    monkeypatch.setattr(Crowded, "looks", 2)
    late = []
    monkeypatch.setattr(Turns, "take", lambda *_, late=False: late and late.append(1))
    visited("playground")
    assert not late
    assert not any("before this one" in words or "next" in words for words in said)


def test_who_stopped_needs_no_turn_at_the_end(said, monkeypatch):
    monkeypatch.setattr(live, "_take_late_turn", None)
    monkeypatch.setattr(live, "is_stopped", lambda _: True)
    visited("playground")
    assert said == ["Stopped."] * len(said)


def test_nobody_is_told_that_what_failed_is_trained(said, monkeypatch):
    def failed(self, visitor, experiments, **_):
        none = np.empty((0, 1))
        return [Standing(each, "failed", 0, none, none, error="It failed.") for each in experiments]

    monkeypatch.setattr(live, "_take_late_turn", None)
    monkeypatch.setattr(Crowded, "watch", failed)
    visited("inside")
    assert set(said) == {"Stopped."}


def test_a_newcomer_is_told_that_pages_are_opened_in_turn_until_theirs_is(said, drawn_meanwhile):
    page = AppTest.from_file("../../app.py", default_timeout=60).run()
    drawn_meanwhile.join()
    assert said[0] == "1 page before this one."
    assert page.title
    assert not any(navigation.OPENED_IN_TURN in each.value for each in page.info)
    said.clear()
    page.run()
    assert not any("before this one" in words for words in said)


@pytest.mark.parametrize(
    ("before", "seconds", "words"),
    [
        (0, 0.1, "This one is next."),
        (1, 0.3, "1 page before this one."),
        (12, 2.6, "12 pages before this one, about 3 s left."),
    ],
)
def test_how_long_it_takes_until_the_turn(before, seconds, words):
    assert progress.turn_in_words(Wait(before, seconds)) == words
