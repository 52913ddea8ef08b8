"""A worker's thread goes on whatever fails beside its work."""

from __future__ import annotations

import threading

from fibattn.trainer.thread import WorkerThread


class Grown:
    """A process that has always grown, and is warm at once."""

    memory, memory_when_warm, is_warm, compiled = 10**9, 0, False, frozenset()

    def __init__(self, made: list[Grown]) -> None:
        made.append(self)
        self.closed = False

    def warm(self) -> None:
        self.is_warm = True

    def close(self) -> None:
        self.closed = True


class Done:
    """A piece of work that notes that it was done."""

    def __init__(self, done: list[object]) -> None:
        self._done = done

    def run(self, process: object) -> None:
        self._done.append(process)


def test_where_no_thread_can_be_started_a_successor_is_tried_again_after_the_next_work(monkeypatch):
    made: list[Grown] = []
    done: list[object] = []
    ended = threading.Event()
    work = [Done(done) for _ in range(3)]
    worker = WorkerThread(
        number=0,
        most_growth=1,
        may_start=lambda _: True,
        next_work=lambda thread: work.pop() if work else thread.end(),
        ended=lambda _: ended.set(),
        new_process=lambda _: Grown(made),
    )
    start = threading.Thread.start
    refused = []

    def refuse_once(thread: threading.Thread) -> None:
        if not thread.name.startswith("fibattn-worker") and not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    worker.start()
    assert ended.wait(10)
    assert len(done) == 3 and refused
    first, refused_successor, *others = made
    assert refused_successor.closed and others, "another successor was started"
    assert not worker.ready.is_set() and first.closed
