"""Workers on other machines: the processes of a Dask cluster, each used as one of our own.

Dask's scheduler only passes calls on and knows which workers there are. What is trained next, and
by which worker, is decided here as ever, so that what a worker has compiled is used again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fibattn.network.architecture import Architecture
from fibattn.trainer import jobs
from fibattn.trainer.fork_server import ENVIRONMENT
from fibattn.trainer.process import WorkerDied
from fibattn.trainer.thread import Work, WorkerThread
from fibattn.trainer.version import version_of_runs

if TYPE_CHECKING:
    from distributed import Client

# All in seconds. How often the scheduler is asked which workers there are, and how long an answer
# may take; how often the result of a call is waited for, before it is seen whether the worker is
# still there.
ASK_EVERY = 1.0
LONGEST_ANSWER = 5.0
LOOK_EVERY = 0.25
# A scheduler that cannot be reached is tried again after so long, and so is a worker that failed.
RETRY = 10.0
# While the cluster has no worker for so long, none of our own is started: one may be on its way.
GRACE = 10.0
# A worker that has not been heard of for so long is given up, and so is a call.
LONGEST_SILENCE = 60.0
LONGEST_CALL = 180.0

UNREACHABLE = (
    "The machines that train cannot be reached: training goes on on this one, perhaps more slowly."
)
WITHOUT_WORKERS = (
    "None of the machines that train is there: training goes on on this one, perhaps more slowly."
)

_log = logging.getLogger("fibattn")

# Held in a cluster's worker while it computes. Servers may share it, and it may have been started
# with more threads than one, but only one trains at a time.
_one_at_a_time = threading.Lock()


class WorkerLost(WorkerDied):
    """The worker has left the cluster, or the cluster has gone."""

    notice = "A machine that trains was lost; the run continued from there on another."


class Unfit(Exception):
    """A worker cannot be used: why, in a sentence."""


def call_in_worker(function: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:
    """Call a function in a cluster's worker, as `jobs.measured` does, when it is its turn."""
    with _one_at_a_time:
        return jobs.measured(function, *arguments)


def warm() -> str:
    """Load TensorFlow in a cluster's worker; return the version of its runs."""
    os.environ.update(ENVIRONMENT)
    jobs.warm()
    return version_of_runs()


class ClusterProcess:
    """One worker of a cluster, with the methods of `WorkerProcess`.

    Args:
        client: connected to the scheduler.
        address: of the worker.

    is_gone: whether the scheduler does not know the worker any more.
    is_closed: whether nobody uses it any more.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self.address = address
        self.is_gone = False
        self.is_closed = False
        self.closed_at = 0.0
        self.is_warm = False
        self.memory_when_warm = 0
        self.memory = 0
        self.compiled: set[Architecture] = set()
        self._heard = (0.0, time.monotonic())

    def warm(self) -> None:
        """Load TensorFlow. Raises WorkerLost as `call` does, and Unfit if the code is not ours."""
        if self.call(warm) != version_of_runs():
            raise Unfit(
                "it has another version of fibattn, TensorFlow, Keras, NumPy or scikit-learn than "
                "this server"
            )
        self.is_warm = True
        self.memory_when_warm = self.memory

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of `jobs` returns in the worker.

        Raises WorkerLost if worker or scheduler go meanwhile, Unfit if the worker cannot even read
        the call, and what the function raises, as `jobs.measured` returns it.
        """
        begun = time.monotonic()
        try:
            future = self._client.submit(
                call_in_worker, function, *arguments, workers=[self.address], pure=False
            )
        except Exception as problem:  # the client is closed
            raise self._lost(f"{type(problem).__name__}: {problem}") from problem
        while True:
            try:
                result, self.memory = future.result(timeout=LOOK_EVERY)
            except (TimeoutError, UnboundLocalError):
                # Dask raises the second if the answer comes in the moment it stops waiting for it.
                if why := self._why_no_answer(time.monotonic() - begun):
                    # Otherwise the scheduler would keep the call for a worker of this address.
                    with contextlib.suppress(Exception):
                        future.cancel()
                    raise self._lost(why) from None
            except ImportError as problem:
                raise Unfit(f"it does not have fibattn installed ({problem})") from problem
            except Exception as problem:  # what `call_in_worker` raises it returns
                raise self._lost(f"{type(problem).__name__}: {problem}") from problem
            else:
                break
        if isinstance(result, Exception):
            raise result
        return result

    def heard(self, last_seen: float) -> None:
        """Take in when the scheduler last heard of the worker; by its clock, which may be off."""
        if last_seen != self._heard[0]:
            self._heard = last_seen, time.monotonic()
        elif time.monotonic() - self._heard[1] > LONGEST_SILENCE:
            self.is_gone = True

    def restart(self) -> None:
        """Have the worker replaced by a new process, if whoever started it watches over it."""

        def ask() -> None:
            with contextlib.suppress(Exception):  # nobody watches over it, or it has gone
                self._client.restart_workers([self.address], raise_for_error=False)

        threading.Thread(target=ask, daemon=True).start()

    def close(self) -> None:
        """Use the worker no more. It is not ours to end."""
        if not self.is_closed:
            self.is_closed, self.closed_at = True, time.monotonic()

    def _why_no_answer(self, waited: float) -> str:
        """Return why no answer will come after so many seconds, '' if one may."""
        if self.is_gone:
            return "it has left the cluster, or is not heard of any more"
        if self._client.status != "running":
            return f"the scheduler is {self._client.status}"
        return f"it has not answered for {LONGEST_CALL:g} seconds" if waited > LONGEST_CALL else ""

    def _lost(self, why: str) -> WorkerLost:
        """Put the loss into the log, and return the exception that says it."""
        _log.warning("Worker %s is lost: %s.", self.address, why)
        return WorkerLost(why)


