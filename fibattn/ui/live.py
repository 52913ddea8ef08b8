"""Asking the trainer how far networks are, and showing it while the visitor waits."""

from __future__ import annotations

import time
import uuid
from collections.abc import Hashable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn.experiment import Experiment
from fibattn.tasks import TASKS
from fibattn.trainer.trainer import Standing, Trainer, shared_trainer

# How often a page looks at a run that is not finished, in seconds.
LOOK_EVERY = 0.4
# Most runs are finished after this long. Until then the figures of the last one stay, faded, and
# only the progress moves: drawing figures costs the browser more than anything else here.
PATIENCE = 6.0

Standings = tuple[Standing, ...]


def trainer() -> Trainer:
    """Return the server's trainer."""
    return shared_trainer()


def look(experiments: tuple[Experiment, ...], wait: float = 0.0) -> Standings:
    """Ask where some experiments stand; asking is also what keeps them going.

    Unless the visitor has stopped them.
    """
    if is_stopped(experiments):
        trainer().watch(_visitor(), ())
        return tuple(trainer().standings(experiments))
    return tuple(trainer().watch(_visitor(), experiments, wait=wait))


def is_stopped(experiments: tuple[Experiment, ...]) -> bool:
    """Whether the visitor has stopped the training of these experiments."""
    return st.session_state.get("stopped") == experiments


def stop_or_go_on(place: DeltaGenerator, experiments: tuple[Experiment, ...]) -> None:
    """Show at `place` the button that stops training, or the one that goes on with it."""
    if is_stopped(experiments):
        icon = ":material/play_arrow:"
        place.button("Go on", icon=icon, key="go_on", on_click=_set_stopped, args=(None,))
    else:
        icon = ":material/stop:"
        place.button(
            "Stop training", icon=icon, key="stop", on_click=_set_stopped, args=(experiments,)
        )


def _set_stopped(experiments: tuple[Experiment, ...] | None) -> None:
    st.session_state["stopped"] = experiments


def wait_in_place(experiments: tuple[Experiment, ...], place: DeltaGenerator) -> Standings:
    """Move the progress at `place` until all are finished, for PATIENCE seconds at most."""
    end = time.monotonic() + PATIENCE
    standings = look(experiments)
    if is_stopped(experiments):
        return standings
    while not finished(standings) and not starting(standings) and time.monotonic() < end:
        progress(place, standings)
        standings = look(experiments, wait=LOOK_EVERY)
    return standings


def starting(standings: Standings) -> bool:
    """Whether TensorFlow is still being loaded."""
    return any(standing.stage == "starting" for standing in standings)


def finished(standings: Standings) -> bool:
    """Whether there is nothing more to wait for."""
    return all(standing.run is not None or standing.error for standing in standings)


def progress_row() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the places for the progress and, beside it so that nothing jumps, its button."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    return left.empty(), right.empty()


def progress(place: DeltaGenerator, standings: Standings) -> None:
    """Show at `place` how far training is, and what had to be mended."""
    notices = {standing.notice for standing in standings if standing.notice}
    place.progress(
        _share_done(standings), text=" ".join([_stage_in_words(standings), *sorted(notices)])
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 start, 5 starts."""
    return f"{number} {noun}{'s' * (number != 1)}"


def _visitor() -> Hashable:
    return st.session_state.setdefault("visitor", uuid.uuid4().hex)


def _as_long(experiment: Experiment) -> str:
    """Return how much data there is, as the task counts it."""
    if TASKS[experiment.task].is_series:
        return counted(experiment.series_length, "number")
    return counted(experiment.windows, "window")


def _share_done(standings: Standings) -> float:
    shares = [
        1.0 if standing.run else 0.95 * standing.epoch / standing.experiment.epochs
        for standing in standings
    ]
    return sum(shares) / len(shares)


def _stage_in_words(standings: Standings) -> str:
    """Return how far training is, for the slower of the two networks."""
    stages = {standing.stage for standing in standings}
    experiment = standings[0].experiment
    if "failed" in stages:
        return "Stopped."
    if is_stopped(tuple(each.experiment for each in standings)) and stages != {"done"}:
        return "Stopped."
    if "starting" in stages:
        return "Starting TensorFlow: a few seconds, once."
    if "compiling" in stages:
        return "Compiling the training programs."
    if "waiting" in stages:
        return "Waiting for a turn."
    if stages == {"done"}:
        return (
            f"Trained: {counted(experiment.repeats, 'start')} of each network, "
            f"{counted(experiment.epochs, 'epoch')}, {counted(experiment.units, 'unit')}, "
            f"{experiment.time_steps} time steps, {_as_long(experiment)}."
        )
    slower = min(standings, key=lambda standing: standing.epoch)
    left = slower.seconds_left
    ending = f", about {left:.0f} s left" if left is not None and left >= 1 else ""
    return f"Training: epoch {slower.epoch} of {experiment.epochs}{ending}."
