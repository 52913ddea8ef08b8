"""The process in which TensorFlow is loaded once, and from which all worker processes are forked.

Loading takes 3 s of a processor and 190 MB. A fork takes 15 ms and shares what was loaded, so a
worker that died or has grown is replaced at once. Where a process that has loaded TensorFlow cannot
be forked, each worker loads it for itself.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, Pipe
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any

import psutil
from loky.backend import get_context

from fibattn.trainer import jobs

# Libraries of macOS do not survive a fork without a new program, and Windows has no fork.
CAN_FORK = sys.platform == "linux"

# Environment variables of the process. One thread is fastest for models this small.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}
# Pages must not wait for training, which takes whole seconds of a core.
NICENESS = 5
# Packages that Keras and TensorFlow import where they are installed, to accept or to wrap their
# objects, which no worker has. They are a third of the time that loading takes, and of the memory.
NOT_NEEDED = ("pandas", "pyarrow", "sklearn", "tblib")

# What ends a process whatever it does. Windows has another name for it.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Closed(Exception):
    """No more processes are started."""


class ForkServer:
    """Starts worker processes, as the server sees it. Safe to call from any thread.

    The process is started with the first worker, and again after it died.

    Args:
        forks: whether workers are forked; else each is a process of its own. By default CAN_FORK.

    has_forked: whether one has been forked, so TensorFlow is loaded and the next one comes at once.
    """

    def __init__(self, forks: bool | None = None) -> None:
        self.forks = CAN_FORK if forks is None else forks
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._control: Connection | None = None
        self._closed = False
        self.has_forked = False

    def new_worker(self) -> tuple[Connection, psutil.Process]:
        """Start a worker; return the connection to it, and the process that starts it.

        The worker first sends its process id, when TensorFlow is loaded; see `_serve` for what
        follows. Raises Closed, or OSError if no process can be started.
        """
        with self._lock:
            if self._closed:
                raise Closed
            if not self.forks:
                return self._start()
            if self._process is None or not self._process.is_alive():
                self._control, _ = self._start()
            assert self._process and self._process.pid and self._control
            ours, theirs = Pipe()
            with theirs:
                send_handle(self._control, theirs.fileno(), self._process.pid)
            return ours, psutil.Process(self._process.pid)

    def close(self) -> None:
        """Start no more processes. Those that were forked are left alone."""
        with self._lock:
            self._closed = True
            if self.forks:
                self._end()

    def give_up(self, starter: psutil.Process) -> None:
        """End a process that `new_worker` has returned, as it starts nothing."""
        with self._lock, contextlib.suppress(psutil.NoSuchProcess):
            if self._process and self._process.pid == starter.pid:
                self._end()
            else:
                starter.kill()

    def _end(self) -> None:
        if self._process and self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, KILL)  # a stopped process would not hear of SIGTERM
            self._process.join()
        self._process = self._control = None

    def _start(self) -> tuple[Connection, psutil.Process]:
        self.has_forked = False
        # loky's processes import neither app.py nor Streamlit.
        ours, theirs = Pipe()
        with theirs:
            self._process = get_context("loky").Process(
                target=run, args=(theirs, os.getpid(), self.forks), env=ENVIRONMENT, daemon=True
            )
            self._process.start()
        return ours, psutil.Process(self._process.pid)


def run(connection: Connection, server: int, forks: bool) -> None:
    """Load TensorFlow and fork workers, or be a worker where that cannot be.

    Args:
        connection: to the server. A fork server is sent the connections of its workers over it.
        server: the process id of the server, with which this process ends.
        forks: which of the two it is.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the server
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    is_loaded = False
    with _ended_with(server), contextlib.suppress(Exception), _without(*NOT_NEEDED):
        # What fails is tried again by the worker, which can say so.
        jobs.warm()
        is_loaded = True
    if forks:
        connection = _fork(connection) if is_loaded else _receive(connection)
    with _ended_with(server):
        _serve(connection)


def _fork(control: Connection) -> Connection:
    """Fork a process for each connection that comes, and return there with it.

    No thread may run meanwhile: a lock that one holds would never be released in the copy.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so nothing is left of those that have ended
    while True:
        connection = _receive(control)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            return connection
        connection.close()


def _receive(control: Connection) -> Connection:
    try:
        return Connection(recv_handle(control))
    except (EOFError, OSError):  # the server has closed it, or is gone
        os._exit(0)


def _serve(connection: Connection) -> None:
    """Send this process's id; then answer each call as `jobs.measured` does, until the end."""
    try:
        connection.send(os.getpid())
        while True:
            call = connection.recv_bytes()
            connection.send(jobs.measured(_call, call))
    except (EOFError, OSError):  # as above
        os._exit(0)


def _call(pickled: bytes) -> Any:
    function, arguments = pickle.loads(pickled)
    return function(*arguments)


@contextlib.contextmanager
def _ended_with(server: int) -> Iterator[None]:
    """Let this process end soon after the server, for whatever reason that ends."""
    done = threading.Event()
    thread = threading.Thread(target=_end_with, args=(server, done), daemon=True)
    thread.start()
    yield
    done.set()
    thread.join()


def _end_with(server: int, done: threading.Event) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(server)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if done.wait(2):
                return
    os._exit(0)


@contextlib.contextmanager
def _without(*names: str) -> Iterator[None]:
    """Let packages look as if they were not installed, for whoever imports them meanwhile."""
    hidden = [name for name in names if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(hidden))  # None is what makes an import fail
    yield
    for name in hidden:
        del sys.modules[name]