class ClusterThread(WorkerThread):
    """The thread that gives work to one worker of a cluster, and ends with it.

    Args:
        process: the worker.
        number, most_growth, next_work, ended: see `WorkerThread`.
        is_ready: is called with the thread when the worker can train.
    """

    process: ClusterProcess

    def __init__(
        self,
        process: ClusterProcess,
        number: int,
        most_growth: int,
        next_work: Callable[[WorkerThread], Work | None],
        ended: Callable[[WorkerThread], None],
        is_ready: Callable[[WorkerThread], None],
    ) -> None:
        super().__init__(
            number, most_growth, lambda thread: True, next_work, ended, lambda _: process
        )
        self._is_ready = is_ready

    def _warm_up(self) -> None:
        try:
            self.process.warm()
        except Exception as problem:
            if not isinstance(problem, WorkerLost):
                _log.warning("Worker %s is not used: %s.", self.process.address, problem)
            self._ends.set()
        else:
            self.ready.set()
            self._is_ready(self)

    def _replace_dead(self) -> None:
        self.process.restart()  # if it is still there, it is stuck
        self._ends.set()

    def _limit_memory(self, work: Work | None) -> None:
        if self.process.is_gone:
            self._ends.set()
        elif work is None:
            self._restart_beyond(self.most_growth)

    def _do(self, work: Work) -> None:
        super()._do(work)
        self._restart_beyond(2 * self.most_growth)

    def _restart_beyond(self, growth: int) -> None:
        if self.process.memory - self.process.memory_when_warm > growth:
            self.process.restart()
            self._ends.set()


class Cluster:
    """Finds the workers of a cluster, as long as it is not closed. Safe to call from any thread.

    Args:
        address: of the scheduler, such as tcp://host:8786.

    trouble: a sentence for the page while there is no hope that the cluster will train, else ''.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._processes: dict[str, ClusterProcess] = {}
        self._closed = threading.Event()
        self._hope_until = float("inf")
        self._why_not = ""
        # What the scheduler last said of its workers, and when.
        self._said: dict[str, Any] = {}
        self._answered = 0.0

    def start(self, found: Callable[[ClusterProcess], None]) -> None:
        """Begin to look for workers; `found` is called with each, in a thread of this class."""
        threading.Thread(
            target=self._watch, args=(found,), name="fibattn-cluster", daemon=True
        ).start()

    @property
    def is_hoped_for(self) -> bool:
        """Whether the cluster trains, or is likely to within some seconds."""
        return time.monotonic() < self._hope_until

    @property
    def trouble(self) -> str:
        """See the class."""
        return "" if self.is_hoped_for else self._why_not

    def close(self) -> None:
        """Leave the cluster."""
        self._closed.set()

    def _watch(self, found: Callable[[ClusterProcess], None]) -> None:
        while not self._closed.is_set():
            try:
                client = _connected(self._address)
            except Exception as problem:
                self._lose(f"{type(problem).__name__}: {problem}")
                self._closed.wait(RETRY)
                continue
            _log.info("Connected to the cluster at %s.", self._address)
            self._said, self._answered = {}, time.monotonic()
            self._hope_until, self._why_not = time.monotonic() + GRACE, WITHOUT_WORKERS
            try:
                while not self._closed.wait(ASK_EVERY if self._processes else 0.2):
                    self._look(client, found)
            except Exception as problem:
                self._lose(f"{type(problem).__name__}: {problem}")
            finally:
                _leave(client)

    def _look(self, client: Client, found: Callable[[ClusterProcess], None]) -> None:
        """Ask the scheduler for its workers once. Raises OSError if it is lost."""
        there = self._workers(client)
        for address, process in list(self._processes.items()):
            if address not in there:
                process.is_gone = True
                del self._processes[address]
            else:
                process.heard(there[address]["last_seen"])
        for address in there:
            known = self._processes.get(address)
            if known is None or (known.is_closed and time.monotonic() - known.closed_at > RETRY):
                self._processes[address] = ClusterProcess(client, address)
                found(self._processes[address])
        if any(not process.is_closed for process in self._processes.values()):
            self._hope_until = time.monotonic() + GRACE

    def _workers(self, client: Client) -> dict[str, Any]:
        """Return what the scheduler says of each worker; while it is slow, what it said last."""
        if client.status != "running":
            raise ConnectionError(f"its scheduler is {client.status}")
        try:
            said = client.sync(
                client.scheduler.identity, n_workers=-1, callback_timeout=LONGEST_ANSWER
            )
        except (TimeoutError, UnboundLocalError) as late:  # the second: see `ClusterProcess.call`
            if time.monotonic() - self._answered > LONGEST_SILENCE:
                raise ConnectionError("its scheduler does not answer") from late
        else:
            self._said, self._answered = said["workers"], time.monotonic()
        return self._said

    def _lose(self, why: str) -> None:
        if self._why_not != UNREACHABLE:
            _log.warning("The cluster at %s cannot be used: %s", self._address, why)
        self._why_not, self._hope_until = UNREACHABLE, 0.0
        for process in self._processes.values():
            process.is_gone = True
        self._processes.clear()


def _connected(address: str) -> Client:
    """Return a client of a scheduler. Raises OSError if there is none, ImportError without Dask."""
    import dask
    from distributed import Client

    # A visitor's run may be larger than what Dask finds worth a warning.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    # A scheduler that is lost it says with tracebacks, again and again; `Cluster` says it once.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    return Client(address, timeout=LONGEST_ANSWER, set_as_default=False, name="fibattn")


def _leave(client: Client) -> None:
    with contextlib.suppress(Exception):  # the scheduler may have gone
        client.close(timeout=1)
