"""Opening a page: one after the other, when many visitors come at once.

Every script shares the interpreter's one lock with the loop that sends all messages: when fifty
pages were opened at once, nothing came to anybody for three seconds.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import streamlit as st

from fibattn.ui.turns import Turns, in_words

# What opening a page takes before the first is measured, in seconds.
AT_FIRST = 0.06
# What is shorter needs no words, in seconds.
SHORT = 0.3
# How often it is said how many are before this one, in seconds.
SAID_EVERY = 1.0

# Whose page is opened next, of all visitors.
TURNS = Turns(AT_FIRST)

OPENED_IN_TURN = "With so many visitors at once, pages are opened one after the other:"


@contextlib.contextmanager
def opening() -> Iterator[None]:
    """Open a visitor's page inside the `with` block, the first time when it is its turn."""
    arrives = "arrival" not in st.session_state
    if arrives:
        st.session_state["arrival"] = TURNS.take()
    _wait()
    begun = time.thread_time()
    yield
    if arrives:
        TURNS.took(time.thread_time() - begun)


def _wait() -> None:
    turn = st.session_state["arrival"]
    if not turn.left:
        return
    place = st.empty()
    while turn.left:
        if turn.left > SHORT:
            words = in_words(turn)
            place.info(f"{OPENED_IN_TURN} {words[0].lower()}{words[1:]}", icon=":material/groups:")
        time.sleep(min(turn.left, SAID_EVERY))
    place.empty()
