"""The thread that gives work to one worker process after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from fibattn.trainer.process import WorkerDied, WorkerProcess


class Work(Protocol):
    """One piece of work, of about a second at most. Its methods are called in the thread."""

    def run(self, process: WorkerProcess) -> None:
        """Do the work, with as many calls to the process as it takes."""

    def process_died(self, died: WorkerDied) -> None:
        """Record that the process died during `run`."""

    def failed(self, problem: Exception) -> None:
        """Record that `run` raised anything else."""


class WorkerThread:
    """A thread with a process that does its work.

    A process that dies is replaced. One that has grown by more than `most_growth` bytes is
    replaced too, once its successor is warm.

    Args:
        number: counts the threads of a trainer from 0.
        most_growth: in bytes, since TensorFlow was loaded.
        may_start: is asked every fifth of a second until it says that the process may be started.
        next_work: returns the next piece of work; None, after at most about half a second, if
            there is none.
    """

    def __init__(
        self,
        number: int,
        most_growth: int,
        may_start: Callable[[WorkerThread], bool],
        next_work: Callable[[WorkerThread], Work | None],
    ) -> None:
        self.number = number
        self.most_growth = most_growth
        self.process = WorkerProcess()
        self.ready = threading.Event()
        self._may_start = may_start
        self._next_work = next_work
        self._successor: WorkerProcess | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, name=f"fibattn-worker-{number}", daemon=True
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the process; the thread ends soon after."""
        self._closed.set()
        self.process.close()
        if self._successor:
            self._successor.close()

    def _serve(self) -> None:
        while not self._may_start(self) and not self._closed.wait(0.2):
            pass
        self._warm_up()
        while not self._closed.is_set():
            self._take_over()
            if work := self._next_work(self):
                self._do(work)
                self._limit_memory()
        self.process.close()

    def _warm_up(self) -> None:
        """Load TensorFlow in the process, in another one if it dies: nothing works without."""
        while not self._closed.is_set():
            try:
                self.process.warm()
            except WorkerDied:
                self.process = WorkerProcess()
                self._closed.wait(0.5)
            else:
                self.ready.set()
                return

    def _do(self, work: Work) -> None:
        try:
            work.run(self.process)
        except WorkerDied as died:
            work.process_died(died)
            self._replace_dead()
        except Exception as problem:
            work.failed(problem)

    def _replace_dead(self) -> None:
        self.ready.clear()
        self.process.close()
        self.process = WorkerProcess()
        self._warm_up()

    def _limit_memory(self) -> None:
        """Start a successor if the process has grown too much."""
        grown = self.process.memory - self.process.memory_when_warm
        if grown > self.most_growth and self._successor is None:
            self._successor = WorkerProcess()
            threading.Thread(
                target=self._warm_successor, args=(self._successor,), daemon=True
            ).start()

    def _warm_successor(self, successor: WorkerProcess) -> None:
        try:
            successor.warm()
        except WorkerDied:
            self._successor = None  # another one is started after the next piece of work

    def _take_over(self) -> None:
        """Replace the process by its successor, if that is warm."""
        if self._successor and self._successor.is_warm:
            old, self.process, self._successor = self.process, self._successor, None
            old.close()
