"""One worker process, as the server sees it."""

from __future__ import annotations

import contextlib
import pickle
import threading
import time
from collections.abc import Callable
from concurrent import futures
from multiprocessing.connection import Connection
from typing import Any, Protocol

import psutil

from fibattn.network.architecture import Architecture
from fibattn.trainer import jobs
from fibattn.trainer.fork_server import Closed, ForkServer

# While a process has work, the server looks every LOOK_EVERY seconds whether it is still at it. One
# that has used no processor time for LONGEST_IDLE seconds waits for what never comes, and one that
# was stopped for LONGEST_STOP is not going to be continued.
# Loading TensorFlow may wait that long for a slow disk, and no call takes LONGEST_CALL seconds.
LOOK_EVERY = 0.5
LONGEST_IDLE = 5.0
LONGEST_STOP = 1.0
LONGEST_IDLE_AT_START = 60.0
LONGEST_CALL = 180.0

EXCHANGE = "fibattn-exchange"  # the name of threads that wait for a process


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
        fork_server: what starts it.
        keeps_compiled: whether compiled programs are kept on disk.

    is_warm: whether TensorFlow is loaded.
    memory: bytes in use after the last call; `memory_when_warm` after TensorFlow was loaded.
    compiled: the architectures it has trained, whose compiled programs it therefore holds.
    """

    def __init__(self, fork_server: ForkServer, keeps_compiled: bool = True) -> None:
        self._fork_server = fork_server
        self._keeps_compiled = keeps_compiled
        self._connection: Connection | None = None
        self._process: psutil.Process | None = None
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

        Raises WorkerDied if the process ends meanwhile or stops computing, and what the function
        raises, as `jobs.measured` returns it.
        """
        try:
            if self._process is None:
                self._start()
            result, self.memory = self._exchange(function, *arguments)
        except (EOFError, OSError, psutil.NoSuchProcess, Closed) as gone:
            raise WorkerDied("It ended.") from gone
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def pid(self) -> int | None:
        """The process id, None before the process is started."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process at once."""
        if self._process:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.kill()

    def _start(self) -> None:
        self._connection, starter = self._fork_server.new_worker()
        patience = LONGEST_IDLE if self._fork_server.has_forked else LONGEST_IDLE_AT_START
        if not self._fork_server.forks:
            self._process = starter
        try:
            pid = _await(self._connection.recv, _Watch(starter, patience))
        except WorkerDied:  # what cannot start this one will start none
            self._fork_server.give_up(starter)
            raise
        self._process = psutil.Process(pid)
        self._fork_server.has_forked = True
        if not self._keeps_compiled:
            self.call(jobs.keep_nothing)

    def _exchange(self, function: Callable[..., Any], *arguments: Any) -> Any:
        connection, process = self._connection, self._process
        assert connection and process
        call = pickle.dumps((function, arguments))

        def exchange() -> Any:
            connection.send_bytes(call)
            return connection.recv()

        patience = LONGEST_IDLE if self.is_warm else LONGEST_IDLE_AT_START
        return _await(exchange, _Watch(process, patience))


def _await(exchange: Callable[[], Any], watch: _Watch) -> Any:
    """Return what an exchange with a process returns.

    It has a thread of its own, which a process that is stopped in the middle of an answer holds.
    Raises WorkerDied if no answer will come, and what the exchange raises.
    """
    future: futures.Future[Any] = futures.Future()

    def settle() -> None:
        try:
            future.set_result(exchange())
        except Exception as problem:
            future.set_exception(problem)

    threading.Thread(target=settle, name=EXCHANGE, daemon=True).start()
    while not future.done():
        futures.wait([future], LOOK_EVERY)
        if not future.done() and (problem := watch.problem()):
            raise WorkerDied(problem)
    return future.result()


class _Watch:
    """Tells, while a process has work, when it is not at it any more."""

    def __init__(self, process: psutil.Process, longest_idle: float) -> None:
        self._process = process
        self._longest_idle = longest_idle
        self._begun = self._worked = time.monotonic()
        self._used = -1.0

    def problem(self) -> str:
        """Return in a sentence why no answer will come, '' if one may."""
        now = time.monotonic()
        try:
            status = self._process.status()
            if status == psutil.STATUS_ZOMBIE:
                return "It is gone."
            used = sum(self._process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            return "It is gone."
        if used > self._used:
            self._used, self._worked = used, now
        if status == psutil.STATUS_STOPPED and now - self._worked > LONGEST_STOP:
            return "It is stopped."
        if now - self._worked > self._longest_idle:
            return f"It has done nothing for {self._longest_idle:g} seconds."
        if now - self._begun > LONGEST_CALL:
            return f"It has not answered for {LONGEST_CALL:g} seconds."
        return ""
