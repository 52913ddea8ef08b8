"""Whatever a worker process does or stops doing is noticed, in real processes."""

from __future__ import annotations

import os
import signal
import struct
import sys
import threading
import time

import psutil
import pytest

from fibattn.trainer import process
from fibattn.trainer.fork_server import ForkServer
from fibattn.trainer.process import EXCHANGE, WorkerDied, WorkerProcess
from fibattn.trainer.trainer import Trainer
from tests.trainer.test_trainer import SMALL, finish, wait_for
from tests.trainer.waiting import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="There are no such signals.")

# In seconds; noticing takes LONGEST_IDLE at most, made short here, and longer on a loaded machine.
SOON = 30.0


def _say(word: str) -> str:
    return word


def _die_while_sending() -> None:
    _begin_to_send()
    os.kill(os.getpid(), signal.SIGKILL)


def _stop_while_sending() -> None:
    _begin_to_send()
    _stop()


def _begin_to_send() -> None:
    """Announce a thousand bytes to the server, and send ten of them."""
    frame = sys._getframe()
    while "connection" not in frame.f_locals:
        frame = frame.f_back
    pipe = frame.f_locals["connection"].fileno()
    os.write(pipe, struct.pack("!i", 1000) + b"0123456789")


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _wait_for_ever() -> None:
    threading.Event().wait()


def _exit() -> None:
    os._exit(1)


def _compute(seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return "done"


@pytest.fixture(scope="module")
def fork_server():
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def worker(fork_server, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_IDLE", 2.0)
    worker = WorkerProcess(fork_server)
    worker.warm()
    assert worker.call(_say, "here") == "here"
    yield worker
    worker.close()


@pytest.mark.parametrize(
    "fault", [_die_while_sending, _stop_while_sending, _stop, _wait_for_ever, _exit]
)
def test_a_process_that_will_not_answer_is_given_up_within_seconds(fault, worker):
    begun = time.monotonic()
    with pytest.raises(WorkerDied):
        worker.call(fault)
    assert time.monotonic() - begun < SOON
    pid = worker.pid
    worker.close()
    until(lambda: not psutil.pid_exists(pid))
    until(lambda: not any(each.name == EXCHANGE for each in threading.enumerate()))


def test_a_process_that_computes_for_longer_than_it_may_idle_is_left_alone(worker):
    assert worker.call(_compute, 4.0) == "done"


def test_a_call_that_never_ends_is_given_up(worker, monkeypatch):
    monkeypatch.setattr(process, "LONGEST_CALL", 1.5)
    with pytest.raises(WorkerDied, match=r"1\.5 seconds"):
        worker.call(_compute, 60.0)


@pytest.mark.long
def test_a_stopped_process_is_replaced_and_the_run_goes_on():
    trainer = Trainer(workers=1)
    try:
        wish = SMALL.replace(series_length=1400, epochs=60, repeats=8)
        at_stop = wait_for(trainer, wish, lambda s: s.epoch >= 1).epoch
        os.kill(trainer.workers[0].process.pid, signal.SIGSTOP)
        epochs = []
        standing = wait_for(trainer, wish, lambda s: epochs.append(s.epoch) or s.run or s.error)
        assert standing.run
        assert min(epochs) >= at_stop
    finally:
        trainer.close()


@pytest.mark.slow
def test_without_tensorflow_it_is_said_why_and_training_comes_when_it_does(tmp_path, monkeypatch):
    """A broken TensorFlow stands before the real one on the workers' path, for a while."""
    broken = tmp_path / "tensorflow.py"
    broken.write_text("raise ImportError('libfoo.so.1: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    trainer = Trainer(workers=1)
    try:
        standing = wait_for(trainer, SMALL, lambda s: s.error)
        assert standing.stage == "failed"
        assert "Training is impossible here: TensorFlow cannot be loaded" in standing.error
        assert "libfoo.so.1" in standing.error
        broken.unlink()
        monkeypatch.undo()
        trainer.leave("visitor")
        wait_for(trainer, SMALL, lambda s: not s.error)
        finish(trainer, SMALL)
    finally:
        trainer.close()


def test_a_failed_experiment_is_tried_again_for_whoever_comes_to_it(monkeypatch):
    trainer = Trainer(workers=1)
    try:
        monkeypatch.setattr("fibattn.trainer.jobs.advance", _fail)
        assert "no room" in wait_for(trainer, SMALL, lambda s: s.error).error
        monkeypatch.undo()
        assert wait_for(trainer, SMALL, lambda s: s.error).error, "not for who stays"
        trainer.leave("visitor")
        finish(trainer, SMALL)
    finally:
        trainer.close()


def _fail(*_):
    raise OSError("no room")
