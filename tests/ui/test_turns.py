"""In a crowd pages are drawn one after the other, as long apart as drawing one takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibattn.ui.turns import Turns


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_turn_begins_at_once_and_each_other_after_the_one_before():
    clock = Clock()
    turns = Turns(clock)
    taken = [turns.take() for _ in range(4)]
    assert [turn.left for turn in taken] == pytest.approx([0, 0.2, 0.4, 0.6])
    assert [turn.before for turn in taken] == [0, 1, 2, 3]
    clock.now += 0.5
    assert [turn.left for turn in taken] == pytest.approx([0, 0, 0, 0.1])
    assert turns.take().left == pytest.approx(0.3)


def test_after_a_pause_a_turn_begins_at_once():
    clock = Clock()
    turns = Turns(clock)
    turns.take()
    clock.now += 60
    assert turns.take().left == 0
    assert turns.take().left == pytest.approx(0.2)


def test_turns_are_as_long_as_pages_take():
    turns = Turns(Clock())
    for _ in range(100):
        turns.took(0.4)
    turns.take()
    assert turns.take().left == pytest.approx(0.6), "half as much again for what is sent"


@given(st.lists(st.floats(0, 5) | st.none(), max_size=40))
def test_no_two_pages_have_the_same_turn_and_nobody_waits_for_less_than_nothing(events):
    clock = Clock()
    turns, last = Turns(clock), 0.0
    for event in events:
        if event is None:
            turn = turns.take()
            assert turn.left >= 0
            assert turn.before >= 0
            assert turn.at > last
            last = turn.at
        else:
            clock.now += event
            turns.took(event)
