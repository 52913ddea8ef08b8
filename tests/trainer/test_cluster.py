"""A Dask cluster that trains: a real scheduler and real workers, over TCP."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from fibattn.trainer import cluster as cluster_module
from fibattn.trainer.cluster import Cluster, ClusterProcess, ClusterThread, WorkerLost
from fibattn.trainer.trainer import Trainer
from tests.trainer.real_cluster import RealCluster
from tests.trainer.test_trainer import LONG, SMALL, finish, same_bits, train_here, wait_for
from tests.trainer.waiting import LONGEST_WAIT, until

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="There are no such signals.")


@pytest.fixture
def cluster(tmp_path) -> Iterator[RealCluster]:
    cluster = RealCluster(tmp_path)
    yield cluster
    cluster.end()


@contextlib.contextmanager
def found_in(cluster: RealCluster) -> Iterator[tuple[Cluster, list[ClusterProcess]]]:
    """Look for a cluster's workers until the end of the block, without a trainer."""
    found: list[ClusterProcess] = []
    looking = Cluster(cluster.address)
    looking.start(found.append)
    try:
        yield looking, found
    finally:
        looking.close()


def _forever() -> None:
    time.sleep(LONGEST_WAIT)


def _fail(secret: str) -> None:
    raise ValueError(f"{len(secret)} letters")


@pytest.mark.long
def test_workers_are_found_called_and_missed_when_they_die(cluster):
    cluster.start_scheduler()
    first = cluster.start_worker()
    with found_in(cluster) as (looking, found):
        until(lambda: found)
        (process,) = found
        assert process.call(abs, -3) == 3
        with pytest.raises(ValueError, match="6 letters"):
            process.call(_fail, "salary")
        assert process.memory >= 0
        cluster.start_worker()
        until(lambda: len(found) == 2)
        assert found[1].call(os.getpid) == cluster.workers[1].pid
        assert process.call(os.getpid) == first.pid
        threading.Timer(0.5, first.kill).start()
        begun = time.monotonic()
        with pytest.raises(WorkerLost):
            process.call(_forever)
        assert time.monotonic() - begun < 30
        assert found[1].call(abs, -3) == 3
        assert looking.is_hoped_for and not looking.trouble
        cluster.scheduler.kill()
        until(lambda: not looking.is_hoped_for)
        assert "cannot be reached" in looking.trouble
        with pytest.raises(WorkerLost):
            found[1].call(abs, -3)
    assert "salary" not in cluster.logs()


