"""The trainer of a server: all that pages ask of training, for all visitors.

`Schedule` decides what is trained next, each `WorkerThread` has it done in a process of its own, a
`Turn` at a time, and `Kept` keeps what comes of it: more epochs continue from there, and so do the
flights of a process that died. `Answers` holds questions about single runs.
"""

from __future__ import annotations

import atexit
import itertools
import sys
import threading
from collections.abc import Hashable, Iterable
from types import ModuleType
from typing import Any

from fibattn.experiment import Experiment
from fibattn.network.answers import Occlusion, Swapped
from fibattn.network.operations import Graph
from fibattn.run import Run
from fibattn.trainer import settings, standing
from fibattn.trainer.answers import Answers, History
from fibattn.trainer.kept import Kept
from fibattn.trainer.schedule import PATIENCE, Flight, Schedule
from fibattn.trainer.settings import sensible_workers
from fibattn.trainer.standing import Standing
from fibattn.trainer.thread import Work, WorkerThread
from fibattn.trainer.turn import DEATHS, Turn

__all__ = ["DEATHS", "Standing", "Trainer", "sensible_workers", "shared_trainer"]


class Trainer:
    """Trains what visitors watch, in worker processes. Safe to call from any thread.

    Args:
        workers: how many threads, each with its process; by default what the machine has room for.
        cache_bytes: how much of finished runs and unfinished training is kept.
        worker_growth: by how many bytes a process may grow before it is replaced.
        patience: seconds after which a visitor who does not ask again has left.

    workers: the threads.
    """

    def __init__(
        self,
        workers: int | None = None,
        cache_bytes: int | None = None,
        worker_growth: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        growth = worker_growth or settings.worker_growth()
        self._lock = threading.Condition()  # re-entrant, and notified of every change
        self.workers = [
            WorkerThread(number, growth, self._may_start, self._next_work)
            for number in range(workers or settings.worker_count())
        ]
        self._schedule = Schedule(self.workers, patience)
        self._kept = Kept(cache_bytes or settings.cache_bytes())
        self._answers = Answers(self._schedule.home_of, self._lock)
        for thread in self.workers:
            thread.start()
        atexit.register(self.close)

    def watch(
        self,
        visitor: Hashable,
        experiments: Iterable[Experiment],
        forever: bool = False,
        wait: float = 0.0,
    ) -> list[Standing]:
        """Register that a visitor watches these experiments and no others; return where they stand.

        Must be called again within `patience` seconds while the visitor stays, unless `forever`.
        With `wait` it returns only after so many seconds, or as soon as all are finished.
        """
        watched = tuple(experiments)
        with self._lock:
            to_train = [each for each in watched if self._kept.run(each) is None]
            self._schedule.watch(visitor, watched, to_train, forever)
            self._lock.notify_all()
            if wait:
                self._lock.wait_for(lambda: not self._schedule.flying & set(watched), wait)
            return [self._standing(experiment) for experiment in watched]

    def standings(self, experiments: Iterable[Experiment]) -> list[Standing]:
        """Return where some experiments stand, without asking for them to be trained."""
        with self._lock:
            return [self._standing(experiment) for experiment in experiments]

    @property
    def visitors(self) -> int:
        """How many visitors there are now."""
        with self._lock:
            return self._schedule.visitors

    def leave(self, visitor: Hashable) -> None:
        """Register that a visitor watches nothing any more."""
        with self._lock:
            self._schedule.leave(visitor)

    def forget(self, owner: str) -> None:
        """Remove everything that was trained on a visitor's own file."""

        def theirs(experiment: Experiment) -> bool:
            return experiment.table is not None and experiment.table.owner == owner

        with self._lock:
            self._schedule.drop(theirs)
            self._kept.drop(theirs)
            self._answers.drop(theirs)

    def wait(self, seconds: float = 0.5) -> None:
        """Return when something has changed, or after some time."""
        with self._lock:
            self._lock.wait(seconds)

    def window(self, run: Run, index: int, wait: float = 1.0) -> History | None:
        """Return predictions and attention of a run for one test window at every epoch.

        The shapes are (epochs + 1, repeats) and (epochs + 1, repeats, time_steps). None if a
        process is still computing after `wait` seconds: ask again.
        """
        return self._answers.window(run, index, wait)

    def occlusion(self, run: Run, index: int, wait: float = 1.0) -> Occlusion | None:
        """Return the predictions for one test window with each step hidden; or None, as above."""
        return self._answers.occlusion(run, index, wait)

    def swapped(self, run: Run, wait: float = 1.0) -> Swapped | None:
        """Return the test errors with permuted and with uniform weights; or None, as above."""
        return self._answers.swapped(run, wait)

    def graph(self, run: Run, wait: float = 1.0) -> Graph | str | None:
        """Return the graph of a run's networks; None as above, or a sentence why there is none."""
        return self._answers.graph(run, wait)

    def keras_file(self, run: Run, repeat: int, wait: float = 1.0) -> bytes | None:
        """Return the `.keras` file of one random start of a run; or None, as above."""
        return self._answers.keras_file(run, repeat, wait)

    def close(self) -> None:
        """End all threads and their processes."""
        atexit.unregister(self.close)
        for thread in self.workers:
            thread.close()
        with self._lock:
            self._lock.notify_all()

    def _may_start(self, thread: WorkerThread) -> bool:
        """Return whether the thread before this one is ready and has nothing to do.

        Two processes that load TensorFlow at once keep the first visitor waiting longer than one.
        """
        if thread.number == 0:
            return True
        before = self.workers[thread.number - 1]
        with self._lock:
            return before.ready.is_set() and self._schedule.next_flight(before) is None

    def _next_work(self, thread: WorkerThread) -> Work | None:
        """Return a question to this thread, or a turn of a flight; wait a little for either."""
        with self._lock:
            if question := self._answers.next_question(thread):
                return question
            if flight := self._schedule.next_flight(thread):
                return Turn(flight, self._schedule, self._kept, self._lock)
            self._lock.wait(0.5)
            return None

    def _epochs(self, experiment: Experiment) -> int:
        """Return how many epochs of an experiment are trained."""
        trained = self._kept.trained(experiment)
        return min(trained.epochs, experiment.epochs) if trained else 0

    def _standing(self, experiment: Experiment) -> Standing:
        if run := self._kept.run(experiment):
            return standing.of_run(run)
        # There is none if the visitor's next page run has asked for something else meanwhile.
        known = self._schedule.flight(experiment)
        flight = known or Flight(experiment)
        home = self._schedule.home_of(experiment.architecture)
        return standing.of_flight(
            flight,
            self._kept.trained(experiment),
            ready=home.ready.is_set(),
            compiled=experiment.architecture in home.process.compiled,
            trouble=home.trouble,
            wait=self._schedule.wait_for(known, self._epochs) if known else (0, None),
        )


def shared_trainer() -> Trainer:
    """Return the one trainer of this server; its processes start with the first call.

    When a source file changes, Streamlit imports this module again beside the old one. Then the
    old trainer ends, whose processes run the old code, and a new one takes its place.
    """
    with _server.lock:
        if _server.generation < _GENERATION:
            if _server.trainer:
                _server.trainer.close()
            _server.trainer, _server.generation = Trainer(), _GENERATION
        trainer: Trainer = _server.trainer
        return trainer


def close_shared_trainer() -> None:
    """End the server's trainer, if there is one; the next `shared_trainer` starts another."""
    with _server.lock:
        if _server.trainer:
            _server.trainer.close()
        _server.trainer, _server.generation = None, -1


def _held_by_server() -> Any:
    """Return what outlives this module: a module without a file, which is never imported again."""
    server: Any = sys.modules.setdefault(_HOLDER, ModuleType(_HOLDER))
    if not hasattr(server, "lock"):
        server.lock, server.trainer = threading.Lock(), None
        server.generation, server.generations = -1, itertools.count()
    return server


_HOLDER = "fibattn_server"
_server = _held_by_server()
# Counts how often this module has been imported: what still runs in an older one must not put the
# older trainer back.
_GENERATION: int = next(_server.generations)
