"""The stage on a page: the trained networks, which run in the visitor's own browser."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from fibattn.experiment import Experiment
from fibattn.judge.pinned import Pinned
from fibattn.judge.windows import window_order
from fibattn.network.operations import Graph, UnknownOperation
from fibattn.run import Arrays, Chunk, Run
from fibattn.stage import modules, still
from fibattn.stage.scene import Trained, starts_sent
from fibattn.take_away.page import scene
from fibattn.tasks import Dataset
from fibattn.ui import again, component, controls, live, page_state, stage_address
from fibattn.ui.live import DRAW_EVERY, LOOK_EVERY, Standings, at_rest, is_crowded
from fibattn.words import stage as words

# So many runs are kept packed, some hundred kilobytes each, for all visitors together.
MOST_PACKED = 12
_Key = tuple[Experiment, Experiment, Experiment | None, tuple[int, ...]]
_packed: OrderedDict[_Key, bytes] = OrderedDict()
_packing = threading.Lock()  # each visitor's page runs in a thread of its own


@st.fragment
def show(
    standings: Standings,
    data: Dataset,
    ahead: int,
    pinned: Pinned | None = None,
    inside: bool = False,
) -> None:
    """Show the stage of two networks, as far as they are trained.

    Args:
        standings: of the plain network and of the one with attention.
        data: all steps ahead.
        ahead: the step ahead the page shows, from 0.
        pinned: drawn beside them when they are trained, if it is of the same windows.
        inside: it is opened up for good.
    """
    _forget_changes(standings[1].experiment)
    controls.unseen_number(page_state.window(standings[1].experiment))
    controls.unseen_text(page_state.PAGE_KNOBS["stage"], stage_address.LONGEST)
    plain, attention = (standing.run for standing in standings)
    if plain is None or attention is None:
        _while_training(standings, data, ahead, inside)
        return
    graphs = _graphs(standings, data)
    if graphs is None:
        again.in_a_moment("stage", LOOK_EVERY)
    elif graphs:
        start = stage_address.from_text(st.session_state["stage"] or "").get("start", 0)
        packed = _pack(plain, attention, graphs, start, _beside(pinned))
        _live((plain, attention), attention, packed, data, ahead, inside)
        if st.session_state.get("ahead") not in (None, ahead + 1):
            st.rerun()  # the other figures show a step ahead too


def prepare(experiments: tuple[Experiment, ...]) -> None:
    """Have what the stage needs beside the runs made while these are trained."""
    for each in experiments:
        live.trainer().prepare_graph(each)


def is_ready(standings: Standings) -> bool:
    """Return whether nothing is to be waited for to show the networks, as far as they are trained.

    Of finished ones a worker may still have to write down how they compute.
    """
    if any(each.run is None for each in standings):
        return True
    try:
        graphs = [live.trainer().graph(each.experiment, wait=0.0) for each in standings]
    except UnknownOperation:
        return True
    return all(graphs)


def _while_training(standings: Standings, data: Dataset, ahead: int, inside: bool) -> None:
    """Show the newest epoch that has come of both networks, and look for the next.

    Until the first has come, a window's values alone.
    """
    experiments = tuple(each.experiment for each in standings)
    moves = not (at_rest(standings) or is_crowded())

    @st.fragment(run_every=DRAW_EVERY if moves else None)
    def look_at_newest() -> None:
        newest = tuple(live.trainer().standings(experiments))
        shown = _newest(newest)
        if shown is None:
            _still(data, chosen_window(data), None, words.WAITING)
        elif graphs := _graphs(newest, data, wait=0.0):
            run = newest[1].run
            _live(shown, run, scene(*shown, graphs), data, ahead, inside, training=True)

    look_at_newest()


class _Unfinished(NamedTuple):
    """A network that is being trained, as the stage takes it; see `Run`."""

    experiment: Experiment
    weights: Arrays
    val_loss: np.ndarray


def _newest(standings: Standings) -> tuple[Trained, Trained] | None:
    """Return both networks after as many epochs as both have, None before the first."""
    plain, attention = standings
    so_far = plain.run or plain.trained, attention.run or attention.trained
    if so_far[0] is None or so_far[1] is None:
        return None
    epochs = min(len(so_far[0].val_loss), len(so_far[1].val_loss))

    def until(experiment: Experiment, trained: Run | Chunk) -> Trained:
        weights = tuple(array[: epochs + 1] for array in trained.weights)
        return _Unfinished(experiment, weights, trained.val_loss[:epochs])

    both = until(plain.experiment, so_far[0]), until(attention.experiment, so_far[1])
    return both if epochs else None


def _graphs(
    standings: Standings, data: Dataset, wait: float = 1.0
) -> tuple[Graph, Graph] | tuple[()] | None:
    """Return how both networks compute; without it a picture stands there, and why.

    None if no worker has written them down after `wait` seconds, () if none can.
    """
    try:
        plain, attention = (live.trainer().graph(each.experiment, wait) for each in standings)
    except UnknownOperation as unknown:
        _still(data, chosen_window(data), standings[1].run, str(unknown))
        return ()
    if plain is None or attention is None:
        _still(data, chosen_window(data), standings[1].run, words.WAITING)
        return None
    return plain, attention


def _beside(pinned: Pinned | None) -> tuple[Run, Graph] | None:
    """Return what is drawn beside a page's networks; None also if the stage cannot run it.

    While no worker has written it down, the stage stands without it.
    """
    if pinned is None or not pinned.same_data:
        return None
    try:
        graph = live.trainer().graph(pinned.attention.experiment)
    except UnknownOperation:
        return None
    if graph is None:
        again.in_a_moment("pinned", LOOK_EVERY)
        return None
    return pinned.attention, graph


def _live(
    networks: tuple[Trained, Trained],
    attention: Run | None,
    packed: bytes,
    data: Dataset,
    ahead: int,
    inside: bool,
    training: bool = False,
) -> None:
    """Let two packed networks live in the browser; without `attention` it is not yet trained."""
    stamp = hashlib.blake2b(packed, digest_size=8).hexdigest()
    text = st.session_state.get("stage") or ""
    view = {**stage_address.from_text(text), "window": chosen_window(data), "ahead": ahead}
    looked_at().clear()
    looked_at().update(view)
    experiment, epochs = networks[1].experiment, len(networks[1].val_loss)
    pair = str(hash(tuple(each.experiment for each in networks)))
    component.show(
        _component(),
        key="stage_component",
        instead=lambda: _still(data, view["window"], attention, words.NO_SCRIPTS),
        data={
            "run": pd.DataFrame({"bytes": np.frombuffer(_unless_there(packed, stamp), np.uint8)}),
            "stamp": stamp,
            # A new one plays once; with a pin beside it, it is no new one.
            "pair": pair,
            "view": _given(stamp, pair, view),
            "training": training,
            "inside": inside,
        },
        on_view_change=lambda: _take(experiment, epochs, data, inside),
        on_lost_change=_send_again,
    )


def _unless_there(packed: bytes, stamp: str) -> bytes:
    """Return the packed networks, nothing if the browser has said of these that they stand there.

    If they do not any more, as the page was drawn anew, it says so; see `_send_again`.
    """
    if st.session_state.get("stage_there") == stamp:
        return b""
    st.session_state["stage_there"] = None
    return packed


def _send_again() -> None:
    st.session_state["stage_there"] = None


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
    controls.put("window", window_order(data.at_step(0)).tolist().index(index) + 1.0)


def _forget_changes(experiment: Experiment) -> None:
    """Put everything on the stage back when another experiment comes, but for the first."""
    if st.session_state.setdefault("stage_of", experiment) != experiment:
        controls.put("stage", "")
        # What the browser says of the run that still stands there comes too late from now on.
        st.session_state.pop("stage_stamp", None)
    st.session_state["stage_of"] = experiment


def mounts_anew() -> None:
    """Register that another page is opened: its stage begins with all that was chosen so far."""
    st.session_state.pop("stage_told", None)
    st.session_state.pop("stage_there", None)


def _given(stamp: str, pair: str, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view that the stage is to begin with, which stays while it changes it itself.

    Otherwise every movement on the stage would come back, with all weights, and draw it anew.
    """
    state = st.session_state
    own = state.get("stage_told") == view and state.get("stage_stamp") == stamp
    if not own:
        # A number of its own: the stage may be given again what it began with, and has left since.
        count = state["stage_count"] = state.get("stage_count", 0) + 1
        # What was already seen here, as on the page before, is not played again.
        state["stage_given"] = {**view, "given": count, "new": state.get("stage_shown") != pair}
        state["stage_shown"] = pair
        state["stage_stamp"], state["stage_told"] = stamp, view
    given: dict[str, Any] = state["stage_given"]
    return given


