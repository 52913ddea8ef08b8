"""One worker process, as the server sees it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import BrokenExecutor
from typing import Any, Protocol

import loky
import psutil
from loky.backend import get_context
from loky.process_executor import ProcessPoolExecutor

from fibattn.network.architecture import Architecture
from fibattn.trainer import jobs

# Environment variables of the process. One thread is fastest for models this small.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    # loky would restart a process that grows; `WorkerThread` does it, and warms the next one first.
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e12",
}


# While a process has work, the server looks every LOOK_EVERY seconds whether it is still at it. One
# that has used no processor time for LONGEST_IDLE seconds is stopped, or waits for what never
# comes.
# Loading TensorFlow may wait that long for a slow disk, and no call takes LONGEST_CALL seconds.
LOOK_EVERY = 0.5
LONGEST_IDLE = 5.0
LONGEST_IDLE_AT_START = 60.0
LONGEST_CALL = 180.0


class WorkerDied(Exception):
    """The process ended while it was computing, or does not compute any more.

    notice: what is said of it on the page.
    """

    notice = "The training process had to be restarted; the run continued from there."


class Process(Protocol):
    """What computes: a process of this machine, or a worker of a cluster. See `WorkerProcess`."""

    is_warm: bool
    memory_when_warm: int
    memory: int
    compiled: set[Architecture]

    def warm(self) -> None:
        """Load TensorFlow."""

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of `jobs` returns there."""

    def close(self) -> None:
        """Use it no more."""


class WorkerProcess:
    """One process that calls functions of `jobs`. It is started by its first call.

    Args:
        keeps_compiled: whether compiled programs are kept on disk.

    is_warm: whether TensorFlow is loaded.
    memory: bytes in use after the last call; `memory_when_warm` after TensorFlow was loaded.
    compiled: the architectures it has trained, whose compiled programs it therefore holds.
    """

    def __init__(self, keeps_compiled: bool = True) -> None:
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            context=get_context("loky"),
            env=ENVIRONMENT | ({} if keeps_compiled else {"FIBATTN_COMPILE_CACHE": ""}),
            initializer=jobs.settle,
            initargs=(os.getpid(),),
        )
        self.is_warm = False
        self.memory_when_warm = 0
        self.memory = 0
        self.compiled: set[Architecture] = set()
        self._seen: psutil.Process | None = None

    def warm(self) -> None:
        """Load TensorFlow; return when it is loaded. Raises WorkerDied as `call` does."""
        self.call(jobs.warm)
        self.is_warm = True
        self.memory_when_warm = self.memory

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of `jobs` returns in the process.

        Raises WorkerDied if the process ends meanwhile or stops computing, and what the function
        raises, as `jobs.measured` returns it.
        """
        try:
            future = self._executor.submit(jobs.measured, function, *arguments)
            watch = _Watch(self._process(), LONGEST_IDLE if self.is_warm else LONGEST_IDLE_AT_START)
            while not future.done():
                # A future whose process was killed while it sent its result is never done.
                futures.wait([future], LOOK_EVERY)
                if not future.done() and (problem := watch.problem()):
                    raise WorkerDied(problem)
            result, self.memory = future.result()
        except (BrokenExecutor, loky.process_executor.ShutdownExecutorError) as gone:
            raise WorkerDied("It ended.") from gone
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def pid(self) -> int | None:
        """The process id, None before the process is started."""
        return next(iter(self._executor._processes or ()), None)

    def close(self) -> None:
        """End the process at once."""
        results = self._executor._result_queue  # gone after the shutdown
        self._executor.shutdown(wait=False, kill_workers=True)
        # loky's thread may wait for the rest of a result whose sender is dead: it sees the end only
        # when nobody holds the other end of the pipe, and this process does too.
        with contextlib.suppress(AttributeError, OSError):
            results._writer.close()

    def _process(self) -> psutil.Process | None:
        """Return the process, also when loky has lost it; None if it is gone already."""
        if self._seen is None and self.pid is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._seen = psutil.Process(self.pid)
        return self._seen


class _Watch:
    """Tells, while a process has work, when it is not at it any more."""

    def __init__(self, process: psutil.Process | None, longest_idle: float) -> None:
        self._process = process
        self._longest_idle = longest_idle
        self._begun = self._worked = time.monotonic()
        self._used = -1.0

    def problem(self) -> str:
        """Return in a sentence why no answer will come, '' if one may."""
        now = time.monotonic()
        try:
            if self._process is None or self._process.status() == psutil.STATUS_ZOMBIE:
                return "It is gone."
            used = sum(self._process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            return "It is gone."
        if used > self._used:
            self._used, self._worked = used, now
        if now - self._worked > self._longest_idle:
            return f"It has done nothing for {self._longest_idle:g} seconds."
        if now - self._begun > LONGEST_CALL:
            return f"It has not answered for {LONGEST_CALL:g} seconds."
        return ""
