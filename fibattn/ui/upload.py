"""A visitor's own file: uploaded, read, and cut to the columns they choose."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Literal

import streamlit as st

from fibattn.experiment import KNOBS
from fibattn.tasks import file as table
from fibattn.tasks.file import MOST_FEATURES, Raw, Table, Unreadable, likely_target
from fibattn.trainer.trainer import shared_trainer
from fibattn.words import own_file

ASK = (
    "Choose a CSV file in the sidebar: a header, and a row of numbers for each point in time, "
    "oldest first. It stays in your session and is gone with it."
)


def choose_table() -> Table | str:
    """Show the controls for the file; return what is chosen, or say what is missing."""
    file = st.file_uploader("CSV file", type=["csv", "tsv", "txt"], key="file")
    if file is None:
        return ASK
    try:
        raw = _read(file.file_id, file.getvalue(), file.name)
        return dataclasses.replace(_choose(raw), owner=_owner())
    except Unreadable as problem:
        return str(problem)


def _read(file_id: str, data: bytes, name: str) -> Raw:
    """Read the file once for each upload. A new one is used whole, and tested on its end."""
    if st.session_state.get("raw", ("",))[0] != file_id:
        st.session_state["raw"] = (file_id, table.read(data, name))
        st.session_state.pop("rows", None)
        st.session_state["split"] = "chronological"
    return st.session_state["raw"][1]


def _choose(raw: Raw) -> Table:
    st.caption(own_file.how_read(raw))
    names = list(raw.columns)
    target = st.selectbox("Target column", names, index=names.index(likely_target(raw)))
    features = st.multiselect(
        "Feature columns",
        [name for name in names if name != target],
        max_selections=MOST_FEATURES,
        help="Given to the network at each step, beside the target's own past.",
    )
    on_gaps: Literal["refuse", "drop", "interpolate"] = "refuse"
    if table.gaps(raw, [target, *features]):
        on_gaps = st.segmented_control(
            "Gaps", ["refuse", "drop", "interpolate"], default="refuse", required=True
        )
    chosen = table.choose(raw, target, features, on_gaps)
    fewest = int(KNOBS["series_length"].low or 0)
    if chosen.rows < fewest:
        raise Unreadable(
            f"The file is too short: it has {chosen.rows} rows with numbers, and to train and test "
            f"on it takes at least {fewest}, and a few more than there are time steps."
        )
    return chosen


def _forget(owner: str) -> None:
    shared_trainer().forget(owner)


@st.cache_resource(scope="session", on_release=_forget, show_spinner=False)
def _owner() -> str:
    """Return what marks this visitor's files and runs as theirs; released with their session."""
    return uuid.uuid4().hex
