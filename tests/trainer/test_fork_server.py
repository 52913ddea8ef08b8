"""Workers are copies of one process, which may itself end or stop at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from fibattn.experiment import Experiment
from fibattn.trainer import fork_server, jobs
from fibattn.trainer.fork_server import CAN_FORK, NOT_NEEDED, Closed, ForkServer
from fibattn.trainer.process import WorkerDied, WorkerProcess
from tests.trainer.waiting import is_gone, until

SMALL = Experiment(series_length=40, time_steps=5, repeats=1, epochs=1)
only_where_it_forks = pytest.mark.skipif(not CAN_FORK, reason="Nothing is forked here.")


@pytest.fixture
def server():
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def loaded():
    server = ForkServer()
    yield server
    server.close()


def warm(server: ForkServer, keeps_compiled: bool = True) -> WorkerProcess:
    worker = WorkerProcess(server, keeps_compiled)
    worker.warm()
    return worker


def parent(worker: WorkerProcess) -> psutil.Process:
    return psutil.Process(psutil.Process(worker.pid).ppid())


def _set(variable: str, value: str) -> None:
    os.environ[variable] = value


def _loaded(*names: str) -> list[str]:
    return [name for name in names if name in sys.modules]


def _threads() -> list[str]:
    return [each.name for each in threading.enumerate()]


def _import(name: str) -> str:
    return str(__import__(name).__name__)


@only_where_it_forks
def test_workers_share_one_process_and_have_nothing_of_each_other(loaded):
    one, two = warm(loaded), warm(loaded)
    assert one.pid != two.pid
    assert parent(one) == parent(two)
    assert psutil.Process(one.pid).nice() == fork_server.NICENESS
    one.call(_set, "FIBATTN_TEST", "one")
    assert two.call(os.getenv, "FIBATTN_TEST") is None
    one.close()
    assert two.call(os.getpid) == two.pid
    two.close()


@only_where_it_forks
def test_nothing_is_forked_beside_a_thread(loaded):
    """Only the main thread and the one that looks after the server are there: no lock is held."""
    worker = warm(loaded)
    assert len(worker.call(_threads)) == 2
    assert parent(worker).num_threads() == 1
    worker.close()


def test_what_keras_does_not_need_is_not_loaded_but_there(loaded):
    worker = warm(loaded)
    assert worker.call(_loaded, "tensorflow", "keras") == ["tensorflow", "keras"]
    assert not worker.call(_loaded, *NOT_NEEDED)
    for name in NOT_NEEDED:
        assert worker.call(_import, name) == name
    worker.close()


@only_where_it_forks
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fork_server_that_died_or_stopped_is_replaced_and_its_workers_go_on(server, fault):
    old = warm(server)
    broken = parent(old)
    broken.send_signal(fault)
    if fault == signal.SIGKILL:
        until(lambda: is_gone(broken))
    else:
        with pytest.raises(WorkerDied, match="stopped"):
            warm(server)
    new = warm(server)
    assert parent(new) != broken
    assert is_gone(broken)
    assert old.call(os.getpid) == old.pid
    old.close(), new.close()


@only_where_it_forks
def test_a_worker_that_ended_leaves_nothing_behind(loaded):
    worker = warm(loaded)
    mother = parent(worker)
    pid = worker.pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        worker.call(os.getpid)
    until(lambda: not psutil.pid_exists(pid))
    assert pid not in [each.pid for each in mother.children()]


def test_where_nothing_is_forked_each_worker_is_a_process_of_its_own():
    server = ForkServer(forks=False)
    one, two = warm(server), warm(server)
    assert parent(one).pid == parent(two).pid == os.getpid()
    assert one.call(_loaded, "tensorflow") == ["tensorflow"]
    one.close()
    until(lambda: is_gone(psutil.Process(one.pid)))
    assert two.call(os.getpid) == two.pid
    two.close()
    server.close()


def test_a_closed_one_starts_nothing(server):
    server.close()
    with pytest.raises(Closed):
        server.new_worker()
    with pytest.raises(WorkerDied):
        WorkerProcess(server).warm()


@pytest.mark.slow
def test_a_worker_keeps_what_it_compiles_unless_told_not_to(server, tmp_path, monkeypatch):
    monkeypatch.setenv("FIBATTN_COMPILE_CACHE", str(tmp_path))

    def compiled() -> list[Path]:
        return [each for each in tmp_path.glob("*/*") if each.is_file()]

    for keeps_compiled in (False, True):
        worker = warm(server, keeps_compiled)
        worker.call(jobs.advance, SMALL, None, 0)
        worker.close()
        assert bool(compiled()) == keeps_compiled


SERVER = """
import os, sys
from fibattn.trainer.fork_server import ForkServer
from fibattn.trainer.process import WorkerProcess
server = ForkServer()
if sys.argv[1] == "loading":
    server.new_worker()
else:
    worker = WorkerProcess(server)
    worker.warm()
print("here", flush=True)
if sys.argv[1] == "computing":
    import time
    worker.call(time.sleep, 60)
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["loading", "idle", "computing"])
def test_a_server_that_is_killed_leaves_no_process(state):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout and server.stdout.readline() == b"here\n"
    children = psutil.Process(server.pid).children(recursive=True)
    assert children
    server.kill()  # and nobody asks for its exit code: it stays a zombie
    until(lambda: all(is_gone(each) for each in children), 10.0)
    server.wait()
