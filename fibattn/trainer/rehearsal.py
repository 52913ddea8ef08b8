"""Compiling a network in a second process while there is nothing to train.

Where processes are not forked, the first networks of a server are compiled by the only one there is
then, which trains one after the other. Compiling takes seconds, so no visitor should wait for it a
second time.
"""

from __future__ import annotations

import threading
from typing import Any

from fibattn.experiment import Experiment
from fibattn.network.architecture import Architecture
from fibattn.trainer import jobs
from fibattn.trainer.process import Process, WorkerDied
from fibattn.trainer.schedule import Schedule
from fibattn.trainer.thread import WorkerThread


class Rehearsal:
    """Work for a worker thread: compile an experiment's network, and be its home from then on.

    If that fails the network stays where it is, and nobody hears of it.

    Args:
        experiment: one with the network.
        thread: the one that does this work.
        schedule: where the thread becomes the network's home.
        lock: held while `schedule` is used.
    """

    def __init__(
        self,
        experiment: Experiment,
        thread: WorkerThread,
        schedule: Schedule[Any],
        lock: threading.Condition,
    ) -> None:
        self._experiment = experiment
        self._thread = thread
        self._schedule = schedule
        self._lock = lock

    @property
    def architecture(self) -> Architecture:
        """The experiment's."""
        return self._experiment.architecture

    def run(self, process: Process) -> None:
        """Have everything compiled that a flight needs."""
        process.call(jobs.rehearse, self._experiment)
        process.compiled.add(self.architecture)
        with self._lock:
            self._schedule.is_rehearsed(self.architecture, self._thread)

    def process_died(self, died: WorkerDied) -> None:
        """Do nothing: the process is replaced."""

    def failed(self, problem: Exception) -> None:
        """Do nothing: whoever trains the network is told the same."""
