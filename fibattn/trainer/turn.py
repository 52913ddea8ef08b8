"""One turn of a flight: a moment of training, and at the end of its epochs the run."""

from __future__ import annotations

import threading
import time
from typing import Any

from fibattn.network.architecture import Architecture
from fibattn.run import Chunk, Outcome, Run
from fibattn.trainer import jobs
from fibattn.trainer.kept import Kept
from fibattn.trainer.process import Process, WorkerDied
from fibattn.trainer.schedule import Flight, Schedule

# An epoch of all starts that takes longer than so many seconds is trained some starts at a time.
LONG_EPOCH = 1.0

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

    @property
    def architecture(self) -> Architecture:
        """The flight's."""
        return self._flight.experiment.architecture

    def run(self, process: Process) -> None:
        """Train for a moment, and make the run if that were the last epochs."""
        flight, epochs = self._flight, self._flight.experiment.epochs
        is_new = self.architecture not in process.compiled
        begun, is_finished = time.monotonic(), False
        try:
            with self._lock:
                trained = self._kept.trained(flight.experiment)
            if trained is None or trained.epochs < epochs:
                trained = self._train(process, trained)
            if trained is not None and trained.epochs >= epochs:
                self._finish(process, trained)
                is_finished = True
            flight.deaths = 0
        finally:
            flight.served = time.monotonic()
            took = flight.served - begun
            flight.took += took
            if not is_new:
                flight.trained_for += took
            with self._lock:
                self._schedule.spent.add(took, compiling=is_new)
                if is_finished:
                    self._schedule.end(flight.experiment)
                    self._lock.notify_all()

    def process_died(self, died: WorkerDied) -> None:
        """Say that the process was restarted, or give the flight up."""
        flight = self._flight
        flight.deaths += 1
        flight.notice = died.notice
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

    def _train(self, process: Process, trained: Chunk | None) -> Chunk | None:
        """Train for a moment; keep and return all epochs trained so far, None if there are none."""
        flight, experiment = self._flight, self._flight.experiment
        is_new = self.architecture not in process.compiled
        flight.stage = "compiling" if is_new else "training"
        start, epoch = (trained.last(), trained.epochs) if trained else (None, 0)
        begun = time.monotonic()
        chunk: Chunk | None
        if self._by_starts():
            chunk, share = self._train_starts(process, start, epoch)
        else:
            chunk = process.call(jobs.advance, experiment, start, epoch)
            share = float(chunk.epochs)
        if not is_new:
            flight.seconds_per_epoch = (time.monotonic() - begun) / share
        process.compiled.add(self.architecture)
        flight.stage = "training"
        if chunk is None:
            with self._lock:
                self._lock.notify_all()
            return trained
        trained = trained.then(chunk) if trained else chunk
        with self._lock:
            if self._may_keep():
                self._kept.keep_trained(experiment, trained, self._schedule.flying)
            self._lock.notify_all()
        return trained

    def _by_starts(self) -> bool:
        """Return whether an epoch of all starts takes too long for one turn, or may do so."""
        flight, experiment = self._flight, self._flight.experiment
        if experiment.repeats == experiment.architecture.together:
            return False
        known = flight.seconds_per_epoch
        return bool(flight.parts) or known is None or known > LONG_EPOCH

    def _train_starts(
        self, process: Process, start: Chunk | None, epoch: int
    ) -> tuple[Chunk | None, float]:
        """Train the next starts of an epoch; return the epoch if they were the last, and a share.

        The share is that of the epoch which has been trained in this call.
        """
        flight, experiment = self._flight, self._flight.experiment
        if flight.parts_epoch != epoch:  # another flight has trained these epochs meanwhile
            flight.parts, flight.parts_epoch = [], epoch
        first = flight.starts_done
        part: Chunk = process.call(jobs.advance_starts, experiment, start, epoch, first)
        flight.parts.append(part)
        share = part.loss.shape[1] / experiment.repeats
        if flight.starts_done < experiment.repeats:
            return None, share
        whole, flight.parts = Chunk.of_all_starts(flight.parts), []
        return whole, share

    def _finish(self, process: Process, trained: Chunk) -> None:
        """Make the run and keep it."""
        experiment = self._flight.experiment
        last = trained.until(experiment.epochs).last()
        outcome: Outcome = process.call(jobs.outcome, experiment, last)
        run = Run.of(trained, experiment, outcome)
        with self._lock:
            if self._may_keep():
                self._kept.keep_run(run, self._schedule.watched)

    def _may_keep(self) -> bool:
        """Return False if this is trained on a file whose owner has left during the turn."""
        experiment = self._flight.experiment
        return experiment.table is None or experiment in self._schedule.flying
