"""The page "Story": the tutorial told in scenes, each with one picture that can be touched."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fibattn.judge.windows import window_order
from fibattn.lessons.story import Scene, story
from fibattn.quoting import quoted
from fibattn.stage import modules
from fibattn.take_away.story import in_words, story_file, told
from fibattn.ui import (
    address,
    again,
    component,
    controls,
    page_state,
    sidebar,
    stage_address,
    story_pictures,
    style,
)
from fibattn.ui.live import LOOK_EVERY
from fibattn.words import stage as words

PATH = "story"
LONGEST = 40  # longer texts in the address are no scene's id
KEY = "story_component"


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    with st.container(key="story_title"):
        st.title("The story of a tutorial")
    style.hide_settings()
    address.say_problems(None if isinstance(choice, str) else choice[1])
    scene = _asked()
    with st.container(key="story_place"):
        ready = _player(scene)
    st.markdown(
        "The keys ← and →, and a presenter's remote, turn the scenes. On the stage they move what "
        "has the focus, until Esc."
    )
    is_settled = ready and _is_settled()
    _take_along(is_settled)
    if not ready or not (is_settled or _said("has")):
        again.in_a_moment("story", LOOK_EVERY)


def _asked() -> Scene:
    """Return the scene of the address; without one that which was shown last, or the first.

    Only who comes from another page has none: the story writes it in the browser, together with
    the scene. Whatever were written here would come late, when the visitor may have turned on.
    """
    kept, first = controls.kept(), next(iter(story().values()))
    asked = st.query_params.get("scene", "") or kept.get("story", "")
    scene = story().get(asked, first)
    if asked and scene.id != asked:
        st.warning(f"There is no scene {quoted(asked[:LONGEST])}. The story begins instead.")
    else:
        kept["story"] = scene.id
    return scene


def _player(scene: Scene) -> bool:
    """Draw the story at a scene; return whether there is nothing more to prepare.

    The browser keeps what it was given, and says what it has: so each run goes there once, the
    scene's own first, then those that follow.
    """
    had = set(_said("has") or ())
    scenes = list(story().values())
    at = scenes.index(scene)
    missing = [each for each in scenes[at:] + scenes[:at] if each.id not in had]
    waiting = story_pictures.prepare(missing)
    made = story_pictures.made()
    there = [each for each in missing if each.id in made]
    first = next((each for each in there if made[each.id].run), None)
    run = made[first.id].run if first else b""
    component.show(
        _component(),
        key=KEY,
        instead=lambda: st.markdown(
            f"{words.ONLY_WORDS}\n\n{in_words(scenes)}", unsafe_allow_html=True
        ),
        data={
            "scenes": told(scenes),
            "contents": {each.id: made[each.id].content for each in there},
            "name": story_pictures.run_of(first) if first else "",
            "run": pd.DataFrame({"bytes": np.frombuffer(run, np.uint8)}),
            "waiting": waiting,
            "had": [each.id for each in scenes if each.id in had],
            "talk": style.is_talk(),
            "at": scene.id,
        },
        on_has_change=lambda: None,
        on_opened_change=_open,
    )
    return len(made) == len(scenes)


def _is_settled() -> bool:
    """Return whether the browser has said that it has every picture, or says nothing in two runs.

    It says so by a run of the page, at whose end Streamlit drops the files that were just made: a
    click in that moment would be lost. Where the story cannot run it says nothing.
    """
    has = _said("has")
    was_silent = st.session_state.pop("story_silent", False)
    st.session_state["story_silent"] = not has
    return set(story()) <= set(has) if has else was_silent


def _take_along(ready: bool) -> None:
    """Offer the whole story as a file, with the speaker's notes or without."""
    with st.popover(
        "Take the story along",
        icon=":material/download:",
        disabled=not ready,
        help=None if ready else "When every picture is ready.",
    ):
        for label, notes in (("With speaker notes", True), ("Without notes", False)):
            st.download_button(
                label,
                data=partial(_file, notes),  # made on the click
                file_name="story-with-notes.html" if notes else "story.html",
                mime="text/html",
                help="One HTML file. It opens by a double click and needs no network.",
                icon=":material/bookmark:",
                on_click="ignore",
                key=f"take_story_{notes}",
                width="stretch",
            )


def _file(with_notes: bool) -> bytes:
    """Return the file. It is called on a thread that knows no page."""
    made = story_pictures.made()
    runs = {each.content["run"]: each.run for each in made.values() if each.run}
    contents = {id: each.content for id, each in made.items()}
    return story_file(list(story().values()), contents, runs, with_notes)


def _said(name: str) -> Any:
    """Return what the story in the browser has said last."""
    return (st.session_state.get(KEY) or {}).get(name)


def _open() -> None:
    """Open a scene in the playground, with what stands on its stage."""
    opened = _said("opened")
    if not opened or opened["scene"] not in story():
        return
    scene = story()[opened["scene"]]
    _, attention = sidebar.first_pair(scene.changes)
    shown: dict[str, Any] = {"window": scene.window, "view": page_state.VIEWS[0]}
    if view := opened.get("view"):
        order = window_order(attention.dataset().at_step(0)).tolist()
        shown["window"] = order.index(int(view["window"])) + 1
        shown["stage"] = stage_address.to_text(view, attention.epochs)
        shown["view"] = page_state.VIEWS[1]
    sidebar.open_playground(scene.changes, shown)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "fibattn_story",
        html='<div class="fibattn-story"></div>',
        css=modules.styles("story.css"),
        js=modules.joined("story_component.js"),
    )
