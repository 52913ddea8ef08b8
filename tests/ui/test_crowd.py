"""In a crowd a page waits in place, is drawn with its result in one go, and when it is its turn."""

import dataclasses
import time

import numpy as np
import pytest

from fibattn.trainer.standing import Standing
from fibattn.ui import attention_view, live
from fibattn.ui.turns import Turns
from tests.ui.shown import visited
from tests.ui.test_every_choice import MadeUp


class Crowded(MadeUp):
    """Stands in for the trainer of many visitors: all is trained at the third look."""

    visitors = 9
    looks = 0
    turns_before = 0

    def watch(self, visitor, experiments, **_):
        Crowded.looks += 1
        if Crowded.looks > 2:
            for _ in range(self.turns_before):
                live.TURNS.take()
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
    monkeypatch.setattr(live, "look_every", lambda: 0.01)
    monkeypatch.setattr(live, "TURNS", Turns())

    def noted(words):
        def say(*arguments):
            said.append(words(*arguments))
            return said[-1]

        return say

    for name in ("stage_in_words", "_waiting_for_turn_in_words"):
        monkeypatch.setattr(live, name, noted(getattr(live, name)))
    return said


def test_a_page_waits_in_place_and_is_then_drawn_whole_in_the_same_run(said):
    page = visited("playground")
    assert set(said[:-1]) == {"Waiting for a turn: 3 networks before this one."}
    assert said[-1].startswith("Trained: ")
    assert any(caption.value.startswith("Trained: ") for caption in page.caption)
    assert len(page.get("plotly_chart")) >= 3
    assert Crowded.looks == 3


def test_while_it_waits_it_says_what_stands_below(said, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        live,
        "_draw",
        lambda standings, words, button="", draw=live._draw: (
            drawn.append(words(standings).beside) or draw(standings, words, button)
        ),
    )
    page = visited("playground")
    assert drawn[0] == "With so many visitors, the figures come with the result."
    drawn.clear()
    monkeypatch.setattr(Crowded, "looks", 0)
    page.run()
    assert drawn[0] == "What stands below is still of the settings before."


def test_it_is_drawn_when_it_is_its_turn(said, monkeypatch):
    monkeypatch.setattr(Crowded, "turns_before", 2)
    begun = time.monotonic()
    visited("does-it-help")
    assert "2 pages before this one." in said
    assert said.index("1 page before this one.") < said.index("This one is next.")
    assert said[-1].startswith("Trained: ")
    assert time.monotonic() - begun >= 2 * 0.2


def test_a_result_that_is_there_waits_for_its_turn_too(said, monkeypatch):
    monkeypatch.setattr(Crowded, "looks", 2)
    monkeypatch.setattr(Crowded, "turns_before", 1)
    visited("inside")
    assert said[0] == "1 page before this one."


def test_without_a_crowd_nobody_takes_a_turn(said, monkeypatch):
    monkeypatch.setattr(Crowded, "visitors", live.MANY)
    monkeypatch.setattr(Crowded, "looks", 2)
    for _ in range(100):
        live.TURNS.take()
    visited("playground")
    assert not any("before this one" in words or "next" in words for words in said)


def test_who_stopped_needs_no_turn(said, monkeypatch):
    for _ in range(100):
        live.TURNS.take()
    monkeypatch.setattr(live, "is_stopped", lambda _: True)
    visited("playground")
    assert said == ["Stopped."] * len(said)


def test_nobody_is_told_that_what_failed_is_trained(said, monkeypatch):
    def failed(self, visitor, experiments, **_):
        live.TURNS.take()
        none = np.empty((0, 1))
        return [Standing(each, "failed", 0, none, none, error="It failed.") for each in experiments]

    monkeypatch.setattr(Crowded, "watch", failed)
    visited("inside")
    assert set(said) == {"Stopped."}


@pytest.mark.parametrize(
    ("before", "seconds", "words"),
    [
        (0, 0.1, "This one is next."),
        (1, 0.3, "1 page before this one."),
        (12, 2.6, "12 pages before this one, about 3 s left."),
    ],
)
def test_how_long_it_takes_until_the_turn(before, seconds, words):
    @dataclasses.dataclass
    class Turn:
        left: float
        before: int

    assert live._waiting_for_turn_in_words(Turn(seconds, before)) == words
