"""A visitor's own file: uploaded, read, and cut to the columns they choose."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any, Literal

import streamlit as st

from fibattn.experiment import KNOBS
from fibattn.knobs import knobs_of
from fibattn.tasks import TASKS
from fibattn.tasks import file as table
from fibattn.tasks.file import MOST_FEATURES, Raw, Table, Unreadable, Wish, likely_target
from fibattn.tasks.series import SUNSPOTS
from fibattn.trainer.trainer import shared_trainer
from fibattn.ui import controls
from fibattn.ui.page_state import OwnFile
from fibattn.words import own_file

ASK = "Choose a CSV file in the sidebar. It stays in your session and is gone with it."
READING = knobs_of(OwnFile)
# What the controls of reading say, as `Wish` has it; "auto" is None.
WISHES: dict[str, Any] = {
    "yes": True,
    "no": False,
    "point": ".",
    "comma": ",",
    "missing": True,
    "numbers": False,
    "out": True,
    "keep": False,
    "file": "file",
    "turned": "turned",
    "day": "day",
    "month": "month",
    "columns": "columns",
    "thousands": "thousands",
    "time": "time",
}


def choose_table() -> Table | str:
    """Show the controls for the file; return what is chosen, or say what is missing."""
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="file")
    if file is None:
        st.session_state.pop("raw", None)
        return ASK
    _start_anew_with(file.file_id)
    with st.expander("How the file is read"):
        wish = Wish(
            **{
                name.removeprefix("file_"): WISHES.get(controls.draw(knob))
                for name, knob in READING.items()
            }
        )
    raw = _read(file.file_id, file.getvalue(), file.name, wish)
    try:
        return dataclasses.replace(_choose(raw), owner=_owner()) if raw else _problem()
    except Unreadable as problem:
        return str(problem)


def _start_anew_with(file_id: str) -> None:
    """Put back how files are read if this is another file. It is tested on its end."""
    if st.session_state.get("file_id") != file_id:
        st.session_state["file_id"] = file_id
        controls.put("split", "chronological")
        for name in READING:
            use_reading(name, "auto")


def use_reading(name: str, value: str) -> None:
    """Read the file in another way. For callbacks."""
    controls.put(name, value)


def _read(file_id: str, data: bytes, name: str, wish: Wish) -> Raw | None:
    """Read the file once for each upload and wish, and then use all of it; None if it cannot be.

    Why it cannot is `_problem`.
    """
    state = st.session_state
    if state.get("raw_of") != (file_id, wish) or "raw" not in state:
        state["raw_of"] = (file_id, wish)
        state.pop("rows", None)
        try:
            with st.spinner("Reading the file"):
                state["raw"] = table.read(data, name, wish)
        except Unreadable as problem:
            state["raw"] = problem
    return state["raw"] if isinstance(state["raw"], Raw) else None


def _problem() -> str:
    return str(st.session_state["raw"])


def _choose(raw: Raw) -> Table:
    names = list(raw.columns)
    target = st.selectbox(
        "Target column",
        names,
        index=names.index(likely_target(raw)),
        help="The column whose next value is predicted.",
    )
    features = st.multiselect(
        "Feature columns",
        [name for name in names if name != target],
        max_selections=MOST_FEATURES,
        help="Given to the network at each step, beside the target's own past.",
    )
    on_gaps: Literal["refuse", "drop", "interpolate"] = "refuse"
    if table.gaps(raw, [target, *features]):
        on_gaps = st.segmented_control(
            "Gaps",
            ["refuse", "drop", "interpolate"],
            default="refuse",
            required=True,
            help="Where a number is missing: refuse the file, leave the row out, or put a number "
            "on the line between those before and after.",
        )
    chosen = table.choose(raw, target, features, on_gaps)
    fewest = int(KNOBS["series_length"].low or 0)
    if chosen.rows < fewest:
        raise Unreadable(
            f"The file is too short: it has {chosen.rows} rows with numbers, and to train and test "
            f"on it takes at least {fewest}, and a few more than there are time steps."
        )
    return chosen


def show_reading() -> None:
    """Show how the visitor's file was read, where the task is trained on one and it could be."""
    raw = st.session_state.get("raw")
    if not TASKS[st.session_state["task"]].own_file or not isinstance(raw, Raw):
        return
    with st.expander("How your file was read", icon=":material/table_view:", expanded=True):
        for doubt in own_file.doubts(raw):
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/help: {doubt.sentence}")
                st.button(
                    doubt.other,
                    key=f"other {doubt.name}",
                    on_click=use_reading,
                    args=(doubt.name, doubt.value),
                )
        st.markdown(own_file.first_rows(raw))
        st.markdown("\n".join(f"- {sentence}" for sentence in own_file.sentences(raw)))


def offer_sample() -> None:
    """Say what a file should look like, and offer one, where there is none yet."""
    if not TASKS[st.session_state["task"]].own_file or "raw" in st.session_state:
        return
    st.markdown(own_file.WHAT_A_FILE_LOOKS_LIKE)
    st.download_button(
        "Download a sample file",
        SUNSPOTS.read_bytes(),
        file_name=SUNSPOTS.name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=own_file.SAMPLE,
    )


def _forget(owner: str) -> None:
    shared_trainer().forget(owner)


@st.cache_resource(scope="session", on_release=_forget, show_spinner=False)
def _owner() -> str:
    """Return what marks this visitor's files and runs as theirs; released with their session."""
    return uuid.uuid4().hex