@pytest.mark.long
def test_without_a_scheduler_there_is_no_hope_until_there_is_one(cluster, monkeypatch):
    monkeypatch.setattr(cluster_module, "RETRY", 0.2)
    monkeypatch.setattr(cluster_module, "LONGEST_ANSWER", 1.0)
    monkeypatch.setattr(cluster_module, "GRACE", 3.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        cluster.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with found_in(cluster) as (looking, found):
        assert looking.is_hoped_for, "before it was tried"
        until(lambda: not looking.is_hoped_for)
        cluster.start_scheduler()
        until(lambda: looking.is_hoped_for)
        until(lambda: not looking.is_hoped_for)
        assert "None of the machines" in looking.trouble
        cluster.start_worker()
        until(lambda: found)
        until(lambda: looking.is_hoped_for)


@pytest.mark.long
def test_a_stuck_worker_is_given_up(cluster, monkeypatch):
    monkeypatch.setattr(cluster_module, "LONGEST_SILENCE", 3.0)
    cluster.start_scheduler()
    worker = cluster.start_worker()
    with found_in(cluster) as (_, found):
        until(lambda: found)
        assert found[0].call(abs, -3) == 3
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(WorkerLost):
            found[0].call(abs, -3)


def test_a_worker_with_other_code_is_not_used(cluster, monkeypatch, caplog):
    monkeypatch.setattr(cluster_module, "version_of_runs", lambda: "ours")
    monkeypatch.setattr(ClusterProcess, "call", lambda self, function: "theirs")
    threads: list[ClusterThread] = []
    process = ClusterProcess(None, "tcp://host:1")
    thread = ClusterThread(process, 0, 1, lambda _: None, threads.append, threads.append)
    thread.start()
    until(lambda: threads)
    assert not thread.ready.is_set()
    assert process.is_closed
    assert "another version of fibattn" in caplog.text


def cluster_threads(trainer: Trainer) -> list[ClusterThread]:
    return [each for each in list(trainer.workers) if isinstance(each, ClusterThread)]


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_two_workers_train_what_this_process_would_and_one_is_killed_in_mid_training(cluster):
    cluster.start_scheduler()
    for _ in range(2):
        cluster.start_worker()
    trainer = Trainer(workers=1, cluster=cluster.address)
    try:
        until(lambda: len(trainer.workers) == len(cluster_threads(trainer)) == 2)
        assert same_bits(finish(trainer, SMALL), train_here(SMALL))

        pids = {thread: thread.process.call(os.getpid) for thread in cluster_threads(trainer)}
        wishes = [LONG.replace(units=units, repeats=8) for units in (2, 3)]
        trainer.watch("visitor", wishes)
        homes = [trainer._schedule.home_of(wish.architecture) for wish in wishes]
        assert homes[0] is not homes[1], "two networks are trained side by side"
        until(lambda: trainer.watch("visitor", wishes)[1].epoch >= 1)
        os.kill(pids[homes[1]], signal.SIGKILL)
        at_death = trainer.standings(wishes)[1].epoch
        assert at_death < LONG.epochs / 2
        seen = []
        until(lambda: seen.append(trainer.watch("visitor", wishes)) or all(s.run for s in seen[-1]))
        assert min(standings[1].epoch for standings in seen) >= at_death, "one chunk is lost"
        assert any("A machine that trains was lost" in standings[1].notice for standings in seen)
        assert not any(standing.error for standings in seen for standing in standings)
        run = seen[-1][1].run
        assert same_bits(run, train_here(wishes[1]))
        assert len(trainer.workers) == 1

        assert len(trainer.swapped(run, wait=100).trained) == 8, "what is left answers questions"

        cluster.start_worker()
        until(lambda: len(cluster_threads(trainer)) == 2)
        finish(trainer, SMALL.replace(units=5))
    finally:
        trainer.close()


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_a_lost_scheduler_is_said_and_this_machine_goes_on_until_the_cluster_is_back(
    cluster, monkeypatch
):
    monkeypatch.setattr(cluster_module, "RETRY", 1.0)
    cluster.start_scheduler()
    cluster.start_worker()
    trainer = Trainer(workers=1, cluster=cluster.address)
    try:
        until(lambda: cluster_threads(trainer))
        until(lambda: len(trainer.workers) == 1)
        wish = LONG.replace(epochs=60, repeats=5)
        at_loss = wait_for(trainer, wish, lambda s: s.epoch >= 1).epoch
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        seen = []
        standing = wait_for(trainer, wish, lambda s: seen.append(s) or s.run or s.error)
        assert standing.run is not None, standing.error
        assert min(each.epoch for each in seen) >= at_loss
        assert any(cluster_module.UNREACHABLE in each.notice for each in seen)
        assert not cluster_threads(trainer)
        assert np.isfinite(standing.run.loss).all()
        assert same_bits(standing.run, train_here(wish))

        cluster.start_scheduler()
        cluster.workers[0].kill()
        cluster.start_worker()
        until(lambda: trainer.workers == cluster_threads(trainer))
        finish(trainer, SMALL.replace(seed=3))
        assert cluster_module.UNREACHABLE not in trainer.standings([SMALL])[0].notice
    finally:
        trainer.close()


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_without_a_cluster_this_machine_trains_as_if_none_had_been_asked_for(monkeypatch):
    monkeypatch.setattr(cluster_module, "LONGEST_ANSWER", 1.0)
    trainer = Trainer(workers=1, cluster="tcp://127.0.0.1:9")
    try:
        assert same_bits(finish(trainer, SMALL), train_here(SMALL))
        assert trainer.standings([SMALL.replace(seed=99)])[0].notice == cluster_module.UNREACHABLE
    finally:
        trainer.close()


class _Growing:
    """A worker of a cluster that grows by one byte with each piece of work."""

    address, is_gone, compiled = "tcp://somewhere:1", False, frozenset()
    memory, memory_when_warm = 0, 0

    def __init__(self) -> None:
        self.restarted_at: list[int] = []

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def restart(self) -> None:
        self.restarted_at.append(self.memory)


class _Grows:
    architecture = None

    def run(self, process: _Growing) -> None:
        process.memory += 1


@pytest.mark.parametrize(
    ("work", "restarted_at"),
    [("11", []), ("111-1", [3]), ("1111-", [4]), ("111111", [5]), ("1-1", [])],
)
def test_a_worker_that_has_grown_is_restarted_at_rest_or_beyond_twice_the_bound(work, restarted_at):
    worker, waiting, ended = _Growing(), list(work), threading.Event()

    def next_work(thread: ClusterThread) -> _Grows | None:
        if not waiting:
            return thread.end()
        return _Grows() if waiting.pop(0) == "1" else None

    thread = ClusterThread(
        worker,
        number=0,
        most_growth=2,
        next_work=next_work,
        ended=lambda _: ended.set(),
        is_ready=lambda _: None,
    )
    thread.start()
    assert ended.wait(LONGEST_WAIT)
    assert worker.restarted_at == restarted_at
