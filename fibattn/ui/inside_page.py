"""The page "Inside": the stage opened up, and the source code of what it shows."""

from __future__ import annotations

import streamlit as st

from fibattn.ui import (
    address,
    attention_view,
    links,
    live,
    pin,
    playground,
    sidebar,
    source_view,
    stage_view,
    upload,
)


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title(
        "Inside the network",
        help="The trained network computes here, in your browser, with the numbers of one window. "
        "Drag a value, hide a step, hold a weight, and follow what comes of it.",
    )
    address.say_problems(None if isinstance(choice, str) else choice[1])
    upload.show_reading()
    pinned = pin.chosen()
    if isinstance(choice, str):
        sidebar.ask_for_file(choice)
        return
    answer, card = live.answer_place("inside_answer"), st.container()
    ahead = attention_view.choose_step_ahead(choice[0])
    stage_view.prepare(choice)
    standings = live.answer(answer, choice, playground.answer_in_words, figures="inside")
    with card:
        beside = pin.show(pinned, standings)
    with st.container(key="stage_place"):
        stage_view.show(standings, choice[0].dataset(), ahead, beside, inside=True)
    source_view.show(standings[1])
    links.ask("code")
    live.figures_are_drawn(standings, "inside")
