"""Who owns the worker processes, and who gets trained next.

Visitors say what they look at (`watch`), as often as they like, and are told where it stands.
Equal wishes are one flight. A flight is trained in chunks of a moment each; after each chunk the
worker takes the flight that has waited longest, so visitors take turns, and a flight nobody
watches any more simply gets no further chunk. What was trained stays in a bounded cache: more
epochs go on from there, and when a worker dies its flights go on from their last chunk.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import Any

import loky
import numpy as np
import psutil

from fibattn.experiment import Experiment
from fibattn.network.answers import Occlusion, Swapped
from fibattn.network.architecture import Architecture
from fibattn.run import Arrays, Chunk, Run
from fibattn.trainer import jobs
from fibattn.trainer.cache import BoundedCache
from fibattn.trainer.process import Process, WorkerDied

MEGABYTE = 2**20
# A visitor who has not asked for this many seconds no longer watches.
PATIENCE = 6.0
# A flight during which this many workers die without an epoch in between is given up.
DEATHS = 3
# How many answers about single runs are kept.
MOST_ANSWERS = 64

History = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Standing:
    """Where one experiment stands, for the page.

    stage: "starting" (TensorFlow is being loaded), "waiting", "compiling", "training", "done" or
        "failed".
    compiled: whether its worker has trained this architecture before, so that it will be quick.
    loss, val_loss: (epochs so far, repeats).
    notice: a short sentence when something went wrong and was mended.
    error: a sentence when the stage is "failed".
    """

    experiment: Experiment
    stage: str
    epoch: int
    loss: np.ndarray
    val_loss: np.ndarray
    seconds_left: float | None = None
    run: Run | None = None
    compiled: bool = False
    notice: str = ""
    error: str = ""


@dataclass(eq=False)
class _Flight:
    """One experiment on its way."""

    experiment: Experiment
    stage: str = "waiting"
    served: float = 0.0
    seconds_per_epoch: float | None = None
    deaths: int = 0
    notice: str = ""
    error: str = ""


@dataclass
class _Visitor:
    """What one visitor looks at, and when they last asked."""

    wishes: tuple[Experiment, ...]
    asked: float


class Worker:
    """A thread that serves flights with one process after another.

    A process that dies is replaced. One that grew by more than `most_growth` bytes is replaced
    too, once its successor is warm.
    """

    def __init__(self, trainer: Trainer, number: int, most_growth: int) -> None:
        self._trainer = trainer
        self.most_growth = most_growth
        self.number = number
        self.process = Process()  # runs with its first call
        self.replaced = 0
        self.compiled: set[Architecture] = set()
        self.ready = threading.Event()
        self.errands: deque[tuple[Future, Callable[..., Any], tuple]] = deque()
        self._successor: Process | None = None
        self._thread = threading.Thread(
            target=self._serve, name=f"fibattn-worker-{number}", daemon=True
        )
        self._thread.start()

    def _serve(self) -> None:
        self._trainer.wait_for_turn(self)
        self._warm_up()
        while not self._trainer.closed:
            self._take_over()
            if self.errands:
                self._run_errand()
            elif flight := self._trainer.next_flight(self):
                self._one_chunk(flight)
            else:
                self._trainer.wait()
        self.process.close()

    def _warm_up(self) -> None:
        """Start the process, again and again if it dies: nothing goes without it."""
        while not self._trainer.closed:
            try:
                self.process.warm()
            except WorkerDied:
                self.process = Process()
                time.sleep(0.5)
            else:
                self.ready.set()
                return

    def _one_chunk(self, flight: _Flight) -> None:
        trainer, experiment = self._trainer, flight.experiment
        trained = trainer.trained(experiment)
        begun = time.monotonic()
        epoch = trained.epochs if trained else 0
        try:
            if trained is None or epoch < experiment.epochs:
                new = experiment.architecture not in self.compiled
                flight.stage = "compiling" if new else "training"
                chunk = self.process.call(
                    jobs.advance, experiment, trained.last() if trained else None, epoch
                )
                self.compiled.add(experiment.architecture)
                trained = trained.then(chunk) if trained else chunk
                flight.stage = "training"
                if not new:
                    flight.seconds_per_epoch = (time.monotonic() - begun) / chunk.epochs
                trainer.keep_trained(experiment, trained)
            if trained.epochs >= experiment.epochs:
                run = self.process.call(jobs.finish, experiment, _up_to(trained, experiment))
                trainer.keep_run(run)
            flight.deaths = 0
        except WorkerDied:
            self._replace_dead()
            flight.deaths += 1
            flight.notice = "The training process had to be restarted; the run went on from there."
            if flight.deaths >= DEATHS:
                flight.stage = "failed"
                flight.error = (
                    f"The training process died {DEATHS} times over this experiment, perhaps for "
                    "lack of memory. Fewer units, starts or time steps may work."
                )
        except Exception as problem:
            flight.stage = "failed"
            flight.error = f"Training failed: {problem}"
        flight.served = time.monotonic()
        self._mind_memory()

    def _run_errand(self) -> None:
        future, function, arguments = self.errands.popleft()
        try:
            future.set_result(self.process.call(function, *arguments))
        except WorkerDied as gone:
            self._replace_dead()
            future.set_exception(gone)
        except Exception as problem:
            future.set_exception(problem)

    def _replace_dead(self) -> None:
        self.ready.clear()
        self.process.close()
        self.process = Process()
        self.compiled.clear()
        self.replaced += 1
        self._warm_up()

    def _mind_memory(self) -> None:
        grown = self.process.memory - self.process.memory_when_warm
        if grown > self.most_growth and self._successor is None:
            self._successor = Process()
            threading.Thread(
                target=self._warm_successor, args=(self._successor,), daemon=True
            ).start()

    def _warm_successor(self, successor: Process) -> None:
        try:
            successor.warm()
        except WorkerDied:
            self._successor = None  # the next chunk starts another

    def _take_over(self) -> None:
        """Swap in the successor once it is warm."""
        if self._successor and self._successor.is_warm:
            old, self.process, self._successor = self.process, self._successor, None
            self.compiled.clear()
            self.replaced += 1
            old.close()

    def close(self) -> None:
        """End the process; the thread follows."""
        self.process.close()
        if self._successor:
            self._successor.close()


class Trainer:
    """Owns the workers, the flights and the caches. Safe to call from any thread."""

    def __init__(
        self,
        workers: int | None = None,
        cache_bytes: int | None = None,
        worker_growth: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._changed = threading.Condition()
        self._visitors: dict[Hashable, _Visitor] = {}
        self._flights: dict[Experiment, _Flight] = {}
        self._home: dict[Architecture, Worker] = {}
        self._answers: OrderedDict[tuple[Experiment, int, str], Future] = OrderedDict()
        self._patience = patience
        most = cache_bytes or _megabytes("FIBATTN_CACHE_MB", 96)
        self._runs: BoundedCache[Experiment, Run] = BoundedCache(most // 2)
        self._trained: BoundedCache[Experiment, Chunk] = BoundedCache(most // 2)
        self.closed = False
        growth = worker_growth or _megabytes("FIBATTN_WORKER_GROWTH_MB", 256)
        count = workers or int(os.environ.get("FIBATTN_WORKERS", 0)) or sensible_workers()
        self.workers: list[Worker] = []
        for number in range(count):
            self.workers.append(Worker(self, number, growth))
        atexit.register(self.close)

    def watch(
        self,
        visitor: Hashable,
        experiments: Iterable[Experiment],
        forever: bool = False,
        wait: float = 0.0,
    ) -> list[Standing]:
        """Say that a visitor looks at these experiments and no others; return where they stand.

        Must be called again within `patience` seconds while the visitor stays, unless `forever`.
        With `wait` it returns only after so many seconds, or as soon as all are finished.
        """
        wishes = tuple(experiments)
        with self._changed:
            asked = float("inf") if forever else time.monotonic()
            self._visitors[visitor] = _Visitor(wishes, asked)
            for experiment in wishes:
                if self._runs.get(experiment) is None and experiment not in self._flights:
                    self._flights[experiment] = _Flight(experiment)
            self._drop_unwatched()
            self._changed.notify_all()
            if wait:
                self._changed.wait_for(lambda: not self._flights.keys() & set(wishes), wait)
            return [self._standing(experiment) for experiment in wishes]

    def standings(self, experiments: Iterable[Experiment]) -> list[Standing]:
        """Return where some experiments stand, without asking for them to be trained."""
        with self._changed:
            return [self._standing(experiment) for experiment in experiments]

    def leave(self, visitor: Hashable) -> None:
        """Say that a visitor looks at nothing any more."""
        with self._changed:
            self._visitors.pop(visitor, None)
            self._drop_unwatched()

    def forget(self, owner: str) -> None:
        """Let go of everything that was trained on a visitor's own file."""

        def theirs(experiment: Experiment) -> bool:
            return experiment.table is not None and experiment.table.owner == owner

        with self._changed:
            for kept in (self._runs, self._trained):
                kept.drop(theirs)
            for flight in [each for each in self._flights if theirs(each)]:
                del self._flights[flight]
            for answer in [each for each in self._answers if theirs(each[0])]:
                del self._answers[answer]

    def wait(self, seconds: float = 0.5) -> None:
        """Return when something has changed, or after some time."""
        with self._changed:
            self._changed.wait(seconds)

    def window(self, run: Run, index: int, wait: float = 1.0) -> History | None:
        """Return predictions and attention of a run for one test window at every epoch.

        The shapes are (epochs + 1, repeats) and (epochs + 1, repeats, time_steps). None if a
        worker is still at it after `wait` seconds: ask again.
        """
        values = run.dataset().test_x[index]
        return self._ask(run, index, jobs.window, (run.weights, values), wait)

    def occlusion(self, run: Run, index: int, wait: float = 1.0) -> Occlusion | None:
        """Return what one test window's predictions become without each step; or None, as above."""
        values = run.dataset().test_x[index]
        return self._ask(run, index, jobs.occlude, (_last(run), values), wait)

    def swapped(self, run: Run, wait: float = 1.0) -> Swapped | None:
        """Return the test errors with permuted and with uniform weights; or None, as above."""
        return self._ask(run, 0, jobs.swap_weights, (_last(run),), wait)

    def _ask(
        self, run: Run, index: int, function: Callable[..., Any], arguments: tuple, wait: float
    ) -> Any:
        """Have a function of `worker` called by the worker that knows the run's architecture."""
        key = (run.experiment, index, function.__name__)
        with self._changed:
            future = self._answers.get(key)
            if future is None or (future.done() and future.exception()):
                future = Future()
                self._answers[key] = future
                while len(self._answers) > MOST_ANSWERS:
                    self._answers.popitem(last=False)
                home = self._home_of(run.experiment.architecture)
                home.errands.append((future, function, (run.experiment, *arguments)))
                self._changed.notify_all()
        with contextlib.suppress(TimeoutError, WorkerDied):
            return future.result(timeout=wait)
        return None

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
        for each in self.workers:
            each.close()

    # What the workers call.

    def wait_for_turn(self, asking: Worker) -> None:
        """Return when the worker before is warm and has nothing to do.

        Two processes that load TensorFlow at once keep the first visitor waiting longer than one.
        """
        while asking.number and not self.closed:
            before = self.workers[asking.number - 1]
            if before.ready.is_set() and self.next_flight(before) is None:
                return
            self.wait(0.2)

    def next_flight(self, asking: Worker) -> _Flight | None:
        """Return the watched flight of this worker that was served longest ago."""
        with self._changed:
            self._drop_unwatched()
            mine = [
                flight
                for experiment, flight in self._flights.items()
                if flight.stage != "failed" and self._home_of(experiment.architecture) is asking
            ]
            return min(mine, key=lambda flight: flight.served, default=None)

    def trained(self, experiment: Experiment) -> Chunk | None:
        """Return what is trained of an experiment so far, with however many epochs."""
        with self._changed:
            return self._trained.get(_lineage(experiment))

    def keep_trained(self, experiment: Experiment, trained: Chunk) -> None:
        """Keep what is trained so far."""
        with self._changed:
            if self._forgotten(experiment):
                return
            needed = {_lineage(each) for each in self._flights}
            self._trained.put(_lineage(experiment), trained, needed)
            self._changed.notify_all()

    def keep_run(self, run: Run) -> None:
        """Keep a finished run and end its flight."""
        with self._changed:
            if not self._forgotten(run.experiment):
                self._runs.put(run.experiment, run, self._watched())
            self._flights.pop(run.experiment, None)
            self._changed.notify_all()

    # With the lock held.

    def _home_of(self, architecture: Architecture) -> Worker:
        """Return the worker that trains this architecture, and has it compiled."""
        home = self._home.get(architecture)
        if home is None:
            # The one with the least to do, so that a page's two networks are compiled side by side.
            asked = [
                self._home.get(flight.experiment.architecture) for flight in self._flights.values()
            ]
            homes = list(self._home.values())
            ready = [each for each in self.workers if each.ready.is_set()]
            home = min(
                ready or self.workers[:1],
                key=lambda each: (asked.count(each), homes.count(each)),
            )
            self._home[architecture] = home
        return home

    def _drop_unwatched(self) -> None:
        now = time.monotonic()
        for visitor, seen in list(self._visitors.items()):
            if now - seen.asked > self._patience:
                del self._visitors[visitor]
        watched = self._watched()
        for experiment in list(self._flights):
            if experiment not in watched:
                del self._flights[experiment]

    def _forgotten(self, experiment: Experiment) -> bool:
        """Whether this is trained on a file whose owner has gone while a worker was at it."""
        return experiment.table is not None and experiment not in self._flights

    def _watched(self) -> set[Experiment]:
        return {wish for seen in self._visitors.values() for wish in seen.wishes}

    def _standing(self, experiment: Experiment) -> Standing:
        none_yet = np.empty((0, experiment.repeats), np.float32)
        run = self._runs.get(experiment)
        if run is not None:
            return Standing(experiment, "done", experiment.epochs, run.loss, run.val_loss, run=run)
        # Gone if the same visitor has looked away meanwhile, in a script that overtook this one.
        flight = self._flights.get(experiment) or _Flight(experiment)
        home = self._home_of(experiment.architecture)
        trained = self._trained.get(_lineage(experiment))
        epoch = min(trained.epochs, experiment.epochs) if trained else 0
        left = flight.seconds_per_epoch
        return Standing(
            experiment,
            flight.stage if home.ready.is_set() or flight.error else "starting",
            epoch,
            trained.loss[:epoch] if trained else none_yet,
            trained.val_loss[:epoch] if trained else none_yet,
            left * (experiment.epochs - epoch) if left is not None else None,
            compiled=experiment.architecture in home.compiled,
            notice=flight.notice,
            error=flight.error,
        )


@cache
def shared_trainer() -> Trainer:
    """Return the one trainer of this server; its workers start with the first call."""
    return Trainer()


def sensible_workers() -> int:
    """Return how many worker processes this machine has room for: one or two.

    A worker takes about 700 MB, so a small host gets one.
    """
    roomy = psutil.virtual_memory().total > 3000 * MEGABYTE
    return 2 if roomy and loky.cpu_count() >= 2 else 1


def _lineage(experiment: Experiment) -> Experiment:
    """Return what all experiments share that differ only in how long they train."""
    return experiment.replace(epochs=1)


def _last(run: Run) -> Arrays:
    """Return the weights after the last epoch alone, in the shape of all."""
    return tuple(array[-1:] for array in run.weights)


def _up_to(trained: Chunk, experiment: Experiment) -> Chunk:
    """Return the epochs an experiment asks for, of perhaps more."""
    epochs = experiment.epochs
    return Chunk(
        trained.loss[:epochs],
        trained.val_loss[:epochs],
        tuple(array[: epochs + 1] for array in trained.weights),
        trained.moments,
    )


def _megabytes(variable: str, default: int) -> int:
    return int(os.environ.get(variable, default)) * MEGABYTE
