"""“Copy link”: the address of exactly this view, in the visitor's clipboard."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from fibattn.stage import modules
from fibattn.words import take_away as words

# As Streamlit's own buttons look, in its own variables.
STYLE = """
button {
  font: inherit; color: inherit; background: transparent; cursor: pointer; white-space: nowrap;
  min-height: 2.5rem; padding: 0.25rem 0.75rem; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius);
}
button:is(:hover, :focus-visible) {
  color: var(--st-primary-color); border-color: var(--st-primary-color);
}
span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


def show(own_file: bool) -> None:
    """Show the button.

    Args:
        own_file: whether the page shows a file of the visitor's, which no address can hold.
    """
    _component()(
        key="copy_link",
        width="content",
        data={
            "label": words.LINK,
            "copied": words.COPIED_WITHOUT_FILE if own_file else words.COPIED,
            "refused": words.NOT_COPIED,
        },
    )


@cache
def _component() -> Any:
    return st.components.v2.component(
        "fibattn_copy_link",
        html=f'<button type="button">{words.LINK}</button><span role="status"></span>',
        css=STYLE,
        js=modules.joined("copy_link.js"),
    )
