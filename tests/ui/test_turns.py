"""Pages are drawn one after the other, and nobody keeps the others waiting."""

import itertools
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.ui.turns import Turns, Wait
from tests.trainer.waiting import LONGEST_WAIT, until

OFTEN = 0.01  # seconds


def nothing(_: Wait) -> None:
    pass


class Page:
    """A page that takes a turn, and holds it until it is told to end."""

    def __init__(self, turns: Turns, late: bool = False) -> None:
        self.began: float | None = None
        self.ended = threading.Event()
        self.heard: list[Wait] = []
        self._turns, self._late = turns, late
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self._turns.take(self.heard.append, OFTEN, late=self._late)
        self.began = time.monotonic()
        self.ended.wait(LONGEST_WAIT)
        self._turns.give_back()

    def end(self) -> None:
        self.ended.set()
        self.thread.join(LONGEST_WAIT)


def waiting(turns: Turns, late: bool = False) -> Page:
    """Return a page that waits for its turn."""
    page = Page(turns, late)
    until(lambda: page.heard)
    return page


def test_one_after_the_other_and_who_is_late_after_all_others():
    turns = Turns(longest=LONGEST_WAIT)
    first = Page(turns)
    until(lambda: first.began)
    late, second, third = waiting(turns, late=True), waiting(turns), waiting(turns)
    pages = [first, second, third, late]
    for page, following in itertools.pairwise(pages):
        assert following.began is None
        page.end()
        until(lambda following=following: following.began)
    late.end()
    assert [page.began for page in pages] == sorted(page.began for page in pages)


def test_it_is_said_how_many_are_before_and_how_long_they_take():
    turns = Turns(longest=LONGEST_WAIT)
    first = Page(turns)
    until(lambda: first.began)
    pages = [first, waiting(turns), waiting(turns, late=True), waiting(turns, late=True)]
    until(lambda: pages[-1].heard[-1].before == 3)
    assert pages[1].heard[-1] == Wait(1, pytest.approx(0.07))
    assert pages[2].heard[-1] == Wait(2, pytest.approx(0.14))
    assert pages[3].heard[-1] == Wait(3, pytest.approx(0.34))
    for page in pages:
        page.end()


def test_turns_are_as_long_as_pages_take():
    turns = Turns(longest=LONGEST_WAIT)
    pages = [Page(turns, late=True)]
    until(lambda: pages[0].began)
    pages += [waiting(turns, late=True) for _ in range(12)]
    for page in pages[:-2]:
        until(lambda page=page: page.began)
        time.sleep(0.05)
        page.end()
    until(lambda: pages[-1].heard[-1].before == 1)
    assert 0.05 < pages[-1].heard[-1].seconds < 0.16, "0.2 before any was measured"
    for page in pages[-2:]:
        page.end()


def test_a_turn_that_does_not_end_keeps_nobody_waiting_for_long():
    turns = Turns(longest=0.2)
    begun = time.monotonic()
    stuck = Page(turns)
    until(lambda: stuck.began)
    following = waiting(turns)
    until(lambda: following.began)
    assert following.began - begun >= 0.2
    stuck.end()  # giving back what one has no more
    third = Page(turns)
    until(lambda: third.began)
    assert third.began - following.began >= 0.15, "a page notes its turn after that has begun"
    following.end()
    third.end()


def test_who_leaves_while_waiting_keeps_nobody_waiting():
    turns = Turns(longest=LONGEST_WAIT)
    first = Page(turns)
    until(lambda: first.began)

    def leave(_):
        raise EOFError

    with pytest.raises(EOFError):
        turns.take(leave, OFTEN)
    last = waiting(turns)
    first.end()
    until(lambda: last.began)
    last.end()


def test_a_page_has_its_turn_inside_the_block_and_one_taken_before_goes_on():
    turns = Turns(longest=LONGEST_WAIT)
    turns.take(nothing, OFTEN, late=True)
    assert turns.is_late

    def draw():
        with turns.held(nothing, OFTEN):
            assert turns.is_late
            raise EOFError

    with pytest.raises(EOFError):
        draw()
    assert not turns.is_late
    with turns.held(nothing, OFTEN):
        assert not turns.is_late
        turns.take(nothing, OFTEN)  # gives back the other first
    last = Page(turns)
    until(lambda: last.began)
    last.end()


def test_a_visitor_alone_never_waits():
    turns = Turns()

    def fail(_):
        raise AssertionError

    for _ in range(3):
        with turns.held(fail, LONGEST_WAIT):
            turns.take(fail, LONGEST_WAIT, late=True)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.01)), min_size=1, max_size=12))
def test_never_two_pages_at_once(pages):
    turns, at_work, most = Turns(), [], []

    def draw(late, seconds):
        turns.take(nothing, OFTEN, late=late)
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(seconds)
        at_work.pop()
        turns.give_back()

    threads = [threading.Thread(target=draw, args=page) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_WAIT)
    assert most == [1] * len(pages)