def _take(experiment: Experiment, epochs: int, data: Dataset, inside: bool) -> None:
    """Take up what the visitor did on the stage, which shows so many epochs."""
    view = st.session_state["stage_component"].get("view")
    if not view or view["run"] != st.session_state.get("stage_stamp"):
        return  # it is of a run that stood there before
    st.session_state["stage_there"] = view["run"]
    if int(view["window"]) != chosen_window(data):
        choose(data, int(view["window"]))
    view["opened"] = view["opened"] and not inside  # there it is so by itself
    text = stage_address.to_text(view, epochs)
    controls.put("stage", text)
    if experiment.horizon > 1:
        controls.put("ahead", float(view["ahead"]) + 1)
    st.session_state["stage_told"] = {
        **stage_address.from_text(text),
        "window": int(view["window"]),
        "ahead": int(view["ahead"]),
    }


def _pack(
    plain: Run,
    attention: Run,
    graphs: tuple[Graph, Graph],
    start: int,
    pinned: tuple[Run, Graph] | None,
) -> bytes:
    """Return two runs packed, a start's weights at least, and a pinned one with them.

    Those made last are kept, but none of a visitor's own file.
    """
    if attention.experiment.table is not None:
        return scene(plain, attention, graphs, start, pinned)
    other = pinned[0] if pinned else None
    sent = tuple(starts_sent(plain, attention, start, other))
    key = (plain.experiment, attention.experiment, other.experiment if other else None, sent)
    with _packing:
        if key not in _packed:
            _packed[key] = scene(plain, attention, graphs, start, pinned)
            while len(_packed) > MOST_PACKED:
                _packed.popitem(last=False)
        _packed.move_to_end(key)
        return _packed[key]


@cache
def _component() -> Any:
    return st.components.v2.component(
        "fibattn_stage",
        html='<div class="fibattn-stage"></div>',
        css=modules.styles(),
        js=modules.joined("component.js"),
    )


def _still(data: Dataset, index: int, run: Run | None, sentence: str) -> None:
    """Show a window as a picture that does not move, and why."""
    weights = None
    if run is not None and run.test_attention.shape[-1]:
        weights = np.median(run.test_attention[:, index], axis=0)
        weights = weights if weights.ndim == 1 else weights[0]
    # In one place, as the stage that takes its place is: of two, the second would stay below that
    # until the page's run has ended.
    with st.container():
        st.image(still.picture(data.test_x[index, :, 0], weights))
        st.caption(sentence)
