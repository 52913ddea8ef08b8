"""What the pages look like beyond Streamlit's theme: CSS, by the keys of containers."""

from __future__ import annotations

import streamlit as st

from fibattn.experiment import KNOBS
from fibattn.figures.hall import LARGER
from fibattn.ui import again, component, controls, css, page_state

# One rule for all controls, not one beside each: those cost a page a tenth of its time.
UNSEEN = ", ".join(f".st-key-{name}" for name in controls.unseen(KNOBS | page_state.PAGE_KNOBS))
# By a rule that has `:has` and is for elements of any kind (`> :has(…)`), a browser styles a whole
# page anew, two thousand elements, whenever one changes: half its time while a network is trained.
HIDDEN = f"""
<style>
{UNSEEN} {{ display: none; }}
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-{again.KEY}"]) {{ display: none; }}
.stElementContainer:has(> .stBidiComponent .stAlertContainer) {{ display: none; }}
[class*="st-key-{component.PLACE}"]
  > .stElementContainer:not(:has(> .stBidiComponent .stAlertContainer))
  + [data-testid="stLayoutWrapper"] {{ display: none; }}
.st-key-stage_place:has(.stBidiComponent .stAlertContainer) {{ min-height: 0; }}
</style>
"""

STYLE = """
<style>
/* What holds nothing but CSS takes no room. */
[data-testid="stElementContainer"]:has(> [data-testid="stMarkdown"] style) { display: none; }

/* Captions and the text of charts are too pale: WCAG AA asks for a contrast of 4.5. */
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.85; }
[data-testid="stCaptionContainer"]:has(.stMarkdownColoredText) { opacity: 1; }
.js-plotly-plot :is(.xtick, .ytick, .y2tick, .cbaxis, .textpoint) text,
.js-plotly-plot :is(.xtitle, .ytitle, .y2title, .legendtext, .annotation-text) {
  fill: currentColor !important;
}

/* The question, the lesson, the answer and the stage fit on a projector without scrolling. */
[data-testid="stMainBlockContainer"] { padding: 3.25rem 2rem 3rem; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.5rem; }
.st-key-preset, .st-key-preset [data-testid="stButtonGroup"] { max-width: 100%; }
.st-key-preset [role="radiogroup"] {
  flex-wrap: nowrap; overflow-x: auto; scrollbar-width: thin; padding: 2px; max-width: 100%;
}
.st-key-preset button { flex: none; padding: 0 0.6rem; }
[data-testid="stMainBlockContainer"] h1 { padding: 0.25rem 0 0.75rem; }
[data-testid="stMainBlockContainer"] :is(.st-key-answer, .st-key-inside_answer) h4 {
  padding: 0; font-size: 1.15rem;
}
:is(.st-key-answer, .st-key-inside_answer) p { margin: 0; }
/* Streamlit's own makes a text lower than it is, which its last line would leave the card by. */
:is(.st-key-answer, .st-key-inside_answer)
  :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
:is(.st-key-answer, .st-key-inside_answer) [data-testid="stVerticalBlock"] { gap: 0.25rem; }

/* The matrix as a table is wider than a phone: it scrolls in its own place. All numbers of a cell
   stand at the lower edge of the window while it has the focus, or the pointer. */
.wide { overflow-x: auto; }
.wide .numbers {
  display: none; position: fixed; left: 1rem; right: 1rem; bottom: 1rem; z-index: 1000;
  padding: 0.5rem 0.75rem; border-radius: 0.4rem; background: #262730; color: #fff;
  font-size: 0.875rem; font-weight: normal; box-shadow: 0 1px 6px #0006; pointer-events: none;
}
.wide a:is(:hover, :focus) .numbers { display: block; }

/* A table is as wide as the column it stands in, and never wider. */
[data-testid="stMarkdownContainer"] table { width: 100%; }
[data-testid="stMarkdownContainer"] :is(td, th) { overflow-wrap: normal; }

/* The card of the answer and the lesson of a preset hold their longest usual words from the
   beginning, so that nothing below jumps when they come. */
:is(.st-key-answer, .st-key-inside_answer) { min-height: 7rem; padding: 0.4rem 1rem; gap: 0; }
.st-key-answer_with_intervals { min-height: 14rem; }
:is(.st-key-pin_card, .st-key-pin_line) { padding: 0.4rem 1rem; }
.st-key-pin_card { min-height: 6rem; }
:is(.st-key-pin_card, .st-key-pin_line)
  :is(p, [data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) { margin: 0; }
:is(.st-key-pin_card, .st-key-pin_line) [data-testid="stVerticalBlock"] { gap: 0; }
.st-key-stage_place { min-height: 27.5rem; }
.st-key-lesson { min-height: 3rem; flex-wrap: nowrap; }
[class*="st-key-progress"] button { white-space: nowrap; }

/* What is old fades in one step: to fade some hundred elements for a second takes half a second of
   a processor, and where the browser runs on the machine that trains, training waits for it. */
[data-stale="true"] { transition: opacity 0s linear 0.5s !important; }
/* The heading of a scene is the one that is seen. */
.st-key-story_place [data-stale="true"] { opacity: 1 !important; }
.st-key-story_title { position: absolute; clip-path: inset(50%); }

/* A word of the glossary, and its meaning on hover, focus or tap. */
.term {
  position: relative; cursor: help; text-decoration: underline dotted; text-underline-offset: 0.2em;
}
.term .meaning {
  display: none; position: absolute; left: 0; top: 100%; z-index: 1000; width: max-content;
  max-width: min(20rem, 60vw); padding: 0.4rem 0.6rem; border-radius: 0.4rem; text-align: left;
  font-size: 0.875rem; font-weight: normal; line-height: 1.4; white-space: normal;
  background: #262730; color: #fff; box-shadow: 0 1px 6px #0006;
}
.term:is(:hover, :focus) .meaning { display: block; }

/* A question is read whole, also where the sidebar is narrower than it. */
[class*="st-key-asked_"] { row-gap: 0; }
[class*="st-key-asked_"] button { height: auto; }
[class*="st-key-asked_"] button :is(p, span, div) {
  white-space: normal; overflow: visible; text-align: left;
}

/* Marked lines of code: from end to end, with words at the right (`source_view`). */
.st-key-source code {
  --marked: #D9700F3D; display: block; position: relative; min-width: max-content;
}
.st-key-source code::after {
  position: absolute; top: 0; right: 0.4em; white-space: pre; text-align: right; font-weight: 600;
  pointer-events: none;
}

/* A view that a preset opens is not scrolled to. */
[data-testid="stTab"] { scroll-margin-block: -9999px; }

/* Below this width Streamlit folds sidebar and pages away, behind an icon without a name. */
.st-key-pages { display: none; }
@media (max-width: 768px) {
  /* Under the header, also where it is as high as in a frame. */
  [data-testid="stMainBlockContainer"] { padding-top: 3.75rem; }
  .st-key-pages { display: flex; }
  [data-testid="stExpandSidebarButton"] { width: auto; }
  [data-testid="stExpandSidebarButton"]::after { content: "Settings"; margin-left: 0.25rem; }
}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 3.5rem 1rem 3rem; }
  :is(.st-key-answer, .st-key-inside_answer) { min-height: 15.5rem; }
  .st-key-answer_with_intervals { min-height: 30rem; }
  .st-key-pin_card { min-height: 14rem; }
  :is(.st-key-pin_card, .st-key-pin_line) { flex-direction: column; align-items: flex-start; }
  .st-key-stage_place { min-height: 69.5rem; }
  .st-key-lesson { min-height: 9rem; flex-wrap: wrap; align-content: flex-start; }
  [data-testid="stMarkdownContainer"] :is(td, th) { padding: 0.25rem; font-size: 0.875rem; }
}
</style>
"""

