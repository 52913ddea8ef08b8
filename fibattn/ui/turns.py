"""Whose page is drawn: one after the other, as they share one interpreter.

Fifty pages drawn at once stand still for seconds, all of them, and so do those that only wait: the
loop that sends the messages is one of fifty-one that want the interpreter's lock. So a page takes
a turn for its run, and lets others while it waits for something.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# A turn that takes longer keeps nobody waiting any more, in seconds.
LONGEST = 2.0
# Between two turns only the loop runs, so many seconds: it takes in who comes, and sends what was
# drawn. Without it fifty who come in a second see nothing for two.
BREATH = 0.02
# A turn that begins as soon as this is not worth a word, in seconds.
SOON = 0.5
# What a turn takes until that is measured, in seconds: a late one, and any other. And how much the
# last one counts beside those before.
LATE_AT_FIRST, AT_FIRST, WEIGHT = 0.2, 0.07, 0.2


@dataclass(frozen=True, order=True)
class _Turn:
    """A thread's place among those that wait, or its turn; what is `late` comes after all else."""

    late: bool
    number: int
    thread: int
    since: float


@dataclass(frozen=True)
class Wait:
    """How many pages are drawn before this one, and how many seconds that takes."""

    before: int
    seconds: float


class Turns:
    """The turns of all pages. Each belongs to the thread that runs the page's script.

    Args:
        longest: how long a turn keeps others waiting, in seconds.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[_Turn] = []
        self._current: _Turn | None = None
        self._since = self._free = 0.0
        # By whether they are late: what a turn takes, and when the last one began.
        self._each = {True: LATE_AT_FIRST, False: AT_FIRST}
        self._begun = {True: 0.0, False: 0.0}

    @contextlib.contextmanager
    def held(self, say: Callable[[Wait], object], every: float) -> Iterator[None]:
        """Run a page inside the `with` block, from its turn on. A turn that it has already goes on.

        Args:
            say: as for `take`.
            every: as for `take`.
        """
        try:
            if self._mine() is None:
                self.take(say, every)
            yield
        finally:
            self.give_back()

    def take(self, say: Callable[[Wait], object], every: float, late: bool = False) -> None:
        """Give back the turn this page has, and return when it is its turn again.

        Args:
            say: is told how long it still takes; what it raises ends the waiting.
            every: after how many seconds it is told again.
            late: whether all other pages come first.
        """
        self.give_back()
        mine = _Turn(late, next(self._numbers), threading.get_ident(), time.monotonic())
        with self._changed:
            self._waiting.append(mine)
        try:
            if not self._begins(mine, 0.0 if late else min(SOON, every)):
                say(self._wait(mine))
                while not self._begins(mine, every):
                    say(self._wait(mine))
        finally:
            with self._changed:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def give_back(self) -> None:
        """Let others be drawn; nothing happens without a turn."""
        with self._changed:
            if self._mine() is not None:
                self._current = None
                self._free = time.monotonic()
                self._changed.notify_all()

    @property
    def is_late(self) -> bool:
        """Whether this page has a turn that was taken late."""
        mine = self._mine()
        return mine is not None and mine.late

    def _mine(self) -> _Turn | None:
        with self._changed:
            current = self._current
            return current if current and current.thread == threading.get_ident() else None

    def _begins(self, mine: _Turn, seconds: float) -> bool:
        """Return whether the turn begins within so many seconds."""
        until = time.monotonic() + seconds
        with self._changed:
            while True:
                now = time.monotonic()
                is_next = mine == min(self._waiting)
                begins = self._next_begins()
                if is_next and begins <= now:
                    self._begin(mine, now)
                    return True
                if now >= until:
                    return False
                self._changed.wait((min(until, begins) if is_next else until) - now)

    def _next_begins(self) -> float:
        if self._current:
            return self._since + self._longest
        return self._free + (BREATH if len(self._waiting) > 1 else 0.0)

    def _begin(self, mine: _Turn, now: float) -> None:
        if mine.since < self._begun[mine.late]:  # it was waiting all the time since
            took = now - self._begun[mine.late]
            self._each[mine.late] += WEIGHT * (took - self._each[mine.late])
        self._begun[mine.late] = self._since = now
        self._current = mine

    def _wait(self, mine: _Turn) -> Wait:
        with self._changed:
            before = [each.late for each in self._waiting if each < mine]
            if self._current:
                before.append(self._current.late)
            return Wait(len(before), sum(self._each[late] for late in before))
