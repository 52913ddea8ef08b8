"""The pages, and what is around all of them."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from fibattn.ui import (
    address,
    atlas_page,
    controls,
    evidence_page,
    first_page,
    inside_page,
    links,
    live,
    playground,
    progress,
    questions_page,
    sidebar,
    stage_view,
    story_page,
    style,
)
from fibattn.ui.turns import Wait


@dataclass(frozen=True)
class Entry:
    """One page: its name, icon and path, and its drawing. The first also has the address "/"."""

    title: str
    icon: str
    path: str
    draw: Callable[[sidebar.Pair | str], None]


PAGES = (
    Entry("Playground", ":material/tune:", links.PLAYGROUND, playground.page),
    Entry("Story", ":material/auto_stories:", story_page.PATH, story_page.page),
    Entry("Inside", ":material/visibility:", "inside", inside_page.page),
    Entry("Does it help?", ":material/balance:", "does-it-help", evidence_page.page),
    Entry("Atlas", ":material/grid_on:", "atlas", atlas_page.page),
    Entry("Questions", ":material/help:", links.QUESTIONS, questions_page.page),
)

OPENED_IN_TURN = "Many visitors came at once, and pages are opened one after the other:"
# Who waits for their page to be opened is told again every so many seconds.
OPENING_SAID_EVERY = 1.5


def show() -> None:
    """Run the page the visitor has chosen, with the controls that all pages share."""
    st.set_page_config(
        page_title=first_page.TITLE,
        page_icon="🎯",
        layout="wide",
    )
    is_new, opening = "page" not in st.session_state, st.empty()

    def say(wait: Wait) -> None:
        if is_new:  # others have their page meanwhile
            words = progress.turn_in_words(wait)
            with opening.container():
                st.space("medium")  # the browser's header lies above, as long as it has no pages
                st.info(f"{OPENED_IN_TURN} {words}", icon=":material/groups:")

    with live.TURNS.held(say, every=OPENING_SAID_EVERY):
        opening.empty()
        _show()


def _show() -> None:
    address.remember()

    def drawing(each: Entry) -> Callable[[], None]:
        return lambda: each.draw(choice)

    pages = [
        st.Page(
            drawing(each),
            title=each.title,
            icon=each.icon,
            url_path=each.path,
            default=each is PAGES[0],
        )
        for each in PAGES
    ]
    page = st.navigation(pages, position="top")
    if wanted := links.wanted():
        path, parameters = wanted
        st.switch_page(pages[[each.path for each in PAGES].index(path)], query_params=parameters)
    if st.session_state.get("page", page.url_path) != page.url_path:
        controls.put_back()
        st.session_state.pop("drawn", None)  # on the page before
        stage_view.mounts_anew()
        if page.url_path != story_page.PATH:
            st.query_params.pop("scene", None)  # it is bound to no control
    st.session_state["page"] = page.url_path
    style.apply_talk()
    choice = sidebar.choose()
    others = [each for each in pages if each is not page]
    if style.is_talk():
        page.run()
        _links(others)
    else:
        _links(others)
        page.run()
    st.caption(_versions())


def _links(others: list[st.Page]) -> None:
    """Show the way to the other pages where it is not above: on narrow screens, and in a talk."""
    with st.container(horizontal=True, key="pages"):
        for each in others:
            st.page_link(each)


@cache
def _versions() -> str:
    """Return the versions of what computes here."""
    names = ("streamlit", "tensorflow-cpu", "tensorflow", "keras", "numpy", "plotly")
    installed = [f"Python {platform.python_version()}"]
    for name in names:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " · ".join(installed)
