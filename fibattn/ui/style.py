"""What the pages look like beyond Streamlit's theme: CSS, by the keys of containers."""

from __future__ import annotations

import streamlit as st

STYLE = """
<style>
/* Captions and the text of charts are too pale: WCAG AA asks for a contrast of 4.5. */
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.85; }
.js-plotly-plot :is(.xtick, .ytick, .y2tick, .cbaxis, .textpoint) text,
.js-plotly-plot :is(.xtitle, .ytitle, .y2title, .legendtext, .annotation-text) {
  fill: currentColor !important;
}

/* A table is as wide as the column it stands in, and never wider. */
[data-testid="stMarkdownContainer"] table { width: 100%; }
[data-testid="stMarkdownContainer"] :is(td, th) { overflow-wrap: normal; }

/* The card of the answer and the lesson of a preset hold their longest usual words from the
   beginning, so that nothing below jumps when they come. */
.st-key-answer { min-height: 11rem; }
.st-key-answer_with_intervals { min-height: 14rem; }
.st-key-lesson { min-height: 3.5rem; flex-wrap: nowrap; }
[class*="st-key-progress"] button { white-space: nowrap; }

/* A view that a preset opens is not scrolled to. */
[data-testid="stTab"] { scroll-margin-block: -9999px; }

/* Below this width Streamlit folds sidebar and pages away, behind an icon without a name. */
.st-key-pages { display: none; }
@media (max-width: 768px) {
  .st-key-pages { display: flex; }
  [data-testid="stExpandSidebarButton"] { width: auto; }
  [data-testid="stExpandSidebarButton"]::after { content: "Settings"; margin-left: 0.25rem; }
}
@media (max-width: 640px) {
  .st-key-answer { min-height: 19rem; }
  .st-key-answer_with_intervals { min-height: 30rem; }
  .st-key-lesson { min-height: 12rem; flex-wrap: wrap; align-content: flex-start; }
  [data-testid="stMarkdownContainer"] :is(td, th) { padding: 0.25rem; font-size: 0.875rem; }
}
</style>
"""


def apply() -> None:
    """Give the page its CSS."""
    st.html(STYLE)
