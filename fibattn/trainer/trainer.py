"""The trainer of a server: all that pages ask of training, for all visitors.

`Schedule` decides what is trained next, each `WorkerThread` has it done in a process of its own, a
`Turn` at a time, and `Kept` keeps what comes of it: more epochs continue from there, and so do the
flights of a process that died. `RunStore` holds what this server and others have finished before.
`Answers` holds questions about single runs.
"""

from __future__ import annotations

import atexit
import dataclasses
import itertools
import sys
import threading
import time
from collections.abc import Hashable, Iterable
from types import ModuleType
from typing import Any

from fibattn.experiment import Experiment
from fibattn.network.answers import NewStarts, Swapped
from fibattn.network.operations import Graph
from fibattn.run import Run
from fibattn.trainer import settings, standing
from fibattn.trainer.answers import Answers
from fibattn.trainer.cluster import Cluster, ClusterProcess, ClusterThread
from fibattn.trainer.fork_server import ForkServer
from fibattn.trainer.kept import Kept
from fibattn.trainer.process import WorkerProcess
from fibattn.trainer.rehearsal import Rehearsal
from fibattn.trainer.schedule import PATIENCE, Flight, Schedule, Spent
from fibattn.trainer.settings import sensible_workers
from fibattn.trainer.standing import Standing
from fibattn.trainer.store import RunStore
from fibattn.trainer.thread import Work, WorkerThread
from fibattn.trainer.turn import DEATHS, Turn

# A server whose first answer comes from the store loads TensorFlow so many seconds later, or when
# there is something to train: loading takes the processor that shows the first visitor a page.
LEISURE = 4.0

__all__ = ["DEATHS", "Standing", "Trainer", "sensible_workers", "shared_trainer"]


