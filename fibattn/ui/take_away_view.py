"""Under the stage: five files of finished runs, made on a click, the link, and the pin."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from fibattn.judge.pinned import Pinned
from fibattn.network.operations import Graph, UnknownOperation
from fibattn.run import Run
from fibattn.take_away.model import model
from fibattn.take_away.numbers import numbers
from fibattn.take_away.page import Graphs, New, page
from fibattn.take_away.pair import Pair
from fibattn.take_away.script import notebook, script
from fibattn.trainer.trainer import Trainer
from fibattn.ui import copy_link, pin, stage_view
from fibattn.ui.live import Standings, trainer
from fibattn.words import take_away as words

# A worker may have to finish a turn of training first, in seconds.
LONGEST_WAIT = 120.0
ICONS = {
    words.PAGE: ":material/bookmark:",
    words.SCRIPT: ":material/code:",
    words.NOTEBOOK: ":material/menu_book:",
    words.MODEL: ":material/memory:",
    words.NUMBERS: ":material/table:",
}


def show(standings: Standings, pinned: Pinned | None = None) -> None:
    """Show the button that opens those of the files, if there is a run, “Copy link” and “Pin”.

    pinned: what is drawn beside the runs; in the page that is kept it is too.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="take_away"):
        _files(standings, pinned)
        copy_link.show(own_file=standings[0].experiment.table is not None)
        pin.button(standings)


def _files(standings: Standings, pinned: Pinned | None) -> None:
    """Show the button that opens the others, or that there is nothing to take away yet."""
    plain, attention = (standing.run for standing in standings)
    ready = plain is not None and attention is not None
    popover = st.popover(
        words.TITLE,
        icon=":material/download:",
        disabled=not ready,
        help=None if ready else words.NOT_YET,
    )
    if plain is None or attention is None:
        return
    looked_at = stage_view.looked_at()

    def pair() -> Pair:
        return Pair(plain, attention, view=dict(looked_at))

    with popover:
        if pair().has_own_file:
            st.caption(words.OWN_FILE)
        for label, (ending, make) in _exports(pair, trainer(), pinned).items():
            st.download_button(
                label,
                data=make,
                file_name=f"{pair().name}{ending}",
                help=words.HELP[label],
                icon=ICONS[label],
                on_click="ignore",
                key=f"take_{label}",
                width="stretch",
            )


def _exports(
    pair: Callable[[], Pair], asked: Trainer, pinned: Pinned | None
) -> dict[str, tuple[str, Callable]]:
    """Return for each button how its file's name ends, and what makes the file.

    They are called on threads that know no page: nothing in them may ask Streamlit.
    """

    def kept() -> bytes:
        graphs, new = _graphs(asked, pair()), _new(asked, pair())
        return page(pair(), graphs, new, pinned, _outline(asked, pinned))

    return {
        words.PAGE: (".html", kept),
        words.SCRIPT: (".py", lambda: script(pair())),
        words.NOTEBOOK: (".ipynb", lambda: notebook(pair())),
        words.MODEL: ("-model.zip", lambda: model(pair(), *_models(asked, pair()))),
        words.NUMBERS: ("-numbers.zip", lambda: numbers(pair(), _graphs(asked, pair()))),
    }


def _graphs(asked: Trainer, pair: Pair) -> Graphs:
    return _or_why(asked.graph, pair.plain), _or_why(asked.graph, pair.attention)


def _outline(asked: Trainer, pinned: Pinned | None) -> Graph | None:
    """Return how the pinned network computes, if the stage can run it on the page's windows."""
    if pinned is None or not pinned.same_data:
        return None
    graph = _or_why(asked.graph, pinned.attention)
    return None if isinstance(graph, str) else graph


def _new(asked: Trainer, pair: Pair) -> New:
    return _or_why(asked.new_starts, pair.plain), _or_why(asked.new_starts, pair.attention)


def _or_why(ask: Callable[..., Any], run: Run) -> Any:
    """Return what a worker answers about a run's network, or why it cannot, in a sentence."""
    try:
        return _answered(ask, run.experiment)
    except UnknownOperation as unknown:
        return str(unknown)


def _models(asked: Trainer, pair: Pair) -> tuple[bytes, bytes]:
    start = pair.start
    plain = _answered(asked.keras_file, pair.plain, start)
    return plain, _answered(asked.keras_file, pair.attention, start)


def _answered(ask: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a worker answers, however often it has to be asked."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        if (answer := ask(*arguments)) is not None:
            return answer
    raise TimeoutError("No worker has answered.")
