"""The thread that gives work to one worker process after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Set
from typing import Protocol

from fibattn.network.architecture import Architecture
from fibattn.trainer.jobs import CacheUnusable
from fibattn.trainer.process import Process, WorkerDied


class Work(Protocol):
    """One piece of work, of about a second at most. Its methods are called in the thread."""

    @property
    def architecture(self) -> Architecture | None:
        """The architecture whose compiled programs it uses, None if it uses none."""

    def run(self, process: Process) -> None:
        """Do the work, with as many calls to the process as it takes."""

    def process_died(self, died: WorkerDied) -> None:
        """Record that the process died during `run`."""

    def failed(self, problem: Exception) -> None:
        """Record that `run` raised anything else."""


# A process that cannot load TensorFlow is tried again, later each time, by so many seconds at most.
LONGEST_PAUSE = 10.0
# So many deaths in a row while it is loaded are said on the page.
DEATHS_AT_START = 3
# A successor is waited for so many seconds: for one that is forked, not for one that loads.
AT_ONCE = 0.5


class WorkerThread:
    """A thread with a process that does its work.

    A process that dies is replaced. One that has grown by more than `most_growth` bytes is
    replaced too, before it compiles anything more; what it has compiled goes with it, and so while
    that is used it may grow twice as much.

    ready: set while the process has TensorFlow loaded.
    trouble: a sentence if it cannot be loaded, '' while that is not known.

    Args:
        number: counts the threads of a trainer from 0.
        most_growth: in bytes, since TensorFlow was loaded.
        may_start: is asked every fifth of a second until it says that the process may be started.
        next_work: returns the next piece of work; None, after at most about half a second, if
            there is none.
        ended: is called with the thread at its end.
        new_process: returns a process that does the work, given whether it keeps what it compiles.
    """

    def __init__(
        self,
        number: int,
        most_growth: int,
        may_start: Callable[[WorkerThread], bool],
        next_work: Callable[[WorkerThread], Work | None],
        ended: Callable[[WorkerThread], None],
        new_process: Callable[[bool], Process],
    ) -> None:
        self.number = number
        self.most_growth = most_growth
        self._keeps_compiled = True
        self._new_process = new_process
        self.process = self._another()
        self.ready = threading.Event()
        self.trouble = ""
        self._may_start = may_start
        self._next_work = next_work
        self._ended = ended
        self._successor: Process | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, name=f"fibattn-worker-{number}", daemon=True
        )

    @property
    def compiled(self) -> Set[Architecture]:
        """The architectures whose compiled programs the process holds."""
        return self.process.compiled

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def end(self) -> None:
        """End the thread and its process when the present piece of work is done."""
        self._ends.set()

    def close(self) -> None:
        """End the process; the thread ends soon after."""
        self._ends.set()
        self.process.close()
        if self._successor:
            self._successor.close()

    def _serve(self) -> None:
        while not self._may_start(self) and not self._ends.wait(0.2):
            pass
        self._warm_up()
        while not self._ends.is_set():
            work = self._next_work(self)
            self._limit_memory(work)
            if work:
                self._do(work)
        self.ready.clear()
        self.process.close()
        if self._successor:
            self._successor.close()
        self._ended(self)

    def _warm_up(self) -> None:
        """Load TensorFlow in the process, in another one if that fails: nothing works without."""
        failures = 0
        while not self._ends.is_set():
            try:
                self.process.warm()
            except Exception as problem:
                failures += 1
                self.trouble = _trouble(problem, failures)
                self.process.close()
                self.process = self._another()
                self._ends.wait(min(LONGEST_PAUSE, 0.5 * 2 ** (failures - 1)))
            else:
                self.trouble = ""
                self.ready.set()
                return

    def _another(self) -> Process:
        return self._new_process(self._keeps_compiled)

    def _do(self, work: Work) -> None:
        try:
            work.run(self.process)
        except WorkerDied as died:
            work.process_died(died)
            self._replace_dead()
        except CacheUnusable as full:
            self._keeps_compiled = False
            work.process_died(WorkerDied(str(full)))
            self._replace_dead()
        except Exception as problem:
            work.failed(problem)

    def _replace_dead(self) -> None:
        self.ready.clear()
        self.process.close()
        self.process = self._another()
        self._warm_up()

    def _limit_memory(self, work: Work | None) -> None:
        """Replace the process if it has grown too much for this work, once a successor is warm.

        One that loads TensorFlow is warm after some pieces of work, and takes over where the
        process would have to compile, or has nothing to do.
        """
        if work and self._has_outgrown(work):
            self._start_successor()
            self._take_over()
        elif work is None:
            self._take_over()

    def _has_outgrown(self, work: Work) -> bool:
        architecture = work.architecture
        compiles = architecture is not None and architecture not in self.process.compiled
        grown = self.process.memory - self.process.memory_when_warm
        return grown > self.most_growth * (1 if compiles else 2)

    def _start_successor(self) -> None:
        if self._successor:
            return
        self._successor = successor = self._another()
        warming = threading.Thread(target=self._warm_successor, args=(successor,), daemon=True)
        try:
            warming.start()
        except RuntimeError:  # where memory is short: tried again before the next piece of work
            self._successor = None
            successor.close()
        else:
            warming.join(AT_ONCE)

    def _warm_successor(self, successor: Process) -> None:
        try:
            successor.warm()
        except Exception:
            successor.close()
            self._successor = None  # another one is started before the next piece of work

    def _take_over(self) -> None:
        """Replace the process by its successor, if that is warm."""
        if self._successor and self._successor.is_warm:
            old, self.process, self._successor = self.process, self._successor, None
            old.close()


def _trouble(problem: Exception, failures: int) -> str:
    """Return in a sentence why training is impossible, '' if the next try may well succeed."""
    if not isinstance(problem, WorkerDied):
        return (
            f"Training is impossible here: TensorFlow cannot be loaded "
            f"({type(problem).__name__}: {problem}). Installing what requirements.txt lists "
            "should mend it."
        )
    if failures < DEATHS_AT_START:
        return ""
    return (
        f"Training is impossible here at the moment: the process that trains has ended {failures} "
        "times while it loaded TensorFlow, perhaps for lack of memory. It is tried again."
    )
