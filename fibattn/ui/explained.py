"""Texts in which the field's words are explained where they stand."""

from __future__ import annotations

import streamlit as st

from fibattn.lessons.glossary import explained, meanings


def markdown(text: str, *words: str) -> None:
    """Draw a text of the page's own; each of these words carries its meaning once."""
    st.markdown(explained(text, *words), unsafe_allow_html=True)


def caption(text: str, *words: str) -> None:
    """Draw such a text small."""
    st.caption(explained(text, *words), unsafe_allow_html=True)


def subheader(text: str, *words: str) -> None:
    """Draw a heading with a mark beside it that explains these words: a heading takes no HTML."""
    st.subheader(text, help=meanings(*words))
