"""One worker process, seen from the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any

import loky
from loky.backend import get_context
from loky.process_executor import ProcessPoolExecutor

from fibattn.trainer import jobs


class WorkerDied(Exception):
    """The process that was computing is gone."""


class Process:
    """One worker process: calls functions in it, and knows how much memory it takes."""

    def __init__(self) -> None:
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            context=get_context("loky"),
            env=jobs.ENVIRONMENT,
            initializer=jobs.settle,
            initargs=(os.getpid(),),
        )
        self.is_warm = False
        self.memory_when_warm = 0
        self.memory = 0

    def warm(self) -> None:
        """Load TensorFlow; returns when it is there."""
        self.call(jobs.warm)
        self.is_warm = True
        self.memory_when_warm = self.memory

    def call(self, function: Callable[..., tuple[Any, int]], *arguments: Any) -> Any:
        """Call a function of `worker` there. Raises WorkerDied if the process goes meanwhile."""
        try:
            result, self.memory = self._executor.submit(function, *arguments).result()
        except (BrokenExecutor, loky.process_executor.ShutdownExecutorError) as gone:
            raise WorkerDied from gone
        return result

    @property
    def pid(self) -> int | None:
        """The process's number, None before it runs."""
        return next(iter(self._executor._processes or ()), None)

    def close(self) -> None:
        """End the process at once."""
        self._executor.shutdown(wait=False, kill_workers=True)
