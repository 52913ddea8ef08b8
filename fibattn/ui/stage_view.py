"""The stage on a page: the trained networks, which run in the visitor's own browser."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fibattn.experiment import Experiment
from fibattn.judge.windows import window_order
from fibattn.network.operations import UnknownOperation
from fibattn.run import Run
from fibattn.stage import modules, still
from fibattn.take_away.page import scene
from fibattn.tasks import Dataset
from fibattn.ui import controls, page_state, stage_address
from fibattn.ui.live import LOOK_EVERY, Standings, trainer
from fibattn.words import stage as words

# So many runs are kept packed, some hundred kilobytes each, for all visitors together.
MOST_PACKED = 12
_packed: OrderedDict[tuple[Experiment, ...], bytes] = OrderedDict()
_packing = threading.Lock()  # each visitor's page runs in a thread of its own


@st.fragment
def show(standings: Standings, data: Dataset, ahead: int, inside: bool = False) -> None:
    """Show the stage of finished runs; until then, a window's values as they are.

    Args:
        standings: of the plain network and of the one with attention.
        data: all steps ahead.
        ahead: the step ahead the page shows, from 0.
        inside: it is opened up for good.
    """
    plain, attention = (standing.run for standing in standings)
    _forget_changes(standings[1].experiment)
    controls.unseen_number(page_state.window(standings[1].experiment))
    text = controls.unseen_text(page_state.PAGE_KNOBS["stage"], stage_address.LONGEST)
    index = chosen_window(data)
    if plain is None or attention is None:
        _still(data, index, None, words.WAITING)
        return
    try:
        graphs = [trainer().graph(standing.experiment) for standing in standings]
    except UnknownOperation as unknown:
        _still(data, index, attention, str(unknown))
        return
    if None in graphs:
        _still(data, index, attention, words.WAITING)
        _look_again()
        return
    run = packed(plain, attention, graphs)
    stamp = hashlib.blake2b(run, digest_size=8).hexdigest()
    view = {**stage_address.from_text(text), "window": index, "ahead": ahead}
    looked_at().clear()
    looked_at().update(view)
    _component()(
        key="stage_component",
        data={
            "run": pd.DataFrame({"bytes": np.frombuffer(run, np.uint8)}),
            "stamp": stamp,
            "view": _given(stamp, view),
            "play": not inside,
            "inside": inside,
        },
        on_view_change=lambda: _take(attention, data, inside),
    )
    if st.session_state.get("ahead") not in (None, ahead + 1):
        st.rerun()  # the other figures show a step ahead too


def chosen_window(data: Dataset) -> int:
    """Return the index of the chosen test window; without a choice, that of the largest target."""
    order = window_order(data.at_step(0))
    held = st.session_state.get("window")
    rank = len(order) if held is None else min(max(int(held), 1), len(order))
    return int(order[rank - 1])


def looked_at() -> dict[str, Any]:
    """Return what the visitor looks at on the stage, in a dictionary that is kept up to date."""
    held: dict[str, Any] = st.session_state.setdefault("stage_looked_at", {})
    return held


def choose(data: Dataset, index: int) -> None:
    """Choose a window by its index among the test windows. For callbacks."""
    st.session_state["window"] = window_order(data.at_step(0)).tolist().index(index) + 1.0


def _forget_changes(experiment: Experiment) -> None:
    """Put everything on the stage back when another experiment comes, but for the first."""
    if st.session_state.setdefault("stage_of", experiment) != experiment:
        st.session_state["stage"] = ""
    st.session_state["stage_of"] = experiment


def _given(stamp: str, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view that the stage is to begin with, which stays while it changes it itself.

    Otherwise every movement on the stage would come back, with all weights, and draw it anew.
    """
    state = st.session_state
    own = state.get("stage_told") == view and state.get("stage_stamp") == stamp
    if not own:
        # A number of its own: the stage may be given again what it began with, and has left since.
        count = state["stage_count"] = state.get("stage_count", 0) + 1
        state["stage_given"] = {**view, "given": count}
        state["stage_stamp"], state["stage_told"] = stamp, view
    given: dict[str, Any] = state["stage_given"]
    return given


def _take(run: Run, data: Dataset, inside: bool) -> None:
    """Take up what the visitor did on the stage."""
    view = st.session_state["stage_component"].get("view")
    if not view:
        return
    if int(view["window"]) != chosen_window(data):
        choose(data, int(view["window"]))
    view["opened"] = view["opened"] and not inside  # there it is so by itself
    text = st.session_state["stage"] = stage_address.to_text(view, run.experiment.epochs)
    if run.experiment.horizon > 1:
        st.session_state["ahead"] = float(view["ahead"]) + 1
    st.session_state["stage_told"] = {
        **stage_address.from_text(text),
        "window": int(view["window"]),
        "ahead": int(view["ahead"]),
    }


def packed(plain: Run, attention: Run, graphs: Any) -> bytes:
    """Return two runs packed; those made last are kept, but none of a visitor's own file."""
    if attention.experiment.table is not None:
        return scene(plain, attention, graphs)
    key = (plain.experiment, attention.experiment)
    with _packing:
        if key not in _packed:
            _packed[key] = scene(plain, attention, graphs)
            while len(_packed) > MOST_PACKED:
                _packed.popitem(last=False)
        _packed.move_to_end(key)
        return _packed[key]


@cache
def _component() -> Any:
    return st.components.v2.component(
        "fibattn_stage",
        html=f'<div class="fibattn-stage"><p>{words.NO_SCRIPTS}</p></div>',
        css=modules.styles(),
        js=modules.joined("component.js"),
    )


def _still(data: Dataset, index: int, run: Run | None, sentence: str) -> None:
    """Show a window as a picture that does not move, and why."""
    weights = None
    if run is not None and run.test_attention.shape[-1]:
        weights = np.median(run.test_attention[:, index], axis=0)
        weights = weights if weights.ndim == 1 else weights[0]
    st.image(still.picture(data.test_x[index, :, 0], weights))
    st.caption(sentence)


@st.fragment(run_every=LOOK_EVERY)
def _look_again() -> None:
    if st.session_state.pop("stage_looked", False):
        st.rerun()
    st.session_state["stage_looked"] = True
