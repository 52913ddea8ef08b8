"""Trains the networks of the atlas by a trainer, as pages do: in its processes or its cluster."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import psutil

from fibattn.experiment import Experiment
from fibattn.trainer import Standing, Trainer

# How often it is looked how far training is, in seconds.
LOOK_EVERY = 0.25
# So many networks are asked for at once for each process: none is ever without work.
FOR_EACH_PROCESS = 2


class Clock:
    """Measures what making an atlas takes, in seconds.

    Args:
        trainer: makes it; its `spent` says what went into compiling.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self._begun = time.monotonic()
        self._before = time.process_time()
        self._workers: dict[psutil.Process, float] = {}

    @property
    def seconds(self) -> float:
        """The seconds since the beginning."""
        return time.monotonic() - self._begun

    @property
    def processor_seconds(self) -> float:
        """The processor's on this machine, for all processes together, at the last look."""
        return time.process_time() - self._before + sum(self._workers.values())

    def look(self) -> None:
        """Read what the processes have worked so far; of one that has ended this is all one has."""
        for worker in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                times = worker.cpu_times()
                self._workers[worker] = times.user + times.system


def trained(
    trainer: Trainer,
    experiments: Iterable[Experiment],
    clock: Clock,
    looked: Callable[[Sequence[Standing]], None] = lambda _: None,
) -> Iterator[Standing]:
    """Yield where each experiment stands in the end, with its run or with the error, as it ends.

    Args:
        trainer: has nobody else to serve.
        experiments: what is trained, begun in this order.
        clock: is read with each look.
        looked: called every quarter of a second with where those stand that are asked for.
    """
    _wait_for_processes(trainer)
    waiting, asked = deque(experiments), list[Experiment]()
    while waiting or asked:
        while waiting and len(asked) < FOR_EACH_PROCESS * max(1, len(trainer.workers)):
            asked.append(waiting.popleft())
        standings = trainer.watch("atlas", asked, forever=True, wait=LOOK_EVERY)
        clock.look()
        looked(standings)
        for standing in standings:
            if standing.error or standing.run is not None:
                asked.remove(standing.experiment)
                yield standing
    trainer.leave("atlas")


def _wait_for_processes(trainer: Trainer) -> None:
    """Return when all processes are ready.

    A trainer starts its second process only when the first has nothing to do, as visitors who wait
    for the first would share the processor with it.
    """
    trainer.wait_until_ready()
    while not all(thread.ready.is_set() for thread in trainer.workers):
        trainer.wait()
