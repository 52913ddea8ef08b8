"""One worker process, as the server sees it."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any

import loky
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


class WorkerDied(Exception):
    """The process ended while it was computing."""


class WorkerProcess:
    """One process that calls functions of `jobs`. It is started by its first call.

    is_warm: whether TensorFlow is loaded.
    memory: bytes in use after the last call; `memory_when_warm` after TensorFlow was loaded.
    compiled: the architectures it has trained, whose compiled programs it therefore holds.
    """

    def __init__(self) -> None:
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            context=get_context("loky"),
            env=ENVIRONMENT,
            initializer=jobs.settle,
            initargs=(os.getpid(),),
        )
        self.is_warm = False
        self.memory_when_warm = 0
        self.memory = 0
        self.compiled: set[Architecture] = set()

    def warm(self) -> None:
        """Load TensorFlow; return when it is loaded. Raises WorkerDied as `call` does."""
        self.call(jobs.warm)
        self.is_warm = True
        self.memory_when_warm = self.memory

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of `jobs` returns in the process.

        Raises WorkerDied if the process ends meanwhile, and whatever the function raises.
        """
        try:
            future = self._executor.submit(jobs.measured, function, *arguments)
            result, self.memory = future.result()
        except (BrokenExecutor, loky.process_executor.ShutdownExecutorError) as gone:
            raise WorkerDied from gone
        return result

    @property
    def pid(self) -> int | None:
        """The process id, None before the process is started."""
        return next(iter(self._executor._processes or ()), None)

    def close(self) -> None:
        """End the process at once."""
        self._executor.shutdown(wait=False, kill_workers=True)
