"""How far training is, as a share and in words, and how long a page still waits."""

from __future__ import annotations

from collections.abc import Sequence

from fibattn.experiment import Experiment
from fibattn.tasks import TASKS
from fibattn.trainer.standing import Standing
from fibattn.ui.turns import Wait
from fibattn.words.notation import counted


def _as_long(experiment: Experiment) -> str:
    """Return how much data there is, as the task counts it."""
    if TASKS[experiment.task].is_series:
        return counted(experiment.series_length, "number")
    return counted(experiment.windows, "window")


def share_done(standings: Sequence[Standing]) -> float:
    """Return which share of the training is done, 0 to 1."""
    shares = [
        1.0 if standing.run else 0.95 * standing.epoch / standing.experiment.epochs
        for standing in standings
    ]
    return sum(shares) / len(shares)


def stage_in_words(standings: Sequence[Standing], stopped: bool) -> str:
    """Return how far training is, for the slowest of the networks.

    `stopped`: whether the visitor has stopped it.
    """
    stages = {standing.stage for standing in standings}
    experiment = standings[0].experiment
    if "failed" in stages:
        return "Stopped."
    if stopped and stages != {"done"}:
        return "Stopped."
    if "starting" in stages:
        return "Starting TensorFlow: a few seconds, once."
    if "compiling" in stages:
        return "Compiling the training programs."
    if "waiting" in stages and "training" not in stages:
        return _waiting_in_words(standings)
    if stages == {"done"}:
        return (
            f"Trained: {counted(experiment.repeats, 'start')} of each network, "
            f"{counted(experiment.epochs, 'epoch')}, {counted(experiment.units, 'unit')}, "
            f"{experiment.time_steps} time steps, {_as_long(experiment)}."
        )
    slowest = min(standings, key=lambda standing: standing.epoch)
    starts = f", start {slowest.starts} of {experiment.repeats}" if slowest.starts else ""
    return f"Training: epoch {slowest.epoch} of {experiment.epochs}{starts}{_time_left(standings)}."


def _waiting_in_words(standings: Sequence[Standing]) -> str:
    """Return the place in the queue, and how long it will take."""
    place = max(standing.place for standing in standings if standing.run is None)
    if not place:
        return "Waiting for a turn."
    return (
        f"Waiting for a turn: {counted(place, 'network')} before this one{_time_left(standings)}."
    )


def turn_in_words(wait: Wait) -> str:
    """Return how long it takes until a page is drawn."""
    if not wait.before:
        return "This one is next."
    left = f", about {wait.seconds:.0f} s left" if wait.seconds >= 1 else ""
    return f"{counted(wait.before, 'page')} before this one{left}."


def _time_left(standings: Sequence[Standing]) -> str:
    """Return the time until all are finished, '' if it is short or unknown."""
    left = [each.seconds_left for each in standings if each.run is None]
    known = [seconds for seconds in left if seconds is not None]
    if len(known) < len(left) or max(known, default=0.0) < 1:
        return ""
    return f", about {max(known):.0f} s left"
