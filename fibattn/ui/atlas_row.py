"""One row of the atlas trained now, a network at a time, beside the numbers that are stored."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from fibattn import figures
from fibattn.atlas import plan
from fibattn.atlas.file import Atlas
from fibattn.experiment import Experiment
from fibattn.judge import matrix
from fibattn.judge.matrix import Entry
from fibattn.judge.measured import Measured, measure
from fibattn.tasks import TASKS
from fibattn.ui import live
from fibattn.ui.chart import chart
from fibattn.ui.live import Standings
from fibattn.words import atlas as words


@dataclass
class LiveRow:
    """The row that a visitor has trained.

    measured: by attention layer, of the networks that are trained so far.
    """

    task: str
    kind: str
    measured: dict[str | None, Measured] = field(default_factory=dict)

    @property
    def missing(self) -> list[Experiment]:
        """The networks that are still to be trained, the controls first."""
        every = plan.networks([self.task], plan.LAYER_NAMES, [self.kind])
        return [each for each in every if each.attention not in self.measured]


def show(atlas: Atlas, kind: str) -> None:
    """Let a visitor choose a row and have it trained; show what came of it so far."""
    st.subheader("Make a row live")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        task = st.selectbox(
            "Task", plan.TASK_NAMES, format_func=lambda name: TASKS[name].label, key="live_task"
        )
        st.button(
            "Make this row live",
            icon=":material/play_arrow:",
            key="live_row",
            on_click=_begin,
            args=(task, kind),
        )
    row = st.session_state.get("atlas_row")
    if row is None:
        st.caption(words.LIVE)
        return
    standings = _take(row)
    if live.at_rest(standings):
        _draw(atlas, row, standings)
    else:
        _look_again(atlas, row)


def _begin(task: str, kind: str) -> None:
    st.session_state["atlas_row"] = LiveRow(task, kind)
    st.session_state.pop("stopped", None)


def _look_again(atlas: Atlas, row: LiveRow) -> None:
    """Look again and again at the network that is trained, until all are; then run the page."""

    @st.fragment(run_every=live.look_every())
    def look_at_row() -> None:
        standings = _take(row)
        if live.at_rest(standings):
            st.rerun()
        _draw(atlas, row, standings)

    look_at_row()


def _take(row: LiveRow) -> Standings:
    """Take what is finished, and ask for the next network; return where it stands, () of none."""
    while row.missing:
        (standing,) = live.look(tuple(row.missing[:1]))
        if standing.run is None:
            return (standing,)
        row.measured[standing.experiment.attention] = measure(standing.run)
    return ()


def _draw(atlas: Atlas, row: LiveRow, standings: Standings) -> None:
    """Draw the row beside the stored one, and how far training is."""
    stored = atlas.entries.get(row.kind, [])
    here = [each for each in stored if each.task == row.task]
    now = _entries(atlas, row, stored)
    columns = [each.attention for each in here]
    chart(figures.atlas({"stored": here, "live": now}, columns, "plain"), key="atlas_live")
    st.markdown(f"**{TASKS[row.task].label}.** {words.same(now, here)}")
    if not standings:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="progress_row"):
        bar, beside = st.container().empty(), st.container(width="content").empty()
    live.show_progress(bar, standings)
    asked = tuple(each.experiment for each in standings)
    live.stop_button(beside, asked, "stop_row", failed=any(each.error for each in standings))


def _entries(atlas: Atlas, row: LiveRow, stored: list[Entry]) -> list[Entry]:
    """Return the cells of the live row, corrected as a part of the whole matrix."""
    others = [each for each in stored if each.task != row.task]
    measured = atlas.measured.get(row.kind, {}) | {row.task: row.measured}
    every = matrix.matrix(measured, atlas.rows, known=others)
    return [each for each in every if each.task == row.task]