class Trainer:
    """Trains what visitors watch, in worker processes. Safe to call from any thread.

    Args:
        workers: how many threads, each with its process; by default what the machine has room for.
        cache_bytes: how much of finished runs and unfinished training is kept.
        worker_growth: by how many bytes a process may grow before it is replaced.
        patience: seconds after which a visitor who does not ask again has left.
        store: where finished runs are shared with other servers; by default the one that the
            environment names, if it does.
        cluster: address of a Dask scheduler whose workers train in place of this machine's
            processes, '' for none; by default the one that the environment names, if it does.

    workers: the threads.
    """

    def __init__(
        self,
        workers: int | None = None,
        cache_bytes: int | None = None,
        worker_growth: int | None = None,
        patience: float = PATIENCE,
        store: RunStore | None = None,
        cluster: str | None = None,
    ) -> None:
        self._growth = worker_growth
        self._lock = threading.Condition()  # re-entrant, and notified of every change
        self._count = workers or settings.worker_count()
        self._closed = False
        self._numbers = itertools.count()  # of the threads of a cluster
        self.workers: list[WorkerThread] = []
        self._schedule = Schedule(self.workers, patience)
        self._begun = time.monotonic()
        self._store = store or _store_of_environment()
        self._kept = Kept(cache_bytes or settings.cache_bytes(), self._store)
        graphs = self._store.graphs if self._store else None
        self._answers = Answers(self._schedule.home_of, self._lock, graphs)
        address = settings.cluster_address() if cluster is None else cluster
        self._cluster = Cluster(address) if address else None
        self._start_local()
        if self._cluster:
            self._cluster.start(self._found)
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
        self._fetch(watched)
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

    @property
    def spent(self) -> Spent:
        """What all turns have taken so far."""
        with self._lock:
            return dataclasses.replace(self._schedule.spent)

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

    def swapped(self, run: Run, wait: float = 1.0) -> Swapped | None:
        """Return the test errors with permuted and with uniform weights; or None, as above."""
        return self._answers.swapped(run, wait)

    def graph(self, experiment: Experiment, wait: float = 1.0) -> Graph | None:
        """Return how the experiment's network computes; see `Answers.graph`."""
        return self._answers.graph(experiment, wait)

    def prepare_graph(self, experiment: Experiment) -> None:
        """Have `graph` answered when there is time; see `Answers.prepare_graph`."""
        self._answers.prepare_graph(experiment)

    def wait_until_ready(self) -> None:
        """Return when TensorFlow is loaded in one of the processes, or all threads are to end."""
        with self._lock:
            while not self._closed and not any(each.ready.is_set() for each in self.workers):
                self._lock.wait(0.5)

    def new_starts(self, experiment: Experiment, wait: float = 1.0) -> NewStarts | None:
        """Return what trains an experiment's network elsewhere; see `Answers.new_starts`."""
        return self._answers.new_starts(experiment, wait)

    def keras_file(self, run: Run, repeat: int, wait: float = 1.0) -> bytes | None:
        """Return the `.keras` file of one random start of a run; or None, as above."""
        return self._answers.keras_file(run, repeat, wait)

    def close(self) -> None:
        """End all threads and their processes."""
        atexit.unregister(self.close)
        with self._lock:
            self._closed = True
            threads = list(self.workers)
        if self._cluster:
            self._cluster.close()
        self._fork_server.close()
        for thread in threads:
            thread.close()
        with self._lock:
            self._lock.notify_all()

    def _fetch(self, experiments: tuple[Experiment, ...]) -> None:
        """Take from the store the runs that are neither kept nor being trained.

        The lock is not held while files are read.
        """
        if self._store is None:
            return
        with self._lock:
            known = {each for each in experiments if self._kept.run(each)} | self._schedule.flying
        for experiment in experiments:
            if experiment not in known and (run := self._store.get(experiment)):
                with self._lock:
                    self._kept.keep_stored(run, self._schedule.watched | set(experiments))

    def _may_start(self, thread: WorkerThread) -> bool:
        """Return whether the thread before this one is ready.

        Where processes are not forked it must have nothing to do either: another one that loads
        TensorFlow keeps the first visitor waiting. The first one waits as LEISURE says, and while a
        cluster is hoped for.
        """
        if self._cluster and self._cluster.is_hoped_for:
            return False
        if thread.number == 0:
            new = self._store is not None and time.monotonic() - self._begun < LEISURE
            return not new or bool(self._schedule.flying)
        with self._lock:
            before = self.workers[min(thread.number, len(self.workers)) - 1]
            is_free = self._fork_server.forks or self._schedule.next_flight(before) is None
            return before.ready.is_set() and is_free

    def _start_local(self) -> None:
        """Add threads with processes of this machine. They wait until they may start."""
        fork_server = self._fork_server = ForkServer()
        growth = self._growth or settings.worker_growth(fork_server.forks)
        threads = [
            WorkerThread(
                number,
                growth,
                self._may_start,
                self._next_work,
                self._ended,
                lambda keeps_compiled: WorkerProcess(fork_server, keeps_compiled),
            )
            for number in range(self._count)
        ]
        self.workers += threads
        for thread in threads:
            thread.start()

    def _found(self, process: ClusterProcess) -> None:
        """Start a thread for a cluster's worker, which is one of `workers` as soon as it can train.

        Also called for a worker that was lost and is back.
        """
        ClusterThread(
            process,
            next(self._numbers),
            self._growth or settings.worker_growth(is_forked=False),
            self._next_work,
            self._ended,
            self._take_on,
        ).start()

    def _take_on(self, thread: WorkerThread) -> None:
        """Add a thread of the cluster's; those of this machine are not needed any more."""
        with self._lock:
            if self._closed:
                thread.close()
                return
            for each in self.workers:
                if not isinstance(each, ClusterThread):
                    each.end()
            self._fork_server.close()
            self.workers.append(thread)
            self._lock.notify_all()

    def _ended(self, thread: WorkerThread) -> None:
        """Remove a thread that has ended. Without any other, those of this machine take over."""
        with self._lock:
            if self._closed or thread not in self.workers:
                return
            if len(self.workers) == 1:
                self._start_local()
            self.workers.remove(thread)
            self._schedule.home_ended(thread)
            self._lock.notify_all()

    def _next_work(self, thread: WorkerThread) -> Work | None:
        """Return what this thread does next, None after a moment without work.

        That is a question to it, a turn of a flight, a question to anyone, or a rehearsal.
        """
        with self._lock:
            if question := self._answers.next_question(thread):
                return question
            if flight := self._schedule.next_flight(thread):
                return Turn(flight, self._schedule, self._kept, self._lock)
            if question := self._answers.next_for_anyone():
                return question
            if experiment := self._schedule.next_rehearsal(thread):
                return Rehearsal(experiment, thread, self._schedule, self._lock)
            self._lock.wait(0.5)
            return None

    def _epochs(self, experiment: Experiment) -> int:
        """Return how many epochs of an experiment are trained."""
        trained = self._kept.trained(experiment)
        return min(trained.epochs, experiment.epochs) if trained else 0

    def _standing(self, experiment: Experiment) -> Standing:
        if run := self._kept.run(experiment):
            return standing.of_run(run, self._store.made(run) if self._store else None)
        # There is none if the visitor's next page run has asked for something else meanwhile.
        known = self._schedule.flight(experiment)
        flight = known or Flight(experiment)
        home = self._schedule.home_of(experiment.architecture)
        return standing.of_flight(
            flight,
            self._kept.trained(experiment),
            ready=home.ready.is_set(),
            compiled=experiment.architecture in home.compiled,
            trouble=home.trouble,
            wait=self._schedule.wait_for(known, self._epochs) if known else (0, None),
            elsewhere=self._cluster.trouble if self._cluster else "",
        )


def _store_of_environment() -> RunStore | None:
    folder = settings.store_folder()
    return RunStore(folder, settings.store_bytes()) if folder else None


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