# What every page has; it comes with the page's HTML (`first_page`).
ALL = STYLE + HIDDEN

HIDDEN_SETTINGS = """
<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
</style>
"""


def hide_settings() -> None:
    """Hide the sidebar, for a page or a mode that has nothing to do with it.

    It is drawn all the same: a visitor's file lives in its control, and would be gone without it.
    """
    css.add(HIDDEN_SETTINGS)


# Of a page in a talk: what is 14 pixels high becomes 20, and lines as much thicker. Only the
# contents grow: what opens over them stands where Streamlit has measured it.
TALK = (
    f"""
<style>
:root {{ --larger: {LARGER}; }}
</style>
"""
    """
<style>
[data-testid="stMainBlockContainer"], [data-testid="stTooltipContent"],
[data-testid="stPopoverBody"] { zoom: var(--larger); }
/* Plotly measures what is seen: it is enlarged by its own sizes. */
.js-plotly-plot { zoom: calc(1 / var(--larger)); }
[data-testid="stHeader"] { display: none; }
.st-key-pages { display: flex; }
[data-testid="stMainBlockContainer"] { padding: 0.25rem 1rem 1rem; }
.st-key-story_title + * { margin-top: -0.6rem; }
[data-testid="stColumn"] { min-width: 100%; }
[data-testid="stCode"] code span, [data-testid="stCaptionContainer"] code {
  font-size: 14px !important;
}
[data-testid="stMainBlockContainer"] h1 { padding: 0 0 0.75rem; font-size: 1.4rem; }
</style>
"""
)


def is_talk() -> bool:
    """Return whether the page is shown to a hall."""
    return st.session_state.get("talk") == "1"


def apply_talk() -> None:
    """Keep in the address whether this is a talk; in one the page is larger, without settings."""
    controls.unseen_text(page_state.PAGE_KNOBS["talk"], 1)
    if is_talk():
        css.add(TALK)
        hide_settings()
