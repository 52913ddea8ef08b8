"""Runs a page once more in a moment, without the visitor."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

KEY = "again_"  # begins the keys of the places that ask for it; `style` hides them


def in_a_moment(place: str, after: float, first: Callable[[], None] | None = None) -> None:
    """Have the browser ask for the page's next run `after` seconds from now.

    It comes to that only when it has nothing else to do. If the page runs before, for whatever
    reason, the time begins anew if that run asks again, and else is over.

    Args:
        place: what asks; each place may ask once in a run.
        after: in seconds.
        first: is called just before the page runs.
    """
    was_asked = False

    # Streamlit also calls a fragment where it stands, in the run that brings it.
    @st.fragment(run_every=after)
    def go_on() -> None:
        nonlocal was_asked
        if was_asked:
            if first:
                first()
            st.rerun()
        was_asked = True
        st.empty()  # so that the browser's page says that it is not at rest

    with st.container(key=KEY + place):
        go_on()
