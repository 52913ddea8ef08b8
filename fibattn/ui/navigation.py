"""The pages, and what is around all of them."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from fibattn.ui import address, controls, evidence_page, playground, sidebar


def show() -> None:
    """Run the page the visitor has chosen, with the controls that all pages share."""
    st.set_page_config(
        page_title="fibattn: does attention help?",
        page_icon="🎯",
        layout="wide",
    )
    address.remember()

    def play() -> None:
        playground.page(choice)

    def compare() -> None:
        evidence_page.page(choice)

    page = st.navigation(
        [
            st.Page(play, title="Playground", icon=":material/tune:", default=True),
            st.Page(
                compare,
                title="Does it help?",
                icon=":material/balance:",
                url_path="does-it-help",
            ),
        ],
        position="top",
    )
    if st.session_state.get("page", page.url_path) != page.url_path:
        controls.put_back()
        st.session_state.pop("drawn", None)  # on the page before
    st.session_state["page"] = page.url_path
    choice = sidebar.choose()
    page.run()
    _versions()


def _versions() -> None:
    names = ("streamlit", "tensorflow-cpu", "tensorflow", "keras", "numpy", "plotly")
    installed = [f"Python {platform.python_version()}"]
    for name in names:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    st.caption(" · ".join(installed))
