"""What the server does once, not for each visitor: start the trainer, and answer failing pages."""

from __future__ import annotations

import gc
import logging
import threading
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Start loading TensorFlow as soon as the server starts, beside serving the first page."""
    threading.Thread(target=_start, name="fibattn-start", daemon=True).start()
    yield {}


def _start() -> None:
    """Start the trainer, and train the page's first experiment before anybody asks for it.

    If another server has trained it before, the first visitor has that answer at once.
    """
    from fibattn.trainer.trainer import shared_trainer
    from fibattn.ui.sidebar import first_pair

    trainer = shared_trainer()
    standings = trainer.watch("the house", first_pair(), forever=True)
    if not all(standing.run for standing in standings):
        trainer.wait_until_ready()
    # Takes more than a second, which the first visitor's answer would have to wait for.
    import scipy.stats  # noqa: F401

    trainer.wait_until_ready()
    # What is loaded by now is never freed: garbage is not looked for among it.
    gc.collect()
    gc.freeze()


def say_sorry(problem: Exception) -> bool:
    """Show a sentence in place of a traceback, which goes to the log.

    The log gets where it failed and not the exception's words, which may hold what a visitor typed.
    """
    where = "".join(traceback.format_tb(problem.__traceback__))
    logging.getLogger("fibattn").error("A page failed: %s\n%s", type(problem).__name__, where)
    st.error(
        "Something went wrong on this page, and it is our fault. Reloading the page may help; "
        "the button “Start over” in the sidebar puts every setting back.",
        title="This page failed",
    )
    return True
