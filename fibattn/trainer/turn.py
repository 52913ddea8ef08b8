"""One turn of a flight: a moment of training, and at the end of its epochs the run."""

from __future__ import annotations

import threading
import time
from typing import Any

from fibattn.run import Chunk
from fibattn.trainer import jobs
from fibattn.trainer.kept import Kept
from fibattn.trainer.process import WorkerDied, WorkerProcess
from fibattn.trainer.schedule import Flight, Schedule

# A flight is given up when this many processes in a row have died in its turns.
DEATHS = 3


class Turn:
    """Work for a worker thread: continue a flight from the last epoch there is.

    Args:
        flight: the one whose turn it is.
        schedule: where the flight ends when its run is there.
        kept: where its epochs, and then its run, are kept.
        lock: held while `schedule` and `kept` are used, and notified of every change.
    """

    def __init__(
        self, flight: Flight, schedule: Schedule[Any], kept: Kept, lock: threading.Condition
    ) -> None:
        self._flight = flight
        self._schedule = schedule
        self._kept = kept
        self._lock = lock

    def run(self, process: WorkerProcess) -> None:
        """Train for a moment, and make the run if that were the last epochs."""
        flight, epochs = self._flight, self._flight.experiment.epochs
        try:
            with self._lock:
                trained = self._kept.trained(flight.experiment)
            if trained is None or trained.epochs < epochs:
                trained = self._train(process, trained)
            if trained.epochs >= epochs:
                self._finish(process, trained)
            flight.deaths = 0
        finally:
            flight.served = time.monotonic()

    def process_died(self, died: WorkerDied) -> None:
        """Say that the process was restarted, or give the flight up."""
        flight = self._flight
        flight.deaths += 1
        flight.notice = "The training process had to be restarted; the run continued from there."
        if flight.deaths >= DEATHS:
            self._give_up(
                f"The training process died {DEATHS} times over this experiment, perhaps for "
                "lack of memory. Fewer units, starts or time steps may work."
            )

    def failed(self, problem: Exception) -> None:
        """Give the flight up."""
        self._give_up(f"Training failed: {problem}")

    def _give_up(self, error: str) -> None:
        self._flight.stage = "failed"
        self._flight.error = error

    def _train(self, process: WorkerProcess, trained: Chunk | None) -> Chunk:
        """Train for a moment; keep and return all epochs trained so far."""
        flight, experiment = self._flight, self._flight.experiment
        is_new = experiment.architecture not in process.compiled
        flight.stage = "compiling" if is_new else "training"
        start, epoch = (trained.last(), trained.epochs) if trained else (None, 0)
        begun = time.monotonic()
        chunk: Chunk = process.call(jobs.advance, experiment, start, epoch)
        if not is_new:
            flight.seconds_per_epoch = (time.monotonic() - begun) / chunk.epochs
        process.compiled.add(experiment.architecture)
        flight.stage = "training"
        trained = trained.then(chunk) if trained else chunk
        with self._lock:
            if self._may_keep():
                self._kept.keep_trained(experiment, trained, self._schedule.flying)
            self._lock.notify_all()
        return trained

    def _finish(self, process: WorkerProcess, trained: Chunk) -> None:
        """Make the run, keep it, and end the flight."""
        experiment = self._flight.experiment
        run = process.call(jobs.finish, experiment, _first_epochs(trained, experiment.epochs))
        with self._lock:
            if self._may_keep():
                self._kept.keep_run(run, self._schedule.watched)
            self._schedule.end(experiment)
            self._lock.notify_all()

    def _may_keep(self) -> bool:
        """Return False if this is trained on a file whose owner has left during the turn."""
        experiment = self._flight.experiment
        return experiment.table is None or experiment in self._schedule.flying


def _first_epochs(trained: Chunk, epochs: int) -> Chunk:
    return Chunk(
        trained.loss[:epochs],
        trained.val_loss[:epochs],
        tuple(array[: epochs + 1] for array in trained.weights),
        trained.moments,
    )
