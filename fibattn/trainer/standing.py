"""Where one experiment stands, for the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from fibattn.experiment import Experiment
from fibattn.run import Chunk, Run
from fibattn.trainer.schedule import Flight


@dataclass(frozen=True, eq=False)
class Standing:
    """How far the training of one experiment is.

    stage: "starting" (TensorFlow is being loaded), "waiting", "compiling", "training", "done" or
        "failed".
    epoch: how many of the experiment's epochs are trained.
    loss, val_loss: (epoch, repeats).
    trained: those epochs, None before the first; a finished one has its run instead.
    starts: how many random starts of the next epoch are trained, where that is some at a time.
    place: how many networks have their turns before this one.
    seconds_left: until the run is there, waiting included; None while nothing is known.
    run: the finished run, None before.
    made: when the run was made, if it was not trained by this server but came from the store.
    compiled: whether the process has trained this architecture before, so that it will be quick.
    notice: a sentence if the training process had to be restarted, or trains elsewhere.
    error: a sentence if the stage is "failed".
    """

    experiment: Experiment
    stage: str
    epoch: int
    loss: np.ndarray
    val_loss: np.ndarray
    trained: Chunk | None = None
    starts: int = 0
    place: int = 0
    seconds_left: float | None = None
    run: Run | None = None
    made: datetime | None = None
    compiled: bool = False
    notice: str = ""
    error: str = ""


def of_run(run: Run, made: datetime | None = None) -> Standing:
    """Return where a finished experiment stands; `made`: when, if its run came from the store."""
    experiment = run.experiment
    return Standing(
        experiment, "done", experiment.epochs, run.loss, run.val_loss, run=run, made=made
    )


def of_flight(
    flight: Flight,
    trained: Chunk | None,
    ready: bool,
    compiled: bool,
    trouble: str = "",
    wait: tuple[int, float | None] = (0, None),
    elsewhere: str = "",
) -> Standing:
    """Return where an unfinished experiment stands.

    Args:
        flight: the experiment's; a new one if nobody has asked for it.
        trained: the epochs trained so far, perhaps more than are asked for.
        ready: whether TensorFlow is loaded in the process that trains it.
        compiled: whether that process has trained the architecture before.
        wait: its place in the queue, and the seconds to its end, None if they are unknown.
        trouble: why that process cannot train, '' if it can or will.
        elsewhere: why it is not trained where it should be, '' if it is.
    """
    error = flight.error or (not ready and trouble) or ""
    experiment = flight.experiment
    none_yet = np.empty((0, experiment.repeats), np.float32)
    so_far = trained.until(experiment.epochs) if trained else None
    return Standing(
        experiment,
        "failed" if error else flight.stage if ready else "starting",
        so_far.epochs if so_far else 0,
        so_far.loss if so_far else none_yet,
        so_far.val_loss if so_far else none_yet,
        trained=so_far,
        starts=flight.starts_done,
        place=wait[0],
        seconds_left=wait[1],
        compiled=compiled,
        notice=" ".join(filter(None, (flight.notice, elsewhere))),
        error=error,
    )
