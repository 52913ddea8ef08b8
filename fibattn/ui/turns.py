"""Whose page is drawn next: in a crowd, one after the other.

Nobody has to give a turn back, so one who leaves keeps no one waiting: each turn begins as long
after the one before as drawing a page takes the server, as measured.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# What a page takes before the first is measured, in seconds.
AT_FIRST = 0.2
# The server's messages take half as long again as the page's script.
WITH_MESSAGES = 1.5
# How much the last page counts beside those before.
WEIGHT = 0.2


class Turn:
    """When a page is drawn.

    at: in seconds of the clock.
    """

    def __init__(self, at: float, each: float, clock: Callable[[], float]) -> None:
        self.at = at
        self._each = each
        self._clock = clock

    @property
    def left(self) -> float:
        """In how many seconds it begins; 0 if it has begun."""
        return max(0.0, self.at - self._clock())

    @property
    def before(self) -> int:
        """How many pages are drawn before this one."""
        return round(self.left / self._each)


class Turns:
    """The turns of all pages. Safe to call from any thread.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._each = AT_FIRST
        self._free = clock()

    def take(self) -> Turn:
        """Return the next turn that is free."""
        with self._lock:
            at = max(self._clock(), self._free)
            self._free = at + self._each
            return Turn(at, self._each, self._clock)

    def took(self, seconds: float) -> None:
        """Note how much processor time the script of a page took."""
        with self._lock:
            self._each += WEIGHT * (WITH_MESSAGES * seconds - self._each)
